// Weight gradients of recurrent layers in bfloat16, with the interface of recurrent/weight_core.h: one product over all valid steps.
// db is a row of that product too, so it sums rounded dz.
#pragma once
#include "core/order.h"
#include "kernels/mixed/bf16_product.h"
#include "kernels/recurrent/backward_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

// As in weight_core.h: `length` values of each step k, at base + index·ld (or, before a row's first step, of `first`, else zeros).
struct Segment {
  const float* base;
  int64_t ld, length;
  const int32_t* index;
  const float* first;
  float* out;
};

struct StepSums {
  Segment segments[4];
  int count;
  int64_t M;
  const int32_t* at;
  const float* dz;
  int64_t ld, split, skip;
};

// Rows of A: values of the segments, k = steps.
static void pack_segment_rows(const void* context, int64_t m0, int64_t m, int64_t k0, int64_t kc, bf16* dst) {
  const StepSums& s = *static_cast<const StepSums*>(context);
  const int64_t tiles = deep(kc) / kDeep;
  alignas(64) float lines[kDeep][kTile];
  for (int64_t i = 0; i < m; i += kTile) {
    const int64_t rows = m - i < kTile ? m - i : kTile;
    for (int64_t t = 0; t < tiles; ++t, dst += kTileValues) {
      const int64_t k = k0 + t * kDeep, steps = kc - t * kDeep < kDeep ? kc - t * kDeep : kDeep;
      int64_t begin = 0;
      for (int q = 0; q < s.count; ++q) {
        const Segment& g = s.segments[q];
        const int64_t a = m0 + i > begin ? m0 + i : begin, e = m0 + i + rows < begin + g.length ? m0 + i + rows : begin + g.length;
        const int64_t from = a - begin, n = e - a;
        begin += g.length;
        if (n <= 0) continue;
        const int64_t offset = a - m0 - i;
        for (int64_t j = 0; j < steps; ++j) {
          const int32_t index = g.index ? g.index[k + j] : 0;
          const float* row = index >= 0 ? g.base + index * g.ld : g.first ? g.first + (-1 - index) * g.length : nullptr;
          store_n(lines[j] + offset, row ? load_n(row + from, n) : zero(), kTile - offset < n ? kTile - offset : n);
        }
      }
      transpose_pairs(
          [&](int64_t j) __attribute__((always_inline)) { return j < steps ? load_n(lines[j], rows) : zero(); }, dst);
    }
  }
}

// Panels of B: columns of dz, k = steps.
static void pack_step_panel(const void* context, int64_t k0, int64_t kc, int64_t n0, int64_t n, bf16* dst) {
  const StepSums& s = *static_cast<const StepSums*>(context);
  const int64_t end = deep(kc), before = s.split - n0;  // columns before the split
  auto row = [&](int64_t k) __attribute__((always_inline)) {
    if (k >= kc) return zero();
    const float* dz = s.dz + s.at[k0 + k] * s.ld + n0;
    if (before >= n) return load_n(dz, n);
    if (before <= 0) return load_n(dz + s.skip, n);
    alignas(64) float parts[2 * kLanes];
    store(parts, load_n(dz, before));
    store(parts + before, load_n(dz + before + s.skip, n - before));
    return load(parts);
  };
  for (int64_t k = 0; k < end; k += 2, dst += 2 * kTile) store_pairs(dst, pair_rows(row(k), row(k + 1)));
}

static void weight_sums(const RecurrentPlan& plan, const Segment* all, int count, const float* dz, int64_t ld, int64_t cols, int64_t ldo,
                        int64_t /*groups*/, int64_t split = INT64_MAX, int64_t skip = 0) {
  StepSums s{};
  s.at = plan.at;
  s.dz = dz;
  s.ld = ld;
  s.split = split;
  s.skip = skip;
  for (int i = 0; i < count; ++i)
    if (all[i].out) {
      s.segments[s.count++] = all[i];
      s.M += all[i].length;
    }
  if (s.count == 0) return;
  float* sums = scratch_floats(Slot::kRecurrentC, (size_t)(s.M * cols));
  MixedProduct p{};
  p.M = s.M;
  p.N = cols;
  p.K = plan.steps;
  p.pack_a = pack_segment_rows;
  p.a = &s;
  p.pack_b = pack_step_panel;
  p.b = &s;
  p.c = sums;
  p.ldc = cols;
  mixed_product(p);
  for (int i = 0; i < s.count; ++i) {
    const Segment& g = s.segments[i];
    for (int64_t m = 0; m < g.length; ++m, sums += cols)
      for (int64_t n = 0; n < cols; n += kLanes) store_n(g.out + m * ldo + n, load_n(sums + n, cols - n), cols - n);
  }
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
