import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Largest value over height and width; equal maxima share the gradient evenly.
 *
 * Shapes: x (N,H,W,C) → (N,C), or (N,1,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalMaxPooling2D (channels last).
 * Example: layers.globalMaxPooling2d()
 */
export class GlobalMaxPooling2D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling2D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling2D', 'max', 2, options);
  }
}
