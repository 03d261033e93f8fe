// SimpleRNN, LSTM, GRU: whole sequences, forward and backward.
#include <exception>
#include <functional>

#include "addon/args.h"
#include "core/parallel.h"
#include "core/scratch.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"
#include "kernels/recurrent/any_cell.h"
#include "kernels/recurrent/recurrent.h"

namespace saraf {

RecurrentShape Args::recurrent_shape(int i) const {
  const int32_t* g = array<int32_t>(i, "geometry", 5);
  const int32_t flags = g[4];
  const RecurrentShape s{g[0], g[1], g[2], g[3], (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, (flags & 8) != 0, (flags & 16) != 0, (flags & 32) != 0,
                         (flags & 64) != 0, (flags & 128) != 0};
  if (s.N < 0 || s.T < 0 || s.D < 1 || s.U < 1 || flags < 0 || flags > 255)
    fail("ERR_ARG", "expected geometry [N,T,D,U,flags] with D and U at least 1 and flags below 256, received [" + std::to_string(g[0]) + "," +
                        std::to_string(g[1]) + "," + std::to_string(g[2]) + "," + std::to_string(g[3]) + "," + std::to_string(g[4]) + "]");
  if (s.bfloat16 && (s.D < 16 || s.U < 16))
    fail("ERR_ARG", "expected at least 16 features and 16 units for products in bfloat16, received " + std::to_string(s.D) + " and " + std::to_string(s.U) +
                        "; clear the flag");
  if (s.bfloat16 && s.dropped_inputs) fail("ERR_ARG", "expected droppedInputs without bfloat16, received both; clear one of the flags");
  // Steps are numbered in 32 bits.
  if (s.N * s.T > INT32_MAX)
    fail("ERR_SHAPE", "expected less than 2^31 steps in a batch, received " + std::to_string(s.N * s.T) + "; use a smaller batch");
  return s;
}

namespace {

void run(const SimpleRnnForward<float>& f) { f.shape.bfloat16 ? mixed_kernels().bf16_simple_rnn_fwd(f) : kernels().f32_simple_rnn_fwd(f); }
void run(const SimpleRnnForward<double>& f) { ref::f64_simple_rnn_fwd(f); }
void run(const SimpleRnnBackward<float>& b) { b.shape.bfloat16 ? mixed_kernels().bf16_simple_rnn_bwd(b) : kernels().f32_simple_rnn_bwd(b); }
void run(const SimpleRnnBackward<double>& b) { ref::f64_simple_rnn_bwd(b); }
void run(const LstmForward<float>& f) { f.shape.bfloat16 ? mixed_kernels().bf16_lstm_fwd(f) : kernels().f32_lstm_fwd(f); }
void run(const LstmForward<double>& f) { ref::f64_lstm_fwd(f); }
void run(const LstmBackward<float>& b) { b.shape.bfloat16 ? mixed_kernels().bf16_lstm_bwd(b) : kernels().f32_lstm_bwd(b); }
void run(const LstmBackward<double>& b) { ref::f64_lstm_bwd(b); }
void run(const GruForward<float>& f) { f.shape.bfloat16 ? mixed_kernels().bf16_gru_fwd(f) : kernels().f32_gru_fwd(f); }
void run(const GruForward<double>& f) { ref::f64_gru_fwd(f); }
void run(const GruBackward<float>& b) { b.shape.bfloat16 ? mixed_kernels().bf16_gru_bwd(b) : kernels().f32_gru_bwd(b); }
void run(const GruBackward<double>& b) { ref::f64_gru_bwd(b); }

// A call with its arguments checked.
struct Job {
  std::function<void()> run;
  bool single;  // in float32
  RecurrentShape shape;
  // Runs it with dx = a buffer of `added` values instead of dx + …; null: it adds to nothing.
  std::function<void(float*)> run_apart;
  float* dx = nullptr;
  int64_t added = 0;
};

template <class F>
Job forward_job(const F& f) {
  return {[f] { run(f); }, std::is_same_v<std::remove_cv_t<std::remove_pointer_t<decltype(f.hT)>>, float>, f.shape, nullptr};
}
template <class B>
Job backward_job(const B& b) {
  Job job{[b] { run(b); }, std::is_same_v<std::remove_cv_t<std::remove_pointer_t<decltype(b.dw)>>, float>, b.shape, nullptr};
  if constexpr (std::is_same_v<std::remove_pointer_t<decltype(b.dx)>, float>) {
    if (!b.dx || !b.shape.add_dx) return job;
    job.run_apart = [b](float* dx) {
      B apart = b;
      apart.shape.add_dx = false;
      apart.dx = dx;
      run(apart);
    };
    job.dx = b.dx;
    job.added = b.shape.N * b.shape.T * b.shape.D;
  }
  return job;
}
// A call that goes step by step; it has the machine for itself.
template <class F>
Job any_job(const RecurrentShape& s, F run) {
  return {run, false, s, nullptr};
}

// Arguments i and i+1, which may be left out: [code, a, b, c, d] of the activation and where there are
// gates of theirs, and what the state is multiplied with before its product. Whether there are any.
template <class T>
bool any_cell(const Args& a, int i, const RecurrentShape& s, int count, AnyCell<T>* cell) {
  cell->kept = a.optional<T>(i + 1, "recurrentKept", s.N * s.U);
  cell->pre = nullptr;
  if (a.absent(i)) {
    if (cell->kept) a.fail("ERR_ARG", "expected activations together with recurrentKept, received none");
    return false;
  }
  if (s.bfloat16) a.fail("ERR_ARG", "expected the default activations for products in bfloat16; clear the flag");
  if (s.dropped_inputs) a.fail("ERR_ARG", "expected the default activations with droppedInputs; clear the flag");
  const double* given = a.array<double>(i, "activations", 5 * count);
  auto activation = [&](const double* g) {
    const int code = g[0] >= 0 && g[0] < 1e3 ? (int)g[0] : -1;
    if (code < 0 || code != g[0] || !(code < kCellActivations || (code >= kCellCurves && code < kCellCurves + (int)Curve::kCount)))
      a.fail("ERR_ARG", "expected activations from 0 to " + std::to_string((int)kCellActivations - 1) + " or curves from " + std::to_string((int)kCellCurves) + " to " +
                            std::to_string((int)kCellCurves + (int)Curve::kCount - 1) + ", received " + std::to_string(g[0]));
    return CellActivation{code, g[1], g[2], g[3], g[4]};
  };
  cell->activation = activation(given);
  cell->recurrent = activation(given + 5 * (count - 1));
  return true;
}

template <Job (*parse)(Args&)>
void once(Args& a) {
  parse(a).run();
}

void require_gru_form(const Args& a, const RecurrentShape& s) {
  if (s.textbook && s.reset_after) a.fail("ERR_ARG", "expected the textbook's form without reset_after; clear one of the flags");
}

int64_t bias_length(const RecurrentShape& s, int64_t gates) { return (gates == 3 && s.reset_after ? 2 : 1) * gates * s.U; }

void require_gradient_source(const Args& a, int dy, int dhT) {
  if (a.absent(dy) && a.absent(dhT)) a.fail("ERR_ARG", "expected dy or the gradient of a last state, received neither; skip backward where nothing flows");
}

// simpleRnnForward(x, w, u, b, h0, mask, y, hT, geometry, activation, activations?, recurrentKept?, pre?)
Job simple_rnn_forward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(8);
  const Activation act = a.activation(9);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    SimpleRnnForward<T> f;
    f.shape = s;
    f.x = a.array<T>(0, "x", NT * s.D);
    f.w = a.array<T>(1, "w", s.D * U);
    f.u = a.array<T>(2, "u", U * U);
    f.b = a.optional<T>(3, "b", U);
    f.h0 = a.optional<T>(4, "h0", N * U);
    f.mask = a.optional<uint8_t>(5, "mask", NT);
    f.y = a.array<T>(6, "y", NT * U);
    f.hT = a.array<T>(7, "hT", N * U);
    f.act = act;
    job = forward_job(f);
    AnyCell<T> cell;
    if (!any_cell(a, 10, s, 1, &cell)) return;
    cell.pre = a.optional<T>(12, "pre", NT * U);
    if (s.training && !cell.pre) a.fail("ERR_ARG", "expected pre in training; allocate it, or clear the training flag");
    job = any_job(s, [f, cell] { any_simple_rnn_fwd(f, cell); });
  });
  return job;
}

