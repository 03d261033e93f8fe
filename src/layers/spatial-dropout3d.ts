import { SpatialDropout, type SpatialDropoutOptions } from './spatial-dropout.js';

/**
 * In training, sets a share `rate` of each volume's channels to 0 as a whole and scales the others by 1/(1−rate).
 *
 * Shapes: (N,D,H,W,C) → the same.
 * Throws: ERR_ARG unless rate is in [0,1).
 * Source: Tompson et al. 2015; Keras SpatialDropout3D.
 * Example: layers.spatialDropout3d({ rate: 0.3 })
 */
export class SpatialDropout3D extends SpatialDropout {
  readonly className = 'SpatialDropout3D';

  constructor(options: SpatialDropoutOptions) {
    super('SpatialDropout3D', 'spatialDropout3d', 3, options);
  }
}
