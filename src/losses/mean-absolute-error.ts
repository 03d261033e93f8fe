import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { meanOfErrors } from './regression.js';

/**
 * Mean over the last axis of the absolute difference; its slope at 0 is 0.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  the target's unit.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras MeanAbsoluteError.
 * Example: model.compile({ optimizer: 'adam', loss: 'meanAbsoluteError' })
 */
export class MeanAbsoluteError extends Loss {
  readonly className = 'MeanAbsoluteError';

  constructor(options: LossOptions = {}) {
    super('mean_absolute_error', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    meanOfErrors(call, out, Math.abs, Math.sign);
  }
}
