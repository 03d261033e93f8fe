import { SarafError } from '../errors.js';
import { ATTENTION, type AttentionGeometry, type FloatType, type MoveLayout, type RandomKey, type Storage } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { checkShapes, joinKeyMasks, maskBytes, nameInputs, type AttentionOf } from './attention-inputs.js';
import { floatInput, fullShape, lastAxis, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { PerShape } from './per-shape.js';
import { drawCounter } from './random-layer.js';
import { moveLayout } from './strides.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';

/** What the layers of several heads share. */
export interface HeadedAttentionOptions extends LayerOptions {
  /** Share of the probabilities that is dropped in training, in [0,1). Default 0. */
  dropout?: number;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform, for all four kernels. */
  kernelInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
  /** A query sees no later step. Default false. (In Keras an argument of the call.) */
  useCausalMask?: boolean;
  /** Return the probabilities as a second output. Default false. (In Keras an argument of the call.) */
  returnAttentionScores?: boolean;
  /** The last input is an attention mask: uint8 (N,Tq,Tk), 1 where a query may look. Default false. */
  useAttentionMask?: boolean;
  /** Key of dropout's draws, as a saved model keeps it. Default: from the seed. */
  randomKey?: RandomKey;
}

export const HEADED_OPTIONS = [
  'dropout', 'useBias', 'kernelInitializer', 'biasInitializer', 'useCausalMask', 'returnAttentionScores', 'useAttentionMask', 'randomKey',
]; // prettier-ignore

/** The heads of such a layer. */
export interface Heads {
  readonly numHeads: number;
  /** Heads of keys and values, a divisor of numHeads: each serves as many heads of queries in a row. */
  readonly keyValueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  /** Features of the output; null: those of the query. */
  readonly outputFeatures: number | null;
}

interface Saved {
  inputs: readonly Tensor[];
  named: AttentionOf<Tensor>;
  masks: [Storage | null, Storage | null, Storage | null];
  /** Of query, key, value and output, as all heads have them. */
  kernels: [Storage, Storage, Storage, Storage];
  projected: Tensor;
  mixed: Tensor;
  stats: Tensor;
  scores: Tensor | null;
  geometry: AttentionGeometry;
  numbers: [number, number, number, number, number];
}

/** How a weight of few heads is repeated for all, and how gradients of the repetitions are added up. */
interface Repeat {
  readonly shape: Shape;
  readonly there: MoveLayout;
  readonly back: MoveLayout;
}

const PARTS = ['query', 'key', 'value', 'attention_output'] as const;

/**
 * Attention of several heads: softmax(q·kᵀ/√keyDim)·v of projections q, k, v per head, and a last projection; one attention call of the
 * addon per pass. Heads of queries that share keys and values have the kernels of those repeated for them.
 */
export abstract class HeadedAttention extends Layer {
  readonly heads: Heads;
  readonly dropout: number;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  readonly useCausalMask: boolean;
  readonly returnAttentionScores: boolean;
  readonly useAttentionMask: boolean;
  private kernels: Weight[] = [];
  private biases: (Weight | null)[] = [];
  private key: RandomKey | undefined;
  private readonly repeats = new PerShape<Repeat>();

  constructor(className: string, op: string, options: HeadedAttentionOptions, heads: Heads) {
    super(className, options);
    this.heads = heads;
    this.dropout = options.dropout ?? 0;
    if (!(this.dropout >= 0 && this.dropout < 1))
      throw new SarafError('ERR_ARG', op, `expected dropout in [0,1), received ${this.dropout}`);
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = getInitializer(op, options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer(op, options.biasInitializer ?? 'zeros');
    this.useCausalMask = options.useCausalMask ?? false;
    this.returnAttentionScores = options.returnAttentionScores ?? false;
    this.useAttentionMask = options.useAttentionMask ?? false;
    this.key = options.randomKey;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const named = this.namesOf(inputShapes);
    const { numHeads: H, keyValueHeads: K, keyDim: dk, valueDim: dv } = this.heads;
    const features = (shape: SymbolicShape): number => lastAxis(this.name, shape);
    const output = this.heads.outputFeatures ?? features(named.query);
    const kernels: Shape[] = [[features(named.query), H, dk], [features(named.key), K, dk], [features(named.value), K, dv], [H, dv, output]]; // prettier-ignore
    const biases: Shape[] = [[H, dk], [K, dk], [K, dv], [output]];
    for (const [i, part] of PARTS.entries()) {
      this.kernels.push(this.addWeight(`${part}/kernel`, kernels[i] as Shape, this.kernelInitializer, dtype));
      this.biases.push(this.useBias ? this.addWeight(`${part}/bias`, biases[i] as Shape, this.biasInitializer, dtype) : null);
    }
    if (this.dropout > 0) this.key ??= this.drawKey();
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const { query, value, key } = this.namesOf(inputShapes);
    for (const [i, shape] of [query, key, value].entries()) {
      const features = this.kernels[i]?.value.shape[0];
      if (features !== undefined && shape[2] !== features) {
        const part = PARTS[i] as string;
        throw new SarafError('ERR_SHAPE', this.name, `expected ${part} of shape (N,T,${features}), received ${showShape(shape)}; the layer was built for that`); // prettier-ignore
      }
    }
    const batch = query[0] as number | null;
    const steps = query[1] as number | null;
    const y: SymbolicShape = [batch, steps, this.heads.outputFeatures ?? lastAxis(this.name, query)];
    return this.returnAttentionScores ? [y, [batch, this.heads.numHeads, steps, value[1] as number | null]] : [y];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    if (!this.built)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const shapes = this.computeOutputShape(inputs.map((t) => t.shape)).map((shape) => fullShape(this.name, shape));
    const named = nameInputs(this.name, inputs, 1, this.useAttentionMask);
    const { query, value, key } = named;
    for (const x of [query, value, key]) floatInput(this.name, x, ctx.dtype);
    const [N, Tq, Tk] = [query.shape[0], query.shape[1], value.shape[1]] as [number, number, number];
    const { numHeads: H, keyDim: dk, valueDim: dv } = this.heads;
    const valueIsKey = value.storage === key.storage;
    const oneInput = valueIsKey && query.storage === value.storage;
    const fused = this.dropout === 0 && !this.returnAttentionScores;
    const flags =
      (this.useCausalMask ? ATTENTION.causal : 0) + (fused ? ATTENTION.uniform : 0) + (valueIsKey ? ATTENTION.valueIsKey : 0) + (oneInput ? ATTENTION.oneInput : 0); // prettier-ignore
    const features = [query, value, key].map((x) => x.shape[2] as number);
    const saved: Saved = {
      inputs,
      named,
      masks: this.masksOf(inputs, ctx).map((mask) => mask?.storage ?? null) as Saved['masks'],
      kernels: this.kernels.map((w, i) => this.repeated(w, i, ctx)) as Saved['kernels'],
      projected: ctx.buffer('projected', [N * H * (Tq * dk + Tk * (dk + dv))]),
      mixed: ctx.buffer('mixed', [N, Tq, H * dv]),
      stats: ctx.buffer('stats', [N, H, Tq, 2]),
      scores: shapes[1] ? ctx.buffer('scores', shapes[1]) : null,
      geometry: Int32Array.of(N, Tq, Tk, ...features, H, dk, dv, shapes[0]?.[2] as number, flags),
      numbers: this.numbers(ctx),
    };
    const y = ctx.buffer('y', shapes[0] as Shape);
    const [wq, wk, wv, wo] = saved.kernels;
    const [bq, bk, bv, bo] = this.biases.map((b, i) => b && this.repeated(b, i, ctx)) as [Storage | null, Storage | null, Storage | null, Storage | null]; // prettier-ignore
    backend().multiHeadForward(
      query.storage, value.storage, key.storage, wq, bq, wk, bk, wv, bv, wo, bo, ...saved.masks, saved.projected.storage, saved.mixed.storage,
      saved.stats.storage, y.storage, saved.scores?.storage ?? null, saved.geometry, ...saved.numbers,
    ); // prettier-ignore
    this.remember(ctx, saved);
    return saved.scores ? [y, saved.scores] : [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { inputs, named, masks, kernels, projected, mixed, stats, scores, geometry, numbers } = this.recall<Saved>(ctx);
    const { query, value, key } = named;
    const flags = geometry[10] as number;
    const [oneInput, valueIsKey] = [(flags & ATTENTION.oneInput) !== 0, (flags & ATTENTION.valueIsKey) !== 0];
    const wants = (i: number): boolean => i < inputs.length && ctx.wantsInputGradient(i);
    const dquery = wants(0) || (oneInput && (wants(1) || wants(2))) ? ctx.buffer('dquery', query.shape) : null;
    const dvalue = !oneInput && (wants(1) || (valueIsKey && wants(2))) ? ctx.buffer('dvalue', value.shape) : null;
    const dkey = !valueIsKey && wants(2) ? ctx.buffer('dkey', key.shape) : null;
    const [wq, wk, wv, wo] = kernels;
    const weights = PARTS.flatMap((_, i) => [this.kernels[i] as Weight, this.biases[i] ?? null].map((w) => ({ w, i })));
    const gradients = weights.map(({ w, i }) => w && this.gradientOf(w, i, ctx));
    const [dwq, dbq, dwk, dbk, dwv, dbv, dwo, dbo] = gradients as [Storage | null, Storage | null, Storage | null, Storage | null, Storage | null, Storage | null, Storage | null, Storage | null]; // prettier-ignore
    if (dquery || dvalue || dkey || gradients.some((g) => g !== null)) {
      backend().multiHeadBackward(
        query.storage, value.storage, key.storage, wq, wk, wv, wo, ...masks, projected.storage, mixed.storage, stats.storage,
        (outputGradients[0] as Tensor).storage, scores?.storage ?? null, scores ? (outputGradients[1] as Tensor).storage : null,
        ctx.buffer('dprojected', projected.shape).storage, ctx.buffer('dmixed', mixed.shape).storage, dquery?.storage ?? null, dvalue?.storage ?? null,
        dkey?.storage ?? null, dwq, dbq, dwk, dbk, dwv, dbv, dwo, dbo, geometry, ...numbers,
      ); // prettier-ignore
      for (const { w, i } of weights) if (w) this.addRepeats(w, i, ctx);
    }
    return inputs.map((_, i) => (i === 0 ? dquery : i === 1 ? dvalue : i === 2 ? dkey : null));
  }

  override computeMask(inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const [query, key, mask] = this.masksOf(inputs, ctx);
    return this.returnAttentionScores ? [query, this.scoresMask(inputs, query, key, mask, ctx)] : [query];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const { query, value, key } = nameInputs(this.name, inputShapes, 1, this.useAttentionMask);
    const [N, Tq, Tk] = [query[0], query[1], value[1]] as [number, number, number];
    const [wide, mixed] = [this.heads.numHeads * this.heads.keyDim, this.heads.numHeads * this.heads.valueDim];
    const output = outputShapes[0]?.[2] as number;
    const products = 2 * (valuesIn([query, key]) * wide + valuesIn([value]) * mixed + N * Tq * mixed * output);
    // Scores and weighted sum; backward makes five such products where forward makes two.
    return { ...super.cost(inputShapes, outputShapes), flops: products + 2 * N * Tq * Tk * (wide + mixed), products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      dropout: this.dropout,
      useBias: this.useBias,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
      useCausalMask: this.useCausalMask,
      returnAttentionScores: this.returnAttentionScores,
      useAttentionMask: this.useAttentionMask,
      ...(this.key ? { randomKey: this.key } : {}),
    };
  }

  private namesOf(inputShapes: readonly SymbolicShape[]): AttentionOf<SymbolicShape> {
    const named = nameInputs(this.name, inputShapes, 1, this.useAttentionMask);
    checkShapes(this.name, named);
    return named;
  }

  /** Masks of queries (N,Tq), keys (N,Tk) and pairs (N,Tq,Tk). */
  private masksOf(inputs: readonly Tensor[], ctx: LayerContext): [Tensor | null, Tensor | null, Tensor | null] {
    const own = inputs.length - (this.useAttentionMask ? 1 : 0);
    const query = ctx.masks[0] ?? null;
    const value = own > 1 ? (ctx.masks[1] ?? null) : query;
    return [
      query,
      joinKeyMasks(value, own > 2 ? (ctx.masks[2] ?? null) : null, ctx),
      maskBytes(this.name, this.useAttentionMask ? (inputs.at(-1) as Tensor) : null),
    ];
  }

  /** scale, rate, seed, stream, counter. */
  private numbers(ctx: LayerContext): Saved['numbers'] {
    const rate = ctx.training ? this.dropout : 0;
    // A step is the low word of the counter, the call of a shared layer the high word.
    return [1 / Math.sqrt(this.heads.keyDim), rate, this.key?.seed ?? 0, this.key?.stream ?? 0, drawCounter(ctx)];
  }

  /** The kernel or bias of a part as all heads of queries have it. */
  private repeated(weight: Weight, part: number, ctx: LayerContext): Storage {
    const { value } = weight;
    const repeat = this.repeatOf(value.shape, part);
    if (!repeat) return value.storage;
    const wide = ctx.buffer(`repeated ${weight.name}`, repeat.shape);
    backend().move(value.storage, wide.storage, repeat.there, false);
    return wide.storage;
  }

  /** Where the gradient of what `repeated` gave is written. */
  private gradientOf(weight: Weight, part: number, ctx: LayerContext): Storage | null {
    const gradient = ctx.gradient(weight);
    const repeat = gradient && this.repeatOf(weight.value.shape, part);
    return repeat ? ctx.buffer(`repeated d${weight.name}`, repeat.shape).storage : (gradient?.storage ?? null);
  }

  /** Gives a weight the sum of the gradients of its repetitions. */
  private addRepeats(weight: Weight, part: number, ctx: LayerContext): void {
    const gradient = ctx.gradient(weight);
    const repeat = gradient && this.repeatOf(weight.value.shape, part);
    if (repeat) backend().move(ctx.buffer(`repeated d${weight.name}`, repeat.shape).storage, gradient.storage, repeat.back, false);
  }

  /** null where nothing is repeated. */
  private repeatOf(shape: Shape, part: number): Repeat | null {
    const { numHeads, keyValueHeads } = this.heads;
    const times = numHeads / keyValueHeads;
    if (times === 1 || part === 0 || part === PARTS.length - 1) return null;
    return this.repeats.get(shape, () => {
      const width = shape.at(-1) as number;
      const axes = [
        { length: sizeOf(shape) / width, x: width, y: times * width },
        { length: times, x: 0, y: width },
        { length: width, x: 1, y: 1 },
      ];
      const back = axes.map(({ length, x, y }) => ({ length, x: y, y: x, reduced: x === 0 }));
      return { shape: [...shape.slice(0, -2), numHeads, width], there: moveLayout(axes), back: moveLayout(back) };
    });
  }

  /** Where Keras' scores carry a mask: who may look where, (N,1,Tq or 1,Tk). */
  private scoresMask(
    inputs: readonly Tensor[],
    query: Tensor | null,
    key: Tensor | null,
    mask: Tensor | null,
    ctx: LayerContext,
  ): Tensor | null {
    if (!query && !key && !mask && !this.useCausalMask) return null;
    const named = nameInputs(this.name, inputs, 1, this.useAttentionMask);
    const [Tq, Tk] = [named.query.shape[1], named.value.shape[1]] as [number, number];
    const rows = query || mask || this.useCausalMask ? Tq : 1;
    // A mask of the order in time alone is the same for all items, and Keras gives it once.
    const N = query || key || mask ? (named.query.shape[0] as number) : 1;
    const joint = ctx.buffer('scoresMask', [N, 1, rows, Tk], 'uint8');
    const [q, k, m] = [query?.data(), key?.data(), mask?.data()];
    changeHost(joint, (open) => {
      for (let i = 0; i < open.length; i++) {
        const [row, s] = [Math.floor(i / Tk), i % Tk];
        const [n, t] = [Math.floor(row / rows), row % rows];
        const closed = (q && q[row] === 0) || (k && k[n * Tk + s] === 0) || (m && m[i] === 0) || (this.useCausalMask && s > t);
        open[i] = closed ? 0 : 1;
      }
    });
    return joint;
  }
}
