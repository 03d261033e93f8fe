import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { hingeTargets } from './hinge-targets.js';

/**
 * Mean over the last axis of max(1 − t·p, 0); targets are −1 and 1. A batch whose targets are all 0 or 1 is read as −1 and 1.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  margins.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras Hinge.
 * Example: model.compile({ optimizer: 'adam', loss: 'hinge' })
 */
export class Hinge extends Loss {
  readonly className = 'Hinge';

  constructor(options: LossOptions = {}) {
    super('hinge', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    const sign = hingeTargets(call.yTrue);
    pairs(
      call,
      out,
      'mean',
      (t, p) => Math.max(1 - sign(t) * p, 0),
      (t, p) => (1 - sign(t) * p >= 0 ? -sign(t) : 0),
    );
  }
}
