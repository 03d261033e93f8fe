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
    const w = weight.data();
    let [sizes, squares] = [0, 0];
    if (this.l1 !== 0) for (let i = 0; i < w.length; i++) sizes += Math.abs(w[i] as number);
    if (this.l2 !== 0) for (let i = 0; i < w.length; i++) squares += (w[i] as number) ** 2;
    return this.l1 * sizes + this.l2 * squares;
  }

  addGradient(weight: Tensor, gradient: Tensor): void {
    const [w, g] = [weight.data(), gradient.data()];
    const twice = 2 * this.l2;
    if (this.l1 === 0) for (let i = 0; i < w.length; i++) g[i] = (g[i] as number) + twice * (w[i] as number);
    else
      for (let i = 0; i < w.length; i++) {
        const v = w[i] as number;
        g[i] = (g[i] as number) + this.l1 * Math.sign(v) + twice * v;
      }
    if (g !== gradient.storage) backend().write(gradient.storage, g);
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
