import { SarafError } from '../errors.js';
import { sizeOf, zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import { backend } from '../backend/current.js';
import { nextKey } from '../initializers/seed.js';
import { BINARY, type DType, type FloatType, type Precision, type RandomKey } from '../backend/backend.js';
import { backwardFrom, FLOAT, valuesIn, type ForwardWork, type GradientsMade, type Work } from './cost.js';
import type { FinalActivation } from './final-activation.js';
import { WeightRules } from './weight-rules.js';
import type { Constraint } from '../constraints/constraint.js';
import type { Initializer } from '../initializers/initializer.js';
import type { Regularizer, RegularizerOption } from '../regularizers/index.js';

/** A shape in a graph: the batch axis (and a time axis of any length) is null. */
export type SymbolicShape = readonly (number | null)[];

/** A parameter of a layer: a name, and a tensor whose memory never moves once built. */
export class Weight {
  readonly name: string;
  readonly value: Tensor;
  trainable: boolean;
  /** A penalty on it, which training adds to the loss. */
  regularizer: Regularizer | null = null;
  /** What must hold of it after each update. */
  constraint: Constraint | null = null;

  constructor(name: string, value: Tensor, trainable: boolean) {
    this.name = name;
    this.value = value;
    this.trainable = trainable;
  }
}

/**
 * What a layer may use during one call. The model hands the same context to `forward` and then to `backward` of the
 * same call, so what `forward` put into a buffer is still there in `backward`. A layer used twice has two contexts.
 */
export interface LayerContext {
  readonly training: boolean;
  readonly dtype: FloatType;
  /** How products are to be made; absent means float32. */
  readonly precision?: Precision;
  /** Steps taken so far: with the layer's own seed it keys every random draw, so that a resumed run repeats them. */
  readonly step: number;
  /** One mask (uint8, (N,T), 1 = valid) or null per input. */
  readonly masks: readonly (Tensor | null)[];
  /**
   * True for a last layer with `finalActivation` whose loss is computed from logits (as Keras does, without clipping):
   * `forward` returns logits instead of probabilities, and `backward` receives the gradient of those logits.
   */
  readonly wantsLogits?: boolean;
  /**
   * True where this layer does the work of the next one as well, which it `absorbs`: `forward` returns the outputs of that
   * layer, and `backward` receives their gradient.
   */
  readonly absorbing?: boolean;
  /** Which call of the layer in the graph this is (0 for the first): a shared dropout draws differently in each. */
  readonly call?: number;
  /** Memory owned by the model: the same name gives the same memory at every step, so a steady step allocates nothing. Contents are undefined. */
  buffer(name: string, shape: Shape, dtype?: DType): Tensor;
  /** Where `backward` writes (with `=`) the gradient of a weight; null if the weight is frozen. */
  gradient(weight: Weight): Tensor | null;
  /** Whether the gradient of input i is wanted: a first layer need not compute it. */
  wantsInputGradient(i: number): boolean;
  /** Adds to the loss, in training and evaluation. `backward` then owes its gradient too. */
  addLoss(value: number): void;
}

let loading: { left: number } | null = null;

/**
 * Runs `make`, which builds layers whose weights come from a file: no initializer runs and no random draw is taken, and the
 * layers together may ask for no more than `limit` numbers, which is what the file holds.
 */
export function withoutInitializers<T>(limit: number, make: () => T): T {
  const before = loading;
  loading = { left: limit };
  try {
    return make();
  } finally {
    loading = before;
  }
}

/** Where a symbolic tensor came from: output `tensorIndex` of call `nodeIndex` of `layer`. */
export interface SymbolicTensor {
  readonly shape: SymbolicShape;
  readonly dtype: DType;
  readonly layer: Layer;
  readonly nodeIndex: number;
  readonly tensorIndex: number;
}

/** One symbolic call of a layer. */
export interface Node {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

export interface LayerOptions {
  name?: string;
  trainable?: boolean;
  /** Seed of this layer's own draws (initial weights, dropout). Default: the next one of the global seed. */
  seed?: number;
  /** Shape of one item, without the batch axis: for the first layer of a Sequential. */
  inputShape?: SymbolicShape;
  /** A penalty on each output, divided by the size of the batch and added to the loss. */
  activityRegularizer?: RegularizerOption;
}

let namesGiven = new Map<string, number>();

/** Starts layer names again at `dense`, `dense_1`, … (Keras' clear_session). */
export function resetLayerNames(): void {
  namesGiven = new Map();
}

/** Keras' snake case: MaxPooling2D → max_pooling2d, SimpleRNN → simple_rnn. */
export function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

function nextName(className: string): string {
  const base = snakeCase(className);
  const n = namesGiven.get(base) ?? 0;
  namesGiven.set(base, n + 1);
  return n === 0 ? base : `${base}_${n}`;
}

/**
 * Base class of all layers. A layer of your own extends it and writes `computeOutputShape`, `forward` and `backward`
 * (checked by the exported `gradcheck`), and `build` if it has weights.
 */
export abstract class Layer {
  /** Keras' class name, the key of the layer registry. */
  abstract readonly className: string;
  readonly name: string;
  readonly inputShape: SymbolicShape | undefined;
  readonly nodes: Node[] = [];
  readonly seed: number | undefined;
  built = false;
  /** Put before the names of the weights that `build` creates: a wrapper sets it, so that its inner layers' weights differ in name. */
  weightPrefix = '';
  /** Weights of this layer itself; those of inner layers come through `weights`. */
  protected readonly ownWeights: Weight[] = [];
  private readonly rules: WeightRules;
  private isTrainable: boolean;
  private draws = 0;
  private readonly memory = new WeakMap<LayerContext, object>();
  private readonly penalized = new WeakMap<LayerContext, readonly Tensor[]>();

  constructor(className: string, options: LayerOptions = {}) {
    this.name = options.name ?? nextName(className);
    this.isTrainable = options.trainable ?? true;
    this.seed = options.seed;
    this.inputShape = options.inputShape;
    this.rules = new WeightRules(this.name, options);
  }

  /**
   * Whether training changes the weights. Setting it sets it of all inner layers too (the option of the constructor does not), as in Keras: a
   * frozen model's BatchNormalization leaves its statistics alone. Set it before `compile`, or compile again.
   */
  get trainable(): boolean {
    return this.isTrainable;
  }

  set trainable(trainable: boolean) {
    this.isTrainable = trainable;
    for (const inner of this.innerLayers) inner.trainable = trainable;
  }

  /** The layers that this one consists of: wrappers and models have some. */
  protected get innerLayers(): readonly Layer[] {
    return [];
  }

  /** Whether a mask on the first input is passed on by the default `computeMask`; a layer without it swallows masks. */
  get supportsMasking(): boolean {
    return false;
  }

  /** The penalty on the outputs of this layer. */
  get activityRegularizer(): Regularizer | null {
    return this.rules.activity;
  }

  /** The activation that ends this layer and that a loss can take over from logits (see `LayerContext.wantsLogits`). */
  get finalActivation(): FinalActivation | null {
    return null;
  }

  /** All weights, trainable first as declared; wrappers and nested models override it. */
  get weights(): readonly Weight[] {
    return this.ownWeights;
  }

  get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.weights.filter((w) => w.trainable) : [];
  }

  /** Copies of all weights; of a layer that is not built yet none. */
  getWeights(): Tensor[] {
    return this.weights.map((w) => w.value.clone());
  }

  /**
   * Puts values into all weights.
   *
   * Throws: ERR_SHAPE if their number or a shape differs, or the layer is not built yet.
   * Example: embedding.setWeights([vectors.embeddingMatrix(vectorize.getVocabulary()).weights])
   */
  setWeights(values: readonly Tensor[]): void {
    const { weights } = this;
    if (values.length !== weights.length)
      throw new SarafError('ERR_SHAPE', this.name, `expected ${weights.length} weights, received ${values.length}`);
    weights.forEach((w, i) => {
      const v = values[i] as Tensor;
      if (v.shape.length !== w.value.shape.length || v.shape.some((n, k) => n !== w.value.shape[k])) {
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected weight ${w.name} of shape (${w.value.shape.join(',')}), received (${v.shape.join(',')})`,
        );
      }
    });
    weights.forEach((w, i) => backend().copy((values[i] as Tensor).storage, w.value.storage));
  }

  /**
   * Whether this layer can do the work of `next` too when nothing else uses what passes between them (see
   * `LayerContext.absorbing`). The result must be the same to the bit.
   */
  absorbs(_next: Layer): boolean {
    return false;
  }

  /** Creates the weights. Called once, with symbolic shapes including the batch axis, before the first forward. */
  build(_inputShapes: readonly SymbolicShape[], _dtype: FloatType): void {
    this.built = true;
  }

  /** Output shapes, batch axis included. Throws ERR_SHAPE with what was expected. */
  abstract computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[];

  /** Outputs of one batch. Outputs live in `ctx.buffer`s (or are views of inputs). */
  abstract forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[];

  /**
   * Gradients of the inputs (null where not wanted); writes weight gradients into `ctx.gradient(weight)`.
   * An output that nothing used has a gradient of zeros. A returned gradient may be the incoming one itself or a view
   * of it, so nobody writes into a gradient that another layer handed over.
   */
  abstract backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[];

  /** `forward` as models and wrappers run it: with the penalty on the outputs. */
  run(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    return this.penalize(this.forward(inputs, ctx), ctx);
  }

  /** `backward` after `run`. */
  runBackward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return this.backward(this.withPenalty(outputGradients, ctx), ctx);
  }

  /** Adds the penalty on these outputs to the loss; returns the outputs. */
  penalize(outputs: Tensor[], ctx: LayerContext): Tensor[] {
    const { activityRegularizer: penalty } = this;
    if (!penalty) return outputs;
    for (const y of outputs) if (y.dtype === ctx.dtype) ctx.addLoss(penalty.loss(y) / (y.shape[0] ?? 1));
    this.penalized.set(ctx, outputs);
    return outputs;
  }

  /** The gradients of the outputs together with that of the penalty on them. */
  withPenalty(outputGradients: readonly Tensor[], ctx: LayerContext): readonly Tensor[] {
    const { activityRegularizer: penalty } = this;
    const outputs = penalty ? this.penalized.get(ctx) : undefined;
    if (!penalty || !outputs) return outputGradients;
    return outputGradients.map((dy, i) => {
      const y = outputs[i] as Tensor;
      if (y.dtype !== ctx.dtype) return dy;
      const sum = ctx.buffer(`penalized${i}`, dy.shape);
      backend().fill(sum.storage, 0);
      penalty.addGradient(y, sum);
      backend().affine(sum.storage, sum.storage, 1 / (y.shape[0] ?? 1), 0);
      backend().binary(dy.storage, sum.storage, sum.storage, BINARY.add);
      return sum;
    });
  }

  /**
   * Takes back what the last `forward` in training changed beside its outputs, such as moving statistics and carried states: the loss was
   * refused. Default: nothing to take back.
   */
  retract(_ctx: LayerContext): void {}

  /**
   * Masks of the outputs, asked after `forward` with the same inputs and context; a missing entry is null.
   * Default: pass the first input's mask on if the layer supports masking, else swallow it.
   */
  computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [this.supportsMasking ? (ctx.masks[0] ?? null) : null];
  }

  /**
   * Work of one forward call, for `saraf profile`. Default: an operation per output, every operand moved once.
   *
   * `valid` is the share of steps that are not masked. Activation functions inside a product are not counted.
   */
  cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], _valid = 1): ForwardWork {
    const outputs = valuesIn(outputShapes);
    const weights = this.weights.reduce((sum, w) => sum + w.value.size, 0);
    return { flops: outputs, bytes: FLOAT * (valuesIn(inputShapes) + outputs + weights), products: 0 };
  }

  /** Work of the backward call. Default: derived from `cost`. */
  backwardCost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], valid: number, made: GradientsMade): Work {
    return backwardFrom(this.cost(inputShapes, outputShapes, valid), inputShapes, made);
  }

  /** Options that rebuild this layer, in saraf's camelCase names. */
  getConfig(): Record<string, unknown> {
    return {
      name: this.name,
      trainable: this.trainable,
      ...(this.seed === undefined ? {} : { seed: this.seed }),
      ...(this.inputShape ? { inputShape: this.inputShape } : {}),
      ...this.rules.getConfig(),
    };
  }

  protected addWeight(name: string, shape: Shape, initializer: Initializer, dtype: FloatType, trainable = true): Weight {
    if (loading) {
      loading.left -= sizeOf(shape);
      if (!(loading.left >= 0))
        throw new SarafError('ERR_FORMAT', this.name, `expected ${name} of shape (${shape.join(',')}) in the file, it holds fewer numbers`);
    }
    const value = zeros(shape, dtype);
    if (!loading) initializer.initialize(value, this.seed === undefined ? undefined : this.drawKey());
    const weight = new Weight(this.weightPrefix + name, value, trainable);
    Object.assign(weight, this.rules.of(name));
    this.ownWeights.push(weight);
    return weight;
  }

  /** Key of one more draw site of this layer: from its own seed, or the next of the global seed. */
  protected drawKey(): RandomKey {
    return this.seed === undefined ? nextKey() : { seed: this.seed, stream: this.draws++ };
  }

  /** Keeps what `backward` of the same call needs (inputs, outputs): a layer used twice has two contexts, so fields would not do. */
  protected remember(ctx: LayerContext, state: object): void {
    this.memory.set(ctx, state);
  }

  /** What `forward` remembered in this context. Throws ERR_STATE if it did not run. */
  protected recall<State extends object>(ctx: LayerContext): State {
    const state = this.memory.get(ctx);
    if (!state)
      throw new SarafError('ERR_STATE', this.name, 'expected forward to run before backward in the same context; call forward first');
    return state as State;
  }

  /** Type of the outputs in a graph. Default float32; layers that only move values keep their input's. */
  protected outputDType(_inputs: readonly SymbolicTensor[]): DType {
    return 'float32';
  }

  /** Connects the layer to symbolic tensors: `layers.dense({ units: 3 }).apply(x)`. */
  apply(inputs: SymbolicTensor): SymbolicTensor;
  apply(inputs: readonly SymbolicTensor[]): SymbolicTensor | SymbolicTensor[];
  apply(inputs: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor | SymbolicTensor[] {
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as readonly SymbolicTensor[];
    if (list.length === 0) throw new SarafError('ERR_ARG', this.name, 'expected at least one input, received none');
    const shapes = this.computeOutputShape(list.map((x) => x.shape));
    const nodeIndex = this.nodes.length;
    const dtype = this.outputDType(list);
    const outputs = shapes.map((shape, tensorIndex): SymbolicTensor => ({ shape, dtype, layer: this, nodeIndex, tensorIndex }));
    this.nodes.push({ inputs: [...list], outputs });
    return outputs.length === 1 ? (outputs[0] as SymbolicTensor) : outputs;
  }
}
