// Weight gradients: dw, du and db as one product over the K valid steps, in the grouped order of order.h.
//
// Its operands are far larger than the caches and used once, so the product differs from gemm_core's in one thing: while a
// chunk of k is multiplied, the lines of the next one are fetched, a line per two steps of k.
#pragma once
#if defined(SARAF_MIXED)
#include "kernels/mixed/bf16_steps.h"
#else
#include "kernels/gemm/gemm_core.h"
#include "kernels/recurrent/backward_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

// Rows of a weight gradient: `length` values of each step k, at base + index·ld (or, before a row's first step, of `first`,
// else zeros).
struct Segment {
  const float* base;
  int64_t ld, length;
  const int32_t* index;
  const float* first;  // (N, length) or null
  float* out;          // (length, cols), row stride ldo; null: not wanted
};
struct WeightSum {
  Segment segments[4];
  int count;
  int64_t M, cols;
  const int32_t* at;
  const float* dz;
  int64_t ld;
  int64_t split, skip;  // columns from `split` on lie `skip` further right
};

// C tile (M rows, n columns) = or += one FMA chain over kc; fetches a line every two k from `ahead` on.
template <int M>
static __attribute__((noinline)) void weight_tile(int64_t kc, const float* a, const float* b, float* c, int64_t ldc, int n, bool accumulate,
                                                  const float* ahead) {
  vec s[M][kNV];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) s[i][v] = zero();
  for (int64_t k = 0; k < kc; k += 2) {
    __builtin_prefetch(ahead, 0, 2);
    ahead += 16;
#pragma GCC unroll 2
    for (int64_t q = k; q < k + 2; ++q) {
      if (q == kc) break;
      vec w[kNV];
#pragma GCC unroll 2
      for (int v = 0; v < kNV; ++v) w[v] = load(b + v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) {
        const vec x = set1(a[i]);
#pragma GCC unroll 2
        for (int v = 0; v < kNV; ++v) s[i][v] = fma(x, w[v], s[i][v]);
      }
      a += kMR;
      b += kNR;
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < kNV; ++v) {
      const int left = n - v * kLanes;
      if (left <= 0) continue;
      float* p = c + i * ldc + v * kLanes;
      store_n(p, accumulate ? add(load_n(p, left), s[i][v]) : s[i][v], left);
    }
}

using WeightTile = void (*)(int64_t, const float*, const float*, float*, int64_t, int, bool, const float*);
static const WeightTile kWeightTiles[] = {
    nullptr, weight_tile<1>, weight_tile<2>,
#if SARAF_TILE_OF_SIX || defined(SARAF_ISA_AVX512)
    weight_tile<3>, weight_tile<4>, weight_tile<5>, weight_tile<6>,
#endif
#if defined(SARAF_ISA_AVX512)
    weight_tile<7>, weight_tile<8>, weight_tile<9>, weight_tile<10>, weight_tile<11>, weight_tile<12>, weight_tile<13>, weight_tile<14>,
#endif
};

// Rows [m0, m0+m) of the segments, steps [k0, k0+kc): dst[(k-k0)·kMR + i], with 16 floats of slack.
static void pack_segments(const WeightSum& sum, int64_t m0, int64_t m, int64_t k0, int64_t kc, float* dst) {
  int64_t begin = 0;
  for (int i = 0; i < sum.count; ++i) {
    const Segment& g = sum.segments[i];
    const int64_t a = m0 > begin ? m0 : begin, e = m0 + m < begin + g.length ? m0 + m : begin + g.length;
    if (a < e) {
      const int64_t from = a - begin, n = e - a;
      float* d = dst + (a - m0);
      const bool whole = n == m;
      for (int64_t k = 0; k < kc; ++k) {
        const int32_t index = g.index ? g.index[k0 + k] : 0;
        const float* row = index >= 0 ? g.base + index * g.ld : g.first ? g.first + (-1 - index) * g.length : nullptr;
        const vec x = row ? load_n(row + from, n) : zero();
        if (whole) store(d + k * kMR, x);  // the excess is overwritten by the next step
        else store_n(d + k * kMR, x, n);
      }
    }
    begin += g.length;
  }
}
// Columns [n0, n0+n) of dz: dst[(k-k0)·kNR + j].
static void pack_dz(const WeightSum& sum, int64_t k0, int64_t kc, int64_t n0, int n, float* dst) {
  for (int v = 0; v < kNV; ++v, dst += kLanes) {
    const int64_t from = n0 + v * kLanes, left = n - v * kLanes, before = sum.split - from;
    const float* dz = sum.dz + from + (before <= 0 ? sum.skip : 0);
    if (left <= 0) {
      for (int64_t k = 0; k < kc; ++k) store(dst + k * kNR, zero());
    } else if (before > 0 && before < left && before < kLanes) {  // across the split: the second part over the excess of the first
      for (int64_t k = 0; k < kc; ++k) {
        const float* row = dz + sum.at[k0 + k] * sum.ld;
        float* d = dst + k * kNR;
        store(d, load_n(row, before));
        store_n(d + before, load_n(row + before + sum.skip, left - before), kLanes - before);
      }
    } else {
      for (int64_t k = 0; k < kc; ++k) store(dst + k * kNR, load_n(dz + sum.at[k0 + k] * sum.ld, left));
    }
  }
}

