// 16 float lanes, the same on every instruction set: one zmm (avx512), two ymm (avx2; avx), four xmm (sse2), four v registers
// (neon); and one lane of plain C++ (ref). sse2 and avx have no FMA and emulate it exactly. A `_simd.cc` file is written once against `vec` and
// compiled per set with SARAF_ISA_NS naming set and namespace. Every FMA is spelled out: compilers must not contract differently.
//
// SARAF_INEXACT (sse2 and avx, compiled a second time as sse2_inexact and avx_inexact): fma() is a product and a sum, each
// rounded. Many times faster there, and other bits: exempt from order.h's promise to be those of the other sets.
//
// max(a,b) is a > b ? a : b and min(a,b) is a < b ? a : b on every set, so a NaN in either gives b.
#pragma once
#include <cstdint>
#include <cstring>

#if defined(SARAF_ISA_REF)
#include <cmath>
#elif defined(SARAF_ISA_NEON)
#include <arm_neon.h>
#else
#include <immintrin.h>
#endif

// Rows of a register tile: what a set's registers hold beside 16 columns. An emulated FMA takes them itself.
#if defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_NEON) || (defined(SARAF_ISA_AVX) && defined(SARAF_INEXACT))
#define SARAF_TILE_OF_SIX 1
#else
#define SARAF_TILE_OF_SIX 0
#endif

#define SARAF_INLINE static inline __attribute__((always_inline))
// The four registers of a vec, one after the other.
#define SARAF_FOUR(expr) \
  vec r;                 \
  for (int i = 0; i < 4; ++i) r.v[i] = (expr); \
  return r
#define SARAF_FOUR_MASK(expr) \
  msk r;                      \
  for (int i = 0; i < 4; ++i) r.m[i] = (expr); \
  return r
// An emulated FMA is some thirty instructions: inlined in every place it takes a compiler minutes.
#define SARAF_APART static __attribute__((noinline, unused))

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_ISA_SSE2) || defined(SARAF_ISA_AVX)
#if !defined(SARAF_INEXACT)
// FMA: the product is exact in double; its sum s with error e is rounded to odd (Boldo and Melquiond 2008), so that the
// final rounding to float is the only one that shows.
SARAF_INLINE __m128d round_odd(__m128d s, __m128d e) {
  const __m128d zero = _mm_setzero_pd();
  const __m128d inexact = _mm_or_pd(_mm_cmpgt_pd(e, zero), _mm_cmplt_pd(e, zero));
  // Where inexact and the last bit of s is even: one ulp towards e, which is up or down in magnitude by the signs.
  const __m128i bits = _mm_castpd_si128(s);
  const __m128i one = _mm_set_epi32(0, 1, 0, 1);
  const __m128i even = _mm_sub_epi64(_mm_and_si128(bits, one), one);  // all ones where even
  const __m128i differ = _mm_castpd_si128(_mm_xor_pd(s, e));           // sign bit set where signs differ
  const __m128i down = _mm_shuffle_epi32(_mm_srai_epi32(differ, 31), _MM_SHUFFLE(3, 3, 1, 1));
  const __m128i step = _mm_sub_epi64(_mm_xor_si128(one, down), down);  // +1, or -1 where signs differ
  const __m128i apply = _mm_and_si128(even, _mm_castpd_si128(inexact));
  return _mm_castsi128_pd(_mm_add_epi64(bits, _mm_and_si128(step, apply)));
}
#endif
SARAF_INLINE __m128 scale2_quarter(__m128 a, __m128 n) {
  const __m128i i = _mm_cvtps_epi32(n), h = _mm_srai_epi32(i, 1), bias = _mm_set1_epi32(127);
  const __m128 f = _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(h, bias), 23));
  const __m128 g = _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(_mm_sub_epi32(i, h), bias), 23));
  return _mm_mul_ps(_mm_mul_ps(a, f), g);
}
SARAF_INLINE __m128 split_quarter(__m128 a, __m128* e) {
  const __m128i b = _mm_castps_si128(a);
  const __m128i k = _mm_srai_epi32(_mm_sub_epi32(b, _mm_set1_epi32(0x3f3504f3)), 23);
  *e = _mm_cvtepi32_ps(k);
  return _mm_castsi128_ps(_mm_sub_epi32(b, _mm_slli_epi32(k, 23)));
}
#endif

