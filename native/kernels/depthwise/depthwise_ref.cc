#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "kernels/depthwise/depthwise.h"

namespace saraf {
namespace ref {

namespace {

// ordered_dot of the terms that are there: term(k, sum) gives sum plus term k, or sum.
template <class F>
float sum_of_present(float, int64_t K, int64_t groups, F term) {
  float total = 0;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t end = group_begin(K, groups, g + 1);
    int64_t k = group_begin(K, groups, g);
    float group = 0;
    for (bool first = true; k < end; first = false) {
      const int64_t stop = k + next_chunk(end - k);
      float chain = 0;
      for (; k < stop; ++k) chain = term(k, chain);
      group = first ? chain : group + chain;
    }
    total = g == 0 ? group : total + group;
  }
  return total;
}
template <class F>
double sum_of_present(double, int64_t K, int64_t, F term) {
  double total = 0;
  for (int64_t k = 0; k < K; ++k) total = term(k, total);
  return total;
}

template <class T>
void depthwise_fwd(const ConvShape& s, const T* x, const T* w, const T* b, T* y, Activation act) {
  const int64_t m = s.F / s.C;
  parallel_for(s.N * s.OH * s.OW, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t ox = p % s.OW, oy = p / s.OW % s.OH, n = p / s.OW / s.OH;
      for (int64_t f = 0; f < s.F; ++f) {
        T sum = 0;
        for (int64_t ky = 0; ky < s.kh; ++ky)
          for (int64_t kx = 0; kx < s.kw; ++kx) {
            const int64_t iy = oy * s.sh - s.pt + ky * s.dh, ix = ox * s.sw - s.pl + kx * s.dw;
            if (iy < 0 || iy >= s.H || ix < 0 || ix >= s.W) continue;
            sum = ref_fma(x[((n * s.H + iy) * s.W + ix) * s.C + f / m], w[(ky * s.kw + kx) * s.F + f], sum);
          }
        if (b) sum = sum + b[f];
        y[p * s.F + f] = ref_activate(sum, act);
      }
    }
  });
}

template <class T>
void depthwise_bwd_data(const ConvShape& s, const T* dz, const T* w, T* dx) {
  const int64_t m = s.F / s.C;
  parallel_for(s.N * s.H * s.W, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t ix = p % s.W, iy = p / s.W % s.H, n = p / s.W / s.H;
      for (int64_t c = 0; c < s.C; ++c) {
        T total = 0;
        for (int64_t j = 0; j < m; ++j) {
          const int64_t f = c * m + j;
          T sum = 0;
          for (int64_t ky = s.kh - 1; ky >= 0; --ky)
            for (int64_t kx = s.kw - 1; kx >= 0; --kx) {
              const int64_t v = iy + s.pt - ky * s.dh, u = ix + s.pl - kx * s.dw;  // oy·sh, ox·sw
              if (v < 0 || u < 0 || v % s.sh != 0 || u % s.sw != 0 || v / s.sh >= s.OH || u / s.sw >= s.OW) continue;
              sum = ref_fma(dz[((n * s.OH + v / s.sh) * s.OW + u / s.sw) * s.F + f], w[(ky * s.kw + kx) * s.F + f], sum);
            }
          total = j == 0 ? sum : total + sum;
        }
        dx[p * s.C + c] = total;
      }
    }
  });
}

template <class T>
void depthwise_bwd_weights(const ConvShape& s, const T* x, const T* dz, T* dw) {
  const int64_t m = s.F / s.C, K = s.N * s.OH * s.OW, groups = weight_groups(K, s.kh * s.kw * s.F);
  parallel_for(s.kh * s.kw * s.F, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t f = i % s.F, kx = i / s.F % s.kw, ky = i / s.F / s.kw;
      dw[i] = sum_of_present(T(0), K, groups, [&](int64_t k, T sum) {
        const int64_t ox = k % s.OW, oy = k / s.OW % s.OH, n = k / s.OW / s.OH;
        const int64_t iy = oy * s.sh - s.pt + ky * s.dh, ix = ox * s.sw - s.pl + kx * s.dw;
        if (iy < 0 || iy >= s.H || ix < 0 || ix >= s.W) return sum;
        return ref_fma(x[((n * s.H + iy) * s.W + ix) * s.C + f / m], dz[k * s.F + f], sum);
      });
    }
  });
}

}  // namespace

void f32_depthwise_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act) {
  SARAF_MARK(f32_depthwise_fwd);
  depthwise_fwd(s, x, w, b, y, act);
}
void f64_depthwise_fwd(const ConvShape& s, const double* x, const double* w, const double* b, double* y, Activation act) {
  depthwise_fwd(s, x, w, b, y, act);
}
void f32_depthwise_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx) {
  SARAF_MARK(f32_depthwise_bwd_data);
  depthwise_bwd_data(s, dz, w, dx);
}
void f64_depthwise_bwd_data(const ConvShape& s, const double* dz, const double* w, double* dx) { depthwise_bwd_data(s, dz, w, dx); }
void f32_depthwise_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw) {
  SARAF_MARK(f32_depthwise_bwd_weights);
  depthwise_bwd_weights(s, x, dz, dw);
}
void f64_depthwise_bwd_weights(const ConvShape& s, const double* x, const double* dz, double* dw) { depthwise_bwd_weights(s, x, dz, dw); }

}  // namespace ref
}  // namespace saraf
