// The product that gemm, convolution and the recurrent kernels share, compiled per instruction set.
//
// A block of C is made chunk by chunk of k (order.h). Per chunk B is packed into panels of kNR columns (L2), then panel by
// panel of kMR rows A (L1) is swept along B. A row-major A is read where it lies, unless its rows fall onto each other in the
// cache; else it is packed. While one panel is swept, the next one is fetched: a line per two steps of k hides the memory.
// A few rows (a step of a recurrence, one sample) pack nothing: all of them sweep one panel of columns after the other.
// Threads own disjoint blocks and pack for themselves: no barrier anywhere.
#pragma once
#include "core/order.h"
#include "core/parallel.h"
#include "core/region.h"
#include "core/scratch.h"
#include "core/shape.h"
#include "isa/transpose.h"
#include "isa/vmath.h"

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_ISA_AVX512)
constexpr int kMR = 14, kNV = 2, kFmaPicoseconds = 10;
#elif SARAF_TILE_OF_SIX
constexpr int kMR = 6, kNV = 1, kFmaPicoseconds = 20;
#elif defined(SARAF_INEXACT)
constexpr int kMR = 2, kNV = 1, kFmaPicoseconds = 60;
#else
constexpr int kMR = 2, kNV = 1, kFmaPicoseconds = 400;
#endif
constexpr int kNR = kNV * kLanes;
constexpr int64_t kMaxChunk = kChunk + kChunk / 2, kNC = 768, kFewPanels = 3;
// B's panels are worth a huge page, which the arena gives for requests of that size.
constexpr int64_t kHugeFloats = 524288;
constexpr int64_t kPackAFloats = kMaxChunk * kMR + 64, kPackBFloats = kMaxChunk * kNC + 64;

// Writes rows [m0, m0+m), k in [k0, k0+kc): dst[(k-k0)·kMR + i]. m <= kMR; rows beyond m are not read by the kernel.
// dst has 16 floats of slack.
using PackA = void (*)(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst);
// Writes columns [n0, n0+n) as panels of kNR, one after the other: panel[(k-k0)·kNR + j], columns beyond n zero.
using PackB = void (*)(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, float* dst);

struct Product {
  int64_t M, N, K;
  PackA pack_a;
  const void* a;
  // A as it lies in memory: a_data[m·lda + k], or with a_columns a_data[k·lda + m].
  const float* a_data;
  int64_t lda;
  bool a_columns;
  PackB pack_b;
  const void* b;
  // Row-major B that may be read without packing (few rows), or null.
  const float* b_direct;
  int64_t ldb;
  float* c;
  int64_t ldc;
  const float* bias;
  Activation act;
  int64_t groups;  // weight_groups(…) for weight gradients, else 1
};

SARAF_INLINE vec activate(vec x, Activation act) {
  switch (act) {
    case kRelu: return max(zero(), x);
    case kSigmoid: return vsigmoid(x);
    case kTanh: return vtanh(x);
    default: return x;
  }
}

// Memory to be fetched while a tile is computed: a line every two steps of k, eight of them `line` floats apart, then on by
// `block` floats.
struct Fetch {
  const float* at;
  int64_t line, block;
};

// What tiles of one panel of A share.
struct TileRun {
  int64_t kc;
  const float* a;
  int64_t lda;  // between rows; of no meaning where A is packed
  int64_t ldb, ldc;
  bool accumulate;
  bool fetch_c;  // where C is too large to be near
};

SARAF_INLINE void fetch_line(const float* p) { __builtin_prefetch(p, 0, 3); }

