import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { meanOfErrors } from './regression.js';

/**
 * Mean over the last axis of the squared difference.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  square of the target's unit.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras MeanSquaredError.
 * Example: model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
 */
export class MeanSquaredError extends Loss {
  readonly className = 'MeanSquaredError';

  constructor(options: LossOptions = {}) {
    super('mean_squared_error', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    meanOfErrors(
      call,
      out,
      (e) => e * e,
      (e) => 2 * e,
    );
  }
}