#if defined(SARAF_ISA_REF)

constexpr int kLanes = 1;
struct vec { float v; };
struct msk { bool m; };
SARAF_INLINE vec load(const float* p) { return {*p}; }
SARAF_INLINE void store(float* p, vec a) { *p = a.v; }
SARAF_INLINE vec set1(float a) { return {a}; }
SARAF_INLINE vec fma(vec a, vec b, vec c) { return {std::fmaf(a.v, b.v, c.v)}; }
SARAF_INLINE vec add(vec a, vec b) { return {a.v + b.v}; }
SARAF_INLINE vec sub(vec a, vec b) { return {a.v - b.v}; }
SARAF_INLINE vec mul(vec a, vec b) { return {a.v * b.v}; }
SARAF_INLINE vec div(vec a, vec b) { return {a.v / b.v}; }
SARAF_INLINE vec sqrt(vec a) { return {std::sqrt(a.v)}; }
SARAF_INLINE vec max(vec a, vec b) { return {a.v > b.v ? a.v : b.v}; }
SARAF_INLINE vec min(vec a, vec b) { return {a.v < b.v ? a.v : b.v}; }
SARAF_INLINE msk gt(vec a, vec b) { return {a.v > b.v}; }
SARAF_INLINE msk lt(vec a, vec b) { return {a.v < b.v}; }
SARAF_INLINE msk is_nan(vec a) { return {a.v != a.v}; }
SARAF_INLINE vec select(msk m, vec a, vec b) { return m.m ? a : b; }
SARAF_INLINE uint32_t bits_of(float f) { uint32_t u; std::memcpy(&u, &f, 4); return u; }
SARAF_INLINE bool all_zero_bits(vec a) { return bits_of(a.v) == 0; }  // every lane is +0
SARAF_INLINE float from_bits(uint32_t u) { float f; std::memcpy(&f, &u, 4); return f; }
SARAF_INLINE vec abs(vec a) { return {from_bits(bits_of(a.v) & 0x7fffffffu)}; }
SARAF_INLINE vec copysign(vec a, vec s) { return {from_bits((bits_of(a.v) & 0x7fffffffu) | (bits_of(s.v) & 0x80000000u))}; }
// a · 2^n for an integer-valued n in [-300, 300], in two factors so that results may be denormal.
SARAF_INLINE vec scale2(vec a, vec n) {
  const int32_t i = (int32_t)n.v, h = i >> 1;
  return {a.v * from_bits((uint32_t)(h + 127) << 23) * from_bits((uint32_t)(i - h + 127) << 23)};
}
// a = m · 2^e with m in [√½, √2), for normal positive a.
SARAF_INLINE vec split_exponent(vec a, vec* e) {
  const uint32_t b = bits_of(a.v);
  const int32_t k = (int32_t)(b - 0x3f3504f3u) >> 23;
  e->v = (float)k;
  return {from_bits(b - ((uint32_t)k << 23))};
}

#elif defined(SARAF_ISA_AVX512)

