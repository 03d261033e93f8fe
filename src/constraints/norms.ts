import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Constraint } from './constraint.js';

export interface AxisOptions {
  /** Axes that one vector runs along: 0 for the columns of a kernel (D,U), [0, 1, 2] for the filters of a convolution. Default 0. */
  axis?: number | readonly number[];
}

/** Keras' epsilon, beside each norm. */
const EPSILON = 1e-7;

interface Vectors {
  /** Which vector each value belongs to; null: value i to vector i % norms.length, as where vectors run along the first axes. */
  readonly of: Int32Array | null;
  readonly norms: Float64Array;
}

/** Scales vectors of a weight by what `factor` makes of their norms, in double. */
abstract class NormConstraint implements Constraint {
  abstract readonly className: string;
  readonly axis: number | readonly number[];
  private readonly known = new WeakMap<Tensor, Vectors>();

  constructor(options: AxisOptions) {
    this.axis = options.axis ?? 0;
  }

  protected abstract factor(norm: number): number;

  apply(weight: Tensor): void {
    const { of, norms } = this.vectors(weight);
    const w = weight.data();
    const count = norms.length;
    norms.fill(0);
    if (of) for (let i = 0; i < w.length; i++) norms[of[i] as number] = (norms[of[i] as number] as number) + (w[i] as number) ** 2;
    else
      for (let at = 0; at < w.length; at += count)
        for (let v = 0; v < count; v++) norms[v] = (norms[v] as number) + (w[at + v] as number) ** 2;
    for (let v = 0; v < count; v++) norms[v] = this.factor(Math.sqrt(norms[v] as number));
    if (of) for (let i = 0; i < w.length; i++) w[i] = (w[i] as number) * (norms[of[i] as number] as number);
    else
      for (let at = 0; at < w.length; at += count) for (let v = 0; v < count; v++) w[at + v] = (w[at + v] as number) * (norms[v] as number);
    if (w !== weight.storage) backend().write(weight.storage, w);
  }

  getConfig(): Record<string, unknown> {
    return { axis: this.axis };
  }

  private vectors(weight: Tensor): Vectors {
    let found = this.known.get(weight);
    if (!found) {
      const { shape, rank } = weight;
      const axes = (typeof this.axis === 'number' ? [this.axis] : this.axis).map((a) => (a < 0 ? a + rank : a));
      if (axes.some((a) => !(Number.isInteger(a) && a >= 0 && a < rank)))
        throw new SarafError('ERR_ARG', 'constraint', `expected axes of a weight of rank ${rank}, received ${axes.join(', ')}`);
      const of = new Int32Array(weight.size);
      let [vectors, stride] = [1, 1];
      for (let a = rank - 1; a >= 0; a--) {
        const length = shape[a] as number;
        if (!axes.includes(a)) {
          for (let i = 0; i < of.length; i++) of[i] = (of[i] as number) + (Math.floor(i / stride) % length) * vectors;
          vectors *= length;
        }
        stride *= length;
      }
      const first = new Set(axes).size === Math.max(...axes, -1) + 1;
      found = { of: first ? null : of, norms: new Float64Array(vectors) };
      this.known.set(weight, found);
    }
    return found;
  }
}

/** Shortens vectors longer than `maxValue` (default 2). Source: Keras MaxNorm. */
export class MaxNorm extends NormConstraint {
  readonly className = 'MaxNorm';
  readonly maxValue: number;
  constructor(options: AxisOptions & { maxValue?: number } = {}) {
    super(options);
    this.maxValue = options.maxValue ?? 2;
    if (!(this.maxValue > 0)) throw new SarafError('ERR_ARG', 'constraint', `expected maxValue > 0, received ${this.maxValue}`);
  }
  protected factor(norm: number): number {
    return Math.min(norm, this.maxValue) / (EPSILON + norm);
  }
  override getConfig(): Record<string, unknown> {
    return { maxValue: this.maxValue, ...super.getConfig() };
  }
}

/** Makes all vectors of length 1. Source: Keras UnitNorm. */
export class UnitNorm extends NormConstraint {
  readonly className = 'UnitNorm';
  constructor(options: AxisOptions = {}) {
    super(options);
  }
  protected factor(norm: number): number {
    return 1 / (EPSILON + norm);
  }
}

/** Moves lengths towards [minValue, maxValue] (default 0, 1) by `rate` (default 1: all the way). Source: Keras MinMaxNorm. */
export class MinMaxNorm extends NormConstraint {
  readonly className = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  constructor(options: AxisOptions & { minValue?: number; maxValue?: number; rate?: number } = {}) {
    super(options);
    this.minValue = options.minValue ?? 0;
    this.maxValue = options.maxValue ?? 1;
    this.rate = options.rate ?? 1;
    if (!(this.minValue >= 0 && this.maxValue >= this.minValue))
      throw new SarafError('ERR_ARG', 'constraint', `expected 0 <= minValue <= maxValue, received ${this.minValue} and ${this.maxValue}`);
    if (!(this.rate >= 0 && this.rate <= 1))
      throw new SarafError('ERR_ARG', 'constraint', `expected rate in [0, 1], received ${this.rate}`);
  }
  protected factor(norm: number): number {
    const clipped = Math.min(Math.max(norm, this.minValue), this.maxValue);
    return (this.rate * clipped + (1 - this.rate) * norm) / (EPSILON + norm);
  }
  override getConfig(): Record<string, unknown> {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, ...super.getConfig() };
  }
}
