import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Largest value over time; equal maxima share the gradient evenly. A mask is not looked at, as in Keras.
 *
 * Shapes: x (N,T,C) → (N,C), or (N,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalMaxPooling1D (channels last).
 * Example: layers.globalMaxPooling1d()
 */
export class GlobalMaxPooling1D extends GlobalPooling {
  readonly className = 'GlobalMaxPooling1D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling1D', 'max', 1, options);
  }
}
