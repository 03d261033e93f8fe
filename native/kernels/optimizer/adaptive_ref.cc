#include "kernels/optimizer/adaptive.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class F>
void each(int64_t n, F f) {
  parallel_for(n, 16384, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

// g for its square, which would be denormal.
float squared(float g) { return std::fabs(g) < 0x1p-60f ? 0.0f : g; }
double squared(double g) { return g; }

// A moving mean of g, and one of g².
template <class T>
T mean(T m, T g, T rate) {
  return ref_quiet(ref_fma(g - m, rate, m));
}
template <class T>
T square_mean(T v, T g, T rate) {
  const T s = squared(g);
  return ref_quiet(ref_fma(ref_fma(s, s, -v), rate, v));
}

template <class T>
T larger(T a, T b) {
  return a > b ? a : b;
}

float power(float x, float p) { return p == 0.5f ? std::sqrt(x) : ref_exp(p * ref_log(x)); }
double power(double x, double p) { return std::pow(x, p); }

template <class T>
void amsgrad(T* w, const T* g, T* m, T* v, T* h, int64_t n, AdamRates<T> r) {
  each(n, [=](int64_t i) {
    m[i] = mean(m[i], g[i], r.one_minus_beta1);
    v[i] = square_mean(v[i], g[i], r.one_minus_beta2);
    h[i] = larger(h[i], v[i]);
    w[i] = w[i] - (r.alpha * m[i]) / (std::sqrt(h[i]) + r.epsilon);
  });
}

template <class T>
void adamax(T* w, const T* g, T* m, T* u, int64_t n, AdamaxRates<T> r) {
  each(n, [=](int64_t i) {
    m[i] = mean(m[i], g[i], r.one_minus_beta1);
    u[i] = ref_quiet(larger(r.beta2 * u[i], std::fabs(g[i])));
    w[i] = w[i] - (r.rate * m[i]) / (u[i] + r.epsilon);
  });
}

template <class T>
void nadam(T* w, const T* g, T* m, T* v, int64_t n, NadamRates<T> r) {
  each(n, [=](int64_t i) {
    m[i] = mean(m[i], g[i], r.one_minus_beta1);
    v[i] = square_mean(v[i], g[i], r.one_minus_beta2);
    w[i] = w[i] - ref_fma(r.momentum_rate, m[i], r.gradient_rate * g[i]) / (std::sqrt(v[i] * r.correction) + r.epsilon);
  });
}

template <class T>
void rmsprop(T* w, const T* g, T* v, T* m, T* a, int64_t n, RmspropRates<T> r) {
  each(n, [=](int64_t i) {
    v[i] = square_mean(v[i], g[i], r.one_minus_rho);
    T d = v[i];
    if (a) {
      a[i] = mean(a[i], g[i], r.one_minus_rho);
      d = larger(T(0), ref_fma(-a[i], a[i], d));
    }
    T step = (r.rate * g[i]) / std::sqrt(d + r.epsilon);
    if (m) step = m[i] = ref_quiet(ref_fma(r.momentum, m[i], step));
    w[i] = w[i] - step;
  });
}

template <class T>
void adagrad(T* w, const T* g, T* a, int64_t n, T rate, T epsilon) {
  each(n, [=](int64_t i) {
    const T s = squared(g[i]);
    a[i] = ref_fma(s, s, a[i]);
    w[i] = w[i] - (rate * g[i]) / std::sqrt(a[i] + epsilon);
  });
}

template <class T>
void adadelta(T* w, const T* g, T* a, T* d, int64_t n, AdadeltaRates<T> r) {
  each(n, [=](int64_t i) {
    a[i] = square_mean(a[i], g[i], r.one_minus_rho);
    const T q = (std::sqrt(d[i] + r.epsilon) * g[i]) / std::sqrt(a[i] + r.epsilon);
    d[i] = square_mean(d[i], q, r.one_minus_rho);
    w[i] = ref_fma(-r.rate, q, w[i]);
  });
}

template <class T>
void lion(T* w, const T* g, T* m, int64_t n, LionRates<T> r) {
  each(n, [=](int64_t i) {
    const T c = ref_fma(r.beta1, m[i], r.one_minus_beta1 * g[i]);
    w[i] = w[i] - (c > 0 ? r.rate : c < 0 ? -r.rate : c);
    m[i] = ref_quiet(ref_fma(r.beta2, m[i], r.one_minus_beta2 * g[i]));
  });
}

template <class T>
void ftrl(T* w, const T* g, T* a, T* l, int64_t n, FtrlRates<T> r) {
  each(n, [=](int64_t i) {
    const T s = squared(g[i]), b = ref_fma(s, s, a[i]), after = power(b, r.power), before = power(a[i], r.power);
    l[i] = l[i] + (ref_fma(r.twice_shrinkage, w[i], g[i]) - ((after - before) / r.rate) * w[i]);
    const T low = larger(-r.l1, l[i]), clipped = r.l1 < low ? r.l1 : low;
    w[i] = (clipped - l[i]) / (after / r.rate + r.twice_l2);
    a[i] = b;
  });
}

template <class T>
void average(const T* w, T* a, int64_t n, T rate) {
  each(n, [=](int64_t i) { a[i] = rate == T(1) ? w[i] : ref_fma(w[i] - a[i], rate, a[i]); });
}

}  // namespace

void f32_amsgrad(float* w, const float* g, float* m, float* v, float* h, int64_t n, AdamRates<float> rates) {
  SARAF_MARK(f32_amsgrad);
  amsgrad(w, g, m, v, h, n, rates);
}
void f64_amsgrad(double* w, const double* g, double* m, double* v, double* h, int64_t n, AdamRates<double> rates) { amsgrad(w, g, m, v, h, n, rates); }

void f32_adamax(float* w, const float* g, float* m, float* u, int64_t n, AdamaxRates<float> rates) {
  SARAF_MARK(f32_adamax);
  adamax(w, g, m, u, n, rates);
}
void f64_adamax(double* w, const double* g, double* m, double* u, int64_t n, AdamaxRates<double> rates) { adamax(w, g, m, u, n, rates); }

void f32_nadam(float* w, const float* g, float* m, float* v, int64_t n, NadamRates<float> rates) {
  SARAF_MARK(f32_nadam);
  nadam(w, g, m, v, n, rates);
}
void f64_nadam(double* w, const double* g, double* m, double* v, int64_t n, NadamRates<double> rates) { nadam(w, g, m, v, n, rates); }

void f32_rmsprop(float* w, const float* g, float* v, float* m, float* a, int64_t n, RmspropRates<float> rates) {
  SARAF_MARK(f32_rmsprop);
  rmsprop(w, g, v, m, a, n, rates);
}
void f64_rmsprop(double* w, const double* g, double* v, double* m, double* a, int64_t n, RmspropRates<double> rates) { rmsprop(w, g, v, m, a, n, rates); }

void f32_adagrad(float* w, const float* g, float* a, int64_t n, float rate, float epsilon) {
  SARAF_MARK(f32_adagrad);
  adagrad(w, g, a, n, rate, epsilon);
}
void f64_adagrad(double* w, const double* g, double* a, int64_t n, double rate, double epsilon) { adagrad(w, g, a, n, rate, epsilon); }

void f32_adadelta(float* w, const float* g, float* a, float* d, int64_t n, AdadeltaRates<float> rates) {
  SARAF_MARK(f32_adadelta);
  adadelta(w, g, a, d, n, rates);
}
void f64_adadelta(double* w, const double* g, double* a, double* d, int64_t n, AdadeltaRates<double> rates) { adadelta(w, g, a, d, n, rates); }

void f32_lion(float* w, const float* g, float* m, int64_t n, LionRates<float> rates) {
  SARAF_MARK(f32_lion);
  lion(w, g, m, n, rates);
}
void f64_lion(double* w, const double* g, double* m, int64_t n, LionRates<double> rates) { lion(w, g, m, n, rates); }

void f32_ftrl(float* w, const float* g, float* a, float* l, int64_t n, FtrlRates<float> rates) {
  SARAF_MARK(f32_ftrl);
  ftrl(w, g, a, l, n, rates);
}
void f64_ftrl(double* w, const double* g, double* a, double* l, int64_t n, FtrlRates<double> rates) { ftrl(w, g, a, l, n, rates); }

void f32_average(const float* w, float* a, int64_t n, float rate) {
  SARAF_MARK(f32_average);
  average(w, a, n, rate);
}
void f64_average(const double* w, double* a, int64_t n, double rate) { average(w, a, n, rate); }

}  // namespace ref
}  // namespace saraf
