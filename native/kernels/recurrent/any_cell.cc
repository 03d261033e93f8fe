#include "kernels/recurrent/any_cell.h"

#include <cmath>
#include <cstring>

#include "core/scratch.h"
#include "isa/kernel_table.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

void product(const GemmArgs<float>& g) { kernels().f32_gemm(g); }
void product(const GemmArgs<double>& g) { ref::f64_gemm(g); }
void column_sum(const float* x, int64_t rows, int64_t cols, int64_t ld, float* y) { kernels().f32_column_sum(x, rows, cols, ld, y); }
void column_sum(const double* x, int64_t rows, int64_t cols, int64_t ld, double* y) { ref::f64_column_sum(x, rows, cols, ld, y); }

template <class T>
CurveParams<T> numbers(const CellActivation& act) {
  return {(T)act.a, (T)act.b, (T)act.c, (T)act.d};
}
void curve(const float* x, float* y, int64_t n, const CellActivation& act) { kernels().f32_curve_fwd(x, y, n, (Curve)(act.code - kCellCurves), numbers<float>(act)); }
void curve(const double* x, double* y, int64_t n, const CellActivation& act) { ref::f64_curve_fwd(x, y, n, (Curve)(act.code - kCellCurves), numbers<double>(act)); }
void curve_slope(const float* x, const float* dy, float* dx, int64_t n, const CellActivation& act) {
  kernels().f32_curve_bwd(x, dy, dx, n, (Curve)(act.code - kCellCurves), numbers<float>(act));
}
void curve_slope(const double* x, const double* dy, double* dx, int64_t n, const CellActivation& act) {
  ref::f64_curve_bwd(x, dy, dx, n, (Curve)(act.code - kCellCurves), numbers<double>(act));
}
void fused(const float* x, float* y, int64_t n, Activation act) { kernels().f32_activation_fwd(x, y, n, act); }
void fused(const double* x, double* y, int64_t n, Activation act) { ref::f64_activation_fwd(x, y, n, act); }
void fused_slope(const float* y, const float* dy, float* dx, int64_t n, Activation act) { kernels().f32_activation_bwd(y, dy, dx, n, act); }
void fused_slope(const double* y, const double* dy, double* dx, int64_t n, Activation act) { ref::f64_activation_bwd(y, dy, dx, n, act); }

// y = act(x); y may be x. Here as in slope, a NaN stays a NaN.
template <class T>
void activate(const CellActivation& act, const T* x, T* y, int64_t n) {
  if (act.code >= kCellCurves) {
    curve(x, y, n, act);
  } else if (act.code == kCellSoftsign) {
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] / (T(1) + std::fabs(x[i]));
  } else if (act.code == kCellHardSigmoid || act.code == kCellHardSigmoidKeras2) {
    const T by = act.code == kCellHardSigmoid ? T(6) : T(5);
    for (int64_t i = 0; i < n; ++i) {
      const T z = x[i] / by + T(0.5);
      y[i] = z < T(0) ? T(0) : z > T(1) ? T(1) : z;
    }
  } else {
    fused(x, y, n, (Activation)act.code);
  }
}
// dx = dy·act'(x), y = act(x); dx may be dy.
template <class T>
void slope(const CellActivation& act, const T* x, const T* y, const T* dy, T* dx, int64_t n) {
  if (act.code >= kCellCurves) {
    curve_slope(x, dy, dx, n, act);
  } else if (act.code == kCellSoftsign) {
    for (int64_t i = 0; i < n; ++i) {
      const T r = T(1) / (T(1) + std::fabs(x[i]));
      dx[i] = dy[i] * (r * r);
    }
  } else if (act.code == kCellHardSigmoid || act.code == kCellHardSigmoidKeras2) {
    const T by = act.code == kCellHardSigmoid ? T(6) : T(5);
    for (int64_t i = 0; i < n; ++i) {
      const T z = x[i] / by + T(0.5);
      dx[i] = z <= T(0) || z >= T(1) ? T(0) : dy[i] / by;
    }
  } else {
    fused_slope(y, dy, dx, n, (Activation)act.code);
  }
}

float quiet(float x) { return std::fabs(x) < 0x1p-96f ? 0.0f : x; }
double quiet(double x) { return x; }

