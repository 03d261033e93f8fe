// Register tiles of Winograd's products: M rows × kNR columns of C = or += one FMA chain over kc, all of C in panels of kNR.
// B comes in panels of kNR; A is read where the transform left it, without packing: row i, step k at a[i·ld + k] (rows are
// tiles) or, in the weight gradient, a[k·ld + i] (rows are channels).
#pragma once
#include "kernels/gemm/gemm_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

SARAF_INLINE void winograd_store(vec* s, int rows, float* c, bool accumulate) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) {
      float* p = c + i * kNR + v * kLanes;
      store(p, accumulate ? add(load(p), s[i * kNV + v]) : s[i * kNV + v]);
    }
}

template <int M>
static __attribute__((noinline)) void winograd_tile(int64_t kc, const float* a, int64_t ld, const float* b, float* c, bool accumulate) {
  vec s[M * kNV];
#pragma GCC unroll 32
  for (int i = 0; i < M * kNV; ++i) s[i] = zero();
  // Three rows per pointer: base, base + ld, base + 2·ld are one addressing mode each.
  const float *a0 = a, *a3 = a + 3 * ld, *a6 = a + 6 * ld, *a9 = a + 9 * ld, *a12 = a + 12 * ld;
  for (int64_t k = 0; k < kc; ++k) {
    vec w[kNV];
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) w[v] = load(b + v * kLanes);
    // The next chunk of U: of all U, every block of tiles reads each line but a few times, far from the core.
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) fetch_line(b + kWinogradChunk * kNR + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const float* p = i < 3 ? a0 : i < 6 ? a3 : i < 9 ? a6 : i < 12 ? a9 : a12;
      const vec x = set1(p[i % 3 * ld]);
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) s[i * kNV + v] = fma(x, w[v], s[i * kNV + v]);
    }
    ++a0, ++a3, ++a6, ++a9, ++a12;
    b += kNR;
  }
  winograd_store(s, M, c, accumulate);
}

template <int M>
static __attribute__((noinline)) void winograd_gradient_tile(int64_t kc, const float* a, int64_t ld, const float* b, float* c, bool accumulate) {
  vec s[M * kNV];
#pragma GCC unroll 32
  for (int i = 0; i < M * kNV; ++i) s[i] = zero();
#pragma GCC unroll 2
  for (int64_t k = 0; k < kc; ++k) {
    vec w[kNV];
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const vec x = set1(a[i]);
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) s[i * kNV + v] = fma(x, w[v], s[i * kNV + v]);
    }
    a += ld;
    b += kNR;
  }
  winograd_store(s, M, c, accumulate);
}

using WinogradTile = void (*)(int64_t, const float*, int64_t, const float*, float*, bool);
#if defined(SARAF_ISA_AVX512)
#define SARAF_TILES(t) nullptr, t<1>, t<2>, t<3>, t<4>, t<5>, t<6>, t<7>, t<8>, t<9>, t<10>, t<11>, t<12>, t<13>, t<14>
#elif SARAF_TILE_OF_SIX
#define SARAF_TILES(t) nullptr, t<1>, t<2>, t<3>, t<4>, t<5>, t<6>
#else
#define SARAF_TILES(t) nullptr, t<1>, t<2>
#endif
static const WinogradTile kWinogradTiles[] = {SARAF_TILES(winograd_tile)};
static const WinogradTile kWinogradGradientTiles[] = {SARAF_TILES(winograd_gradient_tile)};
#undef SARAF_TILES

}  // namespace SARAF_ISA_NS
}  // namespace saraf