constexpr int kLanes = 16;
struct vec { __m512 v; };
struct msk { __mmask16 m; };
SARAF_INLINE vec load(const float* p) { return {_mm512_loadu_ps(p)}; }
SARAF_INLINE void store(float* p, vec a) { _mm512_storeu_ps(p, a.v); }
SARAF_INLINE vec load_tail(const float* p, int n) { return {_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p)}; }
SARAF_INLINE void store_tail(float* p, vec a, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), a.v); }
SARAF_INLINE vec set1(float a) { return {_mm512_set1_ps(a)}; }
SARAF_INLINE vec fma(vec a, vec b, vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
SARAF_INLINE vec add(vec a, vec b) { return {_mm512_add_ps(a.v, b.v)}; }
SARAF_INLINE vec sub(vec a, vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
SARAF_INLINE vec mul(vec a, vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
SARAF_INLINE vec div(vec a, vec b) { return {_mm512_div_ps(a.v, b.v)}; }
SARAF_INLINE vec sqrt(vec a) { return {_mm512_sqrt_ps(a.v)}; }
SARAF_INLINE vec max(vec a, vec b) { return {_mm512_max_ps(a.v, b.v)}; }
SARAF_INLINE vec min(vec a, vec b) { return {_mm512_min_ps(a.v, b.v)}; }
SARAF_INLINE msk gt(vec a, vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_GT_OQ)}; }
SARAF_INLINE msk lt(vec a, vec b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
SARAF_INLINE msk is_nan(vec a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
SARAF_INLINE vec select(msk m, vec a, vec b) { return {_mm512_mask_blend_ps(m.m, b.v, a.v)}; }
SARAF_INLINE bool all_zero_bits(vec a) { return _mm512_test_epi32_mask(_mm512_castps_si512(a.v), _mm512_castps_si512(a.v)) == 0; }
SARAF_INLINE vec abs(vec a) { return {_mm512_abs_ps(a.v)}; }
SARAF_INLINE vec copysign(vec a, vec s) {
  const __m512i sign = _mm512_set1_epi32((int)0x80000000u);
  return {_mm512_castsi512_ps(_mm512_ternarylogic_epi32(sign, _mm512_castps_si512(s.v), _mm512_castps_si512(a.v), 0xCA))};
}
SARAF_INLINE vec scale2(vec a, vec n) {
  const __m512i i = _mm512_cvtps_epi32(n.v), h = _mm512_srai_epi32(i, 1), bias = _mm512_set1_epi32(127);
  const __m512 f = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(h, bias), 23));
  const __m512 g = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(i, h), bias), 23));
  return {_mm512_mul_ps(_mm512_mul_ps(a.v, f), g)};
}
SARAF_INLINE vec split_exponent(vec a, vec* e) {
  const __m512i b = _mm512_castps_si512(a.v);
  const __m512i k = _mm512_srai_epi32(_mm512_sub_epi32(b, _mm512_set1_epi32(0x3f3504f3)), 23);
  e->v = _mm512_cvtepi32_ps(k);
  return {_mm512_castsi512_ps(_mm512_sub_epi32(b, _mm512_slli_epi32(k, 23)))};
}

#elif defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_AVX)

constexpr int kLanes = 16;
struct vec { __m256 v[2]; };
struct msk { __m256 m[2]; };
#if defined(SARAF_ISA_AVX)
SARAF_INLINE __m256 join_halves(__m128 lo, __m128 hi) { return _mm256_insertf128_ps(_mm256_castps128_ps256(lo), hi, 1); }
#endif
#define SARAF_EACH2(expr0, expr1) {{expr0, expr1}}
SARAF_INLINE vec load(const float* p) { return {{_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}}; }
SARAF_INLINE void store(float* p, vec a) { _mm256_storeu_ps(p, a.v[0]); _mm256_storeu_ps(p + 8, a.v[1]); }
SARAF_INLINE __m256i tail_mask(int n) {
#if defined(SARAF_ISA_AVX2)
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
#else
  return _mm256_castps_si256(_mm256_cmp_ps(_mm256_set1_ps((float)n), _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7), _CMP_GT_OQ));
#endif
}
SARAF_INLINE vec load_tail(const float* p, int n) {
  return {{_mm256_maskload_ps(p, tail_mask(n)), n > 8 ? _mm256_maskload_ps(p + 8, tail_mask(n - 8)) : _mm256_setzero_ps()}};
}
SARAF_INLINE void store_tail(float* p, vec a, int n) {
  _mm256_maskstore_ps(p, tail_mask(n), a.v[0]);
  if (n > 8) _mm256_maskstore_ps(p + 8, tail_mask(n - 8), a.v[1]);
}
SARAF_INLINE vec set1(float a) { const __m256 x = _mm256_set1_ps(a); return {{x, x}}; }
#define SARAF_MAP2(name, fn) \
  SARAF_INLINE vec name(vec a, vec b) { return {{fn(a.v[0], b.v[0]), fn(a.v[1], b.v[1])}}; }
