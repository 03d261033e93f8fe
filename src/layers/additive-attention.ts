import { backend } from '../backend/current.js';
import { getInitializer } from '../initializers/index.js';
import { AttentionCore, CORE_OPTIONS, type AttentionCoreOptions, type ScoreGradients, type ScoreSource } from './attention-core.js';
import { knownOptions, lastAxis } from './checks.js';
import type { FloatType } from '../backend/backend.js';
import type { LayerContext, SymbolicShape, Weight } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface AdditiveAttentionOptions extends AttentionCoreOptions {
  /** Trained weights of the features in a score, initially glorotUniform. Default true. */
  useScale?: boolean;
}

/**
 * Weighted mean of the value steps per query step, with scores Σ scale·tanh(q + k). Inputs are [query, value] or
 * [query, value, key]; masks as in Attention. Two addon calls per pass, and one more backward where value and key are one input.
 *
 * Shapes: query (N,Tq,D), value (N,Tk,Dv), key (N,Tk,D) → (N,Tq,Dv), and with `returnAttentionScores` (N,Tq,Tk); scale (D).
 * Throws: ERR_SHAPE if the inputs do not fit together.
 * Source: Bahdanau et al. 2015; Keras AdditiveAttention.
 * Example: layers.additiveAttention().apply([query, value])
 */
export class AdditiveAttention extends AttentionCore {
  readonly className = 'AdditiveAttention';
  readonly useScale: boolean;
  private scale: Weight | null = null;

  constructor(options: AdditiveAttentionOptions = {}) {
    super('AdditiveAttention', 'additiveAttention', options);
    knownOptions('additiveAttention', options, [...CORE_OPTIONS, 'useScale']);
    this.useScale = options.useScale ?? true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const initializer = getInitializer('additiveAttention', 'glorotUniform');
    if (this.useScale) this.scale = this.addWeight('scale', [lastAxis(this.name, inputShapes[0] as SymbolicShape)], initializer, dtype);
    super.build(inputShapes, dtype);
  }

  protected override scoresFrom(query: Tensor, key: Tensor, ctx: LayerContext): ScoreSource {
    const [N, Tq, d] = query.shape as [number, number, number];
    const Tk = key.shape[1] as number;
    const scores = ctx.buffer('rawScores', [N, Tq, Tk]);
    backend().additiveScoresForward(query.storage, key.storage, this.scale?.value.storage ?? null, scores.storage, N, Tq, Tk, d);
    return { q: null, k: null, scores };
  }

  protected override scoresBackward(
    query: Tensor,
    key: Tensor,
    _source: ScoreSource,
    gradients: { scores: Tensor | null },
    ctx: LayerContext,
  ): ScoreGradients {
    const [N, Tq, d] = query.shape as [number, number, number];
    const Tk = key.shape[1] as number;
    const dq = ctx.buffer('dq', query.shape);
    const dk = ctx.buffer('dk', key.shape);
    const w = this.scale?.value.storage ?? null;
    const dw = this.scale ? (ctx.gradient(this.scale)?.storage ?? null) : null;
    const ds = (gradients.scores as Tensor).storage;
    backend().additiveScoresBackward(query.storage, key.storage, w, ds, dq.storage, dk.storage, dw, N, Tq, Tk, d);
    return { query: dq, key: dk };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), useScale: this.useScale };
  }
}
