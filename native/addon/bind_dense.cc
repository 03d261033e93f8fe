// matmul, dense layers, activations.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "isa/mixed_table.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm/gemm.h"

namespace saraf {

namespace {

void gemm(const GemmArgs<float>& g, bool bfloat16) { bfloat16 ? mixed_kernels().bf16_gemm(g) : kernels().f32_gemm(g); }
void gemm(const GemmArgs<double>& g, bool) { ref::f64_gemm(g); }
void column_sum(const float* x, int64_t rows, int64_t cols, float* y) { kernels().f32_column_sum(x, rows, cols, cols, y); }
void column_sum(const double* x, int64_t rows, int64_t cols, double* y) { ref::f64_column_sum(x, rows, cols, cols, y); }
void activation_grad(const float* y, const float* dy, float* dx, int64_t n, Activation act) { kernels().f32_activation_bwd(y, dy, dx, n, act); }
void activation_grad(const double* y, const double* dy, double* dx, int64_t n, Activation act) { ref::f64_activation_bwd(y, dy, dx, n, act); }

// matmul(a, b, y, M, N, K, ta, tb, precision)
void matmul(Args& a) {
  const int64_t M = a.count(3, "M"), N = a.count(4, "N"), K = a.count(5, "K");
  const bool ta = a.boolean(6, "ta"), tb = a.boolean(7, "tb"), bfloat16 = a.bfloat16(8);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    gemm(GemmArgs<T>{M, N, K, a.array<T>(0, "a", M * K), ta ? M : K, ta, a.array<T>(1, "b", K * N), tb ? K : N, tb, a.array<T>(2, "y", M * N), N, nullptr,
                     kLinear, false}, bfloat16);
  });
}

// denseForward(x, w, b, y, M, D, U, activation, precision)
void dense_forward(Args& a) {
  const int64_t M = a.count(4, "M"), D = a.count(5, "D"), U = a.count(6, "U");
  const Activation act = a.activation(7);
  const bool bfloat16 = a.bfloat16(8);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    gemm(GemmArgs<T>{M, U, D, a.array<T>(0, "x", M * D), D, false, a.array<T>(1, "w", D * U), U, false, a.array<T>(3, "y", M * U), U,
                     a.optional<T>(2, "b", U), act, false}, bfloat16);
  });
}

// denseBackward(x, w, y, dy, dz, dx, dw, db, M, D, U, activation, precision)
void dense_backward(Args& a) {
  const int64_t M = a.count(8, "M"), D = a.count(9, "D"), U = a.count(10, "U");
  const Activation act = a.activation(11);
  const bool bfloat16 = a.bfloat16(12);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.array<T>(0, "x", M * D), *w = a.array<T>(1, "w", D * U), *y = a.array<T>(2, "y", M * U), *dy = a.array<T>(3, "dy", M * U);
    T *dz = a.array<T>(4, "dz", M * U), *dx = a.optional<T>(5, "dx", M * D), *dw = a.optional<T>(6, "dw", D * U), *db = a.optional<T>(7, "db", U);
    const T* z = dy;
    if (act != kLinear) {
      activation_grad(y, dy, dz, M * U, act);
      z = dz;
    }
    if (dw) gemm(GemmArgs<T>{D, U, M, x, D, true, z, U, false, dw, U, nullptr, kLinear, true}, bfloat16);
    if (db) column_sum(z, M, U, db);
    if (dx) gemm(GemmArgs<T>{M, D, U, z, U, false, w, U, true, dx, D, nullptr, kLinear, false}, bfloat16);
  });
}

// activationForward(x, y, activation)
void activation_forward(Args& a) {
  const Activation act = a.activation(2);
  const int64_t n = a.length(0, "x");
  if (a.is_double(0)) ref::f64_activation_fwd(a.array<double>(0, "x", n), a.array<double>(1, "y", n), n, act);
  else kernels().f32_activation_fwd(a.array<float>(0, "x", n), a.array<float>(1, "y", n), n, act);
}

// activationBackward(y, dy, dx, activation)
void activation_backward(Args& a) {
  const Activation act = a.activation(3);
  const int64_t n = a.length(0, "y");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    activation_grad(a.array<T>(0, "y", n), a.array<T>(1, "dy", n), a.array<T>(2, "dx", n), n, act);
  });
}

}  // namespace

extern const Binding bindings_dense[] = {
    {"matmul", matmul},
    {"denseForward", dense_forward},
    {"denseBackward", dense_backward},
    {"activationForward", activation_forward},
    {"activationBackward", activation_backward},
    {nullptr, nullptr},
};

}  // namespace saraf