#if defined(SARAF_ISA_AVX2)
SARAF_INLINE __m256 fma_half(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
#elif defined(SARAF_INEXACT)
SARAF_INLINE __m256 fma_half(__m256 a, __m256 b, __m256 c) { return _mm256_add_ps(_mm256_mul_ps(a, b), c); }
#else
SARAF_APART __m128 fma_quarter(__m128 a4, __m128 b4, __m128 c4) {
  const __m256d a = _mm256_cvtps_pd(a4), b = _mm256_cvtps_pd(b4), c = _mm256_cvtps_pd(c4);
  const __m256d p = _mm256_mul_pd(a, b), s = _mm256_add_pd(p, c);
  const __m256d pp = _mm256_sub_pd(s, c), e = _mm256_add_pd(_mm256_sub_pd(p, pp), _mm256_sub_pd(c, _mm256_sub_pd(s, pp)));
  const __m128d lo = round_odd(_mm256_castpd256_pd128(s), _mm256_castpd256_pd128(e));
  const __m128d hi = round_odd(_mm256_extractf128_pd(s, 1), _mm256_extractf128_pd(e, 1));
  return _mm256_cvtpd_ps(_mm256_insertf128_pd(_mm256_castpd128_pd256(lo), hi, 1));
}
SARAF_INLINE __m256 fma_half(__m256 a, __m256 b, __m256 c) {
  return join_halves(fma_quarter(_mm256_castps256_ps128(a), _mm256_castps256_ps128(b), _mm256_castps256_ps128(c)),
                     fma_quarter(_mm256_extractf128_ps(a, 1), _mm256_extractf128_ps(b, 1), _mm256_extractf128_ps(c, 1)));
}
#endif
SARAF_INLINE vec fma(vec a, vec b, vec c) { return {{fma_half(a.v[0], b.v[0], c.v[0]), fma_half(a.v[1], b.v[1], c.v[1])}}; }
SARAF_MAP2(add, _mm256_add_ps)
SARAF_MAP2(sub, _mm256_sub_ps)
SARAF_MAP2(mul, _mm256_mul_ps)
SARAF_MAP2(div, _mm256_div_ps)
SARAF_MAP2(max, _mm256_max_ps)
SARAF_MAP2(min, _mm256_min_ps)
#undef SARAF_MAP2
SARAF_INLINE vec sqrt(vec a) { return {{_mm256_sqrt_ps(a.v[0]), _mm256_sqrt_ps(a.v[1])}}; }
SARAF_INLINE msk gt(vec a, vec b) { return {{_mm256_cmp_ps(a.v[0], b.v[0], _CMP_GT_OQ), _mm256_cmp_ps(a.v[1], b.v[1], _CMP_GT_OQ)}}; }
SARAF_INLINE msk lt(vec a, vec b) { return {{_mm256_cmp_ps(a.v[0], b.v[0], _CMP_LT_OQ), _mm256_cmp_ps(a.v[1], b.v[1], _CMP_LT_OQ)}}; }
SARAF_INLINE msk is_nan(vec a) { return {{_mm256_cmp_ps(a.v[0], a.v[0], _CMP_UNORD_Q), _mm256_cmp_ps(a.v[1], a.v[1], _CMP_UNORD_Q)}}; }
SARAF_INLINE vec select(msk m, vec a, vec b) { return {{_mm256_blendv_ps(b.v[0], a.v[0], m.m[0]), _mm256_blendv_ps(b.v[1], a.v[1], m.m[1])}}; }
SARAF_INLINE bool all_zero_bits(vec a) {
  const __m256i any = _mm256_castps_si256(_mm256_or_ps(a.v[0], a.v[1]));
  return _mm256_testz_si256(any, any) != 0;
}
SARAF_INLINE vec abs(vec a) {
  const __m256 s = _mm256_set1_ps(-0.0f);
  return {{_mm256_andnot_ps(s, a.v[0]), _mm256_andnot_ps(s, a.v[1])}};
}
SARAF_INLINE vec copysign(vec a, vec b) {
  const __m256 s = _mm256_set1_ps(-0.0f);
  return {{_mm256_or_ps(_mm256_andnot_ps(s, a.v[0]), _mm256_and_ps(s, b.v[0])), _mm256_or_ps(_mm256_andnot_ps(s, a.v[1]), _mm256_and_ps(s, b.v[1]))}};
}
#if defined(SARAF_ISA_AVX2)
SARAF_INLINE __m256 scale2_half(__m256 a, __m256 n) {
  const __m256i i = _mm256_cvtps_epi32(n), h = _mm256_srai_epi32(i, 1), bias = _mm256_set1_epi32(127);
  const __m256 f = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(h, bias), 23));
  const __m256 g = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(i, h), bias), 23));
  return _mm256_mul_ps(_mm256_mul_ps(a, f), g);
}
SARAF_INLINE __m256 split_half(__m256 a, __m256* e) {
  const __m256i b = _mm256_castps_si256(a);
  const __m256i k = _mm256_srai_epi32(_mm256_sub_epi32(b, _mm256_set1_epi32(0x3f3504f3)), 23);
  *e = _mm256_cvtepi32_ps(k);
  return _mm256_castsi256_ps(_mm256_sub_epi32(b, _mm256_slli_epi32(k, 23)));
}
#else  // AVX has no integers of 256 bits
SARAF_INLINE __m256 scale2_half(__m256 a, __m256 n) {
  const __m128 lo = scale2_quarter(_mm256_castps256_ps128(a), _mm256_castps256_ps128(n));
  return join_halves(lo, scale2_quarter(_mm256_extractf128_ps(a, 1), _mm256_extractf128_ps(n, 1)));
}
SARAF_INLINE __m256 split_half(__m256 a, __m256* e) {
  __m128 e_lo, e_hi;
  const __m128 lo = split_quarter(_mm256_castps256_ps128(a), &e_lo), hi = split_quarter(_mm256_extractf128_ps(a, 1), &e_hi);
  *e = join_halves(e_lo, e_hi);
  return join_halves(lo, hi);
}
#endif
SARAF_INLINE vec scale2(vec a, vec n) { return {{scale2_half(a.v[0], n.v[0]), scale2_half(a.v[1], n.v[1])}}; }
SARAF_INLINE vec split_exponent(vec a, vec* e) { return {{split_half(a.v[0], &e->v[0]), split_half(a.v[1], &e->v[1])}}; }

