// Across the lanes of one `vec`: the tree of order.h's lane sum, the largest lane, and the lanes of a row's tail.
#pragma once
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

// l += l+8, l += l+4, l += l+2, l += l+1 (lane_tree) or the same with max (lane_max).
#if defined(SARAF_ISA_AVX512)
#define SARAF_TREE(name, op256, op128, op_ss)                                                 \
  SARAF_INLINE float name(vec a) {                                                            \
    const __m256 h = op256(_mm512_castps512_ps256(a.v), _mm512_extractf32x8_ps(a.v, 1));      \
    const __m128 q = op128(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));           \
    const __m128 p = op128(q, _mm_movehl_ps(q, q));                                           \
    return _mm_cvtss_f32(op_ss(p, _mm_shuffle_ps(p, p, 1)));                                  \
  }
SARAF_TREE(lane_tree, _mm256_add_ps, _mm_add_ps, _mm_add_ss)
SARAF_TREE(lane_max, _mm256_max_ps, _mm_max_ps, _mm_max_ss)
#undef SARAF_TREE
SARAF_INLINE float first_lane(vec a) { return _mm512_cvtss_f32(a.v); }
#elif defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_AVX)
#define SARAF_TREE(name, op256, op128, op_ss)                                                 \
  SARAF_INLINE float name(vec a) {                                                            \
    const __m256 h = op256(a.v[0], a.v[1]);                                                   \
    const __m128 q = op128(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));           \
    const __m128 p = op128(q, _mm_movehl_ps(q, q));                                           \
    return _mm_cvtss_f32(op_ss(p, _mm_shuffle_ps(p, p, 1)));                                  \
  }
SARAF_TREE(lane_tree, _mm256_add_ps, _mm_add_ps, _mm_add_ss)
SARAF_TREE(lane_max, _mm256_max_ps, _mm_max_ps, _mm_max_ss)
#undef SARAF_TREE
SARAF_INLINE float first_lane(vec a) { return _mm256_cvtss_f32(a.v[0]); }
#elif defined(SARAF_ISA_SSE2)
#define SARAF_TREE(name, op128, op_ss)                                                        \
  SARAF_INLINE float name(vec a) {                                                            \
    const __m128 q = op128(op128(a.v[0], a.v[2]), op128(a.v[1], a.v[3]));                     \
    const __m128 p = op128(q, _mm_movehl_ps(q, q));                                           \
    return _mm_cvtss_f32(op_ss(p, _mm_shuffle_ps(p, p, 1)));                                  \
  }
SARAF_TREE(lane_tree, _mm_add_ps, _mm_add_ss)
SARAF_TREE(lane_max, _mm_max_ps, _mm_max_ss)
#undef SARAF_TREE
SARAF_INLINE float first_lane(vec a) { return _mm_cvtss_f32(a.v[0]); }
#elif defined(SARAF_ISA_NEON)
SARAF_INLINE float lane_tree(vec a) {
  const float32x4_t q = vaddq_f32(vaddq_f32(a.v[0], a.v[2]), vaddq_f32(a.v[1], a.v[3]));
  const float32x2_t p = vadd_f32(vget_low_f32(q), vget_high_f32(q));
  return vget_lane_f32(p, 0) + vget_lane_f32(p, 1);
}
SARAF_INLINE float lane_max(vec a) {
  const float32x4_t q = max_quarter(max_quarter(a.v[0], a.v[2]), max_quarter(a.v[1], a.v[3]));
  const float32x2_t low = vget_low_f32(q), high = vget_high_f32(q), p = vbsl_f32(vcgt_f32(low, high), low, high);
  const float x = vget_lane_f32(p, 0), y = vget_lane_f32(p, 1);
  return x > y ? x : y;
}
SARAF_INLINE float first_lane(vec a) { return vgetq_lane_f32(a.v[0], 0); }
#endif

// Lanes below n of a, the others of b.
SARAF_INLINE vec first_lanes(vec a, int64_t n, vec b) {
  alignas(64) static const float ones[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  if (n >= kLanes) return a;
  return select(gt(load(ones + kLanes - n), zero()), a, b);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
