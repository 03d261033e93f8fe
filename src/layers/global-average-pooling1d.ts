import { GlobalPooling, type GlobalPoolingOptions } from './global-pooling.js';

/**
 * Mean over time, of the valid steps only where there is a mask; a sequence without a valid step gives NaN, as in Keras.
 *
 * Shapes: x (N,T,C) → (N,C), or (N,1,C) with `keepdims`.
 * Throws: ERR_SHAPE if x has another rank or nothing to pool.
 * Source: Keras GlobalAveragePooling1D (channels last).
 * Example: layers.globalAveragePooling1d()
 */
export class GlobalAveragePooling1D extends GlobalPooling {
  readonly className = 'GlobalAveragePooling1D';

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling1D', 'average', 1, options);
  }
}
