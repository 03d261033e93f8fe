import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';

/**
 * Mean over the last axis of log(cosh(prediction − target)): square near 0, absolute far away.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  the target's unit, far from 0.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras LogCosh.
 * Example: model.compile({ optimizer: 'adam', loss: 'logCosh' })
 */
export class LogCosh extends Loss {
  readonly className = 'LogCosh';

  constructor(options: LossOptions = {}) {
    super('log_cosh', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    pairs(
      call,
      out,
      'mean',
      (t, p) => Math.abs(p - t) + Math.log1p(Math.exp(-2 * Math.abs(p - t))) - Math.LN2,
      (t, p) => Math.tanh(p - t),
    );
  }
}
