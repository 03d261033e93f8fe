import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Largest value of each window of a volume; among equal ones the first receives the gradient.
 *
 * Shapes: x (N,D,H,W,C) → (N,OD,OH,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras MaxPooling3D (channels last).
 * Example: layers.maxPooling3d({ poolSize: 2 })
 */
export class MaxPooling3D extends Pooling {
  readonly className = 'MaxPooling3D';

  constructor(options: PoolingOptions = {}) {
    super('MaxPooling3D', 'max', 3, options);
  }
}
