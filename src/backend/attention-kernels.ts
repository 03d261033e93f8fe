import type { Storage } from './backend.js';

/**
 * Geometry of attention: [N, Tq, Tk, H, dk, dv, ldq, ldk, ldv, flags]; of a whole multi-head layer:
 * [N, Tq, Tk, Dq, Dv, Dk, H, dk, dv, F, flags] (D… features of query, value and key, F of the output). `ld…` is the number of
 * values between two steps of q, k, v and of their gradients. flags is a sum of ATTENTION:
 * causal: a query sees no later key. uniform: a query that may look at no key gives the mean of all values (else 0), whose
 * gradient reaches the scores only with uniformGradient. maskOutput: the query mask sets outputs to 0 and closes no keys.
 * droppedProbs: `probs` are given after dropout. A multi-head layer also takes valueIsKey: value and key are one array, which one
 * product projects; and oneInput: query, too.
 */
export const ATTENTION = {
  causal: 1,
  uniform: 2,
  uniformGradient: 4,
  maskOutput: 8,
  droppedProbs: 16,
  valueIsKey: 32,
  oneInput: 64,
} as const;
export type AttentionGeometry = Int32Array;

/** Attention, as part of `Backend`: softmax(scale·q·kᵀ)·v per head; the formulas stand in kernels/attention/attention.h. */
export interface AttentionKernels {
  /**
   * q (N,Tq,H,dk), k (N,Tk,H,dk), v (N,Tk,H,dv), or q and k null and `scores` (N,H,Tq,Tk) in their place → y (N,Tq,H,dv), stats
   * (N,H,Tq,2) for backward, and on request probs (N,H,Tq,Tk). Masks are uint8, 1 = valid: queryMask (N,Tq), keyMask (N,Tk), mask
   * (N,Tq,Tk). A share `rate` of the probabilities is dropped by draws of (seed, stream, counter).
   */
  attentionForward(
    q: Storage | null,
    k: Storage | null,
    v: Storage,
    scores: Storage | null,
    queryMask: Storage | null,
    keyMask: Storage | null,
    mask: Storage | null,
    y: Storage,
    stats: Storage,
    probs: Storage | null,
    geometry: AttentionGeometry,
    scale: number,
    rate: number,
    seed: number,
    stream: number,
    counter: number,
  ): void;
  /** From y, stats and (needed with dprobs) probs of the forward call. dq and dk with q and k, dscores with scores. */
  attentionBackward(
    q: Storage | null,
    k: Storage | null,
    v: Storage,
    scores: Storage | null,
    queryMask: Storage | null,
    keyMask: Storage | null,
    mask: Storage | null,
    y: Storage,
    stats: Storage,
    dy: Storage,
    probs: Storage | null,
    dprobs: Storage | null,
    dq: Storage | null,
    dk: Storage | null,
    dv: Storage,
    dscores: Storage | null,
    geometry: AttentionGeometry,
    scale: number,
    rate: number,
    seed: number,
    stream: number,
    counter: number,
  ): void;
  /** scores (N,Tq,Tk) = Σ w·tanh(q + k) over the features of q (N,Tq,d) and k (N,Tk,d); w (d) or null (all 1). */
  additiveScoresForward(q: Storage, k: Storage, w: Storage | null, scores: Storage, N: number, Tq: number, Tk: number, d: number): void;
  additiveScoresBackward(
    q: Storage,
    k: Storage,
    w: Storage | null,
    dscores: Storage,
    dq: Storage,
    dk: Storage,
    dw: Storage | null,
    N: number,
    Tq: number,
    Tk: number,
    d: number,
  ): void;
  /**
   * query (N,Tq,Dq), value (N,Tk,Dv), key (N,Tk,Dk) → y (N,Tq,F). Kernels wq (Dq,H·dk), wk (Dk,H·dk), wv (Dv,H·dv), wo (H·dv,F);
   * the first three biases all or none. `projected` (N·Tq·H·dk +
   * N·Tk·H·(dk+dv) values), `mixed` (N,Tq,H·dv) and stats are kept for backward; the rest as in attentionForward.
   */
  multiHeadForward(
    query: Storage,
    value: Storage,
    key: Storage,
    wq: Storage,
    bq: Storage | null,
    wk: Storage,
    bk: Storage | null,
    wv: Storage,
    bv: Storage | null,
    wo: Storage,
    bo: Storage | null,
    queryMask: Storage | null,
    keyMask: Storage | null,
    mask: Storage | null,
    projected: Storage,
    mixed: Storage,
    stats: Storage,
    y: Storage,
    probs: Storage | null,
    geometry: AttentionGeometry,
    scale: number,
    rate: number,
    seed: number,
    stream: number,
    counter: number,
  ): void;
  /**
   * dprojected and dmixed: workspaces like projected and mixed. With oneInput dquery is the gradient of all three
   * inputs, with valueIsKey dvalue that of value and key; the other ones are not written then.
   */
  multiHeadBackward(
    query: Storage,
    value: Storage,
    key: Storage,
    wq: Storage,
    wk: Storage,
    wv: Storage,
    wo: Storage,
    queryMask: Storage | null,
    keyMask: Storage | null,
    mask: Storage | null,
    projected: Storage,
    mixed: Storage,
    stats: Storage,
    dy: Storage,
    probs: Storage | null,
    dprobs: Storage | null,
    dprojected: Storage,
    dmixed: Storage,
    dquery: Storage | null,
    dvalue: Storage | null,
    dkey: Storage | null,
    dwq: Storage | null,
    dbq: Storage | null,
    dwk: Storage | null,
    dbk: Storage | null,
    dwv: Storage | null,
    dbv: Storage | null,
    dwo: Storage | null,
    dbo: Storage | null,
    geometry: AttentionGeometry,
    scale: number,
    rate: number,
    seed: number,
    stream: number,
    counter: number,
  ): void;
}
