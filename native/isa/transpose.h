// dst[c·ldd + r] = src[r·lds + c] for r < rows <= 16 and any number of columns, written in ascending c. Each column may
// write kLanes floats: where ldd < 16 the next one overwrites the excess, and dst needs 16 floats of slack at its end.
#pragma once
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_ISA_AVX512)
SARAF_INLINE void transpose16(__m512* r) {
  __m512 t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {  // r[4i + c]: column c of each 128-bit lane, rows 4i … 4i+3
    r[4 * i] = _mm512_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
    r[4 * i + 1] = _mm512_shuffle_ps(t[4 * i], t[4 * i + 2], 0xEE);
    r[4 * i + 2] = _mm512_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
    r[4 * i + 3] = _mm512_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {  // gather the four lanes of column c + 4·lane
    const __m512 p = _mm512_shuffle_f32x4(r[c], r[4 + c], 0x88), q = _mm512_shuffle_f32x4(r[c], r[4 + c], 0xDD);
    const __m512 s = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0x88), u = _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0xDD);
    t[c] = _mm512_shuffle_f32x4(p, s, 0x88);
    t[8 + c] = _mm512_shuffle_f32x4(p, s, 0xDD);
    t[4 + c] = _mm512_shuffle_f32x4(q, u, 0x88);
    t[12 + c] = _mm512_shuffle_f32x4(q, u, 0xDD);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}
#elif defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_AVX)
SARAF_INLINE void transpose8(__m256* r) {
  __m256 t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    r[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
    r[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xEE);
    r[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
    r[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    t[c] = _mm256_permute2f128_ps(r[c], r[4 + c], 0x20);
    t[4 + c] = _mm256_permute2f128_ps(r[c], r[4 + c], 0x31);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) r[i] = t[i];
}
#elif defined(SARAF_ISA_NEON)
SARAF_INLINE void transpose4(float32x4_t* r) {
  const float32x4x2_t p = vtrnq_f32(r[0], r[1]), q = vtrnq_f32(r[2], r[3]);
  r[0] = vcombine_f32(vget_low_f32(p.val[0]), vget_low_f32(q.val[0]));
  r[1] = vcombine_f32(vget_low_f32(p.val[1]), vget_low_f32(q.val[1]));
  r[2] = vcombine_f32(vget_high_f32(p.val[0]), vget_high_f32(q.val[0]));
  r[3] = vcombine_f32(vget_high_f32(p.val[1]), vget_high_f32(q.val[1]));
}
#endif

SARAF_INLINE void transpose_strip(const float* src, int64_t lds, int rows, int64_t cols, float* dst, int64_t ldd) {
  int64_t c = 0;
#if defined(SARAF_ISA_AVX512)
  for (; c + 16 <= cols; c += 16) {
    __m512 r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) r[i] = _mm512_loadu_ps(src + (i < rows ? i : 0) * lds + c);
    transpose16(r);
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) _mm512_storeu_ps(dst + (c + i) * ldd, r[i]);
  }
#elif defined(SARAF_ISA_AVX2) || defined(SARAF_ISA_AVX)
  for (; c + 8 <= cols; c += 8) {
    __m256 lo[8], hi[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) lo[i] = _mm256_loadu_ps(src + (i < rows ? i : 0) * lds + c);
    transpose8(lo);
    if (rows > 8) {
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) hi[i] = _mm256_loadu_ps(src + (8 + i < rows ? 8 + i : 0) * lds + c);
      transpose8(hi);
    }
    for (int i = 0; i < 8; ++i) {
      _mm256_storeu_ps(dst + (c + i) * ldd, lo[i]);
      if (rows > 8) _mm256_storeu_ps(dst + (c + i) * ldd + 8, hi[i]);
    }
  }
#elif defined(SARAF_ISA_NEON)
  for (; c + 4 <= cols; c += 4) {
    float32x4_t r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) r[i] = vld1q_f32(src + (i < rows ? i : 0) * lds + c);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) transpose4(r + 4 * i);
    // A column whole before the next one, which overwrites the excess.
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i)
#pragma GCC unroll 4
      for (int b = 0; b < 4; ++b)
        if (4 * b < rows) vst1q_f32(dst + (c + i) * ldd + 4 * b, r[4 * b + i]);
  }
#endif
  for (; c < cols; ++c)
    for (int r = 0; r < rows; ++r) dst[c * ldd + r] = src[r * lds + c];
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
