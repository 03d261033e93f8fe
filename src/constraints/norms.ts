import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Constraint } from './constraint.js';

export interface AxisOptions {
  /** Axes that one vector runs along: 0 for the columns of a kernel (D,U), [0, 1, 2] for the filters of a convolution. Default 0. */
  axis?: number | readonly number[];
}

interface Vectors {
  /** Which vector each value belongs to; null: value i to vector i % norms.length, as where vectors run along the first axes. */
  readonly of: Int32Array | null;
  readonly norms: Float64Array;
}

/** Brings the vectors of a weight to other lengths, in double: `rate` of the way into [least, most]. */
abstract class NormConstraint implements Constraint {
  abstract readonly className: string;
  readonly axis: number | readonly number[];
  private readonly known = new WeakMap<Tensor, Vectors>();

  constructor(options: AxisOptions) {
    this.axis = options.axis ?? 0;
  }

  protected abstract lengths(): { least: number; most: number; rate: number };

  apply(weight: Tensor): void {
    const { of, norms } = this.vectors(weight);
    const { least, most, rate } = this.lengths();
    backend().bringToLengths(weight.storage, of, norms, least, most, rate);
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
  protected lengths(): { least: number; most: number; rate: number } {
    return { least: 0, most: this.maxValue, rate: 1 };
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
  protected lengths(): { least: number; most: number; rate: number } {
    return { least: 1, most: 1, rate: 1 };
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
  protected lengths(): { least: number; most: number; rate: number } {
    return { least: this.minValue, most: this.maxValue, rate: this.rate };
  }
  override getConfig(): Record<string, unknown> {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, ...super.getConfig() };
  }
}