#elif defined(SARAF_ISA_SSE2)

constexpr int kLanes = 16;
struct vec { __m128 v[4]; };
struct msk { __m128 m[4]; };
SARAF_INLINE vec load(const float* p) { SARAF_FOUR(_mm_loadu_ps(p + 4 * i)); }
SARAF_INLINE void store(float* p, vec a) { for (int i = 0; i < 4; ++i) _mm_storeu_ps(p + 4 * i, a.v[i]); }
SARAF_INLINE vec set1(float a) { SARAF_FOUR(_mm_set1_ps(a)); }
#if defined(SARAF_INEXACT)
SARAF_INLINE vec fma(vec a, vec b, vec c) { SARAF_FOUR(_mm_add_ps(_mm_mul_ps(a.v[i], b.v[i]), c.v[i])); }
#else
SARAF_INLINE __m128d fma_odd(__m128d a, __m128d b, __m128d c) {
  const __m128d p = _mm_mul_pd(a, b), s = _mm_add_pd(p, c);
  const __m128d pp = _mm_sub_pd(s, c);
  return round_odd(s, _mm_add_pd(_mm_sub_pd(p, pp), _mm_sub_pd(c, _mm_sub_pd(s, pp))));
}
SARAF_APART __m128 fma_quarter(__m128 a, __m128 b, __m128 c) {
  const __m128 lo = _mm_cvtpd_ps(fma_odd(_mm_cvtps_pd(a), _mm_cvtps_pd(b), _mm_cvtps_pd(c)));
  const __m128 hi = _mm_cvtpd_ps(fma_odd(_mm_cvtps_pd(_mm_movehl_ps(a, a)), _mm_cvtps_pd(_mm_movehl_ps(b, b)), _mm_cvtps_pd(_mm_movehl_ps(c, c))));
  return _mm_movelh_ps(lo, hi);
}
SARAF_INLINE vec fma(vec a, vec b, vec c) { SARAF_FOUR(fma_quarter(a.v[i], b.v[i], c.v[i])); }
#endif
SARAF_INLINE vec add(vec a, vec b) { SARAF_FOUR(_mm_add_ps(a.v[i], b.v[i])); }
SARAF_INLINE vec sub(vec a, vec b) { SARAF_FOUR(_mm_sub_ps(a.v[i], b.v[i])); }
SARAF_INLINE vec mul(vec a, vec b) { SARAF_FOUR(_mm_mul_ps(a.v[i], b.v[i])); }
SARAF_INLINE vec div(vec a, vec b) { SARAF_FOUR(_mm_div_ps(a.v[i], b.v[i])); }
SARAF_INLINE vec sqrt(vec a) { SARAF_FOUR(_mm_sqrt_ps(a.v[i])); }
SARAF_INLINE vec max(vec a, vec b) { SARAF_FOUR(_mm_max_ps(a.v[i], b.v[i])); }
SARAF_INLINE vec min(vec a, vec b) { SARAF_FOUR(_mm_min_ps(a.v[i], b.v[i])); }
SARAF_INLINE msk gt(vec a, vec b) { SARAF_FOUR_MASK(_mm_cmpgt_ps(a.v[i], b.v[i])); }
SARAF_INLINE msk lt(vec a, vec b) { SARAF_FOUR_MASK(_mm_cmplt_ps(a.v[i], b.v[i])); }
SARAF_INLINE msk is_nan(vec a) { SARAF_FOUR_MASK(_mm_cmpunord_ps(a.v[i], a.v[i])); }
SARAF_INLINE bool all_zero_bits(vec a) {
  const __m128 any = _mm_or_ps(_mm_or_ps(a.v[0], a.v[1]), _mm_or_ps(a.v[2], a.v[3]));
  return _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_castps_si128(any), _mm_setzero_si128())) == 0xffff;
}
SARAF_INLINE vec select(msk m, vec a, vec b) { SARAF_FOUR(_mm_or_ps(_mm_and_ps(m.m[i], a.v[i]), _mm_andnot_ps(m.m[i], b.v[i]))); }
SARAF_INLINE vec abs(vec a) { SARAF_FOUR(_mm_andnot_ps(_mm_set1_ps(-0.0f), a.v[i])); }
SARAF_INLINE vec copysign(vec a, vec b) {
  const __m128 s = _mm_set1_ps(-0.0f);
  SARAF_FOUR(_mm_or_ps(_mm_andnot_ps(s, a.v[i]), _mm_and_ps(s, b.v[i])));
}
SARAF_INLINE vec scale2(vec a, vec n) { SARAF_FOUR(scale2_quarter(a.v[i], n.v[i])); }
SARAF_INLINE vec split_exponent(vec a, vec* e) { SARAF_FOUR(split_quarter(a.v[i], &e->v[i])); }

