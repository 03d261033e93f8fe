// Scaled dot-product attention: every query looks at every key of its sequence, per head; no matrix is transposed or copied.
//
//   z_ij = (Σ_d q_i·k_j)·scale where key j is open to query i, else -inf;  m_i = max_j z_ij
//   e_ij = exp(z_ij - m_i),  r_i = 1 / lane_sum_j(e_ij),  p_ij = e_ij·r_i
//   y_i  = (Σ_j kept e_ij·v_j)·(r_i·keep_scale)
//
// backward, with g_ij = Σ_d dy_i·v_j, D_i = lane_sum_d(dy_i·y_i) + lane_sum_j(dprobs_ij·probs_ij):
//
//   dp_ij = (kept ? g_ij·keep_scale : 0) + dprobs_ij,  ds_ij = (p_ij·(dp_ij - D_i))·scale
//   dq_i = Σ_j ds_ij·k_j,  dk_j = Σ_i ds_ij·q_i,  dv_j = Σ_i (kept p_ij·keep_scale)·dy_i
//
// Sums over d, keys and queries are the chunked sum of order.h. Backward computes the scores again from q and k and from two
// numbers kept per row: nothing of size Tq·Tk is stored, and chunks of 256 queries by 256 keys stay in the cache.
// Keys behind the last open one of a sequence are left out of every sum where only key_mask closes keys.
//
// A query without an open key: y is 0; or with `uniform` the mean of all values, whose gradient reaches v, and with
// `uniform_gradient` the scores too.
// Variants: ref keeps whole rows; simd runs gemm_core's tiles on blocks of one head, threads share heads and blocks of queries.
#pragma once
#include <cstdint>

#include "kernels/dropout/dropout.h"

namespace saraf {

struct AttentionShape {
  int64_t N, Tq, Tk, H, dk, dv;
  int64_t ldq, ldk, ldv;  // floats between steps of q, k, v (and of dq, dk, dv): their head h starts at h·dk or h·dv
  bool causal;            // key j is open to queries i >= j
  bool uniform, uniform_gradient;
  bool mask_output;    // query_mask only sets y to 0; else it closes all keys to masked queries
  bool dropped_probs;  // probs are given after dropout
};

// What both passes read. Masks are 1 where valid: query_mask (N,Tq), key_mask (N,Tk), mask (N,Tq,Tk), each null or not.
// scores (N,H,Tq,Tk), where given, take the place of Σ q·k. Element (n,h,i,j) is kept by draw ((n·H + h)·Tq + i)·P + j of
// `random`, P = Tk rounded up to 64, if its upper 24 bits are >= threshold; threshold 0 keeps all.
template <class T>
struct AttentionInputs {
  AttentionShape shape;
  const T *q, *k, *v, *scores;
  const uint8_t *query_mask, *key_mask, *mask;
  T scale, keep_scale;
  uint32_t threshold;
  RandomStream random;
};

// y (N,Tq,H,dv), stats (N,H,Tq,2), probs (N,H,Tq,Tk) or null.
template <class T>
struct AttentionForward : AttentionInputs<T> {
  T *y, *stats, *probs;
};

// y, stats and probs as forward left them; dprobs (N,H,Tq,Tk) needs probs. dq, dk null with scores, dscores null without.
template <class T>
struct AttentionBackward : AttentionInputs<T> {
  const T *y, *stats, *dy, *probs, *dprobs;
  T *dq, *dk, *dv, *dscores;
};

// Additive scores: s_ij = lane_sum_d(w_d·tanh(q_i + k_j)); q (N,Tq,d), k (N,Tk,d), w (d) or null (all 1), s (N,Tq,Tk).
// Backward from ds: with u = tanh(q_i + k_j) and t = (ds_ij·w)·(1 - u²): dq_i = Σ_j t, dk_j = Σ_i t (chunked sums of adds), and
// dw = Σ_n Σ_i Σ_j ds_ij·u: chunked over j, then plain sums in ascending i and n.
template <class T>
struct AdditiveScores {
  int64_t N, Tq, Tk, d;
  const T *q, *k, *w;
  T* s;
  const T* ds;
  T *dq, *dk, *dw;  // dw may be null
};

namespace ref {
void f32_attention_fwd(const AttentionForward<float>& f);
void f64_attention_fwd(const AttentionForward<double>& f);
void f32_attention_bwd(const AttentionBackward<float>& b);
void f64_attention_bwd(const AttentionBackward<double>& b);
void f32_additive_scores_fwd(const AdditiveScores<float>& a);
void f64_additive_scores_fwd(const AdditiveScores<double>& a);
void f32_additive_scores_bwd(const AdditiveScores<float>& a);
void f64_additive_scores_bwd(const AdditiveScores<double>& a);
}  // namespace ref

}  // namespace saraf
