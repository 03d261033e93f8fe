// The backward pass that the three cells share: panels of rows that never meet, as in forward; after each block of steps its
// dx. The weight gradients come after it (weight_core.h).
#pragma once
#include "kernels/recurrent/forward_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

// One step of a panel, backwards. Rows 0 … active-1 are at step at[i] (n·T+t), the valid step before is before[i], or -1-n.
struct BackwardStep {
  int64_t rows, active;  // rows: that `own` has room for
  const int32_t *at, *before;
  float* dh;  // (active, ldh): the carry; the new one is left here
  int64_t ldh;
  float* dz;  // (active, ldz): for the cell to fill; the first columns() give dx
  int64_t ldz;
  float* own;
  bool wanted;  // whether the new carry is
};

// The row of `data` (row length n) at step k of before[], or of `first` (N, n), or null (zeros).
SARAF_INLINE const float* row_before(const float* data, const float* first, int32_t before, int64_t n) {
  return before >= 0 ? data + before * n : first ? first + (-1 - before) * n : nullptr;
}

// u or w transposed in strips of kWide vectors: K long columns.
struct Transposed {
  int64_t K, rows;  // of the matrix (rows, K …) whose transpose this is
  const float* data;
  int64_t ld;
  float* strips;
  int64_t vectors() const { return (rows + kLanes - 1) / kLanes; }
  int64_t tasks() const { return (vectors() + kWide - 1) / kWide; }
  int64_t floats() const { return vectors() * kLanes * K; }
  void pack(int64_t task) const {
    Column c[kWide];
    const int64_t q = task * kWide;
    const int width = (int)(vectors() - q < kWide ? vectors() - q : kWide);
    for (int v = 0; v < width; ++v) c[v] = {(q + v) * kLanes, lanes_at((q + v) * kLanes, rows)};
    pack_strip_transposed(data, ld, K, c, width, strips + q * kLanes * K);
  }
  // c (n, padded rows) = a (n, K) · dataᵀ
  void product(const float* a, int64_t lda, int64_t n, float* c, int64_t ldc) const {
    for (int64_t v = 0; v < vectors(); v += kWide) {
      const int width = (int)(vectors() - v < kWide ? vectors() - v : kWide);
      strip_product(K, a, lda, n, strips + v * kLanes * K, width, c + v * kLanes, ldc, nullptr);
    }
  }
};

