import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { log } from '../tensor/portable-math.js';

const clip = (value: number): number => Math.min(Math.max(value, EPSILON), 1);

/**
 * Σ t·log(t/p) over the last axis; both sides are clipped to [1e-7, 1], with slope 0 outside.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  nats.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras KLDivergence.
 * Example: model.compile({ optimizer: 'adam', loss: 'klDivergence' })
 */
export class KLDivergence extends Loss {
  readonly className = 'KLDivergence';

  constructor(options: LossOptions = {}) {
    super('kl_divergence', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    pairs(
      call,
      out,
      'sum',
      (t, p) => clip(t) * log(clip(t) / clip(p)),
      (t, p) => (p < EPSILON || p > 1 ? 0 : -clip(t) / p),
    );
  }
}
