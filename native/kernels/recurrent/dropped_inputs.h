// Products of an input whose rows lack features in all of their steps, as dropout leaves it (shape.dropped_inputs): only the
// features that a row keeps are multiplied, in the chunks of the whole sum, so that leaving the zeros out changes no bit of a
// finite sum. What is dropped is found in x itself.
//
// But for the sign of a zero that comes of underflow, see conv_sparse.h; and an infinity or a NaN in w that meets only dropped features
// does not reach what is computed here.
#pragma once
#include <utility>

#include "core/parallel.h"
#include "core/scratch.h"
#include "kernels/recurrent/plan.h"
#include "kernels/recurrent/recurrent.h"
#include "kernels/recurrent/row_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

// The features of each row that are not 0 in all of its valid steps, ascending.
struct KeptInputs {
  int64_t D;
  const int32_t *features, *counts;  // (N,D), (N)
  const int32_t* of(int64_t n) const { return features + n * D; }
  int64_t count(int64_t n) const { return counts[n]; }
};

constexpr int64_t kSide = 4;  // strips of dz that are copied at once: lines side by side of one row are fetched together
constexpr int64_t kKeptSteps = 4 * kMaxTileRows;  // of a row that are multiplied at once, so that tiles are full

// Valid until Slot::kRecurrentKept is asked for again.
static KeptInputs find_kept_inputs(const float* x, int64_t D, const RecurrentPlan& plan) {
  const int64_t N = plan.N, T = plan.T, pitch = (D + kLanes - 1) / kLanes * kLanes;
  int32_t* features = static_cast<int32_t*>(scratch_bytes(Slot::kRecurrentKept, (size_t)(N * D + N + thread_count() * pitch) * sizeof(int32_t)));
  int32_t* counts = features + N * D;
  float* memory = reinterpret_cast<float*>(counts + N);
  parallel_for(N, 1 + 65536 / (T * D + 1), [&](int64_t first, int64_t last, int thread) {
    float* size = memory + thread * pitch;  // Σ |x|
    for (int64_t n = first; n < last; ++n) {
      for (int64_t d = 0; d < D; d += kLanes) store(size + d, zero());
      for (int64_t s = 0; s < plan.count[n]; ++s) {
        const float* row = x + (n * T + plan.time[n * T + s]) * D;
        for (int64_t d = 0; d < D; d += kLanes) store(size + d, add(load(size + d), abs(load_n(row + d, D - d))));
      }
      int32_t kept = 0;
      for (int64_t d = 0; d < D; ++d)
        if (size[d] != 0) features[n * D + kept++] = (int32_t)d;  // a NaN too
      counts[n] = kept;
    }
  });
  return {D, features, counts};
}

// The kept features of row n at the time of each given step.
static void gather_kept(const KeptInputs& kept, int64_t n, const float* x, int64_t T, const int32_t* time, int64_t steps, float* to, int64_t ld) {
  const int32_t* pick = kept.of(n);
  const int64_t count = kept.count(n);
  for (int64_t s = 0; s < steps; ++s, to += ld) {
    const float* row = x + (n * T + time[s]) * kept.D;
    for (int64_t i = 0; i < count; ++i) to[i] = row[pick[i]];
  }
}

#if defined(SARAF_MIXED)

// Strips in bfloat16 have no such products: there the flag is refused.
static void picked_product(const KeptInputs&, int64_t, const float*, int64_t, int64_t, const float*, int, float*, int64_t, const float*) {}
static void kept_input_gradients(const RecurrentBackward<float>&, const RecurrentPlan&, const float*, int64_t, int64_t, int64_t) {}

#else

static void clear(float* to, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) store_n(to + i, zero(), n - i);
}
static void copy_row(const float* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; i += kLanes) store_n(to + i, load_n(from + i, n - i), n - i);
}

