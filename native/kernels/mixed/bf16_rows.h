// Products of few rows in bfloat16, with the interface of recurrent/row_tile.h: B is packed once per call in strips of vectors,
// each a panel of bf16_tile.h; rows of A are rounded as they come.
//
// A strip has the room of its float32 twin, [K][width][16] floats, and panels half of it: K must be at least 16, so that padding
// to 32 fits.
#pragma once
#include "kernels/mixed/bf16_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

constexpr int kTileWidth = 4, kWide = 4;
constexpr int kTileRows[] = {0, 16, 16, 16, 16};
constexpr int kMaxTileRows = 16;

struct Column {
  int64_t at;
  int lanes;
};

SARAF_INLINE bf16* panel_of(float* strip, int64_t K, int v) { return reinterpret_cast<bf16*>(strip + v * kLanes * K); }

// c (rows, width·16) = Σ_k a·strip (+ bias).
static void strip_product(int64_t K, const float* a, int64_t lda, int64_t rows, const float* strip, int width, float* c, int64_t ldc,
                          const float* bias) {
  constexpr int64_t kRounded = 512;
  alignas(64) bf16 rounded[kTile * kRounded];
  alignas(64) float edge[kTile * 4 * kTile];
  const bf16* b = reinterpret_cast<const bf16*>(strip);
  const int64_t b_panel = 2 * kLanes * K;
  for (int64_t r = 0; r < rows; r += kTile) {
    const int64_t m = rows - r < kTile ? rows - r : kTile;
    float* to = m == kTile ? c + r * ldc : edge;
    const int64_t ld = m == kTile ? ldc : 4 * kTile;
    for (int64_t k = 0; k < K; k += kRounded) {
      const int64_t kc = K - k < kRounded ? K - k : kRounded, tiles = deep(kc) / kDeep;
      for (int64_t i = 0; i < m; ++i) {
        const float* row = a + (r + i) * lda + k;
        bf16* dst = rounded + i * kDeep;
        int64_t j = 0;
        for (; j + kDeep <= kc; j += kDeep, dst += kTileValues) store_pairs(dst, round_pair(load(row + j), load(row + j + 16)));
        if (j < kc) store_pairs(dst, round_pair(load_some(row + j, kc - j), load_some(row + j + 16, kc - j - 16)));
      }
      const bf16* panels = b + k * kTile;
      switch (width) {
        case 1: block<1, 1>(tiles, rounded, 0, panels, b_panel, to, ld, k > 0); break;
        case 2: block<1, 2>(tiles, rounded, 0, panels, b_panel, to, ld, k > 0); break;
        case 3: block<1, 3>(tiles, rounded, 0, panels, b_panel, to, ld, k > 0); break;
        default: block<1, 4>(tiles, rounded, 0, panels, b_panel, to, ld, k > 0);
      }
    }
    if (m == kTile && !bias) continue;
    for (int64_t i = 0; i < m; ++i)
      for (int v = 0; v < width; ++v) {
        const vec sum = load(to + i * ld + v * kLanes);
        store(c + (r + i) * ldc + v * kLanes, bias ? add(sum, load(bias + v * kLanes)) : sum);
      }
  }
}

// The strip of B (K, …) with the given vectors; absent lanes are 0.
static inline void pack_strip(const float* b, int64_t ldb, int64_t K, const Column* columns, int width, float* strip) {
  for (int v = 0; v < width; ++v) {
    const Column c = columns[v];
    bf16* dst = panel_of(strip, K, v);
    const int64_t end = deep(K);
    for (int64_t k = 0; k < end; k += 2, dst += 2 * kTile)
      store_pairs(dst, pair_rows(k < K ? load_n(b + k * ldb + c.at, c.lanes) : zero(), k + 1 < K ? load_n(b + (k + 1) * ldb + c.at, c.lanes) : zero()));
  }
}

// The same of B = Aᵀ: b[k][column] = a[column·lda + k].
static inline void pack_strip_transposed(const float* a, int64_t lda, int64_t K, const Column* columns, int width, float* strip) {
  for (int v = 0; v < width; ++v) {
    const Column c = columns[v];
    bf16* dst = panel_of(strip, K, v);
    for (int64_t k = 0; k < K; k += kDeep, dst += kTileValues) {
      __m512 r[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) {
        const float* row = a + (c.at + i) * lda + k;
        r[i] = i < c.lanes ? _mm512_castsi512_ps(round_pair(load_some(row, K - k), load_some(row + 16, K - k - 16))) : _mm512_setzero_ps();
      }
      transpose16(r);
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) _mm512_storeu_ps(dst + i * 2 * kTile, r[i]);
    }
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