// Cell: columns() of w and ldw(); row_floats() of dz per row and step; own_floats(rows); u_floats(), set_u(memory), u_tasks() and
// pack_u(task); begin(row, n, own), step(BackwardStep), end(row, n, own).
template <class Cell>
static void run_backward(const RecurrentBackward<float>& b, const RecurrentPlan& plan, Cell& cell) {
  const int64_t N = plan.N, T = plan.T, D = b.shape.D, U = b.shape.U, G = cell.columns();
  if (N == 0) return;
  float* const dx_here = b.shape.dropped_inputs ? nullptr : b.dx;  // else it is made afterwards, from dz
  const Deal deal = deal_rows(plan, (double)((dx_here ? D : 0) + U) * (double)G);
  const int64_t R = deal.rows, ldh = spread(U), ldz = spread(cell.row_floats()), ldx = spread(D);
  int64_t block = kBlockFloats / (R * ldz);
  block = block < 1 ? 1 : block > T ? T : block;

  Transposed w{G, dx_here ? D : 0, b.w, cell.ldw(), nullptr};
  float* packed = scratch_floats(Slot::kRecurrentA, (size_t)(w.floats() + cell.u_floats()));
  w.strips = packed;
  cell.set_u(packed + w.floats());
  const int64_t w_tasks = w.tasks();
  parallel_for(w_tasks + cell.u_tasks(), 1 + 131072 / (G * kWide * kLanes), [&](int64_t begin, int64_t end, int) {
    for (int64_t task = begin; task < end; ++task) {
      if (task < w_tasks) w.pack(task);
      else cell.pack_u(task - w_tasks);
    }
  });

  const int64_t own = cell.own_floats(R);
  const int64_t per_thread = padded(R * ldh + block * R * ldz + kMaxTileRows * ldx + own + 2 * block * R);
  float* memory = scratch_floats(Slot::kRecurrentB, (size_t)(deal.threads * per_thread));

  parallel_for(deal.panels, (deal.panels + deal.threads - 1) / deal.threads, [&](int64_t first, int64_t last, int thread) {
    float* dh = memory + thread * per_thread;
    float *dz = dh + R * ldh, *rows_dx = dz + block * R * ldz, *kept = rows_dx + kMaxTileRows * ldx;
    int32_t *at = reinterpret_cast<int32_t*>(kept + own), *before = at + block * R;
    for (int64_t panel = first; panel < last; ++panel) {
      const int64_t rows = panel_rows(plan, deal, panel);
      auto row_of = [&](int64_t i) { return (int64_t)plan.order[panel + i * deal.panels]; };
      for (int64_t i = 0; i < rows; ++i) {
        const int64_t n = row_of(i);
        for (int64_t j = 0; j < U; j += kLanes) store(dh + i * ldh + j, b.dhT ? load_n(b.dhT + n * U + j, U - j) : zero());
        cell.begin(i, n, kept);
      }
      const bool repeats = b.dy && !plan.dense && !b.shape.zero_output_for_mask;
      int64_t active = 0;
      for (int64_t s1 = plan.count[row_of(0)]; s1 > 0;) {
        const int64_t s0 = s1 > block ? s1 - block : 0;
        int64_t total = 0, live = rows;
        for (int64_t s = s0; s < s1; ++s) {
          while (plan.count[row_of(live - 1)] <= s) --live;
          for (int64_t i = 0; i < live; ++i, ++total) {
            const int64_t n = row_of(i);
            at[total] = (int32_t)(n * T + plan.time[n * T + s]);
            before[total] = s > 0 ? (int32_t)(n * T + plan.time[n * T + s - 1]) : (int32_t)(-1 - n);
          }
        }
        int64_t offset = total;
        for (int64_t s = s1 - 1; s >= s0; --s) {
          while (active < rows && plan.count[row_of(active)] > s) ++active;
          offset -= active;
          if (repeats) {
            // The masked steps that repeated this step's output hand their dy to it, last one first.
            for (int64_t i = 0; i < active; ++i) {
              const int64_t n = row_of(i), t = plan.time[n * T + s], direction = b.shape.reverse ? -1 : 1;
              int64_t until = s + 1 < plan.count[n] ? plan.time[n * T + s + 1] : b.shape.reverse ? -1 : T;
              for (until -= direction; until != t; until -= direction) {
                const float* dy = b.dy + (n * T + until) * U;
                for (int64_t j = 0; j < U; j += kLanes) store(dh + i * ldh + j, add(load(dh + i * ldh + j), load_n(dy + j, U - j)));
              }
            }
          }
          cell.step(BackwardStep{R, active, at + offset, before + offset, dh, ldh, dz + offset * ldz, ldz, kept, s > 0 || b.dh0});
        }
        if (dx_here) {
          const int64_t tile_rows = kTileRows[kWide], tiles = (total + tile_rows - 1) / tile_rows;
          for (int64_t q = 0; q < tiles; ++q) {
            const int64_t r = total * q / tiles, e = total * (q + 1) / tiles;
            w.product(dz + r * ldz, ldz, e - r, rows_dx, ldx);
            for (int64_t i = r; i < e; ++i) {
              float* dx = b.dx + at[i] * D;
              for (int64_t d = 0; d < D; d += kLanes) {
                const vec sum = load(rows_dx + (i - r) * ldx + d);
                store_n(dx + d, b.shape.add_dx ? add(load_n(dx + d, D - d), sum) : sum, D - d);
              }
            }
          }
        }
        s1 = s0;
      }
      for (int64_t i = 0; i < rows; ++i) {
        const int64_t n = row_of(i);
        if (b.dh0)
          for (int64_t j = 0; j < U; j += kLanes) store_n(b.dh0 + n * U + j, load(dh + i * ldh + j), U - j);
        cell.end(i, n, kept);
        if (!dx_here || b.shape.add_dx || plan.count[n] == T) continue;
        for (int64_t t = 0; t < T; ++t)
          if (!b.mask[n * T + t])
            for (int64_t d = 0; d < D; d += kLanes) store_n(b.dx + (n * T + t) * D + d, zero(), D - d);
      }
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
