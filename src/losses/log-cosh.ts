import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { exp, log1p, tanh } from '../tensor/portable-math.js';

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
      (t, p) => Math.abs(p - t) + log1p(exp(-2 * Math.abs(p - t))) - Math.LN2,
      (t, p) => tanh(p - t),
    );
  }
}