// As row_tile, over the lines pick[k] of a panel b[…][V][16].
template <int M, int V>
static __attribute__((noinline)) void picked_tile(int64_t kc, const float* a, int64_t lda, const float* b, const int32_t* pick, float* c, int64_t ldc,
                                                  bool accumulate, const float* bias) {
  vec s[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) s[i][v] = zero();
  const float* row[(M + 2) / 3];  // one pointer per three rows, as there
#pragma GCC unroll 8
  for (int p = 0; p < (M + 2) / 3; ++p) row[p] = a + 3 * p * lda;
#pragma GCC unroll kStepsAtOnce
  for (int64_t k = 0; k < kc; ++k) {
    const float* line = b + pick[k] * (V * kLanes);
    vec w[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) w[v] = load(line + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const vec x = set1(row[i / 3][(i % 3) * lda]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) s[i][v] = fma(x, w[v], s[i][v]);
    }
#pragma GCC unroll 8
    for (int p = 0; p < (M + 2) / 3; ++p) ++row[p];
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

// chain[pick[i]·ldc + 0 … 16) goes on over kc of a[k·M + i]·b[k][16].
template <int M>
static __attribute__((noinline)) void chain_tile(int64_t kc, const float* a, const float* b, const int32_t* pick, float* chain, int64_t ldc) {
  vec s[M];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) s[i] = load(chain + pick[i] * ldc);
#pragma GCC unroll kStepsAtOnce
  for (int64_t k = 0; k < kc; ++k) {
    const vec w = load(b);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) s[i] = fma(set1(a[i]), w, s[i]);
    a += M;
    b += kLanes;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) store(chain + pick[i] * ldc, s[i]);
}

using TileRows = std::make_integer_sequence<int, kMaxTileRows>;
template <int V, int... M>
static void run_picked_tile(std::integer_sequence<int, M...>, int64_t rows, int64_t kc, const float* a, int64_t lda, const float* b, const int32_t* pick,
                            float* c, int64_t ldc, bool accumulate, const float* bias) {
  static constexpr void (*tiles[])(int64_t, const float*, int64_t, const float*, const int32_t*, float*, int64_t, bool, const float*) = {
      picked_tile<M + 1, V>...};
  tiles[rows - 1](kc, a, lda, b, pick, c, ldc, accumulate, bias);
}
template <int... M>
static void run_chain_tile(std::integer_sequence<int, M...>, int64_t rows, int64_t kc, const float* a, const float* b, const int32_t* pick, float* chain,
                           int64_t ldc) {
  static constexpr void (*tiles[])(int64_t, const float*, const float*, const int32_t*, float*, int64_t) = {chain_tile<M + 1>...};
  tiles[rows - 1](kc, a, b, pick, chain, ldc);
}

// c (rows, width·16) = Σ x·w (+ bias) over all D features of row n, of which a (rows, count) has those kept; strip as strip_product's, at most kWide.
static void picked_product(const KeptInputs& kept, int64_t n, const float* a, int64_t lda, int64_t rows, const float* strip, int width, float* c,
                           int64_t ldc, const float* bias) {
  const int32_t *pick = kept.of(n), *end = pick + kept.count(n);
  const int64_t groups = (rows + kMaxTileRows - 1) / kMaxTileRows;
  for (int64_t k = 0; k < kept.D;) {
    const int64_t next = k + next_chunk(kept.D - k);
    const int32_t* past = end;
    if (next < kept.D)
      for (past = pick; past < end && *past < next;) ++past;
    const float* last = next == kept.D ? bias : nullptr;
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t r = rows * g / groups, m = rows * (g + 1) / groups - r;
      if (width == 1) run_picked_tile<1>(TileRows{}, m, past - pick, a + r * lda, lda, strip, pick, c + r * ldc, ldc, k > 0, last);
      else run_picked_tile<kWide>(TileRows{}, m, past - pick, a + r * lda, lda, strip, pick, c + r * ldc, ldc, k > 0, last);
    }
    a += past - pick;
    pick = past;
    k = next;
  }
}

