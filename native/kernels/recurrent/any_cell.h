// Recurrent layers with other activations than Keras' defaults, or with recurrent dropout: the layers of recurrent.h, step by step
// from matrix products and activations that exist once per instruction set, so that bits are the same on all.
//
// Steps, masks, y and last states are those of recurrent.h. hd = h₋₁ ⊙ kept (h₋₁ where kept is null) enters every product with u.
// Sums: chunked over D or U forwards; backwards dx and dh over the gates' columns, dw, du and db grouped over all N·T rows (masked
// ones are 0), each gate block of u that stands apart by itself. a is the activation, s the recurrent one; every operation is
// rounded by itself, and nothing is fused:
//
// SimpleRNN  h = a(pre), pre = (Σ x·w + b) + Σ hd·u.
// LSTM       c = f·c₋₁ + i·g, h = o·a(c); i f o = s(pre), g = a(pre).
// GRU        h = z·h₋₁ + (1−z)·h̃; z r = s(pre).
//   after    h̃ = a(p + r·q), p = Σ x·w + b₀, q = Σ hd·u + b₁; also z and r have both biases: pre = p + q.
//   before   h̃ = a(p + Σ (r·hd)·u).
//   textbook as before, with z = s(−pre).
//
// Slopes are taken at what the activations were given, which gates keeps: (N,T,4U) of the LSTM its four columns; of the GRU z, r, h̃,
// and q (after) or r·hd (before); of SimpleRNN (N,T,U). A backward pass overwrites them. In float h, c and what is carried
// backwards pass through quiet (order.h).
#pragma once
#include "kernels/curve/curve.h"
#include "kernels/recurrent/recurrent.h"

namespace saraf {

// The activations that kernels fuse, with their codes, and more: clip(x/6 + 0.5, 0, 1), x/(1 + |x|), clip(x/5 + 0.5, 0, 1); from
// kCellCurves the curves of curve.h, each with its numbers.
enum CellActivationCode : int { kCellHardSigmoid = 4, kCellSoftsign = 5, kCellHardSigmoidKeras2 = 6, kCellActivations = 7, kCellCurves = 16 };

struct CellActivation {
  int code;
  double a, b, c, d;
};

template <class T>
struct AnyCell {
  CellActivation activation, recurrent;
  const T* kept;  // (N,U) or null
  T* pre;         // of SimpleRNN, else null
};

void any_simple_rnn_fwd(const SimpleRnnForward<float>& f, const AnyCell<float>& cell);
void any_simple_rnn_fwd(const SimpleRnnForward<double>& f, const AnyCell<double>& cell);
void any_simple_rnn_bwd(const SimpleRnnBackward<float>& b, const AnyCell<float>& cell);
void any_simple_rnn_bwd(const SimpleRnnBackward<double>& b, const AnyCell<double>& cell);
void any_lstm_fwd(const LstmForward<float>& f, const AnyCell<float>& cell);
void any_lstm_fwd(const LstmForward<double>& f, const AnyCell<double>& cell);
void any_lstm_bwd(const LstmBackward<float>& b, const AnyCell<float>& cell);
void any_lstm_bwd(const LstmBackward<double>& b, const AnyCell<double>& cell);
void any_gru_fwd(const GruForward<float>& f, const AnyCell<float>& cell);
void any_gru_fwd(const GruForward<double>& f, const AnyCell<double>& cell);
void any_gru_bwd(const GruBackward<float>& b, const AnyCell<float>& cell);
void any_gru_bwd(const GruBackward<double>& b, const AnyCell<double>& cell);

}  // namespace saraf
