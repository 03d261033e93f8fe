#include "core/marks.h"
#include "kernels/recurrent/recurrent_ref.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void forward(const LstmForward<T>& f) {
  const RecurrentShape& s = f.shape;
  const int64_t U = s.U, G = 4 * U;
  struct Row {
    std::vector<T> c, pre;
  };
  walk_forward<T, Row>(
      f,
      [&](int64_t n) {
        Row row{std::vector<T>((size_t)U, T(0)), std::vector<T>((size_t)G)};
        if (f.c0) row.c.assign(f.c0 + n * U, f.c0 + (n + 1) * U);
        return row;
      },
      [&](Row& row, int64_t at, T* h) {
        for (int64_t col = 0; col < G; ++col) row.pre[(size_t)col] = input_sum(f, at, col, G) + state_sum(h, f.u, U, col, G);
        for (int64_t j = 0; j < U; ++j) {
          const T* z = row.pre.data() + j;
          const T i = ref_sigmoid(z[0]), g_f = ref_sigmoid(z[U]), g = ref_tanh(z[2 * U]), o = ref_sigmoid(z[3 * U]);
          const T c = ref_quiet(ref_fma(g_f, row.c[(size_t)j], i * g));
          row.c[(size_t)j] = c;
          h[j] = o * ref_tanh(c);
          if (f.gates) {
            T* gates = f.gates + at * G + j;
            gates[0] = i;
            gates[U] = g_f;
            gates[2 * U] = g;
            gates[3 * U] = o;
          }
          if (f.cells) f.cells[at * U + j] = c;
        }
      },
      [&](Row& row, int64_t n) {
        for (int64_t j = 0; j < U; ++j) f.cT[n * U + j] = row.c[(size_t)j];
      });
}

template <class T>
void backward(const LstmBackward<T>& b) {
  const RecurrentShape& s = b.shape;
  const int64_t U = s.U, G = 4 * U;
  using Row = std::vector<T>;  // dc
  walk_backward<T, Row>(
      b,
      [&](int64_t n) {
        Row dc((size_t)U, T(0));
        if (b.dcT) dc.assign(b.dcT + n * U, b.dcT + (n + 1) * U);
        return dc;
      },
      [&](Row& dc, int64_t at, int64_t before, const T* d, T* dh) {
        for (int64_t j = 0; j < U; ++j) {
          T* z = b.gates + at * G + j;
          const T i = z[0], f = z[U], g = z[2 * U], o = z[3 * U], tc = ref_tanh(b.cells[at * U + j]);
          const T c_before = before >= 0 ? b.cells[before * U + j] : b.c0 ? b.c0[at / s.T * U + j] : T(0);
          const T e = ref_quiet(ref_fma(d[j] * o, ref_fma(-tc, tc, T(1)), dc[(size_t)j]));
          z[0] = ref_quiet((e * g) * (i * (T(1) - i)));
          z[U] = ref_quiet((e * c_before) * (f * (T(1) - f)));
          z[2 * U] = ref_quiet((e * i) * ref_fma(-g, g, T(1)));
          z[3 * U] = ref_quiet((d[j] * tc) * (o * (T(1) - o)));
          dc[(size_t)j] = e * f;
        }
        const T* dz = b.gates + at * G;
        for (int64_t j = 0; j < U; ++j)
          dh[j] = ordered_dot(T(0), G, 1, [&](int64_t k) { return dz[k]; }, [&](int64_t k) { return b.u[j * G + k]; });
      },
      [&](Row& dc, int64_t n) {
        if (b.dc0)
          for (int64_t j = 0; j < U; ++j) b.dc0[n * U + j] = dc[(size_t)j];
      });
  input_gradient(b, b.gates, G, G);
  weight_gradients(b, b.gates, G);
}

}  // namespace

void f32_lstm_fwd(const LstmForward<float>& f) {
  SARAF_MARK(f32_lstm_fwd);
  forward(f);
}
void f64_lstm_fwd(const LstmForward<double>& f) { forward(f); }
void f32_lstm_bwd(const LstmBackward<float>& b) {
  SARAF_MARK(f32_lstm_bwd);
  backward(b);
}
void f64_lstm_bwd(const LstmBackward<double>& b) { backward(b); }

}  // namespace ref
}  // namespace saraf
