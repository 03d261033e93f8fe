import { SpatialDropout, type SpatialDropoutOptions } from './spatial-dropout.js';

/**
 * In training, sets a share `rate` of each sequence's channels to 0 as a whole and scales the others by 1/(1−rate).
 *
 * Shapes: (N,T,C) → the same.
 * Throws: ERR_ARG unless rate is in [0,1).
 * Source: Tompson et al. 2015; Keras SpatialDropout1D.
 * Example: layers.spatialDropout1d({ rate: 0.3 })
 */
export class SpatialDropout1D extends SpatialDropout {
  readonly className = 'SpatialDropout1D';

  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout1D', 'spatialDropout1d', 1, options);
  }
}
