import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { log } from '../tensor/portable-math.js';

/**
 * Mean over the last axis of p − t·log(p + 1e-7): the likelihood of counts.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  nats, without the part that depends on targets alone.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras Poisson.
 * Example: model.compile({ optimizer: 'adam', loss: 'poisson' })
 */
export class Poisson extends Loss {
  readonly className = 'Poisson';

  constructor(options: LossOptions = {}) {
    super('poisson', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    pairs(
      call,
      out,
      'mean',
      (t, p) => p - t * log(p + EPSILON),
      (t, p) => 1 - t / (p + EPSILON),
    );
  }
}
