// dx and dw of an input whose rows come from a table (recurrent.h): a run of equal rows, as padding gives it, is taken as one.
#pragma once
#include "kernels/recurrent/weight_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

#if defined(SARAF_MIXED)

// Steps that are merged are sums, and sums are not rounded twice: bfloat16 takes every step by itself.
SARAF_INLINE const int32_t* ids_to_merge(const RecurrentBackward<float>&) { return nullptr; }
static void merged_input_gradients(const RecurrentBackward<float>&, const RecurrentPlan&, const float*, int64_t, int64_t) {}

#else

SARAF_INLINE const int32_t* ids_to_merge(const RecurrentBackward<float>& b) { return b.dx || b.dw ? b.ids : nullptr; }

// Where the plan has runs; dz has G columns, rows `ld` apart.
static void merged_input_gradients(const RecurrentBackward<float>& b, const RecurrentPlan& plan, const float* dz, int64_t ld, int64_t G) {
  const int64_t R = plan.runs, D = b.shape.D, steps = plan.N * plan.T;
  if (R == 0) return;
  float* sums = scratch_floats(Slot::kRecurrentKept, (size_t)(R * G));
  parallel_for(R, 1 + 65536 / (G * (plan.steps / R)), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t j = 0; j < G; j += kLanes) {
        const int64_t first = plan.run_begin[r];
        vec sum = load_n(dz + plan.at[first] * ld + j, G - j);
        for (int64_t k = first + 1; k < plan.run_begin[r + 1]; ++k) sum = add(sum, load_n(dz + plan.at[k] * ld + j, G - j));
        store_n(sums + r * G + j, sum, G - j);
      }
  });

  if (b.dw) {
    RecurrentPlan runs = plan;
    runs.steps = R;
    runs.at = plan.run_rows;
    const Segment inputs{b.x, D, D, plan.run_at, nullptr, b.dw};
    weight_sums(runs, &inputs, 1, sums, G, G, G, weight_groups(R, (D + b.shape.U) * G));
  }
  if (!b.dx) return;

  Transposed w{G, D, b.w, G, scratch_floats(Slot::kRecurrentA, (size_t)Transposed{G, D, b.w, G, nullptr}.floats())};
  const int64_t work = 1 + 131072 / (G * kWide * kLanes), ldx = spread(D), tile_rows = kTileRows[kWide], tiles = (R + tile_rows - 1) / tile_rows;
  parallel_for(w.tasks(), work, [&](int64_t begin, int64_t end, int) {
    for (int64_t task = begin; task < end; ++task) w.pack(task);
  });
  float* memory = scratch_floats(Slot::kRecurrentB, (size_t)(thread_count() * kMaxTileRows * ldx));
  parallel_for(tiles, 1 + 131072 / (G * D * tile_rows), [&](int64_t begin, int64_t end, int thread) {
    float* rows = memory + thread * kMaxTileRows * ldx;
    for (int64_t q = begin; q < end; ++q) {
      const int64_t first = R * q / tiles, last = R * (q + 1) / tiles;
      w.product(sums + first * G, G, last - first, rows, ldx);
      for (int64_t r = first; r < last; ++r) {
        float* dx = b.dx + plan.run_at[r] * D;
        for (int64_t d = 0; d < D; d += kLanes) {
          const vec sum = load(rows + (r - first) * ldx + d);
          store_n(dx + d, b.shape.add_dx ? add(load_n(dx + d, D - d), sum) : sum, D - d);
        }
        if (b.shape.add_dx) continue;
        // The run's other steps, and masked ones.
        if (r == 0) clear(b.dx, plan.run_at[0] * D);
        const int64_t next = r + 1 < R ? plan.run_at[r + 1] : steps;
        clear(dx + D, (next - plan.run_at[r] - 1) * D);
      }
    }
  });
}

#endif  // SARAF_MIXED

}  // namespace SARAF_ISA_NS
}  // namespace saraf