// Consecutive pieces of one workspace.
template <class T>
class Pieces {
 public:
  Pieces(Slot slot, int64_t values) : at_(static_cast<T*>(scratch_bytes(slot, (size_t)(values > 0 ? values : 1) * sizeof(T)))) {}
  T* take(int64_t n) {
    T* piece = at_;
    at_ += n;
    return piece;
  }

 private:
  T* at_;
};

// Row-major blocks of U columns: `from` with rows ld_from apart to `to` with rows ld_to apart.
template <class T>
void copy_rows(const T* from, int64_t ld_from, T* to, int64_t ld_to, int64_t rows, int64_t cols) {
  for (int64_t n = 0; n < rows; ++n) std::memcpy(to + n * ld_to, from + n * ld_from, (size_t)cols * sizeof(T));
}

template <class T>
void start(T* state, const T* given, int64_t n) {
  if (given) std::memcpy(state, given, (size_t)n * sizeof(T));
  else std::memset(state, 0, (size_t)n * sizeof(T));
}

bool valid(const uint8_t* mask, const RecurrentShape& s, int64_t n, int64_t t) { return !mask || mask[n * s.T + t]; }
int64_t time_of(const RecurrentShape& s, int64_t p) { return s.reverse ? s.T - 1 - p : p; }

// hd = h ⊙ kept
template <class T>
const T* dropped(const T* h, const T* kept, T* to, int64_t n) {
  if (!kept) return h;
  for (int64_t i = 0; i < n; ++i) to[i] = h[i] * kept[i];
  return to;
}

// Outputs of step t from the new states, and for masked rows the states of before.
template <class T>
void end_step(const RecurrentShape& s, const uint8_t* mask, int64_t t, T* h, const T* h_new, T* c, const T* c_new, T* out, T* y) {
  for (int64_t n = 0; n < s.N; ++n) {
    T* to = y + (n * s.T + t) * s.U;
    if (valid(mask, s, n, t)) {
      for (int64_t j = 0; j < s.U; ++j) h[n * s.U + j] = out[n * s.U + j] = to[j] = h_new[n * s.U + j];
      if (c) std::memcpy(c + n * s.U, c_new + n * s.U, (size_t)s.U * sizeof(T));
    } else {
      for (int64_t j = 0; j < s.U; ++j) to[j] = s.zero_output_for_mask ? T(0) : out[n * s.U + j];
    }
  }
}

// The first valid step of each row in processing order, T where there is none.
void first_steps(const RecurrentShape& s, const uint8_t* mask, int32_t* first) {
  for (int64_t n = 0; n < s.N; ++n) {
    int64_t p = 0;
    while (p < s.T && !valid(mask, s, n, time_of(s, p))) ++p;
    first[n] = (int32_t)p;
  }
}

// h before each step, times kept: (N,T,U), from y.
template <class T>
void states_before(const RecurrentShape& s, const uint8_t* mask, const T* h0, const T* y, T* h, T* before) {
  start(h, h0, s.N * s.U);
  for (int64_t p = 0; p < s.T; ++p) {
    const int64_t t = time_of(s, p);
    for (int64_t n = 0; n < s.N; ++n) {
      T *state = h + n * s.U, *to = before + (n * s.T + t) * s.U;
      std::memcpy(to, state, (size_t)s.U * sizeof(T));
      if (valid(mask, s, n, t)) std::memcpy(state, y + (n * s.T + t) * s.U, (size_t)s.U * sizeof(T));
    }
  }
}

// What reaches h of step t: d of valid rows (0 of others); a masked row's dy joins what it carries.
template <class T>
void gradient_of_step(const RecurrentShape& s, const uint8_t* mask, const int32_t* first, int64_t p, const T* dy, T* dh, T* d) {
  const int64_t t = time_of(s, p);
  for (int64_t n = 0; n < s.N; ++n) {
    const T* from = dy ? dy + (n * s.T + t) * s.U : nullptr;
    T *carry = dh + n * s.U, *to = d + n * s.U;
    const bool in = valid(mask, s, n, t);
    if (!in && from && !s.zero_output_for_mask && p > first[n])
      for (int64_t j = 0; j < s.U; ++j) carry[j] = quiet(carry[j] + from[j]);
    for (int64_t j = 0; j < s.U; ++j) to[j] = in ? quiet(from ? from[j] + carry[j] : carry[j]) : T(0);
  }
}

