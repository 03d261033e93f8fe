// Convolution, 2-D (1-D is H = kh = OH = 1), NHWC. Letters as in core/shape.h; Cg = C/groups, Fg = F/groups; filter f of
// group g = f/Fg reads channels [g·Cg, (g+1)·Cg).
//
//   x (N,H,W,C), w (kh,kw,Cg,F), b (F) or null, y (N,OH,OW,F)
//   y[n,oy,ox,f]     = act(Σ x[n, oy·sh−pt+ky·dh, ox·sw−pl+kx·dw, c] · w[ky,kx,c,f] + b[f])
//   dw[ky,kx,c,f]    = Σ x[…] · dz[n,oy,ox,f]
//   dx[n,iy,ix,c]    = Σ dz[n,oy,ox,f] · w[ky,kx,c,f]
//
// Outputs are written with `=` and alias nothing. Orders (core/order.h):
//   y   chunked sum over k = (ky,kx,c) ascending, then b, then act.
//   dw  grouped sum over k = (n,oy,ox) ascending, groups = weight_groups(N·OH·OW, kh·kw·Cg·Fg).
//   dx  chunked sum over k = (oy,ox,f) ascending, so kernel taps run backwards. oy runs over (iy+pt−ky·dh)/sh for the ky that
//       divide evenly (which ky do follows from the residue of iy+pt alone), likewise ox. No tap at all gives 0. With
//       stride 1 this is y's order for a convolution of dz with the turned kernel.
// In each, a term whose line (iy; in dx oy) is outside the image is left out of its chain, though it keeps its place in k;
// a term whose line is inside and whose column is outside takes part as 0.
//
// 3×3 kernels of stride 1 that winograd.h takes have the Winograd sum instead, in float32; the double ones never.
//
// Variants: `_ref` the plain sums; `_simd` a direct convolution, see conv_window.h (y, dx) and conv_weights.h (dw), or Winograd's;
// dx and dw where dz is nearly all zeros: conv_sparse.h.
#pragma once
#include "core/shape.h"

namespace saraf {

namespace ref {
void f32_conv_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act);
void f64_conv_fwd(const ConvShape& s, const double* x, const double* w, const double* b, double* y, Activation act);
void f32_conv_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx);
void f64_conv_bwd_data(const ConvShape& s, const double* dz, const double* w, double* dx);
void f32_conv_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw);
void f64_conv_bwd_weights(const ConvShape& s, const double* x, const double* dz, double* dw);
}  // namespace ref

}  // namespace saraf
