// The micro-kernel of a convolution of few channels: a tile of C (M pixels of a line × up to kNR filters), made by one FMA
// chain over k = (ky,kx,c). Pixels are read from lines in NHWC, where the taps of one ky lie one after the other.
#pragma once
#include "kernels/conv/conv_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Asks for a line that will be written: its only copy, where another core may have written it before.
SARAF_INLINE void fetch_to_write(const float* p) {
#if defined(SARAF_ISA_AVX512) || defined(SARAF_ISA_AVX2)
  asm volatile("prefetchw %0" : : "m"(*p));
#else
  __builtin_prefetch(p, 1, 3);
#endif
}

// Pixel i of a tile meets a[y·line + i·pixel + u] for tap line y < count and u < run.
struct LineTaps {
  const float* a;
  int64_t pixel, line, count, run;
};

// b: count·run rows of kNR. The lines of memory at `next`, as the tile's own, are fetched meanwhile: a convolution of few
// channels is bound by its output.
template <int M, int V>
static __attribute__((noinline)) void line_tile(const LineTaps& t, const float* b, float* c, int64_t ldc, int n, const TileEnd& end, const float* next) {
  vec s[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) s[i][v] = zero();
  // A small tile asks for its lines at once; more of them than a core can wait for at a time are spread over the steps.
  constexpr bool kAtOnce = M * V <= 8;
  if (kAtOnce)
    for (int i = 0; i < M; ++i, next += ldc)
      for (int v = 0; v < V; ++v) fetch_to_write(next + v * kLanes);
  const int64_t pixel = t.pixel;
  const float* line = t.a;
  for (int64_t y = t.count; y > 0; --y, line += t.line) {
    // Pixels in threes: base, base + pixel, base + 2·pixel are addresses that a load computes by itself.
    const float *a0 = line, *a3 = a0 + 3 * pixel, *a6 = a0 + 6 * pixel, *a9 = a0 + 9 * pixel, *a12 = a0 + 12 * pixel;
#pragma GCC unroll 3
    for (int64_t u = t.run; u > 0; --u) {
      vec w[V];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) w[v] = load(b + v * kLanes);
      if (!kAtOnce)
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) fetch_to_write(next + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const vec x = set1((i < 3 ? a0 : i < 6 ? a3 : i < 9 ? a6 : i < 12 ? a9 : a12)[i % 3 * pixel]);
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) s[i][v] = fma(x, w[v], s[i][v]);
      }
      ++a0, ++a3, ++a6, ++a9, ++a12;
      b += kNR;
      if (!kAtOnce) next += ldc;
    }
  }
  end_tile<M, V>(s, c, ldc, n, false, &end);
}

using LineTile = void (*)(const LineTaps&, const float*, float*, int64_t, int, const TileEnd&, const float*);
#define SARAF_TILES_2(V) line_tile<1, V>, line_tile<2, V>
#define SARAF_TILES_6(V) SARAF_TILES_2(V), line_tile<3, V>, line_tile<4, V>, line_tile<5, V>, line_tile<6, V>
#define SARAF_TILES_14(V)                                                                                                             \
  SARAF_TILES_6(V), line_tile<7, V>, line_tile<8, V>, line_tile<9, V>, line_tile<10, V>, line_tile<11, V>, line_tile<12, V>, line_tile<13, V>, \
      line_tile<14, V>
// By vectors (1, kNV) and pixels.
static const LineTile kLineTiles[kNV][kMR] = {
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

static inline LineTile choose_line_tile(int pixels, int columns) { return kLineTiles[(columns - 1) / kLanes][pixels - 1]; }

}  // namespace SARAF_ISA_NS
}  // namespace saraf