template <class T>
void replace_valid(const RecurrentShape& s, const uint8_t* mask, int64_t t, T* carry, const T* made) {
  for (int64_t n = 0; n < s.N; ++n)
    if (valid(mask, s, n, t))
      for (int64_t j = 0; j < s.U; ++j) carry[n * s.U + j] = quiet(made[n * s.U + j]);
}

// dx, dw, db from the gradients of what entered the gates: G columns, rows ld apart.
template <class T>
void input_gradients(const RecurrentBackward<T>& b, const T* dz, int64_t G, int64_t ld) {
  const RecurrentShape& s = b.shape;
  const int64_t rows = s.N * s.T;
  if (b.dx) {
    T* made = s.add_dx ? static_cast<T*>(scratch_bytes(Slot::kRecurrentC, (size_t)(rows * s.D) * sizeof(T))) : b.dx;
    product({rows, s.D, G, dz, ld, false, b.w, G, true, made, s.D, nullptr, kLinear, false});
    if (s.add_dx)
      for (int64_t i = 0; i < rows * s.D; ++i) b.dx[i] = b.dx[i] + made[i];
  }
  if (b.dw) product({s.D, G, rows, b.x, s.D, true, dz, ld, false, b.dw, G, nullptr, kLinear, true});
  if (b.db) column_sum(dz, rows, G, ld, b.db);
}

template <class T>
void simple_rnn_fwd(const SimpleRnnForward<T>& f, const AnyCell<T>& cell) {
  const RecurrentShape& s = f.shape;
  const int64_t NU = s.N * s.U;
  Pieces<T> pieces(Slot::kRecurrentA, 5 * NU + (cell.pre ? 0 : s.T * NU));
  T *h = f.hT, *out = pieces.take(NU), *hd = pieces.take(NU), *sum = pieces.take(NU), *made = pieces.take(NU);
  T* pre = cell.pre ? cell.pre : pieces.take(s.T * NU);
  product({s.N * s.T, s.U, s.D, f.x, s.D, false, f.w, s.U, false, pre, s.U, f.b, kLinear, false});
  start(h, f.h0, NU);
  start<T>(out, nullptr, NU);
  for (int64_t p = 0; p < s.T; ++p) {
    const int64_t t = time_of(s, p);
    product({s.N, s.U, s.U, dropped<T>(h, cell.kept, hd, NU), s.U, false, f.u, s.U, false, sum, s.U, nullptr, kLinear, false});
    for (int64_t n = 0; n < s.N; ++n)
      for (int64_t j = 0; j < s.U; ++j) {
        T& z = pre[(n * s.T + t) * s.U + j];
        z = z + sum[n * s.U + j];
        sum[n * s.U + j] = z;
      }
    activate(cell.activation, sum, made, NU);
    for (int64_t i = 0; i < NU; ++i) made[i] = quiet(made[i]);
    end_step<T>(s, f.mask, t, h, made, nullptr, nullptr, out, f.y);
  }
}

template <class T>
void simple_rnn_bwd(const SimpleRnnBackward<T>& b, const AnyCell<T>& cell) {
  const RecurrentShape& s = b.shape;
  const int64_t NU = s.N * s.U, rows = s.N * s.T;
  Pieces<T> pieces(Slot::kRecurrentA, 5 * NU + s.T * NU);
  int32_t* first = static_cast<int32_t*>(scratch_bytes(Slot::kRecurrentIndex, (size_t)(s.N + 1) * sizeof(int32_t)));
  T *dh = pieces.take(NU), *d = pieces.take(NU), *pre = pieces.take(NU), *h = pieces.take(NU), *before = pieces.take(s.T * NU);
  first_steps(s, b.mask, first);
  start(dh, b.dhT, NU);
  for (int64_t p = s.T - 1; p >= 0; --p) {
    const int64_t t = time_of(s, p);
    gradient_of_step(s, b.mask, first, p, b.dy, dh, d);
    copy_rows(cell.pre + t * s.U, s.T * s.U, pre, s.U, s.N, s.U);
    activate(cell.activation, pre, h, NU);
    slope(cell.activation, pre, h, d, d, NU);
    copy_rows(d, s.U, b.dz + t * s.U, s.T * s.U, s.N, s.U);
    product({s.N, s.U, s.U, d, s.U, false, b.u, s.U, true, h, s.U, nullptr, kLinear, false});
    replace_valid(s, b.mask, t, dh, dropped<T>(h, cell.kept, pre, NU));
  }
  if (b.dh0) std::memcpy(b.dh0, dh, (size_t)NU * sizeof(T));
  input_gradients(b, b.dz, s.U, s.U);
  if (!b.du) return;
  states_before(s, b.mask, b.h0, b.y, h, before);
  if (cell.kept)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < s.U; ++j) before[r * s.U + j] = before[r * s.U + j] * cell.kept[r / s.T * s.U + j];
  product({s.U, s.U, rows, before, s.U, true, b.dz, s.U, false, b.du, s.U, nullptr, kLinear, true});
}

