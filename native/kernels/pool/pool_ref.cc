#include "core/marks.h"
#include "core/parallel.h"
#include "kernels/pool/pool.h"
#include "kernels/pool/pool_range.h"

namespace saraf {
namespace ref {

namespace {

// f(n, iy or oy, …) for every pixel of an image of H×W, in parallel over lines.
template <class F>
void each_pixel(int64_t N, int64_t H, int64_t W, F f) {
  parallel_for(N * H, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t l = begin; l < end; ++l)
      for (int64_t x = 0; x < W; ++x) f(l / H, l % H, x);
  });
}

template <class T>
void max_pool_fwd(const ConvShape& s, const T* x, T* y, int32_t* argmax) {
  each_pixel(s.N, s.OH, s.OW, [&](int64_t n, int64_t oy, int64_t ox) {
    const PoolRange v = pool_taps(oy, s.sh, s.pt, s.kh, s.H), h = pool_taps(ox, s.sw, s.pl, s.kw, s.W);
    for (int64_t c = 0; c < s.C; ++c) {
      T best = 0;
      int64_t tap = -1;
      for (int64_t ky = v.begin; ky < v.end; ++ky)
        for (int64_t kx = h.begin; kx < h.end; ++kx) {
          const T value = x[((n * s.H + oy * s.sh - s.pt + ky) * s.W + ox * s.sw - s.pl + kx) * s.C + c];
          if (tap >= 0 && !(value > best) && value == value) continue;
          best = value;
          tap = ky * s.kw + kx;
        }
      y[((n * s.OH + oy) * s.OW + ox) * s.C + c] = best;
      argmax[((n * s.OH + oy) * s.OW + ox) * s.C + c] = (int32_t)tap;
    }
  });
}

template <class T>
void max_pool_bwd(const ConvShape& s, const T* dy, const int32_t* argmax, T* dx) {
  each_pixel(s.N, s.H, s.W, [&](int64_t n, int64_t iy, int64_t ix) {
    const PoolRange v = pool_windows(iy, s.sh, s.pt, s.kh, s.OH), h = pool_windows(ix, s.sw, s.pl, s.kw, s.OW);
    for (int64_t c = 0; c < s.C; ++c) {
      T sum = 0;
      for (int64_t oy = v.begin; oy < v.end; ++oy)
        for (int64_t ox = h.begin; ox < h.end; ++ox) {
          const int64_t at = ((n * s.OH + oy) * s.OW + ox) * s.C + c;
          if (argmax[at] == (iy + s.pt - oy * s.sh) * s.kw + ix + s.pl - ox * s.sw) sum = sum + dy[at];
        }
      dx[((n * s.H + iy) * s.W + ix) * s.C + c] = sum;
    }
  });
}

template <class T>
void average_pool_fwd(const ConvShape& s, const T* x, T* y) {
  each_pixel(s.N, s.OH, s.OW, [&](int64_t n, int64_t oy, int64_t ox) {
    const PoolRange v = pool_taps(oy, s.sh, s.pt, s.kh, s.H), h = pool_taps(ox, s.sw, s.pl, s.kw, s.W);
    for (int64_t c = 0; c < s.C; ++c) {
      T sum = 0;
      for (int64_t ky = v.begin; ky < v.end; ++ky)
        for (int64_t kx = h.begin; kx < h.end; ++kx)
          sum = sum + x[((n * s.H + oy * s.sh - s.pt + ky) * s.W + ox * s.sw - s.pl + kx) * s.C + c];
      y[((n * s.OH + oy) * s.OW + ox) * s.C + c] = sum / (T)((v.end - v.begin) * (h.end - h.begin));
    }
  });
}

template <class T>
void average_pool_bwd(const ConvShape& s, const T* dy, T* dx) {
  each_pixel(s.N, s.H, s.W, [&](int64_t n, int64_t iy, int64_t ix) {
    const PoolRange v = pool_windows(iy, s.sh, s.pt, s.kh, s.OH), h = pool_windows(ix, s.sw, s.pl, s.kw, s.OW);
    for (int64_t c = 0; c < s.C; ++c) {
      T sum = 0;
      for (int64_t oy = v.begin; oy < v.end; ++oy)
        for (int64_t ox = h.begin; ox < h.end; ++ox) {
          const PoolRange tv = pool_taps(oy, s.sh, s.pt, s.kh, s.H), th = pool_taps(ox, s.sw, s.pl, s.kw, s.W);
          sum = sum + dy[((n * s.OH + oy) * s.OW + ox) * s.C + c] / (T)((tv.end - tv.begin) * (th.end - th.begin));
        }
      dx[((n * s.H + iy) * s.W + ix) * s.C + c] = sum;
    }
  });
}

}  // namespace

void f32_max_pool_fwd(const ConvShape& s, const float* x, float* y, int32_t* argmax) {
  SARAF_MARK(f32_max_pool_fwd);
  max_pool_fwd(s, x, y, argmax);
}
void f64_max_pool_fwd(const ConvShape& s, const double* x, double* y, int32_t* argmax) { max_pool_fwd(s, x, y, argmax); }
void f32_max_pool_bwd(const ConvShape& s, const float* dy, const int32_t* argmax, float* dx) {
  SARAF_MARK(f32_max_pool_bwd);
  max_pool_bwd(s, dy, argmax, dx);
}
void f64_max_pool_bwd(const ConvShape& s, const double* dy, const int32_t* argmax, double* dx) { max_pool_bwd(s, dy, argmax, dx); }
void f32_average_pool_fwd(const ConvShape& s, const float* x, float* y) {
  SARAF_MARK(f32_average_pool_fwd);
  average_pool_fwd(s, x, y);
}
void f64_average_pool_fwd(const ConvShape& s, const double* x, double* y) { average_pool_fwd(s, x, y); }
void f32_average_pool_bwd(const ConvShape& s, const float* dy, float* dx) {
  SARAF_MARK(f32_average_pool_bwd);
  average_pool_bwd(s, dy, dx);
}
void f64_average_pool_bwd(const ConvShape& s, const double* dy, double* dx) { average_pool_bwd(s, dy, dx); }

}  // namespace ref
}  // namespace saraf
