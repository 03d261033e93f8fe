import { BINARY, type FloatType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { getInitializer } from '../initializers/index.js';
import { AttentionCore, CORE_OPTIONS, type AttentionCoreOptions, type ScoreGradients, type ScoreSource } from './attention-core.js';
import { knownOptions, oneOf } from './checks.js';
import type { LayerContext, SymbolicShape, Weight } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface AttentionOptions extends AttentionCoreOptions {
  /** A trained factor of the scores, initially 1. Default false. */
  useScale?: boolean;
  /** 'dot': q·k. 'concat': w·Σ tanh(scale·(q + k)), w trained. Default dot. */
  scoreMode?: 'dot' | 'concat';
}

/**
 * Weighted mean of the value steps per query step: softmax(q·kᵀ)·v, no projections, not scaled unless `useScale`. Inputs are
 * [query, value] or [query, value, key]. A step of the value that is masked gets no weight; outputs of masked queries are 0.
 *
 * One addon call per pass; `useScale` adds one forward and two backward, `concat` needs up to four and eight.
 *
 * Shapes: query (N,Tq,D), value (N,Tk,Dv), key (N,Tk,D) → (N,Tq,Dv), and with `returnAttentionScores` (N,Tq,Tk).
 * Throws: ERR_SHAPE if the inputs do not fit together.
 * Source: Luong et al. 2015; Keras Attention.
 * Example: layers.attention({ useScale: true }).apply([query, value])
 */
export class Attention extends AttentionCore {
  readonly className = 'Attention';
  readonly useScale: boolean;
  readonly scoreMode: 'dot' | 'concat';
  private scale: Weight | null = null;
  private concatWeight: Weight | null = null;

  constructor(options: AttentionOptions = {}) {
    super('Attention', 'attention', options);
    knownOptions('attention', options, [...CORE_OPTIONS, 'useScale', 'scoreMode']);
    this.useScale = options.useScale ?? false;
    this.scoreMode = oneOf('attention', 'scoreMode', options.scoreMode ?? 'dot', ['dot', 'concat']);
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const ones = getInitializer('attention', 'ones');
    if (this.useScale) this.scale = this.addWeight('scale', [], ones, dtype);
    if (this.scoreMode === 'concat') this.concatWeight = this.addWeight('concat_score_weight', [], ones, dtype);
    super.build(inputShapes, dtype);
  }

  protected override scoresFrom(query: Tensor, key: Tensor, ctx: LayerContext): ScoreSource {
    const q = this.scaled(query, 'scaledQuery', ctx);
    if (!this.concatWeight) return { q, k: key, scores: null };
    const k = this.scaled(key, 'scaledKey', ctx);
    const [N, Tq, d] = q.shape as [number, number, number];
    const Tk = k.shape[1] as number;
    const w = ctx.buffer('w', [d]);
    backend().fill(w.storage, this.concatWeight.value.data()[0] as number);
    const scores = ctx.buffer('rawScores', [N, Tq, Tk]);
    backend().additiveScoresForward(q.storage, k.storage, w.storage, scores.storage, N, Tq, Tk, d);
    return { q: null, k: null, scores };
  }

  protected override scoresBackward(
    query: Tensor,
    key: Tensor,
    _source: ScoreSource,
    gradients: { q: Tensor | null; k: Tensor | null; scores: Tensor | null },
    ctx: LayerContext,
  ): ScoreGradients {
    let { q: dq, k: dk } = gradients;
    if (this.concatWeight && gradients.scores) {
      const [N, Tq, d] = query.shape as [number, number, number];
      const Tk = key.shape[1] as number;
      dq = ctx.buffer('dq', query.shape);
      dk = ctx.buffer('dk', key.shape);
      const dw = ctx.buffer('dw', [d]);
      const q = this.useScale ? ctx.buffer('scaledQuery', query.shape) : query;
      const k = this.useScale ? ctx.buffer('scaledKey', key.shape) : key;
      const w = ctx.buffer('w', [d]).storage;
      backend().additiveScoresBackward(q.storage, k.storage, w, gradients.scores.storage, dq.storage, dk.storage, dw.storage, N, Tq, Tk, d);
      const total = ctx.gradient(this.concatWeight);
      if (total) {
        const ones = ctx.buffer('ones', [d]);
        backend().fill(ones.storage, 1);
        backend().matmul(dw.storage, ones.storage, total.storage, 1, 1, d, false, false);
      }
    }
    if (!dq || !dk || !this.scale) return { query: dq as Tensor, key: dk as Tensor };
    // dq is the gradient of scale·query; with concat dk is that of scale·key.
    const dscale = ctx.gradient(this.scale);
    const both = this.concatWeight !== null;
    if (dscale) {
      backend().matmul(query.storage, dq.storage, dscale.storage, 1, 1, query.size, false, false);
      if (both) {
        const fromKey = ctx.buffer('scaleFromKey', [1]);
        backend().matmul(key.storage, dk.storage, fromKey.storage, 1, 1, key.size, false, false);
        backend().binary(dscale.storage, fromKey.storage, dscale.storage, BINARY.add);
      }
    }
    const factor = this.scale.value.data()[0] as number;
    backend().affine(dq.storage, dq.storage, factor, 0);
    if (both) backend().affine(dk.storage, dk.storage, factor, 0);
    return { query: dq, key: dk };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), useScale: this.useScale, scoreMode: this.scoreMode };
  }

  private scaled(x: Tensor, name: string, ctx: LayerContext): Tensor {
    if (!this.scale) return x;
    const y = ctx.buffer(name, x.shape);
    backend().affine(x.storage, y.storage, this.scale.value.data()[0] as number, 0);
    return y;
  }
}