// Blocks i, f, o, g of N·U each, from rows of pre in the order i f g o.
template <class T>
void lstm_gates(const RecurrentShape& s, const AnyCell<T>& cell, const T* pre, int64_t ld, T* blocks, T* gates) {
  const int64_t NU = s.N * s.U;
  static const int64_t at[4] = {0, 1, 3, 2};
  for (int64_t k = 0; k < 4; ++k) copy_rows(pre + k * s.U, ld, blocks + at[k] * NU, s.U, s.N, s.U);
  activate(cell.recurrent, blocks, gates, 3 * NU);
  activate(cell.activation, blocks + 3 * NU, gates + 3 * NU, NU);
}

template <class T>
void lstm_fwd(const LstmForward<T>& f, const AnyCell<T>& cell) {
  const RecurrentShape& s = f.shape;
  const int64_t NU = s.N * s.U, G = 4 * s.U;
  Pieces<T> pieces(Slot::kRecurrentA, 16 * NU + (f.gates ? 0 : s.T * 4 * NU));
  T *h = f.hT, *c = f.cT, *out = pieces.take(NU), *hd = pieces.take(NU), *sum = pieces.take(4 * NU), *blocks = pieces.take(4 * NU), *g = pieces.take(4 * NU);
  T *c_new = pieces.take(NU), *made = pieces.take(NU), *pre = f.gates ? f.gates : pieces.take(s.T * 4 * NU);
  product({s.N * s.T, G, s.D, f.x, s.D, false, f.w, G, false, pre, G, f.b, kLinear, false});
  start(h, f.h0, NU);
  start(c, f.c0, NU);
  start<T>(out, nullptr, NU);
  for (int64_t p = 0; p < s.T; ++p) {
    const int64_t t = time_of(s, p);
    product({s.N, G, s.U, dropped<T>(h, cell.kept, hd, NU), s.U, false, f.u, G, false, sum, G, nullptr, kLinear, false});
    for (int64_t n = 0; n < s.N; ++n) {
      T* z = pre + (n * s.T + t) * G;
      for (int64_t j = 0; j < G; ++j) z[j] = z[j] + sum[n * G + j];
    }
    lstm_gates(s, cell, pre + t * G, s.T * G, blocks, g);
    for (int64_t i = 0; i < NU; ++i) c_new[i] = quiet(g[NU + i] * c[i] + g[i] * g[3 * NU + i]);
    activate(cell.activation, c_new, made, NU);
    for (int64_t i = 0; i < NU; ++i) made[i] = quiet(g[2 * NU + i] * made[i]);
    end_step(s, f.mask, t, h, made, c, c_new, out, f.y);
    if (f.cells) copy_rows(c, s.U, f.cells + t * s.U, s.T * s.U, s.N, s.U);
  }
}

