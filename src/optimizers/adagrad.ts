import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';

export interface AdagradOptions extends OptimizerOptions {
  /** Default 0.1. */
  initialAccumulatorValue?: number;
  /** Inside the root. Default 1e-7. */
  epsilon?: number;
}

/**
 * w −= lr·g/√(a+ε), a the sum of all squared gradients.
 *
 * Throws: ERR_ARG if epsilon is not positive or the initial value negative.
 * Source: Duchi, Hazan and Singer 2011; Keras Adagrad.
 * Example: optimizers.adagrad({ learningRate: 0.01 })
 */
export class Adagrad extends Optimizer {
  readonly className = 'Adagrad';
  readonly slotNames: readonly string[] = ['accumulator'];
  readonly initialAccumulatorValue: number;
  readonly epsilon: number;

  constructor(options: AdagradOptions = {}) {
    super(options, 0.001);
    this.initialAccumulatorValue = options.initialAccumulatorValue ?? 0.1;
    this.epsilon = positiveOption('adagrad', 'epsilon', options.epsilon ?? 1e-7);
    if (!(this.initialAccumulatorValue >= 0))
      throw new SarafError('ERR_ARG', 'adagrad', `expected initialAccumulatorValue >= 0, received ${this.initialAccumulatorValue}`);
  }

  protected override slotStart(): number {
    return this.initialAccumulatorValue;
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    backend().adagrad(value.storage, gradient.storage, (slots[0] as Tensor).storage, learningRate, this.epsilon);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), initialAccumulatorValue: this.initialAccumulatorValue, epsilon: this.epsilon };
  }
}
