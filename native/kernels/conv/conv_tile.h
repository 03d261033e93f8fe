// The micro-kernel of convolution: a tile of C (M rows × up to kNR columns) = or += one FMA chain over k, A read where it
// lies: row i of step k is a[place[k] + i]. Rows are neighbours in memory (pixels of one line in a planar image, or
// channels of one pixel), so nothing is packed per tap.
#pragma once
#include "kernels/gemm/gemm_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

struct TileEnd {
  const float* bias;  // added after the chain, or null
  Activation act;     // then applied
};

template <int M, int V>
static __attribute__((noinline)) void place_tile(int64_t kc, const float* a, const int64_t* place, const float* b, int64_t ldb, float* c,
                                                 int64_t ldc, int n, bool accumulate, const TileEnd* end) {
  vec s[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) s[i][v] = zero();
#pragma GCC unroll 2
  for (int64_t k = 0; k < kc; ++k) {
    const float* p = a + place[k];
    vec w[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const vec x = set1(p[i]);
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) s[i][v] = fma(x, w[v], s[i][v]);
    }
    b += ldb;
  }
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

using PlaceTile = void (*)(int64_t, const float*, const int64_t*, const float*, int64_t, float*, int64_t, int, bool, const TileEnd*);
#define SARAF_TILES_2(V) place_tile<1, V>, place_tile<2, V>
#define SARAF_TILES_6(V) SARAF_TILES_2(V), place_tile<3, V>, place_tile<4, V>, place_tile<5, V>, place_tile<6, V>
#define SARAF_TILES_14(V)                                                                                                   \
  SARAF_TILES_6(V), place_tile<7, V>, place_tile<8, V>, place_tile<9, V>, place_tile<10, V>, place_tile<11, V>, place_tile<12, V>, \
      place_tile<13, V>, place_tile<14, V>
// By vectors (1, kNV) and rows.
static const PlaceTile kPlaceTiles[kNV][kMR] = {
#if defined(SARAF_ISA_AVX512)
    {SARAF_TILES_14(1)}, {SARAF_TILES_14(2)},
#elif defined(SARAF_ISA_AVX2)
    {SARAF_TILES_6(1)},
#else
    {SARAF_TILES_2(1)},
#endif
};
#undef SARAF_TILES_2
#undef SARAF_TILES_6
#undef SARAF_TILES_14

static inline PlaceTile choose_tile(int rows, int columns) { return kPlaceTiles[(columns - 1) / kLanes][rows - 1]; }

}  // namespace SARAF_ISA_NS
}  // namespace saraf
