import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';
import { pow } from '../tensor/portable-math.js';

export interface AdamaxOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/**
 * Adam with the largest gradient (faded by β₂) in the place of the velocity's root.
 *
 * Throws: ERR_ARG if a beta is not in [0,1) or epsilon is not positive.
 * Source: Kingma and Ba 2015; Keras Adamax.
 * Example: optimizers.adamax({ learningRate: 0.002 })
 */
export class Adamax extends Optimizer {
  readonly className = 'Adamax';
  readonly slotNames: readonly string[] = ['momentum', 'norm'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamaxOptions = {}) {
    super(options, 0.001);
    this.beta1 = checkedOption('adamax', 'beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkedOption('adamax', 'beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = positiveOption('adamax', 'epsilon', options.epsilon ?? 1e-7);
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void {
    const [m, u] = slots as readonly [Tensor, Tensor];
    const rate = learningRate / (1 - pow(this.beta1, step));
    backend().adamax(value.storage, gradient.storage, m.storage, u.storage, rate, this.beta1, this.beta2, this.epsilon);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }
}
