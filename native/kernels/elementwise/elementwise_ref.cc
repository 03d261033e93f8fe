#include "kernels/elementwise/elementwise.h"

#include "core/marks.h"
#include "core/ref_math.h"
#include "core/ref_sum.h"

namespace saraf {
namespace ref {

namespace {
template <class T>
T apply(T a, T b, Binary op) {
  return op == Binary::kAdd ? a + b : op == Binary::kSubtract ? a - b : a * b;
}

template <class T>
void bias_activation(const T* x, const T* b, T* y, int64_t rows, int64_t cols, Activation act) {
  for (int64_t i = 0; i < rows * cols; ++i) y[i] = ref_activate(b ? x[i] + b[i % cols] : x[i], act);
}
}  // namespace

void f32_activation_fwd(const float* x, float* y, int64_t n, Activation act) {
  SARAF_MARK(f32_activation_fwd);
  for (int64_t i = 0; i < n; ++i) y[i] = ref_activate(x[i], act);
}
void f64_activation_fwd(const double* x, double* y, int64_t n, Activation act) {
  for (int64_t i = 0; i < n; ++i) y[i] = ref_activate(x[i], act);
}
void f32_activation_bwd(const float* y, const float* dy, float* dx, int64_t n, Activation act) {
  SARAF_MARK(f32_activation_bwd);
  for (int64_t i = 0; i < n; ++i) dx[i] = ref_activate_grad(y[i], dy[i], act);
}
void f64_activation_bwd(const double* y, const double* dy, double* dx, int64_t n, Activation act) {
  for (int64_t i = 0; i < n; ++i) dx[i] = ref_activate_grad(y[i], dy[i], act);
}
void f32_bias_activation(const float* x, const float* b, float* y, int64_t rows, int64_t cols, Activation act) {
  SARAF_MARK(f32_bias_activation);
  bias_activation(x, b, y, rows, cols, act);
}
void f64_bias_activation(const double* x, const double* b, double* y, int64_t rows, int64_t cols, Activation act) {
  bias_activation(x, b, y, rows, cols, act);
}
void f32_binary(const float* a, const float* b, float* y, int64_t n, Binary op) {
  SARAF_MARK(f32_binary);
  for (int64_t i = 0; i < n; ++i) y[i] = apply(a[i], b[i], op);
}
void f64_binary(const double* a, const double* b, double* y, int64_t n, Binary op) {
  for (int64_t i = 0; i < n; ++i) y[i] = apply(a[i], b[i], op);
}
void f32_affine(const float* x, float* y, int64_t n, float factor, float offset) {
  SARAF_MARK(f32_affine);
  for (int64_t i = 0; i < n; ++i) y[i] = ref_fma(x[i], factor, offset);
}
void f64_affine(const double* x, double* y, int64_t n, double factor, double offset) {
  for (int64_t i = 0; i < n; ++i) y[i] = ref_fma(x[i], factor, offset);
}
void f32_bytes_to_float(const uint8_t* x, float* y, int64_t n, float factor) {
  SARAF_MARK(f32_bytes_to_float);
  for (int64_t i = 0; i < n; ++i) y[i] = (float)x[i] * factor;
}
void f64_bytes_to_float(const uint8_t* x, double* y, int64_t n, double factor) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * factor;
}

}  // namespace ref
}  // namespace saraf
