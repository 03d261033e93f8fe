import { Pooling, type PoolingOptions } from './pooling.js';

/**
 * Mean of each window of a volume; padding does not count.
 *
 * Shapes: x (N,D,H,W,C) → (N,OD,OH,OW,C).
 * Throws: ERR_SHAPE if x has another rank or the window does not fit.
 * Source: Keras AveragePooling3D (channels last).
 * Example: layers.averagePooling3d({ poolSize: 2 })
 */
export class AveragePooling3D extends Pooling {
  readonly className = 'AveragePooling3D';

  constructor(options: PoolingOptions = {}) {
    super('AveragePooling3D', 'average', 3, options);
  }
}