template <class T>
void lstm_bwd(const LstmBackward<T>& b, const AnyCell<T>& cell) {
  const RecurrentShape& s = b.shape;
  const int64_t NU = s.N * s.U, G = 4 * s.U, rows = s.N * s.T;
  Pieces<T> pieces(Slot::kRecurrentA, 24 * NU + s.T * NU);
  int32_t* first = static_cast<int32_t*>(scratch_bytes(Slot::kRecurrentIndex, (size_t)(s.N + 1) * sizeof(int32_t)));
  T *dh = pieces.take(NU), *dc = pieces.take(NU), *d = pieces.take(NU), *blocks = pieces.take(4 * NU), *g = pieces.take(4 * NU), *e = pieces.take(NU);
  T *c = pieces.take(NU), *c_before = pieces.take(NU), *a = pieces.take(NU), *dg = pieces.take(4 * NU), *dz = pieces.take(4 * NU), *before = pieces.take(s.T * NU);
  first_steps(s, b.mask, first);
  start(dh, b.dhT, NU);
  start(dc, b.dcT, NU);
  for (int64_t p = s.T - 1; p >= 0; --p) {
    const int64_t t = time_of(s, p);
    gradient_of_step(s, b.mask, first, p, b.dy, dh, d);
    lstm_gates<T>(s, cell, b.gates + t * G, s.T * G, blocks, g);
    copy_rows(b.cells + t * s.U, s.T * s.U, c, s.U, s.N, s.U);
    if (p > 0) copy_rows(b.cells + time_of(s, p - 1) * s.U, s.T * s.U, c_before, s.U, s.N, s.U);
    else start(c_before, b.c0, NU);
    activate(cell.activation, c, a, NU);
    for (int64_t i = 0; i < NU; ++i) {
      dg[2 * NU + i] = d[i] * a[i];
      e[i] = d[i] * g[2 * NU + i];
    }
    slope(cell.activation, c, a, e, e, NU);
    for (int64_t n = 0; n < s.N; ++n)
      for (int64_t j = 0, i = n * s.U; j < s.U; ++j, ++i) {
        e[i] = valid(b.mask, s, n, t) ? quiet(e[i] + dc[i]) : T(0);
        dg[i] = e[i] * g[3 * NU + i];
        dg[NU + i] = e[i] * c_before[i];
        dg[3 * NU + i] = e[i] * g[i];
        e[i] = e[i] * g[NU + i];
      }
    slope(cell.recurrent, blocks, g, dg, dg, 3 * NU);
    slope(cell.activation, blocks + 3 * NU, g + 3 * NU, dg + 3 * NU, dg + 3 * NU, NU);
    static const int64_t at[4] = {0, 1, 3, 2};
    for (int64_t k = 0; k < 4; ++k) copy_rows(dg + at[k] * NU, s.U, dz + k * s.U, G, s.N, s.U);
    copy_rows(dz, G, b.gates + t * G, s.T * G, s.N, G);
    product({s.N, s.U, G, dz, G, false, b.u, G, true, a, s.U, nullptr, kLinear, false});
    replace_valid(s, b.mask, t, dh, dropped<T>(a, cell.kept, c, NU));
    replace_valid<T>(s, b.mask, t, dc, e);
  }
  if (b.dh0) std::memcpy(b.dh0, dh, (size_t)NU * sizeof(T));
  if (b.dc0) std::memcpy(b.dc0, dc, (size_t)NU * sizeof(T));
  input_gradients(b, b.gates, G, G);
  if (!b.du) return;
  states_before(s, b.mask, b.h0, b.y, a, before);
  if (cell.kept)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < s.U; ++j) before[r * s.U + j] = before[r * s.U + j] * cell.kept[r / s.T * s.U + j];
  product({s.U, G, rows, before, s.U, true, b.gates, G, false, b.du, G, nullptr, kLinear, true});
}

