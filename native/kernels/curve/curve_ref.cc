#include "kernels/curve/curve.h"

#include <cmath>
#include <limits>

#include "core/marks.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"
#include "kernels/curve/curve_math.h"

namespace saraf {
namespace ref {

namespace {

// A double with the operations that the formulas use: the bare formula.
struct num {
  double v;
};
struct when {
  bool m;
};
inline num like(num, double c) { return {c}; }
inline num add(num a, num b) { return {a.v + b.v}; }
inline num sub(num a, num b) { return {a.v - b.v}; }
inline num mul(num a, num b) { return {a.v * b.v}; }
inline num div(num a, num b) { return {a.v / b.v}; }
inline num fma(num a, num b, num c) { return {a.v * b.v + c.v}; }
inline num neg(num a) { return {-a.v}; }
inline num abs(num a) { return {std::fabs(a.v)}; }
inline num sqrt(num a) { return {std::sqrt(a.v)}; }
inline num max(num a, num b) { return {a.v > b.v ? a.v : b.v}; }
inline num min(num a, num b) { return {a.v < b.v ? a.v : b.v}; }
inline when gt(num a, num b) { return {a.v > b.v}; }
inline when lt(num a, num b) { return {a.v < b.v}; }
inline when is_nan(num a) { return {a.v != a.v}; }
inline num select(when m, num a, num b) { return m.m ? a : b; }
inline num vexp(num a) { return {std::exp(a.v)}; }
inline num vlog(num a) { return {std::log(a.v)}; }
inline num vtanh(num a) { return {std::tanh(a.v)}; }
inline num vsigmoid(num a) { return {1 / (1 + std::exp(-a.v))}; }
inline num verf(num a) { return {std::erf(a.v)}; }

template <class V, class T>
void curve_fwd(const T* x, T* y, int64_t n, Curve curve, CurveParams<T> p) {
  for (int64_t i = 0; i < n; ++i) y[i] = curve_value(V{x[i]}, curve, p).v;
}
template <class V, class T>
void curve_bwd(const T* x, const T* dy, T* dx, int64_t n, Curve curve, CurveParams<T> p) {
  for (int64_t i = 0; i < n; ++i) dx[i] = dy[i] * curve_slope(V{x[i]}, curve, p).v;
}

template <class T>
void log_softmax_fwd(const T* x, T* y, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* in = x + r * cols;
    T m = -std::numeric_limits<T>::infinity();
    for (int64_t c = 0; c < cols; ++c) m = m > in[c] ? m : in[c];
    const T s = ref_log(lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + ref_exp(in[c] - m); }));
    for (int64_t c = 0; c < cols; ++c) y[r * cols + c] = (in[c] - m) - s;
  }
}
template <class T>
void log_softmax_bwd(const T* y, const T* dy, T* dx, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r) {
    const T *out = y + r * cols, *d = dy + r * cols;
    const T s = lane_sum(T(0), cols, [&](int64_t c, T lane) { return lane + d[c]; });
    for (int64_t c = 0; c < cols; ++c) dx[r * cols + c] = ref_fma(-ref_exp(out[c]), s, d[c]);
  }
}

template <class T>
void glu_fwd(const T* x, T* y, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) y[r * cols + c] = x[2 * r * cols + c] * ref_sigmoid(x[(2 * r + 1) * cols + c]);
}
template <class T>
void glu_bwd(const T* x, const T* dy, T* dx, int64_t rows, int64_t cols) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      const int64_t i = 2 * r * cols + c;
      const T a = x[i], s = ref_sigmoid(x[i + cols]), d = dy[r * cols + c];
      dx[i] = d * s;
      dx[i + cols] = (d * a) * (s * (T(1) - s));
    }
}

}  // namespace

void f32_curve_fwd(const float* x, float* y, int64_t n, Curve curve, CurveParams<float> p) {
  SARAF_MARK(f32_curve_fwd);
  curve_fwd<vec>(x, y, n, curve, p);
}
void f64_curve_fwd(const double* x, double* y, int64_t n, Curve curve, CurveParams<double> p) { curve_fwd<num>(x, y, n, curve, p); }
void f32_curve_bwd(const float* x, const float* dy, float* dx, int64_t n, Curve curve, CurveParams<float> p) {
  SARAF_MARK(f32_curve_bwd);
  curve_bwd<vec>(x, dy, dx, n, curve, p);
}
void f64_curve_bwd(const double* x, const double* dy, double* dx, int64_t n, Curve curve, CurveParams<double> p) {
  curve_bwd<num>(x, dy, dx, n, curve, p);
}
void f32_log_softmax_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_log_softmax_fwd);
  log_softmax_fwd(x, y, rows, cols);
}
void f64_log_softmax_fwd(const double* x, double* y, int64_t rows, int64_t cols) { log_softmax_fwd(x, y, rows, cols); }
void f32_log_softmax_bwd(const float* y, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_log_softmax_bwd);
  log_softmax_bwd(y, dy, dx, rows, cols);
}
void f64_log_softmax_bwd(const double* y, const double* dy, double* dx, int64_t rows, int64_t cols) { log_softmax_bwd(y, dy, dx, rows, cols); }
void f32_glu_fwd(const float* x, float* y, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_glu_fwd);
  glu_fwd(x, y, rows, cols);
}
void f64_glu_fwd(const double* x, double* y, int64_t rows, int64_t cols) { glu_fwd(x, y, rows, cols); }
void f32_glu_bwd(const float* x, const float* dy, float* dx, int64_t rows, int64_t cols) {
  SARAF_MARK(f32_glu_bwd);
  glu_bwd(x, dy, dx, rows, cols);
}
void f64_glu_bwd(const double* x, const double* dy, double* dx, int64_t rows, int64_t cols) { glu_bwd(x, dy, dx, rows, cols); }

}  // namespace ref
}  // namespace saraf
