// Products of few rows, for recurrent steps: A is row-major and read as it is, B is packed once per call in strips.
//
// A strip is up to four vectors of columns: panels of at most kTileWidth vectors, each [K][width][16]. A tile keeps its rows ×
// width sums in registers over one chunk of k (order.h).
#pragma once
#if defined(SARAF_MIXED)
#include "kernels/mixed/bf16_rows.h"
#else
#include "core/order.h"
#include "isa/transpose.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_ISA_AVX512)
constexpr int kTileWidth = 4, kWide = 2;
constexpr int kTileRows[] = {0, 14, 14, 9, 6};
#elif SARAF_TILE_OF_SIX
constexpr int kTileWidth = 1, kWide = 1;
constexpr int kTileRows[] = {0, 6};
#else
constexpr int kTileWidth = 1, kWide = 1;
constexpr int kTileRows[] = {0, 2};
#endif
constexpr int kStepsAtOnce = SARAF_TILE_OF_SIX ? 4 : 2;
// kWide: the width of a strip that serves many rows, or whose k is long: its panel must stay in L1.
constexpr int kMaxTileRows = kTileRows[1];

// c[i·ldc + 0 … V·16) = or += one FMA chain over kc of a[i·lda + k]·b[k][V][16]; then, if bias, + bias.
template <int M, int V>
static __attribute__((noinline)) void row_tile(int64_t kc, const float* a, int64_t lda, const float* b, float* c, int64_t ldc, bool accumulate,
                                               const float* bias) {
  vec s[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) s[i][v] = zero();
  // One pointer per three rows: the other two are reached by lda and 2·lda in the address.
  const float* row[(M + 2) / 3];
#pragma GCC unroll 8
  for (int p = 0; p < (M + 2) / 3; ++p) row[p] = a + 3 * p * lda;
#pragma GCC unroll kStepsAtOnce
  for (int64_t k = 0; k < kc; ++k) {
    vec w[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const vec x = set1(row[i / 3][(i % 3) * lda]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) s[i][v] = fma(x, w[v], s[i][v]);
    }
#pragma GCC unroll 8
    for (int p = 0; p < (M + 2) / 3; ++p) ++row[p];
    b += V * kLanes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      float* q = c + i * ldc + v * kLanes;
      vec r = accumulate ? add(load(q), s[i][v]) : s[i][v];
      if (bias) r = add(r, load(bias + v * kLanes));
      store(q, r);
    }
}

using RowTile = void (*)(int64_t, const float*, int64_t, const float*, float*, int64_t, bool, const float*);
#if defined(SARAF_ISA_AVX512)
static const RowTile kRowTiles[][15] = {
    {},
    {nullptr, row_tile<1, 1>, row_tile<2, 1>, row_tile<3, 1>, row_tile<4, 1>, row_tile<5, 1>, row_tile<6, 1>, row_tile<7, 1>, row_tile<8, 1>,
     row_tile<9, 1>, row_tile<10, 1>, row_tile<11, 1>, row_tile<12, 1>, row_tile<13, 1>, row_tile<14, 1>},
    {nullptr, row_tile<1, 2>, row_tile<2, 2>, row_tile<3, 2>, row_tile<4, 2>, row_tile<5, 2>, row_tile<6, 2>, row_tile<7, 2>, row_tile<8, 2>,
     row_tile<9, 2>, row_tile<10, 2>, row_tile<11, 2>, row_tile<12, 2>, row_tile<13, 2>, row_tile<14, 2>},
    {nullptr, row_tile<1, 3>, row_tile<2, 3>, row_tile<3, 3>, row_tile<4, 3>, row_tile<5, 3>, row_tile<6, 3>, row_tile<7, 3>, row_tile<8, 3>,
     row_tile<9, 3>},
    {nullptr, row_tile<1, 4>, row_tile<2, 4>, row_tile<3, 4>, row_tile<4, 4>, row_tile<5, 4>, row_tile<6, 4>},
};
#elif SARAF_TILE_OF_SIX
static const RowTile kRowTiles[][7] = {
    {}, {nullptr, row_tile<1, 1>, row_tile<2, 1>, row_tile<3, 1>, row_tile<4, 1>, row_tile<5, 1>, row_tile<6, 1>}};
#else
static const RowTile kRowTiles[][3] = {{}, {nullptr, row_tile<1, 1>, row_tile<2, 1>}};
#endif

// c (rows, width·16) = Σ_k a·strip (+ bias), a chunked sum over K.
static void strip_product(int64_t K, const float* a, int64_t lda, int64_t rows, const float* strip, int width, float* c, int64_t ldc,
                          const float* bias) {
  for (int v = 0; v < width; v += kTileWidth) {
    const int w = width - v < kTileWidth ? width - v : kTileWidth;
    const float* panel = strip + v * kLanes * K;
    const int64_t groups = (rows + kTileRows[w] - 1) / kTileRows[w];
    for (int64_t k = 0; k < K;) {
      const int64_t kc = next_chunk(K - k);
      for (int64_t g = 0; g < groups; ++g) {
        const int64_t r = rows * g / groups, m = rows * (g + 1) / groups - r;
        kRowTiles[w][m](kc, a + r * lda + k, lda, panel + k * w * kLanes, c + r * ldc + v * kLanes, ldc, k > 0,
                        bias && k + kc == K ? bias + v * kLanes : nullptr);
      }
      k += kc;
    }
  }
}

// Columns of a packed matrix, 16 at a time: where each vector's first column is, and how many of its lanes are real.
struct Column {
  int64_t at;
  int lanes;
};

// The strip of B (K, …) with the given vectors; absent lanes are 0.
static inline void pack_strip(const float* b, int64_t ldb, int64_t K, const Column* columns, int width, float* strip) {
  for (int v = 0; v < width; v += kTileWidth) {
    const int w = width - v < kTileWidth ? width - v : kTileWidth;
    for (int i = 0; i < w; ++i) {
      const Column c = columns[v + i];
      float* dst = strip + v * kLanes * K + i * kLanes;
      for (int64_t k = 0; k < K; ++k) store(dst + k * w * kLanes, load_n(b + k * ldb + c.at, c.lanes));
    }
  }
}

// The same of B = Aᵀ: b[k][column] = a[column·lda + k].
static inline void pack_strip_transposed(const float* a, int64_t lda, int64_t K, const Column* columns, int width, float* strip) {
  for (int v = 0; v < width; v += kTileWidth) {
    const int w = width - v < kTileWidth ? width - v : kTileWidth;
    for (int i = 0; i < w; ++i) {
      const Column c = columns[v + i];
      float* dst = strip + v * kLanes * K + i * kLanes;
      if (c.lanes == kLanes) {
        transpose_strip(a + c.at * lda, lda, kLanes, K, dst, w * kLanes);
        continue;
      }
      for (int64_t k = 0; k < K; ++k) {
        store(dst + k * w * kLanes, zero());
        for (int l = 0; l < c.lanes; ++l) dst[k * w * kLanes + l] = a[(c.at + l) * lda + k];
      }
    }
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
#endif  // SARAF_MIXED
