// Depthwise convolution, NHWC: each channel of the input has filters of its own, m = F/C of them, and output channel f = c·m + j
// sees channel c only. The shape is that of a convolution (core/shape.h) with groups = C. 1-D is H = kh = OH = 1.
//
//   x (N,H,W,C), w (kh,kw,C,m), b (F) or null, y (N,OH,OW,F)
//   y[n,oy,ox,f]     = act(Σ x[n, oy·sh−pt+ky·dh, ox·sw−pl+kx·dw, c] · w[ky,kx,f] + b[f])
//   dw[ky,kx,f]      = Σ x[…] · dz[n,oy,ox,f]
//   dx[n,iy,ix,c]    = Σ_j Σ dz[n,oy,ox,c·m+j] · w[ky,kx,c·m+j]
//
// Outputs are written with `=` and alias nothing. A tap outside the image takes no part. Orders (core/order.h):
//   y   one FMA chain over (ky,kx) ascending from +0, then b, then act.
//   dx  per j one FMA chain over (oy,ox) ascending, so kernel taps run backwards; then plain adds over j ascending, the first assigned.
//   dw  grouped sum over k = (n,oy,ox) ascending, groups = weight_groups(N·OH·OW, kh·kw·F); an absent tap keeps its place in k.
//
// Variants: `_ref` the plain sums; `_simd` 16 channels as lanes, several pixels (dw: taps) at once.
#pragma once
#include "core/shape.h"

namespace saraf {

namespace ref {
void f32_depthwise_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act);
void f64_depthwise_fwd(const ConvShape& s, const double* x, const double* w, const double* b, double* y, Activation act);
void f32_depthwise_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx);
void f64_depthwise_bwd_data(const ConvShape& s, const double* dz, const double* w, double* dx);
void f32_depthwise_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw);
void f64_depthwise_bwd_weights(const ConvShape& s, const double* x, const double* dz, double* dw);
}  // namespace ref

}  // namespace saraf
