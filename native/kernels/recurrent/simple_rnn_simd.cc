#include "core/marks.h"
#include "kernels/recurrent/weight_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

// dy · act'(y), from the output.
SARAF_INLINE vec act_gradient(vec y, vec d, Activation act) {
  const vec one = set1(1.0f);
  switch (act) {
    case kRelu: return select(gt(y, zero()), d, zero());
    case kSigmoid: return mul(d, mul(y, sub(one, y)));
    case kTanh: return mul(d, fma(neg(y), y, one));
    default: return d;
  }
}

struct SimpleRnnForwardCell {
  const SimpleRnnForward<float>& f;
  int64_t U, vectors;
  float* u;  // strips of four vectors

  explicit SimpleRnnForwardCell(const SimpleRnnForward<float>& f) : f(f), U(f.shape.U), vectors((U + kLanes - 1) / kLanes), u(nullptr) {}

  int64_t columns() const { return vectors; }
  Column column(int64_t q) const { return {q * kLanes, lanes_at(q * kLanes, U)}; }
  int64_t ldw() const { return U; }
  int64_t own_floats(int64_t rows) const { return rows * 4 * kLanes; }  // a strip's products
  int64_t u_floats() const { return vectors * kLanes * U; }
  void set_u(float* memory) { u = memory; }
  int64_t u_tasks() const { return (vectors + 3) / 4; }
  int width(int64_t q) const { return (int)(vectors - q < 4 ? vectors - q : 4); }
  void pack_u(int64_t task) const {
    Column c[4];
    for (int v = 0; v < width(4 * task); ++v) c[v] = column(4 * task + v);
    pack_strip(f.u, U, U, c, width(4 * task), u + 4 * task * kLanes * U);
  }
  void begin(int64_t, int64_t, float*) const {}
  void end(int64_t, int64_t, const float*) const {}

  void step(const ForwardStep& s) const {
    const int64_t next = step_after(f.shape);
    for (int64_t q = 0; q < vectors; q += 4) {
      strip_product(U, s.h, s.ldh, s.active, u + q * kLanes * U, width(q), s.own, 4 * kLanes, nullptr);
      for (int64_t i = 0; i < s.active; ++i)
        for (int v = 0; v < width(q); ++v) {
          const int64_t j = (q + v) * kLanes;
          const vec h = quiet(activate(add(load(s.z + i * s.ldz + j), load(s.own + (i * 4 + v) * kLanes)), f.act));
          store(s.hn + i * s.ldh + j, h);
          store_n(f.y + s.at[i] * U + j, h, U - j);
          prefetch(f.y + (s.at[i] + next) * U + j);
        }
    }
  }
};

struct SimpleRnnBackwardCell {
  const SimpleRnnBackward<float>& b;
  int64_t U;
  Transposed u;

  explicit SimpleRnnBackwardCell(const SimpleRnnBackward<float>& b) : b(b), U(b.shape.U), u{U, U, b.u, U, nullptr} {}

  int64_t columns() const { return U; }
  int64_t ldw() const { return U; }
  int64_t row_floats() const { return U; }
  int64_t own_floats(int64_t) const { return 0; }
  int64_t u_floats() const { return u.floats(); }
  void set_u(float* memory) { u.strips = memory; }
  int64_t u_tasks() const { return u.tasks(); }
  void pack_u(int64_t task) const { u.pack(task); }
  void begin(int64_t, int64_t, float*) const {}
  void end(int64_t, int64_t, const float*) const {}

  void step(const BackwardStep& s) const {
    const int64_t next = -step_after(b.shape) * U;
    for (int64_t i = 0; i < s.active; ++i) {
      const int64_t at = s.at[i] * U;
      for (int64_t j = 0; j < U; j += kLanes) {
        const int64_t left = U - j;
        prefetch(b.y + at + next + j);
        prefetch(b.dz + at + next + j);
        if (b.dy) prefetch(b.dy + at + next + j);
        vec d = load(s.dh + i * s.ldh + j);
        if (b.dy) d = add(load_n(b.dy + at + j, left), d);
        const vec dz = quiet(act_gradient(load_n(b.y + at + j, left), quiet(d), b.act));
        store_n(b.dz + at + j, dz, left);
        store(s.dz + i * s.ldz + j, dz);
      }
    }
    if (s.wanted) u.product(s.dz, s.ldz, s.active, s.dh, s.ldh);
  }
};

}  // namespace

void f32_simple_rnn_fwd(const SimpleRnnForward<float>& f) {
  SARAF_MARK(f32_simple_rnn_fwd);
  SimpleRnnForwardCell cell(f);
  run_forward(f, plan_recurrent(f.shape, f.mask, false), cell);
}

void f32_simple_rnn_bwd(const SimpleRnnBackward<float>& b) {
  SARAF_MARK(f32_simple_rnn_bwd);
  const RecurrentPlan plan = plan_recurrent(b.shape, b.mask, true);
  SimpleRnnBackwardCell cell(b);
  run_backward(b, plan, cell);
  const int64_t G = cell.columns();
  const int64_t groups = weight_groups(plan.steps, (b.shape.D + b.shape.U) * G);
  if (b.shape.dropped_inputs) kept_input_gradients(b, plan, b.dz, G, G, groups);
  const Segment segments[] = {input_rows(b, plan), state_rows(b, plan), ones(b.db)};
  weight_sums(plan, segments, 3, b.dz, G, G, G, groups);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
