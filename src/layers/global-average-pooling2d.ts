import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Mean over height and width.
 *
 * Shapes: x (N,H,W,C) → (N,C), or (N,1,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalAveragePooling2D (channels last).
 * Example: layers.globalAveragePooling2d()
 */
export class GlobalAveragePooling2D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling2D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling2D', 'average', 2, options);
  }
}
