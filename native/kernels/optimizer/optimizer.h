// One fused pass over a parameter. w, m, v are updated in place; g is only read and is none of them. Coefficients come
// rounded to the dtype once.
#pragma once
#include <cstdint>

namespace saraf {

template <class T>
struct AdamRates {
  T alpha, one_minus_beta1, one_minus_beta2, epsilon;
};

namespace ref {
// Without momentum (m null): w = fma(-lr, g, w).
// With: s = lr·g;  m = fma(mu, m, -s);  w = w + m, or with Nesterov w = w + fma(mu, m, -s).
void f32_sgd(float* w, const float* g, float* m, int64_t n, float lr, float mu, bool nesterov);
void f64_sgd(double* w, const double* g, double* m, int64_t n, double lr, double mu, bool nesterov);
// m = fma(g - m, 1-beta1, m);  v = fma(fma(g, g, -v), 1-beta2, v);  w = w - (alpha·m) / (√v + epsilon).
// In float m, v and the velocity pass through quiet (order.h), and a g below 2^-60 counts as 0 in v.
// Epsilon stands outside the root and is not corrected for bias, as in Keras.
void f32_adam(float* w, const float* g, float* m, float* v, int64_t n, AdamRates<float> rates);
void f64_adam(double* w, const double* g, double* m, double* v, int64_t n, AdamRates<double> rates);
}  // namespace ref

}  // namespace saraf