#elif defined(SARAF_ISA_NEON)

constexpr int kLanes = 16;
struct vec { float32x4_t v[4]; };
struct msk { uint32x4_t m[4]; };
SARAF_INLINE vec load(const float* p) { SARAF_FOUR(vld1q_f32(p + 4 * i)); }
SARAF_INLINE void store(float* p, vec a) { for (int i = 0; i < 4; ++i) vst1q_f32(p + 4 * i, a.v[i]); }
SARAF_INLINE vec set1(float a) { SARAF_FOUR(vdupq_n_f32(a)); }
SARAF_INLINE vec fma(vec a, vec b, vec c) { SARAF_FOUR(vfmaq_f32(c.v[i], a.v[i], b.v[i])); }
SARAF_INLINE vec add(vec a, vec b) { SARAF_FOUR(vaddq_f32(a.v[i], b.v[i])); }
SARAF_INLINE vec sub(vec a, vec b) { SARAF_FOUR(vsubq_f32(a.v[i], b.v[i])); }
SARAF_INLINE vec mul(vec a, vec b) { SARAF_FOUR(vmulq_f32(a.v[i], b.v[i])); }
SARAF_INLINE vec div(vec a, vec b) { SARAF_FOUR(vdivq_f32(a.v[i], b.v[i])); }
SARAF_INLINE vec sqrt(vec a) { SARAF_FOUR(vsqrtq_f32(a.v[i])); }
// vmaxq_f32 is NaN where either is, and orders the zeros.
SARAF_INLINE float32x4_t max_quarter(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
SARAF_INLINE vec max(vec a, vec b) { SARAF_FOUR(max_quarter(a.v[i], b.v[i])); }
SARAF_INLINE vec min(vec a, vec b) { SARAF_FOUR(vbslq_f32(vcltq_f32(a.v[i], b.v[i]), a.v[i], b.v[i])); }
SARAF_INLINE msk gt(vec a, vec b) { SARAF_FOUR_MASK(vcgtq_f32(a.v[i], b.v[i])); }
SARAF_INLINE msk lt(vec a, vec b) { SARAF_FOUR_MASK(vcltq_f32(a.v[i], b.v[i])); }
SARAF_INLINE msk is_nan(vec a) { SARAF_FOUR_MASK(vmvnq_u32(vceqq_f32(a.v[i], a.v[i]))); }
SARAF_INLINE vec select(msk m, vec a, vec b) { SARAF_FOUR(vbslq_f32(m.m[i], a.v[i], b.v[i])); }
SARAF_INLINE bool all_zero_bits(vec a) {
  uint32x4_t any = vreinterpretq_u32_f32(a.v[0]);
  for (int i = 1; i < 4; ++i) any = vorrq_u32(any, vreinterpretq_u32_f32(a.v[i]));
  return vmaxvq_u32(any) == 0;
}
SARAF_INLINE vec abs(vec a) { SARAF_FOUR(vabsq_f32(a.v[i])); }
SARAF_INLINE vec copysign(vec a, vec s) { SARAF_FOUR(vbslq_f32(vdupq_n_u32(0x80000000u), s.v[i], a.v[i])); }
SARAF_INLINE float32x4_t scale2_quarter(float32x4_t a, float32x4_t n) {
  const int32x4_t i = vcvtnq_s32_f32(n), h = vshrq_n_s32(i, 1), bias = vdupq_n_s32(127);
  const float32x4_t f = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(h, bias), 23));
  const float32x4_t g = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vsubq_s32(i, h), bias), 23));
  return vmulq_f32(vmulq_f32(a, f), g);
}
SARAF_INLINE float32x4_t split_quarter(float32x4_t a, float32x4_t* e) {
  const int32x4_t b = vreinterpretq_s32_f32(a);
  const int32x4_t k = vshrq_n_s32(vsubq_s32(b, vdupq_n_s32(0x3f3504f3)), 23);
  *e = vcvtq_f32_s32(k);
  return vreinterpretq_f32_s32(vsubq_s32(b, vshlq_n_s32(k, 23)));
}
SARAF_INLINE vec scale2(vec a, vec n) { SARAF_FOUR(scale2_quarter(a.v[i], n.v[i])); }
SARAF_INLINE vec split_exponent(vec a, vec* e) { SARAF_FOUR(split_quarter(a.v[i], &e->v[i])); }

