#include "core/marks.h"
#include "kernels/recurrent/weight_core.h"

namespace saraf {
namespace SARAF_ISA_NS {

namespace {

struct GruForwardCell {
  const GruForward<float>& f;
  int64_t U, blocks, ldr;
  int gates;      // that the first product of a step gives: z r q with reset_after, else z r
  float* u;       // a strip of them per 16 units; else then strips of kWide vectors of the last columns
  float* bias_u;  // in the order of the strips, or null

  explicit GruForwardCell(const GruForward<float>& f)
      : f(f), U(f.shape.U), blocks((U + kLanes - 1) / kLanes), ldr(spread(U)), gates(f.shape.reset_after ? 3 : 2), u(nullptr), bias_u(nullptr) {}

  bool after() const { return f.shape.reset_after; }
  int64_t columns() const { return 3 * blocks; }
  Column column(int64_t q) const { return {q % 3 * U + q / 3 * kLanes, lanes_at(q / 3 * kLanes, U)}; }
  int64_t ldw() const { return 3 * U; }
  int64_t own_floats(int64_t rows) const { return rows * (2 * ldr + (kWide < 3 ? 3 : kWide) * kLanes); }  // z, r·h₋₁, a strip's products
  int64_t u_floats() const { return 3 * blocks * kLanes * (U + 1); }
  void set_u(float* memory) {
    u = memory;
    if (after() && f.b) bias_u = memory + 3 * blocks * kLanes * U;
  }
  float* strip(int64_t block) const { return u + block * gates * kLanes * U; }
  float* last_strip(int64_t q) const { return u + (2 * blocks + q) * kLanes * U; }
  int last_width(int64_t q) const { return (int)(blocks - q < kWide ? blocks - q : kWide); }
  int64_t u_tasks() const { return after() ? blocks : blocks + (blocks + kWide - 1) / kWide; }
  void pack_u(int64_t task) const {
    Column c[4];
    if (task < blocks) {
      for (int v = 0; v < gates; ++v) {
        c[v] = column(3 * task + v);
        if (bias_u) store(bias_u + (3 * task + v) * kLanes, load_n(f.b + 3 * U + c[v].at, c[v].lanes));
      }
      pack_strip(f.u, 3 * U, U, c, gates, strip(task));
      return;
    }
    const int64_t q = (task - blocks) * kWide;
    for (int v = 0; v < last_width(q); ++v) c[v] = column(3 * (q + v) + 2);
    pack_strip(f.u, 3 * U, U, c, last_width(q), last_strip(q));
  }
  void begin(int64_t, int64_t, float*) const {}
  void end(int64_t, int64_t, const float*) const {}

  SARAF_INLINE vec blend(vec z, vec h, vec candidate) { return quiet(fma(z, h, mul(sub(set1(1.0f), z), candidate))); }
  // Fetches the lines that the next step writes.
  void fetch(int64_t at, int64_t j) const {
    at += step_after(f.shape);
    prefetch(f.y + at * U + j);
    if (!f.gates) return;
    for (int g = 0; g < 4; ++g) prefetch(f.gates + (at * 4 + g) * U + j);
  }
  void keep(int64_t at, int64_t j, vec z, vec r, vec candidate, vec last) const {
    if (!f.gates) return;
    float* gates = f.gates + at * 4 * U + j;
    store_n(gates, z, U - j);
    store_n(gates + U, r, U - j);
    store_n(gates + 2 * U, candidate, U - j);
    store_n(gates + 3 * U, last, U - j);
  }

  void step(const ForwardStep& s) const {
    if (after()) step_reset_after(s);
    else step_reset_before(s);
  }

  void step_reset_after(const ForwardStep& s) const {
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t j = block * kLanes;
      strip_product(U, s.h, s.ldh, s.active, strip(block), 3, s.own, 3 * kLanes, bias_u ? bias_u + 3 * j : nullptr);
      // Two passes, as in the LSTM: h̃ waits for r, and the rows' chains are too long to overlap.
      for (int64_t i = 0; i < s.active; ++i) {
        const float* p = s.z + i * s.ldz + 3 * j;
        float* products = s.own + i * 3 * kLanes;
        store(products, vsigmoid(add(load(p), load(products))));
        store(products + kLanes, vsigmoid(add(load(p + kLanes), load(products + kLanes))));
      }
      for (int64_t i = 0; i < s.active; ++i) {
        const float *p = s.z + i * s.ldz + 3 * j, *products = s.own + i * 3 * kLanes;
        const vec z = load(products), r = load(products + kLanes), q = load(products + 2 * kLanes);
        const vec candidate = vtanh(fma(r, q, load(p + 2 * kLanes)));
        const vec h = blend(z, load(s.h + i * s.ldh + j), candidate);
        store(s.hn + i * s.ldh + j, h);
        store_n(f.y + s.at[i] * U + j, h, U - j);
        fetch(s.at[i], j);
        keep(s.at[i], j, z, r, candidate, q);
      }
    }
  }

