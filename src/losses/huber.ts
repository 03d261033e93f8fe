import { SarafError } from '../errors.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';

export interface HuberOptions extends LossOptions {
  /** Error from which on the loss is straight. Default 1. */
  delta?: number;
}

/**
 * Mean over the last axis of e²/2 where |e| ≤ delta, else delta·|e| − delta²/2.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  square of the target's unit.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if delta is not > 0.
 * Source: Keras Huber; Huber 1964.
 * Example: model.compile({ optimizer: 'adam', loss: losses.huber({ delta: 0.5 }) })
 */
export class Huber extends Loss {
  readonly className = 'Huber';
  readonly delta: number;

  constructor(options: HuberOptions = {}) {
    super('huber_loss', options);
    this.delta = options.delta ?? 1;
    if (!(this.delta > 0 && Number.isFinite(this.delta)))
      throw new SarafError('ERR_ARG', this.name, `expected delta > 0, received ${String(options.delta)}`);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), delta: this.delta };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { delta } = this;
    const value = (t: number, p: number): number => {
      const error = Math.abs(p - t);
      return error <= delta ? (error * error) / 2 : delta * error - (delta * delta) / 2;
    };
    pairs(call, out, 'mean', value, (t, p) => Math.min(Math.max(p - t, -delta), delta));
  }
}
