#include "core/marks.h"
#include "kernels/recurrent/recurrent_ref.h"

namespace saraf {
namespace ref {

namespace {

struct Nothing {};

template <class T>
void forward(const SimpleRnnForward<T>& f) {
  const int64_t U = f.shape.U;
  walk_forward<T, Nothing>(
      f, [](int64_t) { return Nothing{}; },
      [&](Nothing, int64_t at, T* h) {
        std::vector<T> next((size_t)U);
        for (int64_t j = 0; j < U; ++j) next[(size_t)j] = ref_quiet(ref_activate(input_sum(f, at, j, U) + state_sum(h, f.u, U, j, U), f.act));
        for (int64_t j = 0; j < U; ++j) h[j] = next[(size_t)j];
      },
      [](Nothing, int64_t) {});
}

template <class T>
void backward(const SimpleRnnBackward<T>& b) {
  const int64_t U = b.shape.U;
  walk_backward<T, Nothing>(
      b, [](int64_t) { return Nothing{}; },
      [&](Nothing, int64_t at, int64_t, const T* d, T* dh) {
        T* dz = b.dz + at * U;
        for (int64_t j = 0; j < U; ++j) dz[j] = ref_quiet(ref_activate_grad(b.y[at * U + j], d[j], b.act));
        for (int64_t j = 0; j < U; ++j)
          dh[j] = ordered_dot(T(0), U, 1, [&](int64_t k) { return dz[k]; }, [&](int64_t k) { return b.u[j * U + k]; });
      },
      [](Nothing, int64_t) {});
  input_gradient(b, b.dz, U, U);
  weight_gradients(b, b.dz, U);
}

}  // namespace

void f32_simple_rnn_fwd(const SimpleRnnForward<float>& f) {
  SARAF_MARK(f32_simple_rnn_fwd);
  forward(f);
}
void f64_simple_rnn_fwd(const SimpleRnnForward<double>& f) { forward(f); }
void f32_simple_rnn_bwd(const SimpleRnnBackward<float>& b) {
  SARAF_MARK(f32_simple_rnn_bwd);
  backward(b);
}
void f64_simple_rnn_bwd(const SimpleRnnBackward<double>& b) { backward(b); }

}  // namespace ref
}  // namespace saraf
