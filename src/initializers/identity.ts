import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Initializer } from './initializer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface IdentityOptions {
  /** Value on the diagonal. Default 1. */
  gain?: number;
}

/**
 * The identity matrix times `gain`; a matrix that is not square has ones on its main diagonal.
 *
 * Throws: ERR_SHAPE unless the weight has rank 2.
 * Source: Keras IdentityInitializer.
 * Example: initializers.identity({ gain: 0.5 })
 */
export class Identity implements Initializer {
  readonly className = 'Identity';
  readonly gain: number;

  constructor(options: IdentityOptions = {}) {
    this.gain = options.gain ?? 1;
  }

  initialize(weight: Tensor): void {
    const [rows, cols] = weight.shape;
    if (weight.rank !== 2 || rows === undefined || cols === undefined) {
      throw new SarafError('ERR_SHAPE', 'identity', `expected a weight of rank 2, received shape (${weight.shape.join(',')})`);
    }
    const values = new Float64Array(weight.size);
    for (let i = 0; i < Math.min(rows, cols); i++) values[i * cols + i] = this.gain;
    backend().write(weight.storage, values);
  }

  getConfig(): Record<string, unknown> {
    return { gain: this.gain };
  }
}
