import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Largest value of each window of an image; among equal ones the first receives the gradient.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras MaxPooling2D (channels last).
 * Example: layers.maxPooling2d({ poolSize: 2 })
 */
export class MaxPooling2D extends Pooling {
  readonly className = 'MaxPooling2D';

  constructor(options: PoolingOptions = {}) {
    super('MaxPooling2D', 'max', 2, options);
  }
}