// C tile (M rows, n columns) = or += one FMA chain over kc; then, if bias, + bias. A: packed, or kRows in place.
template <int M, bool kRows>
static __attribute__((noinline)) void tile(const TileRun& t, const float* b, float* c, int n, const float* bias, const Fetch& fetch) {
  const int64_t lda = t.lda, ldb = t.ldb;
  if (t.fetch_c) {
#pragma GCC unroll 1
    for (const float *p = c, *end = c + M * t.ldc; p != end; p += t.ldc) {
      fetch_line(p);
      fetch_line(p + n - 1);
    }
  }
  vec s[M][kNV];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) s[i][v] = zero();
  // Rows in threes: base, base + lda, base + 2·lda are addresses that a load computes by itself.
  const float *a0 = t.a, *a3 = a0 + 3 * lda, *a6 = a0 + 6 * lda, *a9 = a0 + 9 * lda, *a12 = a0 + 12 * lda;
  auto step = [&](int64_t u) __attribute__((always_inline)) {
    vec w[kNV];
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const float* row = i < 3 ? a0 : i < 6 ? a3 : i < 9 ? a6 : i < 12 ? a9 : a12;
      const vec x = set1(kRows ? row[i % 3 * lda + u] : a0[u * kMR + i]);
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) s[i][v] = fma(x, w[v], s[i][v]);
    }
    b += ldb;
  };
  auto advance = [&](int64_t by) __attribute__((always_inline)) {
    if (!kRows) {
      a0 += by * kMR;
      return;
    }
    a0 += by;
    if (M > 3) a3 += by;
    if (M > 6) a6 += by;
    if (M > 9) a9 += by;
    if (M > 12) a12 += by;
  };
  const float* next = fetch.at;
  const int64_t line = fetch.line, block = fetch.block - 8 * line;
  int64_t k = t.kc;
  for (; k >= 16; k -= 16, next += block)
#pragma GCC unroll 1
    for (int i = 0; i < 8; ++i, next += line) {
      fetch_line(next);
      step(0);
      step(1);
      advance(2);
    }
#pragma GCC unroll 1
  for (; k > 0; --k) {
    step(0);
    advance(1);
  }
  // Keeps the addresses of C from being computed, and spilled, before the loop.
  asm volatile("" : "+r"(c) : : "memory");
  const int64_t ldc = t.ldc;
  const bool accumulate = t.accumulate;
  if (n == kNR) {
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) {
        float* p = c + i * ldc + v * kLanes;
        vec r = accumulate ? add(load(p), s[i][v]) : s[i][v];
        if (bias) r = add(r, load(bias + v * kLanes));
        store(p, r);
      }
    return;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) {
      const int left = n - v * kLanes;
      if (left <= 0) continue;
      float* p = c + i * ldc + v * kLanes;
      vec r = accumulate ? add(load_n(p, left), s[i][v]) : s[i][v];
      if (bias) r = add(r, load_n(bias + v * kLanes, left));
      store_n(p, r, left);
    }
}

using Tile = void (*)(const TileRun&, const float*, float*, int, const float*, const Fetch&);
template <bool kRows>
struct Tiles {
  static constexpr Tile of[] = {
      nullptr, tile<1, kRows>, tile<2, kRows>,
#if SARAF_TILE_OF_SIX || defined(SARAF_ISA_AVX512)
      tile<3, kRows>, tile<4, kRows>, tile<5, kRows>, tile<6, kRows>,
#endif
#if defined(SARAF_ISA_AVX512)
      tile<7, kRows>, tile<8, kRows>, tile<9, kRows>, tile<10, kRows>, tile<11, kRows>, tile<12, kRows>, tile<13, kRows>, tile<14, kRows>,
#endif
  };
};

// One row of A by four panels of B in place: as many chains as hide the latency of an FMA; a tile of one row has too few.
constexpr int kRowPanels = 4;
static __attribute__((noinline)) void row_tile(const TileRun& t, const float* b, float* c, const float* bias) {
  constexpr int kV = kRowPanels * kNV;
  vec s[kV];
#pragma GCC unroll 8
  for (int v = 0; v < kV; ++v) s[v] = zero();
  for (int64_t k = 0; k < t.kc; ++k, b += t.ldb) {
    const vec x = set1(t.a[k]);
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) s[v] = fma(x, load(b + v * kLanes), s[v]);
  }
#pragma GCC unroll 8
  for (int v = 0; v < kV; ++v) {
    vec r = t.accumulate ? add(load(c + v * kLanes), s[v]) : s[v];
    if (bias) r = add(r, load(bias + v * kLanes));
    store(c + v * kLanes, r);
  }
}

static inline void activate_tile(float* c, int64_t ldc, int m, int n, Activation act) {
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; j += kLanes) store_n(c + i * ldc + j, activate(load_n(c + i * ldc + j, n - j), act), n - j);
}

