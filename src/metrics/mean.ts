import { Tensor, type Shape } from '../tensor/tensor.js';
import { checkedOptions } from './checks.js';
import { Metric, type MetricOptions } from './metric.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';

const SCALAR: Shape = [];

/**
 * Weighted mean of values; each sample counts the mean of its values, so that a batch of long rows counts no more than one of short rows.
 *
 * A metric of your own may extend it: compute values of (yTrue, yPred) in `update` and hand them to `super.update`.
 * Shapes: values (N,…); sampleWeight (N), or one per value.
 * Units:  those of the values; 0 before the first value.
 * Throws: ERR_SHAPE if the number of weights does not fit.
 * Source: Keras Mean.
 * Example: const mean = metrics.mean(); mean.update(tensor([1, 3])); mean.result() // 2
 */
export class Mean extends Metric {
  private total = 0;
  private count = 0;

  constructor(options?: MetricOptions) {
    super(checkedOptions('mean', options, []).name ?? 'mean');
  }

  // A subclass is a metric of its own.
  override get className(): string | null {
    return this.constructor === Mean ? 'Mean' : null;
  }

  update(values: Tensor | number, sampleWeight: SampleWeight | null = null): void {
    if (values instanceof Tensor) this.add(values.data(), values.shape, sampleWeight);
    else this.add([values], SCALAR, sampleWeight);
  }

  result(): number {
    return this.count === 0 ? 0 : this.total / this.count;
  }

  reset(): void {
    this.total = 0;
    this.count = 0;
  }

  /** Adds values of a shape; more memory behind them is not read. What weighs 0 is left out, also where it is NaN. */
  protected add(values: ArrayLike<number>, shape: Shape, sampleWeight: SampleWeight | null): void {
    const size = shape.reduce((product, n) => product * n, 1);
    if (size === 0) return;
    const weights = weightsFor(this.name, sampleWeight, shape);
    let total = 0;
    let count = 0;
    for (let i = 0; i < size; i++) {
      const w = weightAt(weights, i);
      if (w !== 0) total += w * (values[i] as number);
      count += w;
    }
    const perSample = size / (shape[0] ?? 1);
    this.total += total / perSample;
    this.count += count / perSample;
  }
}

/**
 * Weighted sum of values.
 *
 * Shapes: values (N,…); sampleWeight (N), or one per value.
 * Throws: ERR_SHAPE if the number of weights does not fit.
 * Source: Keras Sum.
 * Example: const sum = metrics.sum(); sum.update(tensor([1, 3]), [1, 0.5]); sum.result() // 2.5
 */
export class Sum extends Metric {
  private total = 0;

  constructor(options?: MetricOptions) {
    super(checkedOptions('sum', options, []).name ?? 'sum');
  }

  override get className(): string | null {
    return this.constructor === Sum ? 'Sum' : null;
  }

  update(values: Tensor | number, sampleWeight: SampleWeight | null = null): void {
    const [given, shape] = values instanceof Tensor ? [values.data(), values.shape] : [[values], SCALAR];
    const weights = weightsFor(this.name, sampleWeight, shape);
    for (let i = 0; i < given.length; i++) {
      const w = weightAt(weights, i);
      if (w !== 0) this.total += w * (given[i] as number);
    }
  }

  result(): number {
    return this.total;
  }

  reset(): void {
    this.total = 0;
  }
}

/** A weighted mean of values that you give it; see `Mean`. */
export const mean = (options?: MetricOptions): Mean => new Mean(options);
/** A weighted sum of values that you give it; see `Sum`. */
export const sum = (options?: MetricOptions): Sum => new Sum(options);
