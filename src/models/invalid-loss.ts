import { SarafError } from '../errors.js';
import type { BatchPlace } from './input-stage.js';

const LOSSES = new WeakMap<object, number>();

/** The error of a loss that is infinite or no number. */
export function invalidLossError(op: string, loss: number, place: BatchPlace, step: number): SarafError {
  const advice = 'the weights are those before this batch; lower the learning rate, set clipnorm, or look for extreme values in the data';
  const error = new SarafError('ERR_DATA', op, `expected a finite loss, received ${loss} at batch ${place.batch}, step ${step}; ${advice}`);
  LOSSES.set(error, loss);
  return error;
}

/** The loss that made a step fail; null if something else did. */
export function invalidLossOf(error: unknown): number | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const loss = LOSSES.get(e);
    if (loss !== undefined) return loss;
  }
  return null;
}
