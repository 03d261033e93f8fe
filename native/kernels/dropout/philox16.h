// Sixteen consecutive blocks of core/rng.h's generator at once: plain loops over 16 lanes that the compiler vectorises
// (integers only, so that its freedom cannot change a bit).
#pragma once
#include <cstdint>

namespace saraf {
namespace SARAF_ISA_NS {

constexpr int kPhiloxDraws = 64;

// out[4·i + j] = word j of block `block` + i.
static inline void philox16(uint64_t block, uint64_t counter, uint32_t seed, uint32_t stream, uint32_t* out) {
  alignas(64) uint32_t c0[16], c1[16], c2[16], c3[16];
  for (int i = 0; i < 16; ++i) {
    c0[i] = (uint32_t)(block + (uint64_t)i);
    c1[i] = (uint32_t)((block + (uint64_t)i) >> 32);
    c2[i] = (uint32_t)counter;
    c3[i] = (uint32_t)(counter >> 32);
  }
  uint32_t k0 = seed, k1 = stream;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 16; ++i) {
      const uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
      c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c1[i] = (uint32_t)p1;
      c3[i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < 16; ++i) {
    out[4 * i] = c0[i];
    out[4 * i + 1] = c1[i];
    out[4 * i + 2] = c2[i];
    out[4 * i + 3] = c3[i];
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
