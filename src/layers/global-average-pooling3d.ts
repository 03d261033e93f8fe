import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Mean over depth, height and width.
 *
 * Shapes: x (N,D,H,W,C) → (N,C), or (N,1,1,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalAveragePooling3D (channels last).
 * Example: layers.globalAveragePooling3d()
 */
export class GlobalAveragePooling3D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling3D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling3D', 'average', 3, options);
  }
}
