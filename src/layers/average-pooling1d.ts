import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Mean of each window along one axis; padding does not count.
 *
 * Shapes: x (N,W,C) → (N,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras AveragePooling1D (channels last).
 * Example: layers.averagePooling1d({ poolSize: 2 })
 */
export class AveragePooling1D extends Pooling {
  readonly className = 'AveragePooling1D';

  constructor(options: PoolingOptions = {}) {
    super('AveragePooling1D', 'average', 1, options);
  }
}