// Whether rows of A may be read in place: not where many of them fall onto the same lines of the first cache.
static inline bool rows_in_place(const Product& p) { return p.a_data && !p.a_columns && (p.lda % 1024 != 0 || p.M <= kMR / 2); }

// What to fetch during tile `j` of `tiles`, so that panel [m, m+kMR) of steps k … k+kc is near when these tiles are done.
static inline Fetch fetch_panel(const Product& p, int64_t m, int64_t k, int64_t kc, int64_t j, int64_t tiles) {
  if (p.a_columns) {  // a line per step of k; the line before was touched by the panel before
    const int64_t share = kc / 2 * j;
    if (share >= kc) return {p.a_data, 0, 0};
    return {p.a_data + (k + share) * p.lda + (m + kMR < p.M ? m + kMR : p.M) - 1, p.lda, 8 * p.lda};
  }
  const int64_t row = 8 * (tiles - 1 - j);  // eight rows per tile, in the last tiles
  if (row >= kMR || m + row >= p.M) return {p.a_data, 0, 0};
  return {p.a_data + (m + row) * p.lda + k, p.lda, kLanes};
}

// The block rows [m0,m1) × columns [n0,n1) of C over k in [k0,k1). pa: kPackAFloats, pb: kPackBFloats. `last` adds bias
// and activation. Serial; may run inside a parallel region.
static void product_block(const Product& p, int64_t m0, int64_t m1, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* c,
                          int64_t ldc, bool last, float* pa, float* pb) {
  const int64_t rows = m1 - m0;
  if (rows <= 0 || n1 <= n0) return;
  if (k1 <= k0) {  // an empty sum is 0
    for (int64_t m = m0; m < m1; ++m) {
      for (int64_t n = n0; n < n1; ++n) c[m * ldc + n] = p.bias && last ? p.bias[n] : 0.0f;
      if (last && p.act != kLinear) activate_tile(c + m * ldc + n0, ldc, 1, (int)(n1 - n0), p.act);
    }
    return;
  }
  const int64_t panels = (rows + kMR - 1) / kMR;
  const bool in_place = rows_in_place(p);
  const Tile* tiles = in_place ? Tiles<true>::of : Tiles<false>::of;
  const bool few = p.b_direct && panels <= kFewPanels && in_place;
  const Fetch nothing{p.a_data, 0, 0};
  TileRun run{0, pa, p.lda, kNR, ldc, false, !few};
  auto first_row = [&](int64_t q) { return m0 + rows * q / panels; };  // rows split evenly
  auto finish = [&](int64_t r, int m, int64_t n, int w, bool final_chunk) {
    if (final_chunk && p.act != kLinear) activate_tile(c + r * ldc + n, ldc, m, w, p.act);
  };
  for (int64_t nb = n0; nb < n1; nb += kNC) {
    const int64_t ne = nb + kNC < n1 ? nb + kNC : n1;
    for (int64_t k = k0; k < k1;) {
      const int64_t kc = next_chunk(k1 - k);
      const bool final_chunk = last && k + kc == k1;
      run.kc = kc;
      run.accumulate = k > k0;
      if (few) {
        int64_t n = nb;
        if (rows == 1) {
          run.a = p.a_data + m0 * p.lda + k;
          run.ldb = p.ldb;
          for (; ne - n >= kRowPanels * kNR; n += kRowPanels * kNR) {
            row_tile(run, p.b_direct + k * p.ldb + n, c + m0 * ldc + n, final_chunk && p.bias ? p.bias + n : nullptr);
            finish(m0, 1, n, kRowPanels * kNR, final_chunk);
          }
        }
        for (; n < ne; n += kNR) {
          const int w = (int)(ne - n < kNR ? ne - n : kNR);
          const bool direct = w == kNR;
          if (!direct) p.pack_b(p.b, k, kc, n, w, pb);
          run.ldb = direct ? p.ldb : kNR;
          for (int64_t q = 0; q < panels; ++q) {
            const int64_t r = first_row(q);
            const int m = (int)(first_row(q + 1) - r);
            run.a = p.a_data + r * p.lda + k;
            tiles[m](run, direct ? p.b_direct + k * p.ldb + n : pb, c + r * ldc + n, w, final_chunk && p.bias ? p.bias + n : nullptr, nothing);
            finish(r, m, n, w, final_chunk);
          }
        }
        k += kc;
        continue;
      }
      run.ldb = kNR;
      p.pack_b(p.b, k, kc, nb, ne - nb, pb);
      const int64_t count = (ne - nb + kNR - 1) / kNR;
      for (int64_t q = 0; q < panels; ++q) {
        const int64_t r = first_row(q);
        const int m = (int)(first_row(q + 1) - r);
        if (in_place) run.a = p.a_data + r * p.lda + k;
        else p.pack_a(p.a, r, m, k, kc, pa);
        const bool more = q + 1 < panels || k + kc < k1;
        const int64_t next_m = q + 1 < panels ? r + m : m0, next_k = q + 1 < panels ? k : k + kc;
        for (int64_t n = nb, j = 0; n < ne; n += kNR, ++j) {
          const int w = (int)(ne - n < kNR ? ne - n : kNR);
          const Fetch fetch = more ? fetch_panel(p, next_m, next_k, kc < k1 - next_k ? kc : k1 - next_k, j, count) : nothing;
          tiles[m](run, pb + (n - nb) * kc, c + r * ldc + n, w, final_chunk && p.bias ? p.bias + n : nullptr, fetch);
          finish(r, m, n, w, final_chunk);
        }
      }
      k += kc;
    }
  }
}

