import { SarafError } from '../errors.js';
import { ATTENTION, BINARY, type AttentionGeometry, type FloatType, type RandomKey, type Storage } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { checkShapes, nameInputs, type AttentionOf } from './attention-inputs.js';
import { floatInput, fullShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { drawCounter } from './random-layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface AttentionCoreOptions extends LayerOptions {
  /** Share of the probabilities that is dropped in training, in [0,1). Default 0. */
  dropout?: number;
  /** A query sees no later step. Default false. (In Keras an argument of the call.) */
  useCausalMask?: boolean;
  /** Return the probabilities as a second output. Default false. (In Keras an argument of the call.) */
  returnAttentionScores?: boolean;
  /** Key of dropout's draws, as a saved model keeps it. Default: from the seed. */
  randomKey?: RandomKey;
}

export const CORE_OPTIONS = ['dropout', 'useCausalMask', 'returnAttentionScores', 'randomKey'];

/** Queries and keys of one product, or the scores themselves. */
export interface ScoreSource {
  readonly q: Tensor | null;
  readonly k: Tensor | null;
  readonly scores: Tensor | null;
}

interface Saved {
  named: AttentionOf<Tensor>;
  source: ScoreSource;
  masks: [Storage | null, Storage | null, Storage | null];
  y: Tensor;
  stats: Tensor;
  probs: Tensor | null;
  geometry: AttentionGeometry;
  numbers: [number, number, number, number, number];
}

/** Gradients of queries and keys. */
export interface ScoreGradients {
  readonly query: Tensor;
  readonly key: Tensor;
}

/**
 * What Attention and AdditiveAttention share: probabilities from scores and the weighted mean of the values, one head. A mask of the
 * value closes its steps; one of the query sets outputs to 0.
 */
export abstract class AttentionCore extends Layer {
  readonly dropout: number;
  readonly useCausalMask: boolean;
  readonly returnAttentionScores: boolean;
  private key: RandomKey | undefined;

  constructor(className: string, op: string, options: AttentionCoreOptions) {
    super(className, options);
    this.dropout = options.dropout ?? 0;
    if (!(this.dropout >= 0 && this.dropout < 1))
      throw new SarafError('ERR_ARG', op, `expected dropout in [0,1), received ${this.dropout}`);
    this.useCausalMask = options.useCausalMask ?? false;
    this.returnAttentionScores = options.returnAttentionScores ?? false;
    this.key = options.randomKey;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    if (this.dropout > 0) this.key ??= this.drawKey();
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const named = nameInputs(this.name, inputShapes, 2, false);
    checkShapes(this.name, named);
    const { query, value, key } = named;
    if (query[2] !== key[2]) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected query and key of one width, received query ${showShape(query)} and key ${showShape(key)}`,
      );
    }
    const y = [query[0], query[1], value[2]] as SymbolicShape;
    return this.returnAttentionScores ? [y, [query[0], query[1], value[1]] as SymbolicShape] : [y];
  }

  /** What the scores come from; may compute them. */
  protected abstract scoresFrom(query: Tensor, key: Tensor, ctx: LayerContext): ScoreSource;
  /** From the gradients that the core gave: of source.q and source.k, or of source.scores. Writes weight gradients. */
  protected abstract scoresBackward(
    query: Tensor,
    key: Tensor,
    source: ScoreSource,
    gradients: { q: Tensor | null; k: Tensor | null; scores: Tensor | null },
    ctx: LayerContext,
  ): ScoreGradients;

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    if (!this.built)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const shapes = this.computeOutputShape(inputs.map((t) => t.shape)).map((shape) => fullShape(this.name, shape));
    const named = nameInputs(this.name, inputs, 2, false);
    const { query, value, key } = named;
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const [N, Tq, d] = query.shape as [number, number, number];
    const [, Tk, dv] = value.shape as [number, number, number];
    const source = this.scoresFrom(query, key, ctx);
    const flags =
      ATTENTION.uniform +
      ATTENTION.uniformGradient +
      ATTENTION.maskOutput +
      ATTENTION.droppedProbs +
      (this.useCausalMask ? ATTENTION.causal : 0);
    const saved: Saved = {
      named,
      source,
      masks: [ctx.masks[0]?.storage ?? null, ctx.masks[1]?.storage ?? null, null],
      y: ctx.buffer('y', shapes[0] as Shape),
      stats: ctx.buffer('stats', [N, 1, Tq, 2]),
      probs: shapes[1] ? ctx.buffer('scores', shapes[1]) : null,
      geometry: Int32Array.of(N, Tq, Tk, 1, d, dv, d, d, dv, flags),
      numbers: [1, ctx.training ? this.dropout : 0, this.key?.seed ?? 0, this.key?.stream ?? 0, drawCounter(ctx)],
    };
    backend().attentionForward(
      source.q?.storage ?? null, source.k?.storage ?? null, value.storage, source.scores?.storage ?? null, ...saved.masks, saved.y.storage,
      saved.stats.storage, saved.probs?.storage ?? null, saved.geometry, ...saved.numbers,
    ); // prettier-ignore
    this.remember(ctx, saved);
    return saved.probs ? [saved.y, saved.probs] : [saved.y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { named, source, masks, y, stats, probs, geometry, numbers } = this.recall<Saved>(ctx);
    const { query, value, key } = named;
    const dvalue = ctx.buffer('dvalue', value.shape);
    const gradients = {
      q: source.q ? ctx.buffer('dq', query.shape) : null,
      k: source.k ? ctx.buffer('dk', key.shape) : null,
      scores: source.scores ? ctx.buffer('dscores', source.scores.shape) : null,
    };
    backend().attentionBackward(
      source.q?.storage ?? null, source.k?.storage ?? null, value.storage, source.scores?.storage ?? null, ...masks, y.storage, stats.storage,
      (outputGradients[0] as Tensor).storage, probs?.storage ?? null, probs ? (outputGradients[1] as Tensor).storage : null,
      gradients.q?.storage ?? null, gradients.k?.storage ?? null, dvalue.storage, gradients.scores?.storage ?? null, geometry, ...numbers,
    ); // prettier-ignore
    const found = this.scoresBackward(query, key, source, gradients, ctx);
    if (key !== value) return [found.query, dvalue, found.key];
    // One input is both: the two gradients are added, unless nobody asks.
    if (ctx.wantsInputGradient(1)) backend().binary(dvalue.storage, found.key.storage, dvalue.storage, BINARY.add);
    return [found.query, dvalue];
  }

  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [ctx.masks[0] ?? null, null];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const { query, value } = nameInputs(this.name, inputShapes, 2, false);
    const pairs = valuesIn([query]) * (value[1] as number);
    return { ...super.cost(inputShapes, outputShapes), flops: 2 * pairs + 2 * valuesIn([outputShapes[0] as Shape]) * (value[1] as number) };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      dropout: this.dropout,
      useCausalMask: this.useCausalMask,
      returnAttentionScores: this.returnAttentionScores,
      ...(this.key ? { randomKey: this.key } : {}),
    };
  }
}
