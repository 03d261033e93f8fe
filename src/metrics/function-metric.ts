import type { Tensor } from '../tensor/tensor.js';
import { Metric } from './metric.js';

/** A function of one batch, averaged over rows. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => number;

/** A function of a batch, averaged by the number of rows; weights and masks are not the function's business. */
export class FunctionMetric extends Metric {
  private readonly of: MetricFunction;
  private sum = 0;
  private seen = 0;

  constructor(of: MetricFunction) {
    super(of.name === '' ? 'metric' : of.name);
    this.of = of;
  }

  update(yTrue: Tensor, yPred: Tensor): void {
    const rows = yPred.shape[0] ?? 1;
    this.sum += this.of(yTrue, yPred) * rows;
    this.seen += rows;
  }

  result(): number {
    return this.seen === 0 ? 0 : this.sum / this.seen;
  }

  reset(): void {
    this.sum = 0;
    this.seen = 0;
  }
}
