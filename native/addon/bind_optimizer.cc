// Optimizers.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/optimizer/optimizer.h"

namespace saraf {

namespace {

// sgd(w, g, velocity, learningRate, momentum, nesterov)
void sgd(Args& a) {
  const int64_t n = a.length(0, "w");
  const double lr = a.number(3, "learningRate"), mu = a.number(4, "momentum");
  const bool nesterov = a.boolean(5, "nesterov");
  if (a.is_double(0)) ref::f64_sgd(a.array<double>(0, "w", n), a.array<double>(1, "g", n), a.optional<double>(2, "velocity", n), n, lr, mu, nesterov);
  else kernels().f32_sgd(a.array<float>(0, "w", n), a.array<float>(1, "g", n), a.optional<float>(2, "velocity", n), n, (float)lr, (float)mu, nesterov);
}

// adam(w, g, m, v, alpha, beta1, beta2, epsilon)
void adam(Args& a) {
  const int64_t n = a.length(0, "w");
  const double alpha = a.number(4, "alpha"), beta1 = a.number(5, "beta1"), beta2 = a.number(6, "beta2"), epsilon = a.number(7, "epsilon");
  by_float_type(a, 0, [&](auto zero) {
    using T = decltype(zero);
    T *w = a.array<T>(0, "w", n), *m = a.array<T>(2, "m", n), *v = a.array<T>(3, "v", n);
    const T* g = a.array<T>(1, "g", n);
    const AdamRates<T> rates{(T)alpha, (T)(1 - beta1), (T)(1 - beta2), (T)epsilon};
    if constexpr (sizeof(T) == 8) ref::f64_adam(w, g, m, v, n, rates);
    else kernels().f32_adam(w, g, m, v, n, rates);
  });
}

}  // namespace

extern const Binding bindings_optimizer[] = {
    {"sgd", sgd},
    {"adam", adam},
    {nullptr, nullptr},
};

}  // namespace saraf