// simpleRnnBackward(x, w, u, h0, mask, y, dy, dhT, dz, dx, dw, du, db, dh0, geometry, activation, activations?, recurrentKept?, pre?)
Job simple_rnn_backward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(14);
  const Activation act = a.activation(15);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  require_gradient_source(a, 6, 7);
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    SimpleRnnBackward<T> b;
    b.shape = s;
    b.x = a.array<T>(0, "x", NT * s.D);
    b.w = a.array<T>(1, "w", s.D * U);
    b.u = a.array<T>(2, "u", U * U);
    b.h0 = a.optional<T>(3, "h0", N * U);
    b.mask = a.optional<uint8_t>(4, "mask", NT);
    b.y = a.array<T>(5, "y", NT * U);
    b.dy = a.optional<T>(6, "dy", NT * U);
    b.dhT = a.optional<T>(7, "dhT", N * U);
    b.dz = a.array<T>(8, "dz", NT * U);
    b.dx = a.optional<T>(9, "dx", NT * s.D);
    b.dw = a.optional<T>(10, "dw", s.D * U);
    b.du = a.optional<T>(11, "du", U * U);
    b.db = a.optional<T>(12, "db", U);
    b.dh0 = a.optional<T>(13, "dh0", N * U);
    b.act = act;
    job = backward_job(b);
    AnyCell<T> cell;
    if (!any_cell(a, 16, s, 1, &cell)) return;
    cell.pre = a.array<T>(18, "pre", NT * U);
    job = any_job(s, [b, cell] { any_simple_rnn_bwd(b, cell); });
  });
  return job;
}

