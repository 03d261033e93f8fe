import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { log1p, square } from '../tensor/portable-math.js';

const logarithmOf = (p: number, t: number): number => log1p(Math.max(p, EPSILON)) - log1p(Math.max(t, EPSILON));

/**
 * Mean over the last axis of (log(1+p) − log(1+t))²; values below 1e-7 count as 1e-7, with slope 0.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  none.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras MeanSquaredLogarithmicError.
 * Example: model.compile({ optimizer: 'adam', loss: 'meanSquaredLogarithmicError' })
 */
export class MeanSquaredLogarithmicError extends Loss {
  readonly className = 'MeanSquaredLogarithmicError';

  constructor(options: LossOptions = {}) {
    super('mean_squared_logarithmic_error', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    pairs(
      call,
      out,
      'mean',
      (t, p) => square(logarithmOf(p, t)),
      (t, p) => (p < EPSILON ? 0 : (2 * logarithmOf(p, t)) / (p + 1)),
    );
  }
}
