// Sixteen consecutive blocks of core/rng.h's generator at once. Each 64-bit lane carries one block's word in its lower half;
// the upper halves hold rubbish that the 32×32→64 multiplication ignores, so a round is two products, two shifts and four xors.
#pragma once
#include "isa/vec16.h"

namespace saraf {
namespace SARAF_ISA_NS {

constexpr int kPhiloxDraws = 64;

#if defined(SARAF_ISA_AVX512)
using words = __m512i;
constexpr int kBlocks = 8;
SARAF_INLINE words all64(uint64_t a) { return _mm512_set1_epi64((long long)a); }
// Lane l gets the block that interleave() puts in order.
SARAF_INLINE words block_numbers(uint64_t first) { return _mm512_add_epi64(all64(first), _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7)); }
SARAF_INLINE words product64(words a, words b) { return _mm512_mul_epu32(a, b); }
SARAF_INLINE words upper(words a) { return _mm512_srli_epi64(a, 32); }
SARAF_INLINE words xor3(words a, words b, words c) { return _mm512_ternarylogic_epi32(a, b, c, 0x96); }
SARAF_INLINE words pair(words low, words high) { return _mm512_mask_blend_epi32(0xAAAA, low, _mm512_slli_epi64(high, 32)); }
SARAF_INLINE void interleave(uint32_t* out, words w01, words w23) {
  _mm512_store_si512(out, _mm512_unpacklo_epi64(w01, w23));
  _mm512_store_si512(out + 16, _mm512_unpackhi_epi64(w01, w23));
}
#elif defined(SARAF_ISA_AVX2)
using words = __m256i;
constexpr int kBlocks = 4;
SARAF_INLINE words all64(uint64_t a) { return _mm256_set1_epi64x((long long)a); }
SARAF_INLINE words block_numbers(uint64_t first) { return _mm256_add_epi64(all64(first), _mm256_setr_epi64x(0, 2, 1, 3)); }
SARAF_INLINE words product64(words a, words b) { return _mm256_mul_epu32(a, b); }
SARAF_INLINE words upper(words a) { return _mm256_srli_epi64(a, 32); }
SARAF_INLINE words xor3(words a, words b, words c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
SARAF_INLINE words pair(words low, words high) { return _mm256_blend_epi32(low, _mm256_slli_epi64(high, 32), 0xAA); }
SARAF_INLINE void interleave(uint32_t* out, words w01, words w23) {
  _mm256_store_si256((__m256i*)out, _mm256_unpacklo_epi64(w01, w23));
  _mm256_store_si256((__m256i*)(out + 8), _mm256_unpackhi_epi64(w01, w23));
}
#elif defined(SARAF_ISA_SSE2) || defined(SARAF_ISA_AVX)
using words = __m128i;
constexpr int kBlocks = 2;
SARAF_INLINE words all64(uint64_t a) { return _mm_set1_epi64x((long long)a); }
SARAF_INLINE words block_numbers(uint64_t first) { return _mm_add_epi64(all64(first), _mm_set_epi64x(1, 0)); }
SARAF_INLINE words product64(words a, words b) { return _mm_mul_epu32(a, b); }
SARAF_INLINE words upper(words a) { return _mm_srli_epi64(a, 32); }
SARAF_INLINE words xor3(words a, words b, words c) { return _mm_xor_si128(_mm_xor_si128(a, b), c); }
SARAF_INLINE words pair(words low, words high) { return _mm_or_si128(_mm_and_si128(low, all64(0xffffffffu)), _mm_slli_epi64(high, 32)); }
SARAF_INLINE void interleave(uint32_t* out, words w01, words w23) {
  _mm_store_si128((__m128i*)out, _mm_unpacklo_epi64(w01, w23));
  _mm_store_si128((__m128i*)(out + 4), _mm_unpackhi_epi64(w01, w23));
}
#elif defined(SARAF_ISA_NEON)
using words = uint64x2_t;
constexpr int kBlocks = 2;
SARAF_INLINE words all64(uint64_t a) { return vdupq_n_u64(a); }
SARAF_INLINE words block_numbers(uint64_t first) { return vcombine_u64(vcreate_u64(first), vcreate_u64(first + 1)); }
SARAF_INLINE words product64(words a, words b) { return vmull_u32(vmovn_u64(a), vmovn_u64(b)); }
SARAF_INLINE words upper(words a) { return vshrq_n_u64(a, 32); }
SARAF_INLINE words xor3(words a, words b, words c) { return veorq_u64(veorq_u64(a, b), c); }
SARAF_INLINE words pair(words low, words high) { return vsliq_n_u64(low, high, 32); }
SARAF_INLINE void interleave(uint32_t* out, words w01, words w23) {
  vst1q_u32(out, vreinterpretq_u32_u64(vzip1q_u64(w01, w23)));
  vst1q_u32(out + 4, vreinterpretq_u32_u64(vzip2q_u64(w01, w23)));
}
#endif

// out[4·i + j] = word j of block `block` + i. out is aligned to 64 bytes.
SARAF_INLINE void philox16(uint64_t block, uint64_t counter, uint32_t seed, uint32_t stream, uint32_t* out) {
  const words m0 = all64(0xD2511F53u), m1 = all64(0xCD9E8D57u);
  for (int first = 0; first < 16; first += 2 * kBlocks) {  // two at a time hide the product's latency
    words c0[2], c1[2], c2[2], c3[2];
    for (int s = 0; s < 2; ++s) {
      c0[s] = block_numbers(block + (uint64_t)(first + s * kBlocks));
      c1[s] = upper(c0[s]);
      c2[s] = all64(counter);
      c3[s] = all64(counter >> 32);
    }
    uint32_t k0 = seed, k1 = stream;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
      const words key0 = all64(k0), key1 = all64(k1);
#pragma GCC unroll 2
      for (int s = 0; s < 2; ++s) {
        const words p0 = product64(m0, c0[s]), p1 = product64(m1, c2[s]);
        c0[s] = xor3(upper(p1), c1[s], key0);
        c2[s] = xor3(upper(p0), c3[s], key1);
        c1[s] = p1;
        c3[s] = p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int s = 0; s < 2; ++s) interleave(out + 4 * (first + s * kBlocks), pair(c0[s], c1[s]), pair(c2[s], c3[s]));
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