// Panels of the columns [n0, n1), one after the other; four at once where they are whole, for lines side by side of one row are
// fetched together.
static void pack_dz_panels(const WeightSum& sum, int64_t k0, int64_t kc, int64_t n0, int64_t n1, float* dst) {
  constexpr int kSide = 4;
  while (n0 < n1) {
    const int64_t past = n0 + kSide * kNR;
    if (past > n1 || (n0 < sum.split && sum.split < past)) {
      const int n = (int)(n1 - n0 < kNR ? n1 - n0 : kNR);
      pack_dz(sum, k0, kc, n0, n, dst);
      n0 += kNR, dst += kNR * kc;
      continue;
    }
    const float* dz = sum.dz + n0 + (n0 < sum.split ? 0 : sum.skip);
    for (int64_t k = 0; k < kc; ++k) {
      const float* row = dz + sum.at[k0 + k] * sum.ld;
#pragma GCC unroll 4
      for (int q = 0; q < kSide; ++q)
#pragma GCC unroll 2
        for (int v = 0; v < kNV; ++v) store(dst + (q * kc + k) * kNR + v * kLanes, load(row + q * kNR + v * kLanes));
    }
    n0 = past, dst += kSide * kNR * kc;
  }
}

// Where the operands of a chunk of steps lie, to fetch them: a run of lines each (what masked steps leave between is fetched too).
struct Ahead {
  const float* at[5];
  int64_t lines[5];
  int count = 0, now = 0;
  void add(const float* p, int64_t floats) {
    at[count] = p;
    lines[count++] = floats / 16 + 1;
  }
  const float* take(int64_t wanted) {
    while (now < count && lines[now] <= 0) ++now;
    if (now == count) return count ? at[count - 1] : nullptr;
    const float* p = at[now];
    at[now] += wanted * 16;
    lines[now] -= wanted;
    return p;
  }
};
static inline Ahead ahead_of(const WeightSum& sum, int64_t k, int64_t kc) {
  Ahead ahead;
  if (kc <= 0) return ahead;
  for (int i = 0; i < sum.count; ++i) {
    const Segment& g = sum.segments[i];
    if (g.index && g.index[k] >= 0) ahead.add(g.base + g.index[k] * g.ld, kc * g.ld);
  }
  ahead.add(sum.dz + sum.at[k] * sum.ld, kc * sum.ld);
  return ahead;
}

// Rows [m0,m1) × columns [n0,n1) of C over the steps [k0,k1).
static void weight_block(const WeightSum& sum, int64_t m0, int64_t m1, int64_t n0, int64_t n1, int64_t k0, int64_t k1, float* c, int64_t ldc,
                         float* pa, float* pb) {
  const int64_t rows = m1 - m0, panels = (rows + kMR - 1) / kMR;
  for (int64_t nb = n0; nb < n1; nb += kNC) {
    const int64_t ne = nb + kNC < n1 ? nb + kNC : n1;
    if (k1 <= k0)  // an empty group is 0
      for (int64_t m = m0; m < m1; ++m)
        for (int64_t n = nb; n < ne; ++n) c[m * ldc + n] = 0;
    for (int64_t k = k0; k < k1;) {
      const int64_t kc = next_chunk(k1 - k);
      Ahead ahead = ahead_of(sum, k + kc, k1 - k - kc > 0 ? next_chunk(k1 - k - kc) : 0);
      pack_dz_panels(sum, k, kc, nb, ne, pb);
      for (int64_t q = 0; q < panels; ++q) {
        const int64_t r0 = m0 + rows * q / panels, m = m0 + rows * (q + 1) / panels - r0;
        pack_segments(sum, r0, m, k, kc, pa);
        for (int64_t n = nb; n < ne; n += kNR)
          kWeightTiles[m](kc, pa, pb + (n - nb) * kc, c + r0 * ldc + n, ldc, (int)(ne - n < kNR ? ne - n : kNR), k > k0, ahead.take((kc + 1) / 2));
      }
      k += kc;
    }
  }
}

