import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Initializer } from './initializer.js';
import type { Tensor } from '../tensor/tensor.js';

/** Every value 0. Source: Keras Zeros. Example: initializers.zeros() */
export class Zeros implements Initializer {
  readonly className = 'Zeros';

  initialize(weight: Tensor): void {
    backend().fill(weight.storage, 0);
  }

  getConfig(): Record<string, unknown> {
    return {};
  }
}

/** Every value 1. Source: Keras Ones. Example: initializers.ones() */
export class Ones implements Initializer {
  readonly className = 'Ones';

  initialize(weight: Tensor): void {
    backend().fill(weight.storage, 1);
  }

  getConfig(): Record<string, unknown> {
    return {};
  }
}

export interface ConstantOptions {
  /** Default 0. */
  value?: number;
}

/** Every value the same. Source: Keras Constant. Example: initializers.constant({ value: 0.1 }) */
export class Constant implements Initializer {
  readonly className = 'Constant';
  readonly value: number;

  constructor(options: ConstantOptions = {}) {
    this.value = options.value ?? 0;
    if (typeof this.value !== 'number')
      throw new SarafError('ERR_ARG', 'constant', `expected value to be a number, received ${typeof this.value}`);
  }

  initialize(weight: Tensor): void {
    backend().fill(weight.storage, this.value);
  }

  getConfig(): Record<string, unknown> {
    return { value: this.value };
  }
}
