// Layer normalisation.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/norm/norm.h"

namespace saraf {

namespace {

void forward(const LayerNormArgs<float>& a) { kernels().f32_layer_norm_fwd(a); }
void forward(const LayerNormArgs<double>& a) { ref::f64_layer_norm_fwd(a); }
void backward(const LayerNormGradArgs<float>& a) { kernels().f32_layer_norm_bwd(a); }
void backward(const LayerNormGradArgs<double>& a) { ref::f64_layer_norm_bwd(a); }

int64_t columns(const Args& a, int i) {
  const int64_t cols = a.count(i, "cols");
  if (cols == 0) a.fail("ERR_SHAPE", "expected at least 1 column, received 0");
  return cols;
}

// layerNormForward(x, gamma, beta, y, mean, rstd, rows, cols, epsilon)
void layer_norm_forward(Args& a) {
  const int64_t rows = a.count(6, "rows"), cols = columns(a, 7);
  const double epsilon = a.number(8, "epsilon");
  if (!(epsilon >= 0)) a.fail("ERR_ARG", "expected epsilon >= 0, received " + std::to_string(epsilon));
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    forward(LayerNormArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), a.optional<T>(1, "gamma", cols), a.optional<T>(2, "beta", cols),
                             a.array<T>(3, "y", rows * cols), a.array<T>(4, "mean", rows), a.array<T>(5, "rstd", rows), (T)epsilon});
  });
}

// layerNormBackward(x, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols)
void layer_norm_backward(Args& a) {
  const int64_t rows = a.count(8, "rows"), cols = columns(a, 9);
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    backward(LayerNormGradArgs<T>{rows, cols, a.array<T>(0, "x", rows * cols), a.optional<T>(1, "gamma", cols), a.array<T>(2, "mean", rows),
                                  a.array<T>(3, "rstd", rows), a.array<T>(4, "dy", rows * cols), a.optional<T>(5, "dx", rows * cols),
                                  a.optional<T>(6, "dgamma", cols), a.optional<T>(7, "dbeta", cols)});
  });
}

}  // namespace

extern const Binding bindings_norm[] = {
    {"layerNormForward", layer_norm_forward},
    {"layerNormBackward", layer_norm_backward},
    {nullptr, nullptr},
};

}  // namespace saraf