#else
#error "no instruction set chosen: compile with SARAF_ISA_REF, SARAF_ISA_SSE2, SARAF_ISA_AVX, SARAF_ISA_AVX2, SARAF_ISA_AVX512 or SARAF_ISA_NEON"
#endif

#if defined(SARAF_ISA_REF)
SARAF_INLINE vec load_tail(const float* p, int) { return load(p); }
SARAF_INLINE void store_tail(float* p, vec a, int) { store(p, a); }
#elif defined(SARAF_ISA_SSE2) || defined(SARAF_ISA_NEON)
SARAF_INLINE vec load_tail(const float* p, int n) {
  float t[16] = {};
  for (int i = 0; i < n; ++i) t[i] = p[i];
  return load(t);
}
SARAF_INLINE void store_tail(float* p, vec a, int n) {
  float t[16];
  store(t, a);
  for (int i = 0; i < n; ++i) p[i] = t[i];
}
#endif

// Loads or stores min(n, kLanes) lanes; absent lanes are 0.
SARAF_INLINE vec load_n(const float* p, int64_t n) { return n >= kLanes ? load(p) : load_tail(p, (int)n); }
SARAF_INLINE void store_n(float* p, vec a, int64_t n) {
  if (n >= kLanes) store(p, a);
  else store_tail(p, a, (int)n);
}
SARAF_INLINE vec zero() { return set1(0.0f); }
// Values below 2^-96 become 0 (order.h, "Fading values"); a NaN stays.
SARAF_INLINE vec quiet(vec a) { return select(lt(abs(a), set1(0x1p-96f)), zero(), a); }
SARAF_INLINE vec neg(vec a) { return sub(set1(-0.0f), a); }

}  // namespace SARAF_ISA_NS
}  // namespace saraf
