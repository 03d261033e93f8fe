#include "core/marks.h"
#include "kernels/recurrent/weight_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

struct LstmForwardCell {
  const LstmForward<float>& f;
  int64_t U, blocks, ldc;
  float* u;  // a strip of i f g o per 16 units

  explicit LstmForwardCell(const LstmForward<float>& f) : f(f), U(f.shape.U), blocks((U + kLanes - 1) / kLanes), ldc(spread(U)), u(nullptr) {}

  int64_t columns() const { return 4 * blocks; }
  Column column(int64_t q) const { return {q % 4 * U + q / 4 * kLanes, lanes_at(q / 4 * kLanes, U)}; }
  int64_t ldw() const { return 4 * U; }
  int64_t own_floats(int64_t rows) const { return rows * (ldc + 4 * kLanes); }  // c, then a strip's products
  int64_t u_floats() const { return strip(blocks); }
  int64_t strip(int64_t block) const { return block * 4 * kLanes * U; }
  void set_u(float* memory) { u = memory; }
  int64_t u_tasks() const { return blocks; }
  void pack_u(int64_t block) const {
    Column c[4];
    for (int v = 0; v < 4; ++v) c[v] = column(4 * block + v);
    pack_strip(f.u, 4 * U, U, c, 4, u + strip(block));
  }

  void begin(int64_t i, int64_t n, float* c) const {
    for (int64_t j = 0; j < U; j += kLanes) store(c + i * ldc + j, f.c0 ? load_n(f.c0 + n * U + j, U - j) : zero());
  }
  void end(int64_t i, int64_t n, const float* c) const {
    for (int64_t j = 0; j < U; j += kLanes) store_n(f.cT + n * U + j, load(c + i * ldc + j), U - j);
  }

  void step(const ForwardStep& s) const {
    const int64_t next = step_after(f.shape);  // whose lines are fetched to be written
    float *cells = s.own, *products = s.own + s.rows * ldc;
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t j = block * kLanes, left = U - j;
      strip_product(U, s.h, s.ldh, s.active, u + strip(block), 4, products, 4 * kLanes, nullptr);
      // Two passes: the chains of one row are long, and a processor looks only so far ahead for others to run beside them.
      for (int64_t i = 0; i < s.active; ++i) {
        const float* z = s.z + i * s.ldz + 4 * j;
        float *q = products + i * 4 * kLanes, *c = cells + i * ldc + j;
        const vec gi = vsigmoid(add(load(z), load(q))), gf = vsigmoid(add(load(z + kLanes), load(q + kLanes)));
        const vec g = vtanh(add(load(z + 2 * kLanes), load(q + 2 * kLanes))), o = vsigmoid(add(load(z + 3 * kLanes), load(q + 3 * kLanes)));
        store(c, quiet(fma(gf, load(c), mul(gi, g))));
        store(q + 3 * kLanes, o);
        if (f.gates) {
          float* gates = f.gates + s.at[i] * 4 * U + j;
          for (int g = 0; g < 4; ++g) prefetch(gates + (4 * next + g) * U);
          store_n(gates, gi, left);
          store_n(gates + U, gf, left);
          store_n(gates + 2 * U, g, left);
          store_n(gates + 3 * U, o, left);
        }
      }
      for (int64_t i = 0; i < s.active; ++i) {
        const int64_t at = s.at[i];
        const vec cell = load(cells + i * ldc + j), h = mul(load(products + (4 * i + 3) * kLanes), vtanh(cell));
        store(s.hn + i * s.ldh + j, h);
        store_n(f.y + at * U + j, h, left);
        prefetch(f.y + (at + next) * U + j);
        if (f.gates) {
          prefetch(f.cells + (at + next) * U + j);
          store_n(f.cells + at * U + j, cell, left);
        }
      }
    }
  }
};

struct LstmBackwardCell {
  const LstmBackward<float>& b;
  int64_t U, ldc;
  Transposed u;

  explicit LstmBackwardCell(const LstmBackward<float>& b)
      : b(b), U(b.shape.U), ldc(spread(U)), u{4 * U, U, b.u, 4 * U, nullptr} {}

