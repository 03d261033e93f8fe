import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Mean of each window of an image; padding does not count.
 *
 * Shapes: x (N,H,W,C) → (N,OH,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras AveragePooling2D (channels last).
 * Example: layers.averagePooling2d({ poolSize: 2 })
 */
export class AveragePooling2D extends Pooling {
  readonly className = 'AveragePooling2D';

  constructor(options: PoolingOptions = {}) {
    super('AveragePooling2D', 'average', 2, options);
  }
}
