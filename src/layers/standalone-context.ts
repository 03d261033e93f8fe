import { backend } from '../backend/current.js';
import { sizeOf, zeros, type Shape, type Tensor } from '../tensor/tensor.js';
import type { DType, FloatType, Precision } from '../backend/backend.js';
import type { LayerContext, Weight } from './layer.js';

export interface StandaloneContextOptions {
  /** Default true: `backward` needs what `forward` keeps in training. */
  training?: boolean;
  /** Default float32. */
  dtype?: FloatType;
  /** Default float32. */
  precision?: Precision;
  step?: number;
  masks?: readonly (Tensor | null)[];
  wantsLogits?: boolean;
  call?: number;
  /** Fills fresh floating buffers with NaN, so that a layer which reads before it writes shows. */
  poison?: boolean;
}

/**
 * A context to run one layer by itself, outside of a model.
 *
 * Example: `const ctx = new StandaloneContext(); layer.run([x], ctx); layer.runBackward([dy], ctx);`
 */
export class StandaloneContext implements LayerContext {
  readonly training: boolean;
  readonly dtype: FloatType;
  readonly precision: Precision;
  readonly wantsLogits: boolean;
  readonly call: number;
  step: number;
  masks: readonly (Tensor | null)[];
  /** Gradients that `backward` asked for. */
  readonly gradients = new Map<Weight, Tensor>();
  /** What layers added to the loss, in order. */
  readonly losses: number[] = [];
  private readonly buffers = new Map<string, Tensor>();
  private readonly poison: boolean;

  constructor(options: StandaloneContextOptions = {}) {
    this.training = options.training ?? true;
    this.dtype = options.dtype ?? 'float32';
    this.precision = options.precision ?? 'float32';
    this.step = options.step ?? 0;
    this.masks = options.masks ?? [];
    this.wantsLogits = options.wantsLogits ?? false;
    this.call = options.call ?? 0;
    this.poison = options.poison ?? false;
  }

  buffer(name: string, shape: Shape, dtype: DType = this.dtype): Tensor {
    const kept = this.buffers.get(name);
    if (kept && kept.dtype === dtype && kept.size === sizeOf(shape)) return kept.reshape(shape);
    const fresh = this.fresh(shape, dtype);
    this.buffers.set(name, fresh);
    return fresh;
  }

  gradient(weight: Weight): Tensor | null {
    if (!weight.trainable) return null;
    let gradient = this.gradients.get(weight);
    if (!gradient) {
      gradient = this.fresh(weight.value.shape, weight.value.dtype);
      this.gradients.set(weight, gradient);
    }
    return gradient;
  }

  wantsInputGradient(_i: number): boolean {
    return true;
  }

  addLoss(value: number): void {
    this.losses.push(value);
  }

  private fresh(shape: Shape, dtype: DType): Tensor {
    const fresh = zeros(shape, dtype);
    if (this.poison && (dtype === 'float32' || dtype === 'float64')) backend().fill(fresh.storage, Number.NaN);
    return fresh;
  }
}

/** What a wrapper changes for one of its inner layers. */
export interface InnerContextOptions {
  /** Put before the names of the inner layer's buffers. */
  prefix: string;
  masks?: readonly (Tensor | null)[];
  /** Memory that the wrapper provides under a buffer name of the inner layer. */
  provided?: ReadonlyMap<string, Tensor>;
  /** Buffers of the inner layer that are the wrapper's own of that name. */
  shared?: readonly string[];
  /** Which input of the wrapper each input of the inner layer is; null for what the wrapper made, whose gradient is wanted. */
  inputs?: readonly (number | null)[];
}

/** The context of a layer inside another one: same step and gradients, its own buffers. */
export class InnerContext implements LayerContext {
  readonly masks: readonly (Tensor | null)[];
  private readonly outer: LayerContext;
  private readonly options: InnerContextOptions;

  constructor(outer: LayerContext, options: InnerContextOptions) {
    this.outer = outer;
    this.options = options;
    this.masks = options.masks ?? outer.masks;
  }

  get training(): boolean {
    return this.outer.training;
  }

  get dtype(): FloatType {
    return this.outer.dtype;
  }

  get precision(): Precision {
    return this.outer.precision ?? 'float32';
  }

  get step(): number {
    return this.outer.step;
  }

  get call(): number {
    return this.outer.call ?? 0;
  }

  buffer(name: string, shape: Shape, dtype?: DType): Tensor {
    const provided = this.options.provided?.get(name);
    if (provided) return provided.reshape(shape);
    return this.outer.buffer(this.options.shared?.includes(name) ? name : this.options.prefix + name, shape, dtype);
  }

  gradient(weight: Weight): Tensor | null {
    return this.outer.gradient(weight);
  }

  wantsInputGradient(i: number): boolean {
    const at = this.options.inputs?.[i];
    return at === null || this.outer.wantsInputGradient(at ?? i);
  }

  addLoss(value: number): void {
    this.outer.addLoss(value);
  }
}
