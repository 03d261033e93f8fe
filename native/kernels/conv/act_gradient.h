// The gradient behind a layer's activation and the sum of its rows, in one pass over memory.
//
//   dz (rows,F) = dy·act'(y), as f32_activation_bwd;  db (F) = Σ dz over rows, as f32_column_sum (gemm.h), or null: not wanted
//   conv_act_bwd_weights: dz and db as above, then dw of f32_conv_bwd_weights. dz is a workspace, undefined afterwards: where
//   channels are few `_simd` makes it chunk by chunk in L1 (conv_simd.cc).
//
// The bits are those of the kernels named. Outputs are written with `=`; dz may be dy.
#pragma once
#include "core/shape.h"

namespace saraf {

namespace ref {
void f32_act_gradient(const float* y, const float* dy, int64_t rows, int64_t F, float* dz, float* db, Activation act);
void f32_conv_act_bwd_weights(const ConvShape& s, const float* x, const float* y, const float* dy, float* dz, float* dw, float* db, Activation act);
}  // namespace ref

}  // namespace saraf
