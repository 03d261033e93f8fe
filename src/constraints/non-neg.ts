import { ACTIVATIONS } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Constraint } from './constraint.js';

/** Negative values become 0. Source: Keras NonNeg. */
export class NonNeg implements Constraint {
  readonly className = 'NonNeg';
  apply(weight: Tensor): void {
    backend().activationForward(weight.storage, weight.storage, ACTIVATIONS.relu);
  }
  getConfig(): Record<string, unknown> {
    return {};
  }
}