// Each wanted segment's sums over the valid steps with `cols` columns of dz, in `groups` groups. Columns from `split` on lie `skip`
// further right in dz.
static void weight_sums(const RecurrentPlan& plan, const Segment* all, int count, const float* dz, int64_t ld, int64_t cols, int64_t ldo,
                        int64_t groups, int64_t split = INT64_MAX, int64_t skip = 0) {
  WeightSum sum{};
  sum.cols = cols;
  sum.at = plan.at;
  sum.dz = dz;
  sum.ld = ld;
  sum.split = split;
  sum.skip = skip;
  for (int i = 0; i < count; ++i)
    if (all[i].out) {
      sum.segments[sum.count++] = all[i];
      sum.M += all[i].length;
    }
  if (sum.count == 0) return;
  const int64_t M = sum.M, K = plan.steps;
  float* sums = scratch_floats(Slot::kRecurrentC, (size_t)(groups * M * cols));

  // Groups, and where they are fewer than threads, blocks of C.
  const int64_t threads = (double)M * (double)cols * (double)K < 2e5 ? 1 : thread_count();
  Product grid{};
  grid.M = M;
  grid.N = cols;
  grid.K = K;
  int64_t tm, tn;
  choose_grid(grid, groups >= threads ? 1 : (threads + groups - 1) / groups, &tm, &tn);
  const int64_t tasks = groups * tm * tn, owners = tasks < threads ? tasks : threads;
  const int64_t mp = (M + kMR - 1) / kMR, np = (cols + kNR - 1) / kNR;
  float* pa = scratch_floats(Slot::kPackA, (size_t)(owners * kPackAFloats));
  float* pb = scratch_floats(Slot::kPackB, (size_t)(owners * kPackBFloats));
  auto edge = [](int64_t panels, int64_t parts, int64_t part, int64_t unit, int64_t limit) {
    const int64_t at = panels * part / parts * unit;
    return at < limit ? at : limit;
  };
  auto run = [&](int64_t t, int owner) {
    const int64_t g = t / (tm * tn), i = t % (tm * tn) / tn, j = t % tn;
    weight_block(sum, edge(mp, tm, i, kMR, M), edge(mp, tm, i + 1, kMR, M), edge(np, tn, j, kNR, cols), edge(np, tn, j + 1, kNR, cols),
                 group_begin(K, groups, g), group_begin(K, groups, g + 1), sums + g * M * cols, cols, pa + owner * kPackAFloats,
                 pb + owner * kPackBFloats);
  };
  if (owners == 1) {
    for (int64_t t = 0; t < tasks; ++t) run(t, 0);
  } else {
    parallel_each(tasks, [&](int64_t t, int owner) { run(t, owner); });
  }

  // Group sums in ascending order, each row to where it belongs.
  int64_t first = 0;
  for (int s = 0; s < sum.count; ++s) {
    const Segment& segment = sum.segments[s];
    parallel_for(segment.length, 1 + 65536 / (cols * groups), [&](int64_t begin, int64_t end, int) {
      for (int64_t r = begin; r < end; ++r) {
        const float* c = sums + (first + r) * cols;
        for (int64_t j = 0; j < cols; j += kLanes) {
          vec total = load_n(c + j, cols - j);
          for (int64_t g = 1; g < groups; ++g) total = add(total, load_n(c + g * M * cols + j, cols - j));
          store_n(segment.out + r * ldo + j, total, cols - j);
        }
      }
    });
    first += segment.length;
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
#endif  // SARAF_MIXED

namespace saraf {
namespace SARAF_ISA_NS {

static const float kOne = 1;
// With dropped inputs kept_input_gradients makes dw.
SARAF_INLINE Segment input_rows(const RecurrentBackward<float>& b, const RecurrentPlan& plan) {
  return {b.x, b.shape.D, b.shape.D, plan.at, nullptr, b.shape.dropped_inputs ? nullptr : b.dw};
}
SARAF_INLINE Segment state_rows(const RecurrentBackward<float>& b, const RecurrentPlan& plan) {
  return {b.y, b.shape.U, b.shape.U, plan.before, b.h0, b.du};
}
// A row of ones: Σ fma(1, dz, …) are plain adds.
SARAF_INLINE Segment ones(float* out) { return {&kOne, 0, 1, nullptr, nullptr, out}; }

}  // namespace SARAF_ISA_NS
}  // namespace saraf
