import type { Tensor } from '../tensor/tensor.js';

/** A penalty on a weight, added to the loss. One of your own writes the three methods, and is made known by `registerRegularizer` where models with it are loaded; values are summed in double. */
export interface Regularizer {
  readonly className: string;
  /** The penalty. */
  loss(weight: Tensor): number;
  /** Adds the penalty's gradient to the weight's. */
  addGradient(weight: Tensor, gradient: Tensor): void;
  getConfig(): Record<string, unknown>;
}
