import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';
import { pow } from '../tensor/portable-math.js';

export interface AdamOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  /** Outside the root and without bias correction, as in Keras. Default 1e-7. */
  epsilon?: number;
  /** Divides by the largest velocity so far. Default false. */
  amsgrad?: boolean;
}

/**
 * Adam: w −= α·m/(√v+ε) with α = lr·√(1−β₂ᵗ)/(1−β₁ᵗ), computed in double.
 *
 * Throws: ERR_ARG if a beta is not in [0,1) or epsilon is not positive.
 * Source: Kingma and Ba 2015; Keras Adam.
 * Example: optimizers.adam({ learningRate: 0.001 })
 */
export class Adam extends Optimizer {
  readonly className: string = 'Adam';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly amsgrad: boolean;
  private correction = { step: 0, second: 0, first: 0 };

  constructor(options: AdamOptions = {}) {
    super(options, 0.001);
    this.beta1 = checkedOption('adam', 'beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkedOption('adam', 'beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = positiveOption('adam', 'epsilon', options.epsilon ?? 1e-7);
    this.amsgrad = options.amsgrad ?? false;
  }

  get slotNames(): readonly string[] {
    return this.amsgrad ? ['momentum', 'velocity', 'velocity_hat'] : ['momentum', 'velocity'];
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void {
    const [m, v, h] = slots as readonly [Tensor, Tensor, Tensor];
    const { beta1, beta2, epsilon } = this;
    // The same for every variable of a step.
    if (step !== this.correction.step) this.correction = { step, second: Math.sqrt(1 - pow(beta2, step)), first: 1 - pow(beta1, step) };
    const alpha = (learningRate * this.correction.second) / this.correction.first;
    if (this.amsgrad) backend().amsgrad(value.storage, gradient.storage, m.storage, v.storage, h.storage, alpha, beta1, beta2, epsilon);
    else backend().adam(value.storage, gradient.storage, m.storage, v.storage, alpha, beta1, beta2, epsilon);
  }

  override getConfig(): Record<string, unknown> {
    const { beta1, beta2, epsilon } = this;
    return { ...super.getConfig(), beta1, beta2, epsilon, ...(this.amsgrad ? { amsgrad: true } : {}) };
  }
}