template <class T>
void gru_fwd(const GruForward<T>& f, const AnyCell<T>& cell) {
  const RecurrentShape& s = f.shape;
  const int64_t NU = s.N * s.U, U = s.U, G = 3 * U, ld = f.gates ? 4 * U : G;
  Pieces<T> pieces(Slot::kRecurrentA, 12 * NU + (f.gates ? 0 : s.T * 3 * NU));
  T *h = f.hT, *out = pieces.take(NU), *hd = pieces.take(NU), *sum = pieces.take(3 * NU), *zr = pieces.take(2 * NU), *rh = pieces.take(NU);
  T *candidate = pieces.take(NU), *made = pieces.take(NU), *pre = f.gates ? f.gates : pieces.take(s.T * 3 * NU);
  const T* second = f.b && s.reset_after ? f.b + G : nullptr;
  product({s.N * s.T, G, s.D, f.x, s.D, false, f.w, G, false, pre, ld, f.b, kLinear, false});
  start(h, f.h0, NU);
  start<T>(out, nullptr, NU);
  for (int64_t p = 0; p < s.T; ++p) {
    const int64_t t = time_of(s, p), columns = s.reset_after ? G : 2 * U;
    const T* state = dropped<T>(h, cell.kept, hd, NU);
    product({s.N, columns, U, state, U, false, f.u, G, false, sum, columns, second, kLinear, false});
    for (int64_t n = 0; n < s.N; ++n)
      for (int64_t k = 0; k < 2; ++k)
        for (int64_t j = 0; j < U; ++j) {
          T& z = pre[(n * s.T + t) * ld + k * U + j];
          z = z + sum[n * columns + k * U + j];
          if (s.textbook && k == 0) z = -z;
          zr[k * NU + n * U + j] = z;
        }
    activate(cell.recurrent, zr, zr, 2 * NU);
    if (!s.reset_after) {
      for (int64_t i = 0; i < NU; ++i) rh[i] = zr[NU + i] * state[i];
      product({s.N, U, U, rh, U, false, f.u + 2 * U, G, false, candidate, U, nullptr, kLinear, false});
    }
    for (int64_t n = 0; n < s.N; ++n) {
      T* row = pre + (n * s.T + t) * ld;
      for (int64_t j = 0, i = n * U; j < U; ++j, ++i) {
        const T last = s.reset_after ? sum[n * G + 2 * U + j] : rh[i];
        candidate[i] = row[2 * U + j] + (s.reset_after ? zr[NU + i] * last : candidate[i]);
        row[2 * U + j] = candidate[i];
        if (f.gates) row[3 * U + j] = last;
      }
    }
    activate(cell.activation, candidate, candidate, NU);
    for (int64_t i = 0; i < NU; ++i) {
      const T kept = zr[i] * h[i], fresh = (T(1) - zr[i]) * candidate[i];
      made[i] = quiet(kept + fresh);
    }
    end_step<T>(s, f.mask, t, h, made, nullptr, nullptr, out, f.y);
  }
}

template <class T>
void gru_bwd(const GruBackward<T>& b, const AnyCell<T>& cell) {
  const RecurrentShape& s = b.shape;
  const int64_t NU = s.N * s.U, U = s.U, G = 3 * U, ld = 4 * U, rows = s.N * s.T;
  Pieces<T> pieces(Slot::kRecurrentA, 24 * NU + s.T * NU);
  int32_t* first = static_cast<int32_t*>(scratch_bytes(Slot::kRecurrentIndex, (size_t)(s.N + 1) * sizeof(int32_t)));
  T *dh = pieces.take(NU), *d = pieces.take(NU), *h = pieces.take(NU), *hd = pieces.take(NU), *pre = pieces.take(3 * NU), *g = pieces.take(3 * NU);
  T *last = pieces.take(NU), *dg = pieces.take(3 * NU), *dz = pieces.take(3 * NU), *made = pieces.take(NU), *reset = pieces.take(NU), *before = pieces.take(s.T * NU);
  first_steps(s, b.mask, first);
  states_before(s, b.mask, b.h0, b.y, h, before);
  start(dh, b.dhT, NU);
  for (int64_t p = s.T - 1; p >= 0; --p) {
    const int64_t t = time_of(s, p);
    gradient_of_step(s, b.mask, first, p, b.dy, dh, d);
    for (int64_t k = 0; k < 3; ++k) copy_rows(b.gates + t * ld + k * U, s.T * ld, pre + k * NU, U, s.N, U);
    copy_rows(b.gates + t * ld + G, s.T * ld, last, U, s.N, U);
    copy_rows(before + t * U, s.T * U, h, U, s.N, U);
    activate(cell.recurrent, pre, g, 2 * NU);
    activate(cell.activation, pre + 2 * NU, g + 2 * NU, NU);
    for (int64_t i = 0; i < NU; ++i) {
      dg[i] = d[i] * (h[i] - g[2 * NU + i]);
      dg[2 * NU + i] = d[i] * (T(1) - g[i]);
    }
    slope(cell.activation, pre + 2 * NU, g + 2 * NU, dg + 2 * NU, dg + 2 * NU, NU);
    if (s.reset_after) {
      for (int64_t i = 0; i < NU; ++i) dg[NU + i] = dg[2 * NU + i] * last[i];
    } else {
      const T* state = dropped<T>(h, cell.kept, hd, NU);
      product({s.N, U, U, dg + 2 * NU, U, false, b.u + 2 * U, G, true, reset, U, nullptr, kLinear, false});
      for (int64_t i = 0; i < NU; ++i) dg[NU + i] = reset[i] * state[i];
    }
    // r before it is overwritten below.
    const T* r = g + NU;
    slope(cell.recurrent, pre, g, dg, dg, 2 * NU);
    for (int64_t i = 0; s.textbook && i < NU; ++i) dg[i] = -dg[i];
    for (int64_t k = 0; k < 3; ++k) copy_rows(dg + k * NU, U, b.gates + t * ld + k * U, s.T * ld, s.N, U);
    const int64_t columns = s.reset_after ? G : 2 * U;
    for (int64_t n = 0; n < s.N; ++n)
      for (int64_t j = 0, i = n * U; j < U; ++j, ++i) {
        dz[n * columns + j] = dg[i];
        dz[n * columns + U + j] = dg[NU + i];
        if (!s.reset_after) continue;
        const T dq = dg[2 * NU + i] * r[i];
        dz[n * columns + 2 * U + j] = dq;
        b.gates[(n * s.T + t) * ld + G + j] = dq;
      }
    product({s.N, U, columns, dz, columns, false, b.u, G, true, made, U, nullptr, kLinear, false});
    for (int64_t i = 0; i < NU; ++i) {
      T through = s.reset_after ? made[i] : reset[i] * r[i] + made[i];
      if (cell.kept) through = through * cell.kept[i];
      made[i] = d[i] * g[i] + through;
    }
    replace_valid<T>(s, b.mask, t, dh, made);
    // Rows whose r·hd was not used must not reach the weights.
    if (!s.reset_after)
      for (int64_t n = 0; n < s.N; ++n)
        if (!valid(b.mask, s, n, t)) std::memset(b.gates + (n * s.T + t) * ld + G, 0, (size_t)U * sizeof(T));
  }
  if (b.dh0) std::memcpy(b.dh0, dh, (size_t)NU * sizeof(T));
  input_gradients(b, b.gates, G, ld);
  if (b.db && s.reset_after) {
    column_sum(b.gates, rows, 2 * U, ld, b.db + G);
    column_sum(b.gates + G, rows, U, ld, b.db + G + 2 * U);
  }
  if (!b.du) return;
  if (cell.kept)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < U; ++j) before[r * U + j] = before[r * U + j] * cell.kept[r / s.T * U + j];
  product({U, 2 * U, rows, before, U, true, b.gates, ld, false, b.du, G, nullptr, kLinear, true});
  if (s.reset_after) product({U, U, rows, before, U, true, b.gates + G, ld, false, b.du + 2 * U, G, nullptr, kLinear, true});
  else product({U, U, rows, b.gates + G, ld, true, b.gates + 2 * U, ld, false, b.du + 2 * U, G, nullptr, kLinear, true});
}

}  // namespace