  int64_t columns() const { return 4 * U; }
  int64_t ldw() const { return 4 * U; }
  int64_t row_floats() const { return 4 * U; }
  int64_t own_floats(int64_t rows) const { return rows * ldc; }  // dc
  int64_t u_floats() const { return u.floats(); }
  void set_u(float* memory) { u.strips = memory; }
  int64_t u_tasks() const { return u.tasks(); }
  void pack_u(int64_t task) const { u.pack(task); }

  void begin(int64_t i, int64_t n, float* dc) const {
    for (int64_t j = 0; j < U; j += kLanes) store(dc + i * ldc + j, b.dcT ? load_n(b.dcT + n * U + j, U - j) : zero());
  }
  void end(int64_t i, int64_t n, const float* dc) const {
    if (!b.dc0) return;
    for (int64_t j = 0; j < U; j += kLanes) store_n(b.dc0 + n * U + j, load(dc + i * ldc + j), U - j);
  }

  void step(const BackwardStep& s) const {
    const vec one = set1(1.0f);
    const int64_t next = -step_after(b.shape);
    for (int64_t i = 0; i < s.active; ++i) {
      const int64_t at = s.at[i];
      float *gates = b.gates + at * 4 * U, *dz = s.dz + i * s.ldz;
      const float *cells = b.cells + at * U, *cells_before = row_before(b.cells, b.c0, s.before[i], U);
      for (int64_t j = 0; j < U; j += kLanes) {
        const int64_t left = U - j;
        for (int g = 0; g < 4; ++g) prefetch(gates + (4 * next + g) * U + j);
        prefetch(cells + 2 * next * U + j);
        if (b.dy) prefetch(b.dy + (at + next) * U + j);
        const vec gi = load_n(gates + j, left), gf = load_n(gates + U + j, left), g = load_n(gates + 2 * U + j, left);
        const vec o = load_n(gates + 3 * U + j, left), tc = vtanh(load_n(cells + j, left));
        const vec c_before = cells_before ? load_n(cells_before + j, left) : zero();
        vec d = load(s.dh + i * s.ldh + j);
        if (b.dy) d = add(load_n(b.dy + at * U + j, left), d);
        d = quiet(d);
        float* dc = s.own + i * ldc + j;
        const vec e = quiet(fma(mul(d, o), fma(neg(tc), tc, one), load(dc)));
        const vec zi = quiet(mul(mul(e, g), mul(gi, sub(one, gi))));
        const vec zf = quiet(mul(mul(e, c_before), mul(gf, sub(one, gf))));
        const vec zg = quiet(mul(mul(e, gi), fma(neg(g), g, one)));
        const vec zo = quiet(mul(mul(d, tc), mul(o, sub(one, o))));
        store(dc, mul(e, gf));
        store_n(gates + j, zi, left);
        store_n(gates + U + j, zf, left);
        store_n(gates + 2 * U + j, zg, left);
        store_n(gates + 3 * U + j, zo, left);
        store_n(dz + j, zi, left);
        store_n(dz + U + j, zf, left);
        store_n(dz + 2 * U + j, zg, left);
        store_n(dz + 3 * U + j, zo, left);
      }
    }
    if (s.wanted) u.product(s.dz, s.ldz, s.active, s.dh, s.ldh);
  }
};

}  // namespace

void f32_lstm_fwd(const LstmForward<float>& f) {
  SARAF_MARK(f32_lstm_fwd);
  LstmForwardCell cell(f);
  run_forward(f, plan_recurrent(f.shape, f.mask, false), cell);
}

void f32_lstm_bwd(const LstmBackward<float>& b) {
  SARAF_MARK(f32_lstm_bwd);
  const RecurrentPlan plan = plan_recurrent(b.shape, b.mask, true);
  LstmBackwardCell cell(b);
  run_backward(b, plan, cell);
  const int64_t G = cell.columns();
  const int64_t groups = weight_groups(plan.steps, (b.shape.D + b.shape.U) * G);
  if (b.shape.dropped_inputs) kept_input_gradients(b, plan, b.gates, G, G, groups);
  const Segment segments[] = {input_rows(b, plan), state_rows(b, plan), ones(b.db)};
  weight_sums(plan, segments, 3, b.gates, G, G, G, groups);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
