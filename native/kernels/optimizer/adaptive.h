// Optimizers beside SGD and Adam, each one fused pass over a parameter, as Keras 3 computes them. w and the states are updated
// in place; g is only read and is none of them. Coefficients come rounded to the dtype once.
//
// In float a state that decays passes through quiet (order.h), and s is g, but 0 below 2^-60, whose square would be denormal.
// m' = fma(g - m, 1-beta1, m) and v' = fma(fma(s, s, -v), 1-beta2, v) are Adam's. (a ? b : c) keeps a NaN of b.
#pragma once
#include <cstdint>

#include "kernels/optimizer/optimizer.h"

namespace saraf {

template <class T>
struct AdamaxRates {
  T rate, one_minus_beta1, beta2, epsilon;  // rate = lr / (1 - beta1^t)
};
template <class T>
struct NadamRates {
  T momentum_rate, gradient_rate, one_minus_beta1, one_minus_beta2, correction, epsilon;  // correction = 1 / (1 - beta2^t)
};
template <class T>
struct RmspropRates {
  T rate, one_minus_rho, momentum, epsilon;
};
template <class T>
struct AdadeltaRates {
  T rate, one_minus_rho, epsilon;
};
template <class T>
struct LionRates {
  T rate, beta1, one_minus_beta1, beta2, one_minus_beta2;
};
template <class T>
struct FtrlRates {
  T rate, power, l1, twice_l2, twice_shrinkage;  // power = -learning_rate_power; twice_l2 = 2·l2 + beta/lr
};

namespace ref {
// Adam's m', v';  h = max(h, v');  w = w - (alpha·m') / (√h + epsilon).
void f32_amsgrad(float* w, const float* g, float* m, float* v, float* h, int64_t n, AdamRates<float> rates);
void f64_amsgrad(double* w, const double* g, double* m, double* v, double* h, int64_t n, AdamRates<double> rates);
// Adam's m';  u = max(beta2·u, |g|);  w = w - (rate·m') / (u + epsilon).
void f32_adamax(float* w, const float* g, float* m, float* u, int64_t n, AdamaxRates<float> rates);
void f64_adamax(double* w, const double* g, double* m, double* u, int64_t n, AdamaxRates<double> rates);
// Adam's m', v';  w = w - fma(momentum_rate, m', gradient_rate·g) / (√(v'·correction) + epsilon).
void f32_nadam(float* w, const float* g, float* m, float* v, int64_t n, NadamRates<float> rates);
void f64_nadam(double* w, const double* g, double* m, double* v, int64_t n, NadamRates<double> rates);
// v = v' with rho;  centered (a not null): a = fma(g - a, 1-rho, a), d = max(0, fma(-a, a, v)), else d = v;
// s = (rate·g) / √(d + epsilon);  with momentum (m not null) m = fma(momentum, m, s), w = w - m;  else w = w - s.
void f32_rmsprop(float* w, const float* g, float* v, float* m, float* a, int64_t n, RmspropRates<float> rates);
void f64_rmsprop(double* w, const double* g, double* v, double* m, double* a, int64_t n, RmspropRates<double> rates);
// a = fma(s, s, a);  w = w - (rate·g) / √(a + epsilon).
void f32_adagrad(float* w, const float* g, float* a, int64_t n, float rate, float epsilon);
void f64_adagrad(double* w, const double* g, double* a, int64_t n, double rate, double epsilon);
// a = v' with rho;  q = (√(d + epsilon)·g) / √(a + epsilon);  d = v' of q with rho;  w = fma(-rate, q, w).
void f32_adadelta(float* w, const float* g, float* a, float* d, int64_t n, AdadeltaRates<float> rates);
void f64_adadelta(double* w, const double* g, double* a, double* d, int64_t n, AdadeltaRates<double> rates);
// c = fma(beta1, m, (1-beta1)·g);  w = w - rate·sign(c);  m = fma(beta2, m, (1-beta2)·g). The sign of 0 is 0.
void f32_lion(float* w, const float* g, float* m, int64_t n, LionRates<float> rates);
void f64_lion(double* w, const double* g, double* m, int64_t n, LionRates<double> rates);
// b = fma(s, s, a);  l = l + (fma(twice_shrinkage, w, g) - ((b^power - a^power) / rate)·w);
// w = (clip(l, ±l1) - l) / (b^power / rate + twice_l2);  a = b. x^½ is √x, else x^p = exp(p·log x).
void f32_ftrl(float* w, const float* g, float* a, float* l, int64_t n, FtrlRates<float> rates);
void f64_ftrl(double* w, const double* g, double* a, double* l, int64_t n, FtrlRates<double> rates);
// a = fma(w - a, rate, a): a moving average of w; rate 1 copies.
void f32_average(const float* w, float* a, int64_t n, float rate);
void f64_average(const double* w, double* a, int64_t n, double rate);
}  // namespace ref

}  // namespace saraf
