import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Largest value over depth, height and width; equal maxima share the gradient evenly.
 *
 * Shapes: x (N,D,H,W,C) → (N,C), or (N,1,1,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalMaxPooling3D (channels last).
 * Example: layers.globalMaxPooling3d()
 */
export class GlobalMaxPooling3D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling3D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling3D', 'max', 3, options);
  }
}
