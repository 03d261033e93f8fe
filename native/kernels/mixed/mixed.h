// Products in bfloat16 for training in mixed precision: float32 in memory, operands rounded to bfloat16 (nearest, ties to even),
// float32 sums, float32 results. Arguments and formulas are those of gemm.h, conv.h and recurrent.h; what is not a product
// (bias, activations, gates, states) stays float32.
//
// Sets: `amx` and `avx512_bf16`, from one source (bf16_tile.h). Exempt from law 5 between sets and machines; on one machine the
// same bits for any number of threads. The oracle is the double reference on operands that were rounded to bfloat16: products of
// two bfloat16 are exact in float32, so what differs is the rounding of the sums, accum(K) as in float32, and a denormal operand,
// which counts 0.
#pragma once
#include "kernels/conv/conv.h"
#include "kernels/gemm/gemm.h"
#include "kernels/recurrent/recurrent.h"

namespace saraf {

namespace mixed {
// weight_gradient is ignored: there are no groups.
void bf16_gemm(const GemmArgs<float>& g);

// Direct convolutions; Winograd's transforms would lose what bfloat16 has left.
void bf16_conv_fwd(const ConvShape& s, const float* x, const float* w, const float* b, float* y, Activation act);
void bf16_conv_bwd_data(const ConvShape& s, const float* dz, const float* w, float* dx);
void bf16_conv_bwd_weights(const ConvShape& s, const float* x, const float* dz, float* dw);

// D and U at least 16. db is summed from rounded dz, as a row of the weight gradients' product.
void bf16_simple_rnn_fwd(const SimpleRnnForward<float>& f);
void bf16_simple_rnn_bwd(const SimpleRnnBackward<float>& b);
void bf16_lstm_fwd(const LstmForward<float>& f);
void bf16_lstm_bwd(const LstmBackward<float>& b);
void bf16_gru_fwd(const GruForward<float>& f);
void bf16_gru_bwd(const GruBackward<float>& b);
}  // namespace mixed

}  // namespace saraf
