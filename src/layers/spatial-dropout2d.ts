import { SpatialDropout, type SpatialDropoutOptions } from './spatial-dropout.js';

/**
 * In training, sets a share `rate` of each image's channels to 0 as a whole and scales the others by 1/(1−rate).
 *
 * Shapes: (N,H,W,C) → the same.
 * Throws: ERR_ARG unless rate is in [0,1).
 * Source: Tompson et al. 2015; Keras SpatialDropout2D.
 * Example: layers.spatialDropout2d({ rate: 0.3 })
 */
export class SpatialDropout2D extends SpatialDropout {
  readonly className = 'SpatialDropout2D';

  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout2D', 'spatialDropout2d', 2, options);
  }
}
