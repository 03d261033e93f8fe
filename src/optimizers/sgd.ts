import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, type OptimizerOptions } from './optimizer.js';

export interface SGDOptions extends OptimizerOptions {
  /** Default 0: no velocity is kept. */
  momentum?: number;
  nesterov?: boolean;
}

/**
 * Gradient descent: w −= lr·g, or with momentum m = μm − lr·g; w += m (Nesterov: w += μm − lr·g).
 *
 * Throws: ERR_ARG if momentum is not in [0,1).
 * Source: Keras SGD.
 * Example: optimizers.sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true })
 */
export class SGD extends Optimizer {
  readonly className = 'SGD';
  readonly momentum: number;
  readonly nesterov: boolean;

  constructor(options: SGDOptions = {}) {
    super(options, 0.01);
    this.momentum = checkedOption('sgd', 'momentum', options.momentum ?? 0, 0, 1);
    this.nesterov = options.nesterov ?? false;
  }

  get slotNames(): readonly string[] {
    return this.momentum === 0 ? [] : ['momentum'];
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    backend().sgd(value.storage, gradient.storage, slots[0]?.storage ?? null, learningRate, this.momentum, this.nesterov);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov };
  }
}