// How the rows and columns are shared among `threads`: tm·tn <= threads, blocks as square as can be.
static inline void choose_grid(const Product& p, int64_t threads, int64_t* tm, int64_t* tn) {
  const int64_t mp = (p.M + kMR - 1) / kMR, np = (p.N + kNR - 1) / kNR;
  // Where a row of C is cut, the cores' prefetchers pull its lines to and fro: as long as 6,000 products, once per chunk.
  const double cut = 6000.0 * (double)(1 + p.K / kMaxChunk) / (double)(p.K > 0 ? p.K : 1);
  double best = -1;
  *tm = *tn = 1;
  for (int64_t a = 1; a <= threads && a <= mp; ++a) {
    for (int64_t b = 1; a * b <= threads && b <= np; ++b) {
      const double panels = (double)((mp + a - 1) / a), rows = panels * kMR, cols = (double)((np + b - 1) / b) * kNR;
      const bool packs = !p.b_direct || panels > kFewPanels;
      const double cost = rows * cols + 8 * (rows + (packs ? cols : 0)) + (b > 1 ? cut * rows : 0);  // products, packing, cuts
      if (best < 0 || cost < best) {
        best = cost;
        *tm = a;
        *tn = b;
      }
    }
  }
}

// The whole product, in parallel.
[[maybe_unused]] static void product(const Product& p) {
  if (p.M <= 0 || p.N <= 0) return;
  const int64_t groups = p.groups;
  const double work = (double)p.M * (double)p.N * (double)(p.K > 0 ? p.K : 1);
  const int64_t threads = region_pays(work, kFmaPicoseconds) ? thread_count() : 1;
  int64_t tm, tn;
  choose_grid(p, groups >= threads ? 1 : (threads + groups - 1) / groups, &tm, &tn);
  const int64_t tasks = groups * tm * tn;
  float* sums = groups > 1 ? scratch_floats(Slot::kGroups, (size_t)((groups - 1) * p.M * p.N)) : nullptr;
  const int64_t owners = tasks < threads ? tasks : threads;
  float* pa = scratch_floats(Slot::kPackA, (size_t)(owners * kPackAFloats));
  float* pb = scratch_floats(Slot::kPackB, (size_t)(owners * kPackBFloats > kHugeFloats ? owners * kPackBFloats : kHugeFloats));
  const int64_t mp = (p.M + kMR - 1) / kMR, np = (p.N + kNR - 1) / kNR;
  auto run = [&](int64_t t, int owner) {
    const int64_t g = t / (tm * tn), i = t % (tm * tn) / tn, j = t % tn;
    auto edge = [](int64_t panels, int64_t parts, int64_t part, int64_t unit, int64_t limit) {
      const int64_t at = panels * part / parts * unit;
      return at < limit ? at : limit;
    };
    float* c = g == 0 ? p.c : sums + (g - 1) * p.M * p.N;
    product_block(p, edge(mp, tm, i, kMR, p.M), edge(mp, tm, i + 1, kMR, p.M), edge(np, tn, j, kNR, p.N), edge(np, tn, j + 1, kNR, p.N),
                  group_begin(p.K, groups, g), group_begin(p.K, groups, g + 1), c, g == 0 ? p.ldc : p.N, groups == 1,
                  pa + owner * kPackAFloats, pb + owner * kPackBFloats);
  };
  if (owners == 1) {
    for (int64_t t = 0; t < tasks; ++t) run(t, 0);
  } else if (tasks == owners) {  // a task each: nothing to draw lots for
    parallel_for(tasks, 1, [&](int64_t begin, int64_t end, int owner) {
      for (int64_t t = begin; t < end; ++t) run(t, owner);
    });
  } else {
    parallel_each(tasks, [&](int64_t t, int owner) { run(t, owner); });
  }
  if (groups > 1) {
    parallel_for(p.M, 1 + 65536 / (p.N * groups), [&](int64_t begin, int64_t end, int) {
      for (int64_t m = begin; m < end; ++m)
        for (int64_t n = 0; n < p.N; n += kLanes) {
          const int64_t left = p.N - n;
          vec s = load_n(p.c + m * p.ldc + n, left);
          for (int64_t g = 1; g < groups; ++g) s = add(s, load_n(sums + ((g - 1) * p.M + m) * p.N + n, left));
          store_n(p.c + m * p.ldc + n, s, left);
        }
    });
  }
}

