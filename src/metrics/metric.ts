import type { Tensor } from '../tensor/tensor.js';
import type { SampleWeight } from './sample-weight.js';

/** A metric gives one number, or one per class or threshold. */
export type MetricResult = number | readonly number[];

export interface MetricOptions {
  /** What the logs call it. Default: the name of its factory. */
  name?: string;
}

/**
 * A number that grows with the batches of an epoch. One of your own writes `update`, `result` and `reset`.
 *
 * What a mask leaves out does not count, in any metric; in Keras 3 only means of a function (accuracies, losses) heed masks.
 * Shapes: yPred (N,…,C); `sampleWeight` has one number per sample (N) or per row (N·T), 0 where a mask leaves a row out; null: all count 1.
 * Example: class Largest extends Metric { update(yTrue, yPred) { … } result() { return this.largest; } reset() { this.largest = 0; } }
 */
export abstract class Metric<R extends MetricResult = number> {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** The class that files name; null for a metric of your own, which files leave out. */
  get className(): string | null {
    return null;
  }

  abstract update(yTrue: Tensor, yPred: Tensor, sampleWeight?: SampleWeight | null): void;
  /** The value of everything since `reset`; 0 before the first row. */
  abstract result(): R;
  abstract reset(): void;

  /** The options that make the same metric again. */
  getConfig(): Record<string, unknown> {
    return { name: this.name };
  }
}
