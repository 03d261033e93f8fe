// Max pooling over disjoint 2×2 windows behind a convolution whose output is not kept.
//
//   z (N,OH,OW,F) output of the convolution `s`, activation included; PH = OH/2, PW = OW/2 rounded down
//   y[n,py,px,f]    = max of the window's four cells, as in pool.h; taps (uint8, like y) the winner 2·ky + kx
//   dz[n,oy,ox,f]   = 0 + dy·act'(y) where the cell won, else 0: y is the winner's own value, so z is not needed
//   db[f]           = Σ dz over all rows, the grouped sum of f32_column_sum (gemm.h) to the bit; null: not wanted
//
// conv_pool_fwd is f32_conv_fwd, then pool_pairs_fwd; conv_pool_bwd_weights is pool_pairs_bwd, then f32_conv_bwd_weights. Their z
// and dz are workspaces, undefined afterwards: where channels are few `_simd` makes them piece by piece in L1 (conv_simd.cc).
//
// act: linear or ReLU. A last odd line or column belongs to no window: its dz is 0. Outputs are written with `=` and alias
// nothing. Variants: `_ref` cell by cell; `_simd` 16 channels at a time, and dz is summed while it is in a register.
#pragma once
#include "core/shape.h"

namespace saraf {

namespace ref {
void f32_pool_pairs_fwd(const ConvShape& s, const float* z, float* y, uint8_t* taps);
void f64_pool_pairs_fwd(const ConvShape& s, const double* z, double* y, uint8_t* taps);
void f32_pool_pairs_bwd(const ConvShape& s, const float* y, const uint8_t* taps, const float* dy, float* dz, float* db, Activation act);
void f64_pool_pairs_bwd(const ConvShape& s, const double* y, const uint8_t* taps, const double* dy, double* dz, double* db, Activation act);
void f32_conv_pool_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* z, float* y, uint8_t* taps, Activation act);
void f32_conv_pool_bwd_weights(const ConvShape& s, const float* x, const float* y, const uint8_t* taps, const float* dy, float* dz, float* dw,
                               float* db, Activation act);
}  // namespace ref

}  // namespace saraf
