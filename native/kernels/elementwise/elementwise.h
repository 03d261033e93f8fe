// Element-wise operations. Every output may be one of the inputs unless said otherwise.
#pragma once
#include <cstdint>

#include "core/shape.h"

namespace saraf {

enum class Binary : int { kAdd = 0, kSubtract = 1, kMultiply = 2 };

namespace ref {
// y = act(x)
void f32_activation_fwd(const float* x, float* y, int64_t n, Activation act);
void f64_activation_fwd(const double* x, double* y, int64_t n, Activation act);
// dx = dy ⊙ act'(y): relu y > 0 ? dy : 0; sigmoid dy·(y·(1−y)); tanh dy·fma(−y, y, 1)
void f32_activation_bwd(const float* y, const float* dy, float* dx, int64_t n, Activation act);
void f64_activation_bwd(const double* y, const double* dy, double* dx, int64_t n, Activation act);
// y = act(x + b), b (cols) added to each row of x (rows,cols); without b act(x)
void f32_bias_activation(const float* x, const float* b, float* y, int64_t rows, int64_t cols, Activation act);
void f64_bias_activation(const double* x, const double* b, double* y, int64_t rows, int64_t cols, Activation act);
// y = a op b
void f32_binary(const float* a, const float* b, float* y, int64_t n, Binary op);
void f64_binary(const double* a, const double* b, double* y, int64_t n, Binary op);
// y = fma(x, factor, offset)
void f32_affine(const float* x, float* y, int64_t n, float factor, float offset);
void f64_affine(const double* x, double* y, int64_t n, double factor, double offset);
// y = (float)x · factor
void f32_bytes_to_float(const uint8_t* x, float* y, int64_t n, float factor);
void f64_bytes_to_float(const uint8_t* x, double* y, int64_t n, double factor);
}  // namespace ref

}  // namespace saraf
