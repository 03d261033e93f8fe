#include "kernels/optimizer/optimizer.h"

#include "core/marks.h"
#include "core/parallel.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {

template <class T>
void sgd(T* w, const T* g, T* m, int64_t n, T lr, T mu, bool nesterov) {
  parallel_for(n, 16384, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      if (!m) {
        w[i] = ref_fma(-lr, g[i], w[i]);
        continue;
      }
      const T s = lr * g[i];
      m[i] = ref_quiet(ref_fma(mu, m[i], -s));
      w[i] = w[i] + (nesterov ? ref_fma(mu, m[i], -s) : m[i]);
    }
  });
}

// g for its square, which would be denormal.
float squared(float g) { return std::fabs(g) < 0x1p-60f ? 0.0f : g; }
double squared(double g) { return g; }

template <class T>
void adam(T* w, const T* g, T* m, T* v, int64_t n, AdamRates<T> r) {
  parallel_for(n, 16384, [=](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const T s = squared(g[i]);
      m[i] = ref_quiet(ref_fma(g[i] - m[i], r.one_minus_beta1, m[i]));
      v[i] = ref_quiet(ref_fma(ref_fma(s, s, -v[i]), r.one_minus_beta2, v[i]));
      w[i] = w[i] - (r.alpha * m[i]) / (std::sqrt(v[i]) + r.epsilon);
    }
  });
}

}  // namespace

void f32_sgd(float* w, const float* g, float* m, int64_t n, float lr, float mu, bool nesterov) {
  SARAF_MARK(f32_sgd);
  sgd(w, g, m, n, lr, mu, nesterov);
}
void f64_sgd(double* w, const double* g, double* m, int64_t n, double lr, double mu, bool nesterov) { sgd(w, g, m, n, lr, mu, nesterov); }

void f32_adam(float* w, const float* g, float* m, float* v, int64_t n, AdamRates<float> rates) {
  SARAF_MARK(f32_adam);
  adam(w, g, m, v, n, rates);
}
void f64_adam(double* w, const double* g, double* m, double* v, int64_t n, AdamRates<double> rates) { adam(w, g, m, v, n, rates); }

}  // namespace ref
}  // namespace saraf