// lstmForward(x, w, u, b, h0, c0, mask, y, hT, cT, gates, cells, geometry, activations?, recurrentKept?)
Job lstm_forward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(12);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  if (a.absent(10) != a.absent(11) || (s.training && a.absent(10)))
    a.fail("ERR_ARG", "expected gates and cells in training, and both or neither else; allocate them, or clear the training flag");
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    LstmForward<T> f;
    f.shape = s;
    f.x = a.array<T>(0, "x", NT * s.D);
    f.w = a.array<T>(1, "w", s.D * 4 * U);
    f.u = a.array<T>(2, "u", U * 4 * U);
    f.b = a.optional<T>(3, "b", 4 * U);
    f.h0 = a.optional<T>(4, "h0", N * U);
    f.c0 = a.optional<T>(5, "c0", N * U);
    f.mask = a.optional<uint8_t>(6, "mask", NT);
    f.y = a.array<T>(7, "y", NT * U);
    f.hT = a.array<T>(8, "hT", N * U);
    f.cT = a.array<T>(9, "cT", N * U);
    f.gates = a.optional<T>(10, "gates", NT * 4 * U);
    f.cells = a.optional<T>(11, "cells", NT * U);
    job = forward_job(f);
    AnyCell<T> cell;
    if (any_cell(a, 13, s, 2, &cell)) job = any_job(s, [f, cell] { any_lstm_fwd(f, cell); });
  });
  return job;
}

// lstmBackward(x, w, u, h0, c0, mask, y, gates, cells, dy, dhT, dcT, dx, dw, du, db, dh0, dc0, geometry, activations?, recurrentKept?)
Job lstm_backward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(18);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  if (a.absent(11)) require_gradient_source(a, 9, 10);
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    LstmBackward<T> b;
    b.shape = s;
    b.x = a.array<T>(0, "x", NT * s.D);
    b.w = a.array<T>(1, "w", s.D * 4 * U);
    b.u = a.array<T>(2, "u", U * 4 * U);
    b.h0 = a.optional<T>(3, "h0", N * U);
    b.c0 = a.optional<T>(4, "c0", N * U);
    b.mask = a.optional<uint8_t>(5, "mask", NT);
    b.y = a.array<T>(6, "y", NT * U);
    b.gates = a.array<T>(7, "gates", NT * 4 * U);
    b.cells = a.array<T>(8, "cells", NT * U);
    b.dy = a.optional<T>(9, "dy", NT * U);
    b.dhT = a.optional<T>(10, "dhT", N * U);
    b.dcT = a.optional<T>(11, "dcT", N * U);
    b.dx = a.optional<T>(12, "dx", NT * s.D);
    b.dw = a.optional<T>(13, "dw", s.D * 4 * U);
    b.du = a.optional<T>(14, "du", U * 4 * U);
    b.db = a.optional<T>(15, "db", 4 * U);
    b.dh0 = a.optional<T>(16, "dh0", N * U);
    b.dc0 = a.optional<T>(17, "dc0", N * U);
    job = backward_job(b);
    AnyCell<T> cell;
    if (any_cell(a, 19, s, 2, &cell)) job = any_job(s, [b, cell] { any_lstm_bwd(b, cell); });
  });
  return job;
}

// gruForward(x, w, u, b, h0, mask, y, hT, gates, geometry, activations?, recurrentKept?)
Job gru_forward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(9);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  require_gru_form(a, s);
  if (s.training && a.absent(8)) a.fail("ERR_ARG", "expected gates in training; allocate them, or clear the training flag");
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    GruForward<T> f;
    f.shape = s;
    f.x = a.array<T>(0, "x", NT * s.D);
    f.w = a.array<T>(1, "w", s.D * 3 * U);
    f.u = a.array<T>(2, "u", U * 3 * U);
    f.b = a.optional<T>(3, "b", bias_length(s, 3));
    f.h0 = a.optional<T>(4, "h0", N * U);
    f.mask = a.optional<uint8_t>(5, "mask", NT);
    f.y = a.array<T>(6, "y", NT * U);
    f.hT = a.array<T>(7, "hT", N * U);
    f.gates = a.optional<T>(8, "gates", NT * 4 * U);
    job = forward_job(f);
    AnyCell<T> cell;
    if (any_cell(a, 10, s, 2, &cell)) job = any_job(s, [f, cell] { any_gru_fwd(f, cell); });
  });
  return job;
}