// dx = Σ dz·wᵀ of the kept features, G columns of dz; 0 of the others and on masked steps. With add_dx it is added.
static void kept_input_gradient(const RecurrentBackward<float>& b, const KeptInputs& kept, const float* dz, int64_t ld, int64_t G) {
  const int64_t N = b.shape.N, T = b.shape.T, D = b.shape.D, room = (D + kLanes - 1) / kLanes * kLanes, block = kKeptSteps;
  // A row for a thread, or where rows are few a part of its steps.
  const int64_t threads = (double)N * T * D * G < 2e5 ? 1 : thread_count(), parts = N < threads ? (threads + N - 1) / N : 1;
  const int64_t owned = 2 * room * G + block * room;
  float* memory = scratch_floats(Slot::kRecurrentA, (size_t)(threads * owned));
  auto run = [&](int64_t task, int owner) {
    const int64_t n = task / parts, first = T * (task % parts) / parts, last = T * (task % parts + 1) / parts;
    const int64_t count = kept.count(n), vectors = (count + kLanes - 1) / kLanes;
    const int32_t* pick = kept.of(n);
    float *rows = memory + owner * owned, *strips = rows + room * G, *sums = strips + room * G;
    for (int64_t i = 0; i < count; ++i) copy_row(b.w + pick[i] * G, G, rows + i * G);
    for (int64_t v = 0; v < vectors; ++v) {
      const Column column{v * kLanes, (int)(count - v * kLanes < kLanes ? count - v * kLanes : kLanes)};
      pack_strip_transposed(rows, G, G, &column, 1, strips + v * kLanes * G);
    }
    auto valid = [&](int64_t t) { return !b.mask || b.mask[n * T + t]; };
    for (int64_t t = first, end; t < last; t = end) {
      const bool taken = valid(t);
      for (end = t + 1; end < last && valid(end) == taken && !(taken && end - t == block);) ++end;
      float* dx = b.dx + (n * T + t) * D;
      if (!b.shape.add_dx) clear(dx, (end - t) * D);
      if (!taken) continue;
      for (int64_t v = 0; v < vectors; ++v)
        strip_product(G, dz + (n * T + t) * ld, ld, end - t, strips + v * kLanes * G, 1, sums + v * kLanes, room, nullptr);
      for (int64_t i = 0; i < end - t; ++i)
        for (int64_t k = 0; k < count; ++k) {
          float& to = dx[i * D + pick[k]];
          to = b.shape.add_dx ? to + sums[i * room + k] : sums[i * room + k];
        }
    }
  };
  if (threads == 1) {
    for (int64_t task = 0; task < N * parts; ++task) run(task, 0);
  } else {
    parallel_each(N * parts, run);
  }
}

