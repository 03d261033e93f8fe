// Pooling over windows of an NHWC image; F = C, dilation = groups = 1, every window holds at least one real cell.
//
//   max      y (N,OH,OW,C) = max over the window's real cells; argmax (int32, like y) the tap ky·kw + kx of the first maximum.
//            A NaN replaces whatever was found before it, so a window with a NaN gives NaN.
//   max'     dx (N,H,W,C) = sum of dy over the windows whose argmax is this cell
//   average  y = (sum of the real cells) / (their number)
//   average' dx = sum over the windows of dy / (their number of real cells)
//
// Sums are plain sums (order.h, 4), over taps (ky,kx) and over windows (oy,ox) ascending. Outputs are written with `=` and
// alias nothing. Both variants loop over pixels; `_simd` takes 16 channels at a time, and threads take lines.
#pragma once
#include "core/shape.h"

namespace saraf {

namespace ref {
void f32_max_pool_fwd(const ConvShape& s, const float* x, float* y, int32_t* argmax);
void f64_max_pool_fwd(const ConvShape& s, const double* x, double* y, int32_t* argmax);
void f32_max_pool_bwd(const ConvShape& s, const float* dy, const int32_t* argmax, float* dx);
void f64_max_pool_bwd(const ConvShape& s, const double* dy, const int32_t* argmax, double* dx);
void f32_average_pool_fwd(const ConvShape& s, const float* x, float* y);
void f64_average_pool_fwd(const ConvShape& s, const double* x, double* y);
void f32_average_pool_bwd(const ConvShape& s, const float* dy, float* dx);
void f64_average_pool_bwd(const ConvShape& s, const double* dy, double* dx);
}  // namespace ref

}  // namespace saraf