  void step_reset_before(const ForwardStep& s) const {
    float *zs = s.own, *rhs = zs + s.rows * ldr, *products = rhs + s.rows * ldr;
    for (int64_t block = 0; block < blocks; ++block) {
      const int64_t j = block * kLanes;
      strip_product(U, s.h, s.ldh, s.active, strip(block), 2, products, 2 * kLanes, nullptr);
      for (int64_t i = 0; i < s.active; ++i) {
        const float *p = s.z + i * s.ldz + 3 * j, *sums = products + i * 2 * kLanes;
        const vec r = vsigmoid(add(load(p + kLanes), load(sums + kLanes)));
        const vec rh = mul(r, load(s.h + i * s.ldh + j));
        const vec pre = add(load(p), load(sums));
        store(zs + i * ldr + j, vsigmoid(f.shape.textbook ? neg(pre) : pre));
        store(rhs + i * ldr + j, rh);
        if (f.gates) {
          float* gates = f.gates + s.at[i] * (4 * U) + j;
          store_n(gates + U, r, U - j);
          store_n(gates + 3 * U, rh, U - j);
        }
      }
    }
    for (int64_t q = 0; q < blocks; q += kWide) {
      strip_product(U, rhs, ldr, s.active, last_strip(q), last_width(q), products, kWide * kLanes, nullptr);
      for (int64_t i = 0; i < s.active; ++i)
        for (int v = 0; v < last_width(q); ++v) {
          const int64_t j = (q + v) * kLanes;
          const vec z = load(zs + i * ldr + j);
          const vec p = load(s.z + i * s.ldz + 3 * j + 2 * kLanes);
          const vec candidate = vtanh(add(p, load(products + (i * kWide + v) * kLanes)));
          const vec h = blend(z, load(s.h + i * s.ldh + j), candidate);
          store(s.hn + i * s.ldh + j, h);
          store_n(f.y + s.at[i] * U + j, h, U - j);
          fetch(s.at[i], j);
          if (f.gates) {
            float* gates = f.gates + s.at[i] * (4 * U) + j;
            store_n(gates, z, U - j);
            store_n(gates + 2 * U, candidate, U - j);
          }
        }
    }
  }
};

struct GruBackwardCell {
  const GruBackward<float>& b;
  int64_t U, ldd;
  Transposed u;       // all columns with reset_after, else those of z r
  Transposed u_last;  // else: the last ones

  explicit GruBackwardCell(const GruBackward<float>& b)
      : b(b), U(b.shape.U), ldd(spread(U)), u{after() ? 3 * U : 2 * U, U, b.u, 3 * U, nullptr}, u_last{U, after() ? 0 : U, b.u + 2 * U, 3 * U, nullptr} {}

  bool after() const { return b.shape.reset_after; }
  int64_t columns() const { return 3 * U; }
  int64_t ldw() const { return 3 * U; }
  // dz dr dh̃ for dx; with reset_after dz dr dq once more, for dh.
  int64_t row_floats() const { return after() ? 6 * U : 3 * U; }
  int64_t own_floats(int64_t rows) const { return 2 * rows * ldd; }  // what reaches h₋₁ directly, and a product
  int64_t u_floats() const { return u.floats() + u_last.floats(); }
  void set_u(float* memory) {
    u.strips = memory;
    u_last.strips = memory + u.floats();
  }
  int64_t u_tasks() const { return u.tasks() + u_last.tasks(); }
  void pack_u(int64_t task) const {
    if (task < u.tasks()) u.pack(task);
    else u_last.pack(task - u.tasks());
  }
  void begin(int64_t, int64_t, float*) const {}
  void end(int64_t, int64_t, const float*) const {}