// dw = Σ x·dz over the valid steps, a grouped sum: each chunk's chains go on from row to row, where the next one keeps the feature too.
// A chunk that no row keeps a feature in would add 0 to its sum: that is done once, at the end, as it changes the sign of a zero alone.
static void kept_weight_gradient(const RecurrentBackward<float>& b, const RecurrentPlan& plan, const KeptInputs& kept, const float* dz, int64_t ld,
                                 int64_t G, int64_t groups) {
  const int64_t T = plan.T, D = kept.D, K = plan.steps, vectors = (G + kLanes - 1) / kLanes, most = kChunk + kChunk / 2;
  const int64_t threads = (double)K * D * G < 2e5 ? 1 : thread_count();
  int64_t parts = (threads + groups - 1) / groups;
  if (parts > vectors) parts = vectors;
  float* sums = scratch_floats(Slot::kRecurrentC, (size_t)(groups * D * vectors * kLanes));
  const int64_t room = (D + kMaxTileRows - 1) / kMaxTileRows * kMaxTileRows * most;
  const int64_t marks = (D + kLanes - 1) / kLanes * kLanes, owned = room + kSide * most * kLanes + D * ((vectors + parts - 1) / parts) * kLanes + 2 * marks;
  float* memory = scratch_floats(Slot::kRecurrentB, (size_t)(threads * owned));
  auto run = [&](int64_t task, int owner) {
    const int64_t g = task / parts, v0 = vectors * (task % parts) / parts, v1 = vectors * (task % parts + 1) / parts, pitch = (v1 - v0) * kLanes;
    float *panels = memory + owner * owned, *columns = panels + room, *chains = columns + kSide * most * kLanes, *sum = sums + g * D * vectors * kLanes;
    const int64_t begin = group_begin(K, groups, g), end = group_begin(K, groups, g + 1);
    // Whether a row of the chunk keeps a feature, and in how many chunks one did.
    int32_t *meets = reinterpret_cast<int32_t*>(chains + D * pitch), *met = meets + marks, chunks = 0;
    for (int64_t d = 0; d < D; ++d) {
      clear(sum + d * vectors * kLanes + v0 * kLanes, pitch);
      meets[d] = met[d] = 0;
    }
    clear(chains, D * pitch);
    for (int64_t k = begin; k < end; ++chunks) {
      const int64_t kc = next_chunk(end - k);
      for (int64_t from = k, to; from < k + kc; from = to) {
        const int64_t n = plan.at[from] / T;
        for (to = from + 1; to < k + kc && plan.at[to] / T == n;) ++to;
        const int64_t steps = to - from, count = kept.count(n), tiles = (count + kMaxTileRows - 1) / kMaxTileRows;
        const int32_t* pick = kept.of(n);
        for (int64_t i = 0; i < count; ++i) meets[pick[i]] = 1;
        for (int64_t q = 0; q < tiles; ++q) {
          const int64_t i0 = count * q / tiles, i1 = count * (q + 1) / tiles;
          float* panel = panels + i0 * steps;
          for (int64_t s = 0; s < steps; ++s) {
            const float* row = b.x + plan.at[from + s] * D;
            for (int64_t i = i0; i < i1; ++i) *panel++ = row[pick[i]];
          }
        }
        for (int64_t v = v0, width; v < v1; v += width) {
          width = v1 - v < kSide ? v1 - v : kSide;
          for (int64_t s = 0; s < steps; ++s) {
            const float* row = dz + plan.at[from + s] * ld + v * kLanes;
            for (int64_t i = 0; i < width; ++i) store(columns + (i * most + s) * kLanes, load_n(row + i * kLanes, G - (v + i) * kLanes));
          }
          for (int64_t i = 0; i < width; ++i)
            for (int64_t q = 0; q < tiles; ++q) {
              const int64_t i0 = count * q / tiles, i1 = count * (q + 1) / tiles;
              run_chain_tile(TileRows{}, i1 - i0, steps, panels + i0 * steps, columns + i * most * kLanes, pick + i0, chains + (v + i - v0) * kLanes, pitch);
            }
        }
      }
      for (int64_t d = 0; d < D; ++d) {
        if (!meets[d]) continue;
        float *to = sum + (d * vectors + v0) * kLanes, *chain = chains + d * pitch;
        for (int64_t j = 0; j < pitch; j += kLanes) {
          store(to + j, k > begin ? add(load(to + j), load(chain + j)) : load(chain + j));
          store(chain + j, zero());
        }
        meets[d] = 0;
        ++met[d];
      }
      k += kc;
    }
    for (int64_t d = 0; d < D; ++d) {
      if (met[d] == chunks) continue;
      float* to = sum + (d * vectors + v0) * kLanes;
      for (int64_t j = 0; j < pitch; j += kLanes) store(to + j, add(load(to + j), zero()));
    }
  };
  if (threads == 1) {
    for (int64_t task = 0; task < groups * parts; ++task) run(task, 0);
  } else {
    parallel_each(groups * parts, run);
  }
  parallel_for(D, 1 + 65536 / (G * groups), [&](int64_t first, int64_t last, int) {
    for (int64_t d = first; d < last; ++d)
      for (int64_t j = 0; j < G; j += kLanes) {
        const float* from = sums + d * vectors * kLanes + j;
        vec total = load(from);
        for (int64_t g = 1; g < groups; ++g) total = add(total, load(from + g * D * vectors * kLanes));
        store_n(b.dw + d * G + j, total, G - j);
      }
  });
}

// dx and dw, where wanted; dz has G columns, rows `ld` apart.
static void kept_input_gradients(const RecurrentBackward<float>& b, const RecurrentPlan& plan, const float* dz, int64_t ld, int64_t G, int64_t groups) {
  if (plan.N == 0 || (!b.dx && !b.dw)) return;
  const KeptInputs kept = find_kept_inputs(b.x, b.shape.D, plan);
  if (b.dx) kept_input_gradient(b, kept, dz, ld, G);
  if (b.dw) kept_weight_gradient(b, plan, kept, dz, ld, G, groups);
}

#endif  // SARAF_MIXED

}  // namespace SARAF_ISA_NS
}  // namespace saraf
