// Recurrent layers: one call per pass over the whole sequence.
//
// Steps. Row n is walked in processing order p = 0 … T-1 at time t = p, or T-1-p with `reverse`. A step whose mask (N,T) is
// 0 keeps the state; its y repeats the output before it (0 before the first valid step), or is 0 with
// zero_output_for_mask. Its rows of gates, cells and dz are neither written nor read. hT, cT: the states after the last valid step, h0 and
// c0 (or 0) in a row without one.
//
// Sums (order.h). Forward: pre = ((Σ x·w) + b) + Σ h₋₁·u, each Σ a chunked sum over D or U. Backward: the carry dh of a row
// starts as dhT (or 0); walking backwards a masked step adds its dy (plainly; not before the first valid step, nor with
// zero_output_for_mask), a valid step takes d = dy + dh (d = dh without dy) and leaves a new dh with Σ dz·uᵀ, a chunked sum over
// the gates' columns in their order. dx = Σ dz·wᵀ likewise. dw, du, db are grouped sums over the K valid steps of all rows,
// ordered by n, then by time t ascending (with `reverse` too), in weight_groups(K, (D+U)·G) groups, G = gates·U.
//
// Formulas, every operation rounded by itself, fma(a,b,c) once, σ and tanh by vmath.h:
// SimpleRNN  h = act(pre).  dz = d·act'(h), dh = Σ dz·uᵀ.
// LSTM       c = fma(f, c₋₁, i·g), h = o·tanh c, with i f g o = σ σ tanh σ of the four columns.
//            e = fma(d·o, fma(−tanh c, tanh c, 1), dc); dz = (e·g)·(i·(1−i)), (e·c₋₁)·(f·(1−f)), (e·i)·fma(−g,g,1),
//            (d·tanh c)·(o·(1−o)); dc = e·f.
// GRU        h = fma(z, h₋₁, (1−z)·h̃), z r = σ σ of the first columns.
//   after    q = (Σ h₋₁·u) + b₁ (each column); z r = σ(p + q), h̃ = tanh(fma(r, q, p)), p = (Σ x·w) + b₀.
//   before   h̃ = tanh(p + Σ (r·h₋₁)·u).
//            dz = (d·(h₋₁−h̃))·(z·(1−z)), dh̃ = (d·(1−z))·fma(−h̃,h̃,1).
//   after    dr = (dh̃·q)·(r·(1−r)); dq = dh̃·r; dh = d·z + Σ [dz dr dq]·uᵀ.
//   before   s = Σ dh̃·uᵀ; dr = (s·h₋₁)·(r·(1−r)); dh = fma(s, r, d·z) + Σ [dz dr]·uᵀ.
//   textbook (before only) its gate is 1 − z: h = z·h₋₁ + (1−z)·h̃ with z = σ(−pre), and dz changes its sign. As signs change no
//            rounding, that is the bits of `before` with the first U columns of w, u and b negated.
//
// Fading values (order.h), in float only: c of the LSTM, h of the others, d, e, dh̃ and every part of dz pass through quiet.
//
// Dropped inputs. With dropped_inputs a feature that is 0 in all valid steps of a row takes part in no sum of that row, which changes
// no bit while w is finite, and its dx is 0 (with add_dx: as it was).
//
// Outputs are written with `=` and alias nothing, but for what a backward pass overwrites: gates; and with add_dx dx becomes dx + Σ dz·wᵀ,
// a plain add, on valid steps and stays as it is on masked ones.
#pragma once
#include <cstdint>

#include "core/shape.h"

namespace saraf {

// x (N,T,D), w (D,G), u (U,G), b (G) or null, h0 (N,U) or null, mask (N,T) or null → y (N,T,U), hT (N,U).
template <class T>
struct RecurrentForward {
  RecurrentShape shape;
  const T *x, *w, *u, *b, *h0;
  const uint8_t* mask;
  T *y, *hT;
};

// dy (N,T,U) and dhT (N,U) may be null, and so may each gradient that is not wanted.
template <class T>
struct RecurrentBackward {
  RecurrentShape shape;
  const T *x, *w, *u, *h0;
  const uint8_t* mask;
  const T *y, *dy, *dhT;
  T *dx, *dw, *du, *db, *dh0;
};

template <class T>
struct SimpleRnnForward : RecurrentForward<T> {
  Activation act;
};
template <class T>
struct SimpleRnnBackward : RecurrentBackward<T> {
  T* dz;  // (N,T,U)
  Activation act;
};

// gates (N,T,4U): i f g o. cells (N,T,U): c. Both or neither.
template <class T>
struct LstmForward : RecurrentForward<T> {
  const T* c0;
  T *cT, *gates, *cells;
};
// gates becomes dz.
template <class T>
struct LstmBackward : RecurrentBackward<T> {
  const T *c0, *cells, *dcT;
  T *gates, *dc0;
};

// gates (N,T,4U): z r h̃ and q's last column block (after) or r·h₋₁ (before). b is (2,3U) with reset_after, else (3U).
template <class T>
struct GruForward : RecurrentForward<T> {
  T* gates;
};
// gates becomes dz dr dh̃ and dq (after) or r·h₋₁ (before).
template <class T>
struct GruBackward : RecurrentBackward<T> {
  T* gates;
};

namespace ref {
void f32_simple_rnn_fwd(const SimpleRnnForward<float>& f);
void f64_simple_rnn_fwd(const SimpleRnnForward<double>& f);
void f32_simple_rnn_bwd(const SimpleRnnBackward<float>& b);
void f64_simple_rnn_bwd(const SimpleRnnBackward<double>& b);
void f32_lstm_fwd(const LstmForward<float>& f);
void f64_lstm_fwd(const LstmForward<double>& f);
void f32_lstm_bwd(const LstmBackward<float>& b);
void f64_lstm_bwd(const LstmBackward<double>& b);
void f32_gru_fwd(const GruForward<float>& f);
void f64_gru_fwd(const GruForward<double>& f);
void f32_gru_bwd(const GruBackward<float>& b);
void f64_gru_bwd(const GruBackward<double>& b);
}  // namespace ref

}  // namespace saraf
