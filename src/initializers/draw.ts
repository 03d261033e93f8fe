import { backend } from '../backend/current.js';
import { checkSeed, nextKey } from './seed.js';
import type { RandomKey, Storage } from '../backend/backend.js';
import type { Initializer } from './initializer.js';
import type { Tensor } from '../tensor/tensor.js';

/** Options of every initializer that draws. */
export interface SeedOptions {
  /** A seed of this initializer's own: it then gives the same values at every use. */
  seed?: number;
}

/** Base of the initializers that draw: finds the key and lets float64 weights receive the float32 draws. */
export abstract class RandomInitializer implements Initializer {
  abstract readonly className: string;
  readonly seed: number | undefined;

  constructor(op: string, options: SeedOptions) {
    this.seed = options.seed === undefined ? undefined : checkSeed(op, options.seed);
  }

  initialize(weight: Tensor, key?: RandomKey): void {
    const own = this.seed === undefined ? (key ?? nextKey()) : { seed: this.seed, stream: 0 };
    if (weight.dtype === 'float32') {
      this.draw(weight.storage, weight, own);
      return;
    }
    const single = backend().allocate('float32', weight.size);
    this.draw(single, weight, own);
    backend().write(weight.storage, backend().read(single));
  }

  getConfig(): Record<string, unknown> {
    return this.seed === undefined ? {} : { seed: this.seed };
  }

  /** Writes all values of a weight of this shape into float32 storage. */
  protected abstract draw(storage: Storage, weight: Tensor, key: RandomKey): void;
}
