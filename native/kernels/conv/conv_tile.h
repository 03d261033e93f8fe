// The micro-kernel of convolution: a tile of C (M rows × up to kNR columns) = or += one FMA chain over k, A read where it
// lies: row i of step k is a[place[k] + i]. Rows are neighbours in memory (pixels of one line in a planar image, or
// channels of one pixel), so nothing is packed per tap.
#pragma once
#include "kernels/gemm/gemm_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Steps [begin, end) of a chunk; steps between spans are left out.
struct Span {
  int64_t begin, end;
};

// n zeros; no call of memset, which costs more for the few of a border.
SARAF_INLINE void clear(float* p, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) store_n(p + i, zero(), n - i);
}

struct TileEnd {
  const float* bias;  // added after the chain, or null
  Activation act;     // then applied
};

// c (M rows, n columns) = or += s, then bias and activation.
template <int M, int V>
SARAF_INLINE void end_tile(vec (&s)[M][V], float* c, int64_t ldc, int n, bool accumulate, const TileEnd* end) {
  if (n == V * kLanes && (!end || end->act <= kRelu)) {
    const float* bias = end ? end->bias : nullptr;
    const bool relu = end && end->act == kRelu;
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) {
        float* p = c + i * ldc + v * kLanes;
        vec r = accumulate ? add(load(p), s[i][v]) : s[i][v];
        if (bias) r = add(r, load(bias + v * kLanes));
        if (relu) r = max(zero(), r);
        store(p, r);
      }
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      const int left = n - v * kLanes;
      if (left <= 0) continue;
      float* p = c + i * ldc + v * kLanes;
      vec r = accumulate ? add(load_n(p, left), s[i][v]) : s[i][v];
      if (end && end->bias) r = add(r, load_n(end->bias + v * kLanes, left));
      store_n(p, r, left);
    }
  if (end && end->act != kLinear) activate_tile(c, ldc, M, n, end->act);
}

template <int M, int V>
static __attribute__((noinline)) void place_tile(const Span* spans, int64_t count, const float* a, const int64_t* place, const float* b,
                                                 int64_t ldb, float* c, int64_t ldc, int n, bool accumulate, const TileEnd* end) {
  vec s[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) s[i][v] = zero();
  for (const Span* last = spans + count; spans < last; ++spans) {
    const float* q = b + spans->begin * ldb;
    const int64_t stop = spans->end;
#pragma GCC unroll 2
    for (int64_t k = spans->begin; k < stop; ++k) {
      const float* p = a + place[k];
      vec w[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) w[v] = load(q + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const vec x = set1(p[i]);
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) s[i][v] = fma(x, w[v], s[i][v]);
      }
      q += ldb;
    }
  }
  end_tile<M, V>(s, c, ldc, n, accumulate, end);
}

using PlaceTile = void (*)(const Span*, int64_t, const float*, const int64_t*, const float*, int64_t, float*, int64_t, int, bool, const TileEnd*);
#define SARAF_TILES_2(V) place_tile<1, V>, place_tile<2, V>
#define SARAF_TILES_6(V) SARAF_TILES_2(V), place_tile<3, V>, place_tile<4, V>, place_tile<5, V>, place_tile<6, V>
#define SARAF_TILES_14(V)                                                                                                   \
  SARAF_TILES_6(V), place_tile<7, V>, place_tile<8, V>, place_tile<9, V>, place_tile<10, V>, place_tile<11, V>, place_tile<12, V>, \
      place_tile<13, V>, place_tile<14, V>
// By vectors (1, kNV) and rows.
static const PlaceTile kPlaceTiles[kNV][kMR] = {
#if defined(SARAF_ISA_AVX512)
    {SARAF_TILES_14(1)}, {SARAF_TILES_14(2)},
#elif SARAF_TILE_OF_SIX
    {SARAF_TILES_6(1)},
#else
    {SARAF_TILES_2(1)},
#endif
};
#undef SARAF_TILES_2
#undef SARAF_TILES_6
#undef SARAF_TILES_14

// For few columns (R <= 4): the rows are the lanes. kNV vectors of pixels of L lines, `line` floats apart, × R filters over
// all of k, chunk after chunk: place, b and spans as above, `chunks` spans of one chunk each; sums[(l·R + r)·kNR + i] for
// line l, filter r, pixel i. Two lines share the broadcasts, and make chains enough to hide an FMA's latency.
template <int R, int L>
static __attribute__((noinline)) void narrow_tile(const Span* spans, int64_t chunks, const float* a, int64_t line, const int64_t* place,
                                                  const float* b, float* sums) {
  constexpr int kV = L * kNV;
  vec total[R][kV];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < kV; ++v) total[r][v] = zero();
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    vec s[R][kV];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < kV; ++v) s[r][v] = zero();
    for (int64_t k = spans[chunk].begin; k < spans[chunk].end; ++k) {
      const float* p = a + place[k];
      const float* w = b + k * kNR;
      vec x[kV];
#pragma GCC unroll 4
      for (int v = 0; v < kV; ++v) x[v] = load(p + v / kNV * line + v % kNV * kLanes);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        const vec y = set1(w[r]);
#pragma GCC unroll 4
        for (int v = 0; v < kV; ++v) s[r][v] = fma(x[v], y, s[r][v]);
      }
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < kV; ++v) total[r][v] = chunk == 0 ? s[r][v] : add(total[r][v], s[r][v]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < kV; ++v) store(sums + (v / kNV * R + r) * kNR + v % kNV * kLanes, total[r][v]);
}
using NarrowTile = void (*)(const Span*, int64_t, const float*, int64_t, const int64_t*, const float*, float*);
constexpr int kMaxNarrow = 4;
// By lines and filters.
static const NarrowTile kNarrowTiles[2][kMaxNarrow] = {{narrow_tile<1, 1>, narrow_tile<2, 1>, narrow_tile<3, 1>, narrow_tile<4, 1>},
                                                       {narrow_tile<1, 2>, narrow_tile<2, 2>, narrow_tile<3, 2>, narrow_tile<4, 2>}};

static inline PlaceTile choose_tile(int rows, int columns) { return kPlaceTiles[(columns - 1) / kLanes][rows - 1]; }

}  // namespace SARAF_ISA_NS
}  // namespace saraf