// gruBackward(x, w, u, h0, mask, y, gates, dy, dhT, dx, dw, du, db, dh0, geometry, activations?, recurrentKept?)
Job gru_backward(Args& a) {
  const RecurrentShape s = a.recurrent_shape(14);
  const int64_t N = s.N, NT = s.N * s.T, U = s.U;
  require_gru_form(a, s);
  require_gradient_source(a, 7, 8);
  Job job;
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    GruBackward<T> b;
    b.shape = s;
    b.x = a.array<T>(0, "x", NT * s.D);
    b.w = a.array<T>(1, "w", s.D * 3 * U);
    b.u = a.array<T>(2, "u", U * 3 * U);
    b.h0 = a.optional<T>(3, "h0", N * U);
    b.mask = a.optional<uint8_t>(4, "mask", NT);
    b.y = a.array<T>(5, "y", NT * U);
    b.gates = a.array<T>(6, "gates", NT * 4 * U);
    b.dy = a.optional<T>(7, "dy", NT * U);
    b.dhT = a.optional<T>(8, "dhT", N * U);
    b.dx = a.optional<T>(9, "dx", NT * s.D);
    b.dw = a.optional<T>(10, "dw", s.D * 3 * U);
    b.du = a.optional<T>(11, "du", U * 3 * U);
    b.db = a.optional<T>(12, "db", bias_length(s, 3));
    b.dh0 = a.optional<T>(13, "dh0", N * U);
    job = backward_job(b);
    AnyCell<T> cell;
    if (any_cell(a, 15, s, 2, &cell)) job = any_job(s, [b, cell] { any_gru_bwd(b, cell); });
  });
  return job;
}

// [name, ...arguments of that function]
Job job_of(Args& all, int i) {
  Args a(all, i);
  static const struct {
    const char* name;
    Job (*parse)(Args&);
  } calls[] = {{"simpleRnnForward", simple_rnn_forward}, {"simpleRnnBackward", simple_rnn_backward}, {"lstmForward", lstm_forward},
               {"lstmBackward", lstm_backward},          {"gruForward", gru_forward},                {"gruBackward", gru_backward}};
  for (const auto& call : calls)
    if (a.head() == call.name) {
      a.set_op(call.name);
      return call.parse(a);
    }
  a.fail("ERR_ARG", "expected the name of a recurrent call first, received " + a.head());
}

// recurrentBoth([name, ...arguments], [name, ...arguments])
//
// A single row cannot be shared by threads: then each call has one thread for itself. Else all threads work on the first, then on the
// second. Neither changes a sum.
void recurrent_both(Args& a) {
  Job first = job_of(a, 0), second = job_of(a, 1);
  const auto shareable = [](const Job& job) {
    const RecurrentShape& s = job.shape;
    return job.single && (double)(s.N * s.T) * (double)(s.D + s.U) * (double)s.U > 1e5;  // else the other thread's start costs more
  };
  const bool one_row = first.shape.N == 1 && second.shape.N == 1;
  const bool beside = thread_count() > 1 && one_row && shareable(first) && shareable(second) && !first.run_apart;
  if (!beside) {
    first.run();
    second.run();
    return;
  }
  // Both would write dx: the second one's is added afterwards.
  float* dx = second.run_apart ? scratch_floats(Slot::kRecurrentBoth, (size_t)second.added) : nullptr;
  std::exception_ptr failed[2];
  auto guarded = [&](int i) {
    try {
      if (i == 0) first.run();
      else if (dx) second.run_apart(dx);
      else second.run();
    } catch (...) {
      failed[i] = std::current_exception();  // a thread's own workspace is taken in there
    }
  };
  parallel_both(guarded);
  for (const std::exception_ptr& e : failed)
    if (e) std::rethrow_exception(e);
  if (dx) kernels().f32_binary(second.dx, dx, second.dx, second.added, Binary::kAdd);
}

}  // namespace

extern const Binding bindings_recurrent[] = {
    {"simpleRnnForward", once<simple_rnn_forward>},
    {"simpleRnnBackward", once<simple_rnn_backward>},
    {"lstmForward", once<lstm_forward>},
    {"lstmBackward", once<lstm_backward>},
    {"gruForward", once<gru_forward>},
    {"gruBackward", once<gru_backward>},
    {"recurrentBoth", recurrent_both},
    {nullptr, nullptr},
};

}  // namespace saraf