void any_simple_rnn_fwd(const SimpleRnnForward<float>& f, const AnyCell<float>& cell) { simple_rnn_fwd(f, cell); }
void any_simple_rnn_fwd(const SimpleRnnForward<double>& f, const AnyCell<double>& cell) { simple_rnn_fwd(f, cell); }
void any_simple_rnn_bwd(const SimpleRnnBackward<float>& b, const AnyCell<float>& cell) { simple_rnn_bwd(b, cell); }
void any_simple_rnn_bwd(const SimpleRnnBackward<double>& b, const AnyCell<double>& cell) { simple_rnn_bwd(b, cell); }
void any_lstm_fwd(const LstmForward<float>& f, const AnyCell<float>& cell) { lstm_fwd(f, cell); }
void any_lstm_fwd(const LstmForward<double>& f, const AnyCell<double>& cell) { lstm_fwd(f, cell); }
void any_lstm_bwd(const LstmBackward<float>& b, const AnyCell<float>& cell) { lstm_bwd(b, cell); }
void any_lstm_bwd(const LstmBackward<double>& b, const AnyCell<double>& cell) { lstm_bwd(b, cell); }
void any_gru_fwd(const GruForward<float>& f, const AnyCell<float>& cell) { gru_fwd(f, cell); }
void any_gru_fwd(const GruForward<double>& f, const AnyCell<double>& cell) { gru_fwd(f, cell); }
void any_gru_bwd(const GruBackward<float>& b, const AnyCell<float>& cell) { gru_bwd(b, cell); }
void any_gru_bwd(const GruBackward<double>& b, const AnyCell<double>& cell) { gru_bwd(b, cell); }

}  // namespace saraf
