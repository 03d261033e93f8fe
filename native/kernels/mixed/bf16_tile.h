// The inner loop of products in bfloat16, and how their operands are laid.
//
// Inputs are rounded to bfloat16 (nearest, ties to even; a denormal becomes 0) while they are packed; products are exact in
// float32, sums are float32. Compiled for two sets: `amx` (tdpbf16ps, 16×16 sums a tile register) and `avx512_bf16` (vdpbf16ps).
// The two round their sums differently, and neither keeps the order of order.h: bfloat16 is exempt from it. What is kept: the order
// follows from the shape alone, never from the number of threads, so one machine gives the same bits again.
//
//   A: tiles of 16 rows × 32 k, 1 KiB each: a[row tile][k tile][16][32].
//   B: panels of 16 columns: b[panel][k/2][16][2], pairs of k side by side.
// k is padded to a multiple of 32 with zeros.
#pragma once
#include "core/parallel.h"
#include "core/shape.h"
#include "isa/transpose.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

using bf16 = uint16_t;
constexpr int64_t kTile = 16, kDeep = 32, kTileValues = kTile * kDeep;

SARAF_INLINE int64_t deep(int64_t k) { return (k + kDeep - 1) / kDeep * kDeep; }

// 32 floats as 32 bfloat16 in their order.
SARAF_INLINE __m512i round_pair(vec low, vec high) { return (__m512i)_mm512_cvtne2ps_pbh(high.v, low.v); }
// Row k of a panel: 16 columns of two rows, each pair side by side.
SARAF_INLINE __m512i pair_rows(vec first, vec second) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, round_pair(first, second));
}
SARAF_INLINE void store_pairs(bf16* p, __m512i v) { _mm512_storeu_si512(p, v); }
SARAF_INLINE vec load_some(const float* p, int64_t n) { return n <= 0 ? zero() : load_n(p, n); }

// dst[j][0 … 32) = the 32 values k of column j, from rows given as p(k): 16 columns. The transpose of two rows paired.
template <class Row>
SARAF_INLINE void transpose_pairs(Row row, bf16* dst) {
  __m512 r[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = _mm512_castsi512_ps(pair_rows(row(2 * i), row(2 * i + 1)));
  transpose16(r);
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) _mm512_storeu_ps(dst + i * kDeep, r[i]);
}

// Every region of these sets configures the tile registers of its threads, and gives them back at its end.
struct TileScope {
#if defined(SARAF_ISA_AMX)
  TileScope() {
    alignas(64) uint8_t config[64] = {1};
    for (int t = 0; t < 8; ++t) {
      config[16 + 2 * t] = 64;  // bytes in a row
      config[48 + t] = 16;      // rows
    }
    _tile_loadconfig(config);
  }
  ~TileScope() { _tile_release(); }
#else
  TileScope() {}
  ~TileScope() {}
#endif
};

namespace {
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& body) {
  ::saraf::parallel_for(n, grain, [&](int64_t begin, int64_t end, int thread) {
    const TileScope tiles;
    body(begin, end, thread);
  });
}
template <class F>
void parallel_each(int64_t n, F&& body) {
  ::saraf::parallel_each(n, [&](int64_t i, int thread) {
    const TileScope tiles;
    body(i, thread);
  });
}
}  // namespace

// c (16·M rows, 16·N columns, row stride ldc) = or += a·b over `deep_tiles`·32 values of k. a_rows, b_panel: values between the row
// tiles of A and the panels of B. M, N at most 2, or M = 1 and N up to 4.
template <int M, int N>
static __attribute__((noinline)) void block(int64_t deep_tiles, const bf16* a, int64_t a_rows, const bf16* b, int64_t b_panel, float* c,
                                            int64_t ldc, bool accumulate) {
#if defined(SARAF_ISA_AMX)
  const int64_t stride = ldc * 4;
  if (accumulate) {
    _tile_loadd(0, c, stride);
    if (N > 1) _tile_loadd(1, c + 16, stride);
    if (M > 1) _tile_loadd(2, c + 16 * ldc, stride);
    if (M > 1 && N > 1) _tile_loadd(3, c + 16 * ldc + 16, stride);
    if (N > 2) _tile_loadd(2, c + 32, stride);
    if (N > 3) _tile_loadd(3, c + 48, stride);
  } else {
    _tile_zero(0);
    if (N > 1) _tile_zero(1);
    if (M > 1 || N > 2) _tile_zero(2);
    if ((M > 1 && N > 1) || N > 3) _tile_zero(3);
  }
#pragma GCC unroll 2
  for (int64_t k = 0; k < deep_tiles; ++k) {
    _tile_loadd(4, a + k * kTileValues, 64);
    if (M > 1) _tile_loadd(5, a + a_rows + k * kTileValues, 64);
    _tile_loadd(6, b + k * kTileValues, 64);
    _tile_dpbf16ps(0, 4, 6);
    if (M > 1) _tile_dpbf16ps(2, 5, 6);
    if (N > 1) {
      _tile_loadd(7, b + b_panel + k * kTileValues, 64);
      _tile_dpbf16ps(1, 4, 7);
      if (M > 1) _tile_dpbf16ps(3, 5, 7);
    }
    if (N > 2) {
      _tile_loadd(6, b + 2 * b_panel + k * kTileValues, 64);
      _tile_dpbf16ps(2, 4, 6);
    }
    if (N > 3) {
      _tile_loadd(7, b + 3 * b_panel + k * kTileValues, 64);
      _tile_dpbf16ps(3, 4, 7);
    }
  }
  _tile_stored(0, c, stride);
  if (N > 1) _tile_stored(1, c + 16, stride);
  if (M > 1) _tile_stored(2, c + 16 * ldc, stride);
  if (M > 1 && N > 1) _tile_stored(3, c + 16 * ldc + 16, stride);
  if (N > 2) _tile_stored(2, c + 32, stride);
  if (N > 3) _tile_stored(3, c + 48, stride);
#else
  constexpr int kRows = N > 2 ? 4 : 8;
  for (int m = 0; m < 16 * M; m += kRows) {
    const bf16* rows = a + m / 16 * a_rows + m % 16 * kDeep;
    __m512 s[kRows][N];
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < N; ++v) s[i][v] = accumulate ? _mm512_loadu_ps(c + (m + i) * ldc + 16 * v) : _mm512_setzero_ps();
    for (int64_t k = 0; k < deep_tiles; ++k) {
      const bf16 *p = rows + k * kTileValues, *q = b + k * kTileValues;
#pragma GCC unroll 1
      for (int64_t j = 0; j < kDeep; j += 2, q += 32) {
        __m512i w[N];
#pragma GCC unroll 4
        for (int v = 0; v < N; ++v) w[v] = _mm512_loadu_si512(q + v * b_panel);
#pragma GCC unroll 8
        for (int i = 0; i < kRows; ++i) {
          int pair;
          __builtin_memcpy(&pair, p + i * kDeep + j, 4);
          const __m512i x = _mm512_set1_epi32(pair);
#pragma GCC unroll 4
          for (int v = 0; v < N; ++v) s[i][v] = _mm512_dpbf16_ps(s[i][v], (__m512bh)x, (__m512bh)w[v]);
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < N; ++v) _mm512_storeu_ps(c + (m + i) * ldc + 16 * v, s[i][v]);
  }
#endif
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
