// Counter-based generator: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
// Draw i of (seed, stream, counter) is word i % 4 of the block with counter (i / 4, counter) and key (seed, stream):
// the same on every machine, for any order of evaluation.
#pragma once
#include <cstdint>

namespace saraf {

struct PhiloxBlock {
  uint32_t word[4];
};

static inline PhiloxBlock philox(uint64_t block, uint64_t counter, uint32_t seed, uint32_t stream) {
  uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32), c2 = (uint32_t)counter, c3 = (uint32_t)(counter >> 32);
  uint32_t k0 = seed, k1 = stream;
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// 24 random bits as a float in [0, 1).
static inline float unit_float(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

}  // namespace saraf
