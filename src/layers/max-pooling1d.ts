import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Largest value of each window along one axis; among equal ones the first receives the gradient.
 *
 * Shapes: x (N,W,C) → (N,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras MaxPooling1D (channels last).
 * Example: layers.maxPooling1d({ poolSize: 2 })
 */
export class MaxPooling1D extends Pooling {
  readonly className = 'MaxPooling1D';

  constructor(options: PoolingOptions = {}) {
    super('MaxPooling1D', 'max', 1, options);
  }
}
