// The float32 source once more, with products of bfloat16: bf16_rows.h and bf16_steps.h stand in for row_tile.h and weight_core.h.
#include "kernels/mixed/bf16_tile.h"
#define f32_gru_fwd bf16_gru_fwd
#define f32_gru_bwd bf16_gru_bwd
#include "kernels/recurrent/gru_simd.cc"
