import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';

/**
 * Mean over the last axis of 100·|p − t| / max(|t|, 1e-7).
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  percent.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras MeanAbsolutePercentageError.
 * Example: model.compile({ optimizer: 'adam', loss: 'meanAbsolutePercentageError' })
 */
export class MeanAbsolutePercentageError extends Loss {
  readonly className = 'MeanAbsolutePercentageError';

  constructor(options: LossOptions = {}) {
    super('mean_absolute_percentage_error', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    pairs(
      call,
      out,
      'mean',
      (t, p) => (100 * Math.abs(p - t)) / Math.max(Math.abs(t), EPSILON),
      (t, p) => (100 * Math.sign(p - t)) / Math.max(Math.abs(t), EPSILON),
    );
  }
}
