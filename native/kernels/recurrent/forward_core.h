// The forward pass that the three cells share.
//
// Rows are dealt to panels, and a thread owns a panel for the whole sequence: no barrier. A panel takes its valid steps in
// blocks: the inputs' part of the gates for the whole block (a product that fits L2), then step by step the recurrent part. Its rows are
// ordered by their number of steps, so that the ones still active are always the first. An input that is that of the step before, as
// over unmasked padding, is multiplied once and its product copied.
#pragma once
#include <cstring>

#include "core/parallel.h"
#include "core/scratch.h"
#include "kernels/recurrent/dropped_inputs.h"
#include "kernels/recurrent/plan.h"
#include "kernels/recurrent/recurrent.h"
#include "kernels/recurrent/row_tile.h"

namespace saraf {
namespace SARAF_ISA_NS {

enum : int64_t {
  kPanelRows = 64,       // at most, so that a panel's states stay in L2
  kBlockFloats = 65536,  // of gates in a block of steps
};

// A hint: the address need not exist.
SARAF_INLINE void prefetch(const float* p) { __builtin_prefetch(p); }
SARAF_INLINE int64_t padded(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }
// A row stride that does not map all rows to the same cache sets.
SARAF_INLINE int64_t spread(int64_t n) { return padded(n) + kLanes; }
SARAF_INLINE int lanes_at(int64_t first, int64_t n) { return (int)(n - first < kLanes ? n - first : kLanes); }

// Where a row's next step lies in memory, if it is not masked.
SARAF_INLINE int64_t step_after(const RecurrentShape& shape) { return shape.reverse ? -1 : 1; }

// How rows are shared: panel p owns rows order[p], order[p + panels], …
struct Deal {
  int64_t panels, threads, rows;  // rows: the most in a panel
};
static inline Deal deal_rows(const RecurrentPlan& plan, double work_per_step) {
  const int64_t threads = (double)plan.steps * work_per_step < 2e5 ? 1 : thread_count();
  int64_t panels = threads * ((plan.N + threads * kPanelRows - 1) / (threads * kPanelRows));
  if (panels > plan.N) panels = plan.N;
  return {panels, threads < panels ? threads : panels, (plan.N + panels - 1) / panels};
}
SARAF_INLINE int64_t panel_rows(const RecurrentPlan& plan, const Deal& deal, int64_t panel) {
  return (plan.N - panel + deal.panels - 1) / deal.panels;
}

// One step of a panel, as a cell sees it. Rows 0 … active-1 are at step `at[i]` (n·T+t).
struct ForwardStep {
  int64_t rows, active;  // rows: that `own` has room for
  const int32_t* at;
  const float* h;  // (active, ldh) before
  float* hn;       // after
  int64_t ldh;
  const float* z;  // (active, ldz): (Σ x·w) + b, vectors in the cell's order
  int64_t ldz;
  float* own;  // the cell's own scratch
};

// Cell: columns() vectors of gates per row; column(q), where vector q is in w, and ldw(); own_floats(rows); u_floats(), set_u(memory),
// u_tasks() and pack_u(task); begin(row, n, own), step(ForwardStep), end(row, n, own).
template <class Cell>
static void run_forward(const RecurrentForward<float>& f, const RecurrentPlan& plan, Cell& cell) {
  const int64_t N = plan.N, T = plan.T, D = f.shape.D, U = f.shape.U;
  if (N == 0) return;
  const int64_t vectors = cell.columns(), columns = vectors * kLanes;
  const Deal deal = deal_rows(plan, (double)(D + U) * (double)columns);
  const int64_t R = deal.rows, ldh = spread(U), ldz = spread(columns), ldx = spread(D);
  int64_t block = kBlockFloats / (R * ldz);
  const bool drops = f.shape.dropped_inputs;
  if (drops && block < kKeptSteps) block = kKeptSteps;
  block = block < 1 ? 1 : block > T ? T : block;
  const KeptInputs kept_inputs = drops ? find_kept_inputs(f.x, D, plan) : KeptInputs{};

  // Shared: w in strips of kWide vectors, then the bias in their order.
  float* packed = scratch_floats(Slot::kRecurrentA, (size_t)(columns * (D + 1) + cell.u_floats()));
  cell.set_u(packed + columns * (D + 1));
  float* bias = f.b ? packed + columns * D : nullptr;
  const int64_t strips = (vectors + kWide - 1) / kWide, u_tasks = cell.u_tasks();
  parallel_for(strips + u_tasks, 1 + 131072 / (D * kWide * kLanes), [&](int64_t begin, int64_t end, int) {
    for (int64_t task = begin; task < end; ++task) {
      if (task >= strips) {
        cell.pack_u(task - strips);
        continue;
      }
      Column c[kWide];
      const int64_t q = task * kWide;
      const int width = (int)(vectors - q < kWide ? vectors - q : kWide);
      for (int v = 0; v < width; ++v) {
        c[v] = cell.column(q + v);
        if (bias) store(bias + (q + v) * kLanes, load_n(f.b + c[v].at, c[v].lanes));
      }
      pack_strip(f.w, cell.ldw(), D, c, width, packed + q * kLanes * D);
    }
  });

  // Per thread: two states, the block's gates, a few rows of x, the cell's own, and which step each row is at.
  const int64_t own = cell.own_floats(R);
  const int64_t rows_of_x = drops && block > kMaxTileRows ? block : kMaxTileRows;
  const int64_t per_thread = padded(2 * R * ldh + block * R * ldz + rows_of_x * ldx + own + 3 * block * R);
  float* memory = scratch_floats(Slot::kRecurrentB, (size_t)(deal.threads * per_thread));

  parallel_for(deal.panels, (deal.panels + deal.threads - 1) / deal.threads, [&](int64_t first, int64_t last, int thread) {
    float* h = memory + thread * per_thread;
    float *hn = h + R * ldh, *z = hn + R * ldh, *rows_x = z + block * R * ldz, *kept = rows_x + rows_of_x * ldx;
    int32_t* at = reinterpret_cast<int32_t*>(kept + own);
    // The block's inputs without repetitions: where each lies, and which one a row and step has.
    int32_t *inputs = at + block * R, *input_of = inputs + block * R;
    for (int64_t panel = first; panel < last; ++panel) {
      const int64_t rows = panel_rows(plan, deal, panel);
      auto row_of = [&](int64_t i) { return (int64_t)plan.order[panel + i * deal.panels]; };
      for (int64_t i = 0; i < rows; ++i) {
        const int64_t n = row_of(i);
        for (int64_t j = 0; j < U; j += kLanes) store(h + i * ldh + j, f.h0 ? load_n(f.h0 + n * U + j, U - j) : zero());
        cell.begin(i, n, kept);
      }
      int64_t active = rows;
      const int64_t steps = plan.count[row_of(0)];
      for (int64_t s0 = 0; s0 < steps; s0 += block) {
        const int64_t s1 = s0 + block < steps ? s0 + block : steps;
        int64_t total = 0, live = active, distinct = 0;
        for (int64_t s = s0, before = 0; s < s1; ++s) {
          while (plan.count[row_of(live - 1)] <= s) --live;
          const int64_t begin = total;
          for (int64_t i = 0; i < live; ++i) {
            const int64_t n = row_of(i);
            const int32_t now = (int32_t)(n * T + plan.time[n * T + s]);
            if (!drops && s > s0 && std::memcmp(f.x + now * D, f.x + at[before + i] * D, (size_t)D * sizeof(float)) == 0) input_of[total] = input_of[before + i];
            else inputs[input_of[total] = (int32_t)distinct++] = now;
            at[total++] = now;
          }
          before = begin;
        }
        // z = (Σ x·w) + b of the whole block: step by step, or with dropped inputs row by row, a row's steps together.
        auto product = [&](int64_t rows, float* to, auto&& strip) {
          for (int64_t v = 0; v < vectors; v += kWide) {
            const int width = (int)(vectors - v < kWide ? vectors - v : kWide);
            strip(rows, packed + v * kLanes * D, width, to + v * kLanes, bias ? bias + v * kLanes : nullptr);
          }
        };
        for (int64_t i = 0; drops && i < active; ++i) {
          const int64_t n = row_of(i), end = plan.count[n] < s1 ? plan.count[n] : s1;
          if (end <= s0) continue;
          gather_kept(kept_inputs, n, f.x, T, plan.time + n * T + s0, end - s0, rows_x, ldx);
          product(end - s0, z + i * block * ldz, [&](int64_t m, const float* strip, int width, float* c, const float* add) {
            picked_product(kept_inputs, n, rows_x, ldx, m, strip, width, c, ldz, add);
          });
        }
        const int64_t tile_rows = kTileRows[kWide], tiles = drops ? 0 : (distinct + tile_rows - 1) / tile_rows;
        for (int64_t q = 0; q < tiles; ++q) {
          const int64_t r = distinct * q / tiles, e = distinct * (q + 1) / tiles, next = distinct * (q + 2) / tiles;
          for (int64_t i = r; i < e; ++i) {
            const float* x = f.x + inputs[i] * D;
            for (int64_t d = 0; d < D; d += kLanes) store(rows_x + (i - r) * ldx + d, load_n(x + d, D - d));
          }
          for (int64_t i = e; i < next && i < distinct; ++i)
            for (int64_t d = 0; d < D; d += 16) prefetch(f.x + inputs[i] * D + d);
          product(e - r, z + r * ldz, [&](int64_t m, const float* strip, int width, float* c, const float* add) {
            strip_product(D, rows_x, ldx, m, strip, width, c, ldz, add);
          });
        }
        // To where they belong: from the last one on, as none lies behind its place.
        for (int64_t i = total - 1; !drops && distinct < total && i >= 0; --i)
          if (input_of[i] != i)
            for (int64_t j = 0; j < columns; j += kLanes) store(z + i * ldz + j, load(z + input_of[i] * ldz + j));
        // The recurrence.
        const int32_t* now = at;
        const float* gates = z;
        for (int64_t s = s0; s < s1; ++s) {
          while (plan.count[row_of(active - 1)] <= s) --active;
          cell.step(ForwardStep{R, active, now, h, hn, ldh, gates, drops ? block * ldz : ldz, kept});
          float* swap = h;
          h = hn;
          hn = swap;
          now += active;
          gates += drops ? ldz : active * ldz;
        }
      }
      for (int64_t i = 0; i < rows; ++i) {
        const int64_t n = row_of(i), count = plan.count[n];
        const float* state = count ? f.y + (n * T + plan.time[n * T + count - 1]) * U : f.h0 ? f.h0 + n * U : nullptr;
        for (int64_t j = 0; j < U; j += kLanes) store_n(f.hT + n * U + j, state ? load_n(state + j, U - j) : zero(), U - j);
        cell.end(i, n, kept);
        if (count == T) continue;
        const float* out = nullptr;
        for (int64_t p = 0; p < T; ++p) {
          const int64_t step = n * T + (f.shape.reverse ? T - 1 - p : p);
          float* y = f.y + step * U;
          if (f.mask[step]) out = f.shape.zero_output_for_mask ? nullptr : y;
          else
            for (int64_t j = 0; j < U; j += kLanes) store_n(y + j, out ? load_n(out + j, U - j) : zero(), U - j);
        }
      }
    }
  });
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
