import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { hingeTargets } from './hinge-targets.js';
import { square } from '../tensor/portable-math.js';

/**
 * Mean over the last axis of max(1 − t·p, 0)²; targets are −1 and 1. A batch whose targets are all 0 or 1 is read as −1 and 1.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  margins.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras SquaredHinge.
 * Example: model.compile({ optimizer: 'adam', loss: 'squaredHinge' })
 */
export class SquaredHinge extends Loss {
  readonly className = 'SquaredHinge';

  constructor(options: LossOptions = {}) {
    super('squared_hinge', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    const sign = hingeTargets(call.yTrue);
    pairs(
      call,
      out,
      'mean',
      (t, p) => square(Math.max(1 - sign(t) * p, 0)),
      (t, p) => -2 * sign(t) * Math.max(1 - sign(t) * p, 0),
    );
  }
}