// Packers of plain matrices.
struct Matrix {
  const float* data;
  int64_t ld;
};
[[maybe_unused]] static void pack_a_rows(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst) {
  const Matrix& a = *static_cast<const Matrix*>(context);
  transpose_strip(a.data + m0 * a.ld + k0, a.ld, m, kc, dst, kMR);
}
[[maybe_unused]] static void pack_a_columns(const void* context, int64_t m0, int m, int64_t k0, int64_t kc, float* dst) {
  const Matrix& a = *static_cast<const Matrix*>(context);
  const float* src = a.data + k0 * a.ld + m0;
  for (int64_t k = 0; k < kc; ++k) store(dst + k * kMR, load_tail(src + k * a.ld, m));
}
[[maybe_unused]] static void pack_b_rows(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, float* dst) {
  const Matrix& b = *static_cast<const Matrix*>(context);
  const float* src = b.data + k0 * b.ld + n0;
  // Four panels at once: lines side by side of one row are fetched together.
  constexpr int kSide = 4;
  for (; n >= kSide * kNR; n -= kSide * kNR, src += kSide * kNR, dst += kSide * kNR * kc)
    for (int64_t k = 0; k < kc; ++k) {
#pragma GCC unroll 4
      for (int q = 0; q < kSide; ++q)
#pragma GCC unroll 2
        for (int v = 0; v < kNV; ++v) store(dst + (q * kc + k) * kNR + v * kLanes, load(src + k * b.ld + q * kNR + v * kLanes));
    }
  for (; n > 0; n -= kNR, src += kNR, dst += kNR * kc)
    for (int64_t k = 0; k < kc; ++k)
      for (int v = 0; v < kNV; ++v) {
        const int64_t left = n - v * kLanes;
        store(dst + k * kNR + v * kLanes, left > 0 ? load_n(src + k * b.ld + v * kLanes, left) : zero());
      }
}
[[maybe_unused]] static void pack_b_columns(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, float* dst) {
  const Matrix& b = *static_cast<const Matrix*>(context);
  const float* src = b.data + n0 * b.ld + k0;
  for (; n >= kNR; n -= kNR, src += kNR * b.ld, dst += kNR * kc)
    for (int j = 0; j < kNR; j += kLanes) transpose_strip(src + j * b.ld, b.ld, kLanes, kc, dst + j, kNR);
  if (n <= 0) return;
  for (int64_t i = 0; i < kc * kNR; i += kLanes) store(dst + i, zero());
  for (int j = 0; j < n; ++j)
    for (int64_t k = 0; k < kc; ++k) dst[k * kNR + j] = src[j * b.ld + k];
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
