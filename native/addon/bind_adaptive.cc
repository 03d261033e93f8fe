// Optimizers beside SGD and Adam.
#include "addon/args.h"
#include "isa/kernel_table.h"
#include "kernels/optimizer/adaptive.h"

namespace saraf {

namespace {

// f(zero, n): by the type of w, argument 0.
template <class F>
void by_type(Args& a, F f) {
  const int64_t n = a.length(0, "w");
  by_float_type(a, 0, [&](auto zero) { f(zero, n); });
}

#define SARAF_BOTH(name, ...)                                    \
  if constexpr (sizeof(T) == 8) ref::f64_##name(__VA_ARGS__);   \
  else kernels().f32_##name(__VA_ARGS__)

// amsgrad(w, g, m, v, h, alpha, beta1, beta2, epsilon)
void amsgrad(Args& a) {
  const double beta1 = a.number(6, "beta1"), beta2 = a.number(7, "beta2");
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    T *w = a.array<T>(0, "w", n), *m = a.array<T>(2, "m", n), *v = a.array<T>(3, "v", n), *h = a.array<T>(4, "h", n);
    const AdamRates<T> rates{(T)a.number(5, "alpha"), (T)(1 - beta1), (T)(1 - beta2), (T)a.number(8, "epsilon")};
    SARAF_BOTH(amsgrad, w, a.array<T>(1, "g", n), m, v, h, n, rates);
  });
}

// adamax(w, g, m, u, rate, beta1, beta2, epsilon)
void adamax(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const AdamaxRates<T> rates{(T)a.number(4, "rate"), (T)(1 - a.number(5, "beta1")), (T)a.number(6, "beta2"), (T)a.number(7, "epsilon")};
    SARAF_BOTH(adamax, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "m", n), a.array<T>(3, "u", n), n, rates);
  });
}

// nadam(w, g, m, v, momentumRate, gradientRate, beta1, beta2, correction, epsilon)
void nadam(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const NadamRates<T> rates{(T)a.number(4, "momentumRate"), (T)a.number(5, "gradientRate"), (T)(1 - a.number(6, "beta1")),
                              (T)(1 - a.number(7, "beta2")),  (T)a.number(8, "correction"),   (T)a.number(9, "epsilon")};
    SARAF_BOTH(nadam, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "m", n), a.array<T>(3, "v", n), n, rates);
  });
}

// rmsprop(w, g, v, m, a, rate, rho, momentum, epsilon); m and a may be null
void rmsprop(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const RmspropRates<T> rates{(T)a.number(5, "rate"), (T)(1 - a.number(6, "rho")), (T)a.number(7, "momentum"), (T)a.number(8, "epsilon")};
    T *m = a.optional<T>(3, "m", n), *average = a.optional<T>(4, "a", n);
    SARAF_BOTH(rmsprop, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "v", n), m, average, n, rates);
  });
}

// adagrad(w, g, a, rate, epsilon)
void adagrad(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    SARAF_BOTH(adagrad, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "a", n), n, (T)a.number(3, "rate"), (T)a.number(4, "epsilon"));
  });
}

// adadelta(w, g, a, d, rate, rho, epsilon)
void adadelta(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const AdadeltaRates<T> rates{(T)a.number(4, "rate"), (T)(1 - a.number(5, "rho")), (T)a.number(6, "epsilon")};
    SARAF_BOTH(adadelta, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "a", n), a.array<T>(3, "d", n), n, rates);
  });
}

// lion(w, g, m, rate, beta1, beta2)
void lion(Args& a) {
  const double beta1 = a.number(4, "beta1"), beta2 = a.number(5, "beta2");
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const LionRates<T> rates{(T)a.number(3, "rate"), (T)beta1, (T)(1 - beta1), (T)beta2, (T)(1 - beta2)};
    SARAF_BOTH(lion, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "m", n), n, rates);
  });
}

// ftrl(w, g, a, l, rate, power, l1, twiceL2, twiceShrinkage)
void ftrl(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    const FtrlRates<T> rates{(T)a.number(4, "rate"), (T)a.number(5, "power"), (T)a.number(6, "l1"), (T)a.number(7, "twiceL2"),
                             (T)a.number(8, "twiceShrinkage")};
    SARAF_BOTH(ftrl, a.array<T>(0, "w", n), a.array<T>(1, "g", n), a.array<T>(2, "a", n), a.array<T>(3, "l", n), n, rates);
  });
}

// movingAverage(w, a, rate)
void moving_average(Args& a) {
  by_type(a, [&](auto zero, int64_t n) {
    using T = decltype(zero);
    SARAF_BOTH(average, a.array<T>(0, "w", n), a.array<T>(1, "a", n), n, (T)a.number(2, "rate"));
  });
}

#undef SARAF_BOTH

}  // namespace

extern const Binding bindings_adaptive[] = {
    {"amsgrad", amsgrad},   {"adamax", adamax}, {"nadam", nadam}, {"rmsprop", rmsprop},
    {"adagrad", adagrad},   {"adadelta", adadelta}, {"lion", lion}, {"ftrl", ftrl},
    {"movingAverage", moving_average}, {nullptr, nullptr},
};

}  // namespace saraf
