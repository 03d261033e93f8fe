// Pieces of pool_pairs.h that the fused convolutions share: one line of windows forward, one run of rows backward.
#pragma once
#include "isa/vec16.h"
#include "kernels/conv/pool_pairs.h"

namespace saraf {
namespace SARAF_ISA_NS {

decltype(ref::f32_pool_pairs_fwd) f32_pool_pairs_fwd;
decltype(ref::f32_pool_pairs_bwd) f32_pool_pairs_bwd;

// Numbers of taps travel in float lanes.
SARAF_INLINE vec load_taps(const uint8_t* p, int64_t n) {
  if (n >= kLanes) {
#if defined(SARAF_ISA_AVX512)
    return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
#elif defined(SARAF_ISA_AVX2)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return {{_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)))}};
#endif
  }
  float t[kLanes] = {};
  for (int i = 0; i < (int)n && i < kLanes; ++i) t[i] = (float)p[i];
  return load(t);
}
SARAF_INLINE void store_taps(uint8_t* p, vec v, int64_t n) {
#if defined(SARAF_ISA_AVX512)
  if (n >= kLanes) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(v.v)));
    return;
  }
#endif
  float t[kLanes];
  store(t, v);
  for (int i = 0; i < (int)n && i < kLanes; ++i) p[i] = (uint8_t)(int32_t)t[i];
}

// Windows of one line: z its upper of two lines of OW pixels.
[[maybe_unused]] static void pool_line(const ConvShape& s, const float* z, float* y, uint8_t* taps) {
  const vec taps_1 = set1(1), taps_2 = set1(2), taps_3 = set1(3);
  for (int64_t p = 0; p < s.OW / 2; ++p) {
    const float *above = z + 2 * p * s.F, *below = above + s.OW * s.F;
    auto strip = [&](int64_t f, int64_t left) {
      vec best = load_n(above + f, left), tap = zero();
      auto next = [&](const float* from, vec number) {
        const vec value = load_n(from, left);
        const msk more = gt(value, best), nan = is_nan(value);
        best = select(nan, value, select(more, value, best));
        tap = select(nan, number, select(more, number, tap));
      };
      next(above + s.F + f, taps_1);
      next(below + f, taps_2);
      next(below + s.F + f, taps_3);
      store_n(y + p * s.F + f, best, left);
      store_taps(taps + p * s.F + f, tap, left);
    };
    int64_t f = 0;
    for (; f + kLanes <= s.F; f += kLanes) strip(f, kLanes);
    if (f < s.F) strip(f, s.F - f);
  }
}

// What the gradient of the convolution's output is made of.
struct PairGradient {
  const float* y;
  const uint8_t* taps;
  const float* dy;
  Activation act;
};

template <bool kWhole>
static vec unpool_strip(const ConvShape& s, const PairGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  const int64_t PH = s.OH / 2, PW = s.OW / 2, left = kWhole ? kLanes : s.F - f;
  const bool relu = g.act == kRelu;
  while (r < stop) {
    const int64_t oy = r / s.OW % s.OH, n = r / s.OW / s.OH;
    int64_t x = r % s.OW;
    const int64_t x1 = s.OW - x < stop - r ? s.OW : x + stop - r;
    r += x1 - x;
    const int64_t windows_end = oy / 2 < PH ? 2 * PW : 0, windowed = x1 < windows_end ? x1 : windows_end, line = (n * PH + oy / 2) * PW * s.F + f;
    const float first = (float)(oy % 2 * 2);
    const vec low = set1(first - 0.5f), middle = set1(first + 0.5f), high = set1(first + 1.5f);
    auto row = [&](const vec v) {
      store_n(to, v, left);
      chain = add(chain, v);
      to += ld;
      ++x;
    };
    while (x < windowed) {
      const int64_t at = line + x / 2 * s.F;
      const vec tap = load_taps(g.taps + at, left), d = add(zero(), load_n(g.dy + at, left));
      const vec won = relu ? select(gt(load_n(g.y + at, left), zero()), d, zero()) : d;
      if (x % 2 == 0) {
        row(select(gt(tap, low), select(lt(tap, middle), won, zero()), zero()));
        if (x == windowed) break;
      }
      row(select(gt(tap, middle), select(lt(tap, high), won, zero()), zero()));
    }
    for (; x < x1; ++x, to += ld) store_n(to, zero(), left);  // adding 0 changes no bit: a sum from +0 is never −0
  }
  return chain;
}

// Rows [r, stop) of dz, channels [f, f + 16): to[i·ld + …] for row r + i; returns chain plus each of them, in order.
[[maybe_unused]] static vec unpool_rows(const ConvShape& s, const PairGradient& g, int64_t r, int64_t stop, int64_t f, float* to, int64_t ld, vec chain) {
  return s.F - f >= kLanes ? unpool_strip<true>(s, g, r, stop, f, to, ld, chain) : unpool_strip<false>(s, g, r, stop, f, to, ld, chain);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
