import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, type OptimizerOptions } from './optimizer.js';

export interface LionOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
}

/**
 * Steps of one size: w −= lr·sign(β₁m + (1−β₁)g), then m = β₂m + (1−β₂)g. The sign of 0 is 0.
 *
 * Throws: ERR_ARG if β₁ is not in (0,1] or β₂ not in [0,1).
 * Source: Chen et al. 2023; Keras Lion.
 * Example: optimizers.lion({ learningRate: 1e-4, weightDecay: 0.01 })
 */
export class Lion extends Optimizer {
  readonly className = 'Lion';
  readonly slotNames: readonly string[] = ['momentum'];
  readonly beta1: number;
  readonly beta2: number;

  constructor(options: LionOptions = {}) {
    super(options, 0.001);
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = checkedOption('lion', 'beta2', options.beta2 ?? 0.99, 0, 1);
    if (!(this.beta1 > 0 && this.beta1 <= 1)) throw new SarafError('ERR_ARG', 'lion', `expected beta1 in (0, 1], received ${this.beta1}`);
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    backend().lion(value.storage, gradient.storage, (slots[0] as Tensor).storage, learningRate, this.beta1, this.beta2);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2 };
  }
}
