import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Regularizer } from './regularizer.js';

export interface L1L2Options {
  l1?: number;
  l2?: number;
}

/**
 * l1·Σ|w| + l2·Σw². The sums run in double and in ascending order, the gradient is rounded once: the same on every machine.
 *
 * Throws: ERR_ARG if a strength is negative.
 * Source: Keras L1L2.
 * Example: layers.dense({ units: 8, kernelRegularizer: regularizers.l1l2({ l1: 1e-5, l2: 1e-4 }) })
 */
export class L1L2 implements Regularizer {
  readonly className: string = 'L1L2';
  readonly l1: number;
  readonly l2: number;

  constructor(options: L1L2Options = {}) {
    this.l1 = options.l1 ?? 0;
    this.l2 = options.l2 ?? 0;
    for (const name of ['l1', 'l2'] as const)
      if (!(Number.isFinite(this[name]) && this[name] >= 0))
        throw new SarafError('ERR_ARG', 'regularizer', `expected ${name} >= 0, received ${this[name]}`);
  }

  loss(weight: Tensor): number {
    const sums = new Float64Array(2);
    backend().penaltySums(weight.storage, sums);
    return this.l1 * (sums[0] as number) + this.l2 * (sums[1] as number);
  }

  addGradient(weight: Tensor, gradient: Tensor): void {
    backend().penaltyGradient(weight.storage, gradient.storage, this.l1, 2 * this.l2);
  }

  getConfig(): Record<string, unknown> {
    return { l1: this.l1, l2: this.l2 };
  }
}

/** l1·Σ|w|; 0.01 unless told. */
export class L1 extends L1L2 {
  override readonly className: string = 'L1';
  constructor(options: { l1?: number } = {}) {
    super({ l1: options.l1 ?? 0.01 });
  }
  override getConfig(): Record<string, unknown> {
    return { l1: this.l1 };
  }
}

/** l2·Σw²; 0.01 unless told. */
export class L2 extends L1L2 {
  override readonly className: string = 'L2';
  constructor(options: { l2?: number } = {}) {
    super({ l2: options.l2 ?? 0.01 });
  }
  override getConfig(): Record<string, unknown> {
    return { l2: this.l2 };
  }
}