  void step(const BackwardStep& s) const {
    const vec one = set1(1.0f);
    const int64_t next = -step_after(b.shape);
    float *direct = s.own, *sums = s.own + s.rows * ldd;
    for (int64_t i = 0; i < s.active; ++i) {
      const int64_t at = s.at[i];
      float *gates = b.gates + at * 4 * U, *dz = s.dz + i * s.ldz;
      const float* before = row_before(b.y, b.h0, s.before[i], U);
      for (int64_t j = 0; j < U; j += kLanes) {
        const int64_t left = U - j;
        for (int g = 0; g < 4; ++g) prefetch(gates + (4 * next + g) * U + j);
        prefetch(b.y + (at + 2 * next) * U + j);
        if (b.dy) prefetch(b.dy + (at + next) * U + j);
        const vec z = load_n(gates + j, left), candidate = load_n(gates + 2 * U + j, left), h = before ? load_n(before + j, left) : zero();
        vec d = load(s.dh + i * s.ldh + j);
        if (b.dy) d = add(load_n(b.dy + at * U + j, left), d);
        d = quiet(d);
        const vec dcandidate = quiet(mul(mul(d, sub(one, z)), fma(neg(candidate), candidate, one)));
        vec dzz = quiet(mul(mul(d, sub(h, candidate)), mul(z, sub(one, z))));
        if (b.shape.textbook) dzz = neg(dzz);
        store(direct + i * ldd + j, mul(d, z));
        store_n(gates + j, dzz, left);
        store_n(gates + 2 * U + j, dcandidate, left);
        store_n(dz + j, dzz, left);
        store_n(dz + 2 * U + j, dcandidate, left);
        if (after()) {
          const vec r = load_n(gates + U + j, left), q = load_n(gates + 3 * U + j, left);
          const vec dr = quiet(mul(mul(dcandidate, q), mul(r, sub(one, r)))), dq = quiet(mul(dcandidate, r));
          store_n(gates + U + j, dr, left);
          store_n(gates + 3 * U + j, dq, left);
          store_n(dz + U + j, dr, left);
          store_n(dz + 3 * U + j, dzz, left);
          store_n(dz + 4 * U + j, dr, left);
          store_n(dz + 5 * U + j, dq, left);
        }
      }
    }
    if (!after()) {
      u_last.product(s.dz + 2 * U, s.ldz, s.active, sums, ldd);
      for (int64_t i = 0; i < s.active; ++i) {
        float *gates = b.gates + s.at[i] * (4 * U), *dz = s.dz + i * s.ldz;
        const float* before = row_before(b.y, b.h0, s.before[i], U);
        for (int64_t j = 0; j < U; j += kLanes) {
          const int64_t left = U - j;
          const vec r = load_n(gates + U + j, left), sum = load(sums + i * ldd + j), h = before ? load_n(before + j, left) : zero();
          const vec dr = quiet(mul(mul(sum, h), mul(r, sub(one, r))));
          store_n(gates + U + j, dr, left);
          store_n(dz + U + j, dr, left);
          store(direct + i * ldd + j, fma(sum, r, load(direct + i * ldd + j)));
        }
      }
    }
    if (!s.wanted) return;
    u.product(after() ? s.dz + 3 * U : s.dz, s.ldz, s.active, s.dh, s.ldh);
    for (int64_t i = 0; i < s.active; ++i)
      for (int64_t j = 0; j < U; j += kLanes)
        store(s.dh + i * s.ldh + j, add(load(direct + i * ldd + j), load(s.dh + i * s.ldh + j)));
  }
};

}  // namespace

void f32_gru_fwd(const GruForward<float>& f) {
  SARAF_MARK(f32_gru_fwd);
  GruForwardCell cell(f);
  run_forward(f, plan_recurrent(f.shape, f.mask, false), cell);
}

void f32_gru_bwd(const GruBackward<float>& b) {
  SARAF_MARK(f32_gru_bwd);
  const RecurrentPlan plan = plan_recurrent(b.shape, b.mask, true);
  GruBackwardCell cell(b);
  run_backward(b, plan, cell);

  const int64_t U = b.shape.U, G = 3 * U, ld = 4 * U, groups = weight_groups(plan.steps, (b.shape.D + U) * G);
  if (b.shape.dropped_inputs) kept_input_gradients(b, plan, b.gates, ld, G, groups);
  const Segment inputs[] = {input_rows(b, plan), ones(b.db)};
  weight_sums(plan, inputs, 2, b.gates, ld, G, G, groups);
  Segment state = state_rows(b, plan);
  if (b.shape.reset_after) {
    // u meets dq, a column block further on, where w meets dh̃.
    const Segment states[] = {state, ones(b.db ? b.db + G : nullptr)};
    weight_sums(plan, states, 2, b.gates, ld, G, G, groups, 2 * U, U);
    return;
  }
  weight_sums(plan, &state, 1, b.gates, ld, 2 * U, G, groups);
  state = {b.gates + 3 * U, ld, U, plan.at, nullptr, b.du ? b.du + 2 * U : nullptr};
  weight_sums(plan, &state, 1, b.gates + 2 * U, ld, U, G, groups);
}

}  // namespace SARAF_ISA_NS
}  // namespace saraf
