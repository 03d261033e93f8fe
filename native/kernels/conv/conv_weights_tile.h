// The micro-kernel of a weight gradient of few channels: all rows of dw (ky,kx,c) of a few tap lines at once × V vectors of
// columns, so that dz is read once, where it lies. A tile per tap line would read it again for each, out of the second cache.
#pragma once
#include "kernels/conv/conv_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Pixels [begin, end) of a chunk, and for each tap line whether it is in the image there.
struct PixelRange {
  int64_t begin, end;
  uint32_t lines;
};

// Rows i of tap line y at pixel k: a[place[k] + y·line + i]. b: row k at b + k·ldb. c: (count·R, n), rows of tap line y from row y·R on.
struct TapLines {
  const PixelRange *first, *last;
  int first_line;  // of the tile, its bit in PixelRange::lines
  const float* a;
  const int64_t* place;
  int64_t line;
};

// Tap lines Y × R rows × V vectors.
template <int Y, int R, int V>
static __attribute__((noinline)) void tap_tile(const TapLines& t, const float* b, int64_t ldb, float* c, int64_t ldc, int n, bool accumulate) {
  vec s[Y][R][V];
#pragma GCC unroll 4
  for (int y = 0; y < Y; ++y)
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) s[y][i][v] = zero();
  constexpr uint32_t kAll = (1u << Y) - 1;
  constexpr int64_t kAhead = 24;  // rows of b between use and fetch
  for (const PixelRange* range = t.first; range != t.last; ++range) {
    const uint32_t lines = range->lines >> t.first_line & kAll;
    if (lines == kAll) {
      const float* q = b + range->begin * ldb;
      const int64_t line = t.line;
#pragma GCC unroll 1
      for (int64_t k = range->begin; k < range->end; ++k, q += ldb) {
        const float* p = t.a + t.place[k];
        __builtin_prefetch(q + kAhead * ldb, 0, 3);
        vec w[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) w[v] = load(q + v * kLanes);
#pragma GCC unroll 4
        for (int y = 0; y < Y; ++y, p += line)
#pragma GCC unroll 16
          for (int i = 0; i < R; ++i) {
            const vec x = set1(p[i]);
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) s[y][i][v] = fma(x, w[v], s[y][i][v]);
          }
      }
      continue;
    }
    // At the image's upper and lower edge: the lines that are in it, each for itself.
#pragma GCC unroll 4
    for (int y = 0; y < Y; ++y) {
      if ((lines >> y & 1) == 0) continue;
      const float* q = b + range->begin * ldb;
      const float* a = t.a + y * t.line;
#pragma GCC unroll 1
      for (int64_t k = range->begin; k < range->end; ++k, q += ldb) {
        const float* p = a + t.place[k];
        vec w[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) w[v] = load(q + v * kLanes);
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
          const vec x = set1(p[i]);
#pragma GCC unroll 2
          for (int v = 0; v < V; ++v) s[y][i][v] = fma(x, w[v], s[y][i][v]);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (int y = 0; y < Y; ++y)
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) {
        float* p = c + (y * R + i) * ldc + v * kLanes;
        const int left = n - v * kLanes;
        if (left > 0) store_n(p, accumulate ? add(load_n(p, left), s[y][i][v]) : s[y][i][v], left);
      }
}

using TapTile = void (*)(const TapLines&, const float*, int64_t, float*, int64_t, int, bool);
struct TapTiles {
  int tap_lines, rows, columns;
  TapTile tile;
};
#if defined(SARAF_ISA_AVX512)
// As many sums as registers hold: 27, 24, 18 of 32. Three channels under windows of 3×3 and 2×2, one under 3×3.
static const TapTiles kTapTiles[] = {
    {3, 9, kLanes, tap_tile<3, 9, 1>},
    {2, 6, 2 * kLanes, tap_tile<2, 6, 2>},
    {3, 3, 2 * kLanes, tap_tile<3, 3, 2>},
};
#endif

// The tiles for `tap_lines` lines of `rows` rows, or null: on sets of 16 registers a tap line fills them.
static inline const TapTiles* choose_tap_tiles(int64_t tap_lines, int64_t rows) {
#if defined(SARAF_ISA_AVX512)
  for (const TapTiles& t : kTapTiles)
    if (t.rows == rows && tap_lines % t.tap_lines == 0) return &t;
#endif
  (void)tap_lines, (void)rows;
  return nullptr;
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
