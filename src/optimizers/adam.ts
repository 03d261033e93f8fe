import { backend } from '../backend/current.js';
import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, type OptimizerOptions } from './optimizer.js';

export interface AdamOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  /** Outside the root and without bias correction, as in Keras. Default 1e-7. */
  epsilon?: number;
}

/**
 * Adam: w −= α·m/(√v+ε) with α = lr·√(1−β₂ᵗ)/(1−β₁ᵗ), computed in double.
 *
 * Throws: ERR_ARG if a beta is not in [0,1) or epsilon is not positive.
 * Source: Kingma and Ba 2015; Keras Adam.
 * Example: optimizers.adam({ learningRate: 0.001 })
 */
export class Adam extends Optimizer {
  readonly className = 'Adam';
  readonly slotNames: readonly string[] = ['momentum', 'velocity'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamOptions = {}) {
    super(options, 0.001);
    this.beta1 = checkedOption('adam', 'beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkedOption('adam', 'beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = options.epsilon ?? 1e-7;
    if (!(this.epsilon > 0)) throw new SarafError('ERR_ARG', 'adam', `expected epsilon > 0, received ${this.epsilon}`);
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void {
    const [m, v] = slots as readonly [Tensor, Tensor];
    const alpha = (learningRate * Math.sqrt(1 - this.beta2 ** step)) / (1 - this.beta1 ** step);
    backend().adam(value.storage, gradient.storage, m.storage, v.storage, alpha, this.beta1, this.beta2, this.epsilon);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}
