// What the three plain recurrent references share. Included by the `_ref` files only.
#pragma once
#include <vector>

#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "kernels/recurrent/recurrent.h"

namespace saraf {
namespace ref {
namespace {

int64_t time_at(const RecurrentShape& s, int64_t p) { return s.reverse ? s.T - 1 - p : p; }
bool valid(const uint8_t* mask, int64_t step) { return !mask || mask[step]; }

// The valid steps in the order of weight gradients: n·T+t, and the same of the valid step processed before, or -1.
struct Steps {
  std::vector<int64_t> at, before;
};

Steps valid_steps(const RecurrentShape& s, const uint8_t* mask) {
  Steps steps;
  std::vector<int64_t> before((size_t)(s.N * s.T), -1);
  for (int64_t n = 0; n < s.N; ++n) {
    int64_t last = -1;
    for (int64_t p = 0; p < s.T; ++p) {
      const int64_t step = n * s.T + time_at(s, p);
      if (!valid(mask, step)) continue;
      before[(size_t)step] = last;
      last = step;
    }
    for (int64_t t = 0; t < s.T; ++t) {
      const int64_t step = n * s.T + t;
      if (!valid(mask, step)) continue;
      steps.at.push_back(step);
      steps.before.push_back(before[(size_t)step]);
    }
  }
  return steps;
}

// Walks every row: step(row, step, h) computes the new state in place of h (U values), with whatever else `row` keeps.
// Writes y and hT.
template <class T, class Row, class Begin, class Step, class End>
void walk_forward(const RecurrentForward<T>& f, Begin begin, Step step, End end) {
  const RecurrentShape& s = f.shape;
  parallel_for(s.N, 1, [&](int64_t n0, int64_t n1, int) {
    for (int64_t n = n0; n < n1; ++n) {
      std::vector<T> h((size_t)s.U, T(0)), out((size_t)s.U, T(0));
      if (f.h0) h.assign(f.h0 + n * s.U, f.h0 + (n + 1) * s.U);
      Row row = begin(n);
      for (int64_t p = 0; p < s.T; ++p) {
        const int64_t at = n * s.T + time_at(s, p);
        T* y = f.y + at * s.U;
        if (valid(f.mask, at)) {
          step(row, at, h.data());
          out = h;
          for (int64_t j = 0; j < s.U; ++j) y[j] = h[(size_t)j];
        } else {
          for (int64_t j = 0; j < s.U; ++j) y[j] = s.zero_output_for_mask ? T(0) : out[(size_t)j];
        }
      }
      for (int64_t j = 0; j < s.U; ++j) f.hT[n * s.U + j] = h[(size_t)j];
      end(row, n);
    }
  });
}

// (Σ x·w) + b, column `col` of G.
template <class T>
T input_sum(const RecurrentForward<T>& f, int64_t at, int64_t col, int64_t G) {
  const int64_t D = f.shape.D;
  T sum = ordered_dot(T(0), D, 1, [&](int64_t k) { return f.x[at * D + k]; }, [&](int64_t k) { return f.w[k * G + col]; });
  return f.b ? sum + f.b[col] : sum;
}
// Σ h·u
template <class T>
T state_sum(const T* h, const T* u, int64_t U, int64_t col, int64_t G) {
  return ordered_dot(T(0), U, 1, [&](int64_t k) { return h[k]; }, [&](int64_t k) { return u[k * G + col]; });
}

// Walks every row backwards: step(row, at, before, d, dh) gets d and leaves the new carry in dh. `before` is the valid step
// before, or -1.
template <class T, class Row, class Begin, class Step, class End>
void walk_backward(const RecurrentBackward<T>& b, Begin begin, Step step, End end) {
  const RecurrentShape& s = b.shape;
  parallel_for(s.N, 1, [&](int64_t n0, int64_t n1, int) {
    for (int64_t n = n0; n < n1; ++n) {
      std::vector<T> dh((size_t)s.U, T(0)), d((size_t)s.U);
      if (b.dhT) dh.assign(b.dhT + n * s.U, b.dhT + (n + 1) * s.U);
      Row row = begin(n);
      for (int64_t p = s.T - 1; p >= 0; --p) {
        const int64_t at = n * s.T + time_at(s, p);
        int64_t q = p - 1;
        while (q >= 0 && !valid(b.mask, n * s.T + time_at(s, q))) --q;
        const int64_t before = q < 0 ? -1 : n * s.T + time_at(s, q);
        if (valid(b.mask, at)) {
          for (int64_t j = 0; j < s.U; ++j) d[(size_t)j] = ref_quiet(b.dy ? b.dy[at * s.U + j] + dh[(size_t)j] : dh[(size_t)j]);
          step(row, at, before, d.data(), dh.data());
        } else if (b.dy && !s.zero_output_for_mask && before >= 0) {
          for (int64_t j = 0; j < s.U; ++j) dh[(size_t)j] = dh[(size_t)j] + b.dy[at * s.U + j];
        }
      }
      if (b.dh0)
        for (int64_t j = 0; j < s.U; ++j) b.dh0[n * s.U + j] = dh[(size_t)j];
      end(row, n);
    }
  });
}

// The state before a valid step of row n, unit j.
template <class T>
T state_before(const RecurrentBackward<T>& b, int64_t n, int64_t before, int64_t j) {
  const int64_t U = b.shape.U;
  return before >= 0 ? b.y[before * U + j] : b.h0 ? b.h0[n * U + j] : T(0);
}

// Whether feature d is 0 in all valid steps of row n.
template <class T>
bool dropped(const RecurrentBackward<T>& b, int64_t n, int64_t d) {
  for (int64_t at = n * b.shape.T; at < (n + 1) * b.shape.T; ++at)
    if (valid(b.mask, at) && b.x[at * b.shape.D + d] != 0) return false;
  return true;
}

// dx = Σ dz·wᵀ over the first G of `ld` columns; 0 on masked steps, and of dropped inputs. With add_dx it is added, and nothing there.
template <class T>
void input_gradient(const RecurrentBackward<T>& b, const T* dz, int64_t G, int64_t ld) {
  const RecurrentShape& s = b.shape;
  if (!b.dx) return;
  parallel_for(s.N * s.T, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t at = begin; at < end; ++at)
      for (int64_t d = 0; d < s.D; ++d) {
        T& dx = b.dx[at * s.D + d];
        if (!valid(b.mask, at) || (s.dropped_inputs && dropped(b, at / s.T, d))) {
          if (!s.add_dx) dx = 0;
          continue;
        }
        const T sum = ordered_dot(T(0), G, 1, [&](int64_t k) { return dz[at * ld + k]; }, [&](int64_t k) { return b.w[d * G + k]; });
        dx = s.add_dx ? dx + sum : sum;
      }
  });
}

// out (rows, cols), row stride ldo: Σ over the valid steps of left(k, row)·dz[at·ld + col].
template <class T, class Left>
void weight_sum(const Steps& steps, int64_t groups, int64_t rows, int64_t cols, Left left, const T* dz, int64_t ld, T* out, int64_t ldo) {
  const int64_t K = (int64_t)steps.at.size();
  parallel_for(rows, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r)
      for (int64_t c = 0; c < cols; ++c)
        out[r * ldo + c] = ordered_dot(T(0), K, groups, [&](int64_t k) { return left(k, r); },
                                       [&](int64_t k) { return dz[steps.at[(size_t)k] * ld + c]; });
  });
}
template <class T>
void bias_sum(const Steps& steps, int64_t groups, int64_t cols, const T* dz, int64_t ld, T* out) {
  for (int64_t c = 0; c < cols; ++c)
    out[c] = ordered_sum(T(0), (int64_t)steps.at.size(), groups, [&](int64_t k) { return dz[steps.at[(size_t)k] * ld + c]; });
}

// dw, du, db where one dz serves all of them.
template <class T>
void weight_gradients(const RecurrentBackward<T>& b, const T* dz, int64_t G) {
  const RecurrentShape& s = b.shape;
  const Steps steps = valid_steps(s, b.mask);
  const int64_t groups = weight_groups((int64_t)steps.at.size(), (s.D + s.U) * G);
  if (b.dw) weight_sum(steps, groups, s.D, G, [&](int64_t k, int64_t d) { return b.x[steps.at[(size_t)k] * s.D + d]; }, dz, G, b.dw, G);
  if (b.du)
    weight_sum(steps, groups, s.U, G,
               [&](int64_t k, int64_t j) { return state_before(b, steps.at[(size_t)k] / s.T, steps.before[(size_t)k], j); }, dz, G, b.du, G);
  if (b.db) bias_sum(steps, groups, G, dz, G, b.db);
}

}  // namespace
}  // namespace ref
}  // namespace saraf
