#include <cstring>

#include "core/marks.h"
#include "core/parallel.h"
#include "isa/vec16.h"
#include "kernels/pool/pool.h"
#include "kernels/pool/pool_range.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// f(n, line, column) for every pixel, in parallel over lines.
template <class F>
void each_pixel(int64_t N, int64_t H, int64_t W, int64_t C, F f) {
  parallel_for(N * H, 1 + 16384 / (W * C), [&](int64_t begin, int64_t end, int) {
    for (int64_t l = begin; l < end; ++l)
      for (int64_t x = 0; x < W; ++x) f(l / H, l % H, x);
  });
}

// An integer carried in a float's bits: only moved and selected, never computed with.
SARAF_INLINE vec integer_lanes(int64_t value) {
  const int32_t i = (int32_t)value;
  float bits;
  std::memcpy(&bits, &i, 4);
  return set1(bits);
}

// to (+)= g where argmax is this tap. The choice is made on bits, so that compilers need no masked loads. Adding a zero where
// another cell won changes no bit: a sum from +0 is never −0.
template <bool kFirst>
SARAF_INLINE void add_won(float* __restrict to, const float* __restrict g, const int32_t* __restrict argmax, int32_t tap, int64_t n) {
  for (int64_t c = 0; c < n; ++c) {
    int32_t bits;
    std::memcpy(&bits, g + c, 4);
    bits &= -(int32_t)(argmax[c] == tap);
    float won;
    std::memcpy(&won, &bits, 4);
    to[c] = (kFirst ? 0.0f : to[c]) + won;
  }
}

int64_t cells(PoolRange v, PoolRange h) { return (v.end - v.begin) * (h.end - h.begin); }

}  // namespace

void f32_max_pool_fwd(const ConvShape& s, const float* x, float* y, int32_t* argmax) {
  SARAF_MARK(f32_max_pool_fwd);
  each_pixel(s.N, s.OH, s.OW, s.C, [&](int64_t n, int64_t oy, int64_t ox) {
    const PoolRange v = pool_taps(oy, s.sh, s.pt, s.kh, s.H), h = pool_taps(ox, s.sw, s.pl, s.kw, s.W);
    const float* from = x + ((n * s.H + oy * s.sh - s.pt + v.begin) * s.W + ox * s.sw - s.pl + h.begin) * s.C;
    const int64_t to = ((n * s.OH + oy) * s.OW + ox) * s.C, rows = v.end - v.begin, columns = h.end - h.begin;
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c;
      vec best = load_n(from + c, left), tap = integer_lanes(v.begin * s.kw + h.begin);
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = i == 0; j < columns; ++j) {
          const vec value = load_n(from + (i * s.W + j) * s.C + c, left), here = integer_lanes((v.begin + i) * s.kw + h.begin + j);
          const msk more = gt(value, best), nan = is_nan(value);
          best = select(nan, value, select(more, value, best));
          tap = select(nan, here, select(more, here, tap));
        }
      store_n(y + to + c, best, left);
      store_n(reinterpret_cast<float*>(argmax + to + c), tap, left);
    }
  });
}

void f32_max_pool_bwd(const ConvShape& s, const float* dy, const int32_t* argmax, float* dx) {
  SARAF_MARK(f32_max_pool_bwd);
  each_pixel(s.N, s.H, s.W, s.C, [&](int64_t n, int64_t iy, int64_t ix) {
    const PoolRange v = pool_windows(iy, s.sh, s.pt, s.kh, s.OH), h = pool_windows(ix, s.sw, s.pl, s.kw, s.OW);
    float* to = dx + ((n * s.H + iy) * s.W + ix) * s.C;
    bool first = true;
    for (int64_t oy = v.begin; oy < v.end; ++oy)
      for (int64_t ox = h.begin; ox < h.end; ++ox, first = false) {
        const int64_t at = ((n * s.OH + oy) * s.OW + ox) * s.C;
        const int32_t tap = (int32_t)((iy + s.pt - oy * s.sh) * s.kw + ix + s.pl - ox * s.sw);
        if (first) add_won<true>(to, dy + at, argmax + at, tap, s.C);
        else add_won<false>(to, dy + at, argmax + at, tap, s.C);
      }
    if (first)
      for (int64_t c = 0; c < s.C; ++c) to[c] = 0;
  });
}

void f32_average_pool_fwd(const ConvShape& s, const float* x, float* y) {
  SARAF_MARK(f32_average_pool_fwd);
  each_pixel(s.N, s.OH, s.OW, s.C, [&](int64_t n, int64_t oy, int64_t ox) {
    const PoolRange v = pool_taps(oy, s.sh, s.pt, s.kh, s.H), h = pool_taps(ox, s.sw, s.pl, s.kw, s.W);
    const float* from = x + ((n * s.H + oy * s.sh - s.pt + v.begin) * s.W + ox * s.sw - s.pl + h.begin) * s.C;
    float* to = y + ((n * s.OH + oy) * s.OW + ox) * s.C;
    const int64_t rows = v.end - v.begin, columns = h.end - h.begin;
    const vec count = set1((float)(rows * columns));
    for (int64_t c = 0; c < s.C; c += kLanes) {
      const int64_t left = s.C - c;
      vec sum = zero();
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) sum = add(sum, load_n(from + (i * s.W + j) * s.C + c, left));
      store_n(to + c, div(sum, count), left);
    }
  });
}

void f32_average_pool_bwd(const ConvShape& s, const float* dy, float* dx) {
  SARAF_MARK(f32_average_pool_bwd);
  each_pixel(s.N, s.H, s.W, s.C, [&](int64_t n, int64_t iy, int64_t ix) {
    const PoolRange v = pool_windows(iy, s.sh, s.pt, s.kh, s.OH), h = pool_windows(ix, s.sw, s.pl, s.kw, s.OW);
    float* to = dx + ((n * s.H + iy) * s.W + ix) * s.C;
    bool first = true;
    for (int64_t oy = v.begin; oy < v.end; ++oy)
      for (int64_t ox = h.begin; ox < h.end; ++ox, first = false) {
        const float* g = dy + ((n * s.OH + oy) * s.OW + ox) * s.C;
        const vec count = set1((float)cells(pool_taps(oy, s.sh, s.pt, s.kh, s.H), pool_taps(ox, s.sw, s.pl, s.kw, s.W)));
        for (int64_t c = 0; c < s.C; c += kLanes) {
          const int64_t left = s.C - c;
          store_n(to + c, add(first ? zero() : load_n(to + c, left), div(load_n(g + c, left), count)), left);
        }
      }
    if (first)
      for (int64_t c = 0; c < s.C; ++c) to[c] = 0;
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
