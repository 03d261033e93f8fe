import type { Tensor } from '../tensor/tensor.js';

/** What a weight must be after each update. One of your own is made known by `registerConstraint` where models with it are loaded. */
export interface Constraint {
  readonly className: string;
  /** Moves the weight to the nearest allowed value, in place. */
  apply(weight: Tensor): void;
  getConfig(): Record<string, unknown>;
}
