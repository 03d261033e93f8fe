import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';

export interface RMSpropOptions extends OptimizerOptions {
  /** How slowly the mean of squared gradients moves. Default 0.9. */
  rho?: number;
  /** Default 0: none is kept. */
  momentum?: number;
  /** Inside the root, as in Keras. Default 1e-7. */
  epsilon?: number;
  /** Divides by the deviation of the gradients instead of their size. Default false. */
  centered?: boolean;
}

/**
 * w −= lr·g/√(v+ε), v a moving mean of g²; `centered` subtracts the squared mean of g; with momentum m = μm + step, w −= m.
 *
 * Throws: ERR_ARG if rho or momentum is not in [0,1) or epsilon is not positive.
 * Source: Hinton 2012; Keras RMSprop.
 * Example: optimizers.rmsprop({ learningRate: 0.001, momentum: 0.9 })
 */
export class RMSprop extends Optimizer {
  readonly className = 'RMSprop';
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super(options, 0.001);
    this.rho = checkedOption('rmsprop', 'rho', options.rho ?? 0.9, 0, 1);
    this.momentum = checkedOption('rmsprop', 'momentum', options.momentum ?? 0, 0, 1);
    this.epsilon = positiveOption('rmsprop', 'epsilon', options.epsilon ?? 1e-7);
    this.centered = options.centered ?? false;
  }

  get slotNames(): readonly string[] {
    return ['velocity', ...(this.momentum > 0 ? ['momentum'] : []), ...(this.centered ? ['average_gradient'] : [])];
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    const velocity = slots[0] as Tensor;
    const momentum = this.momentum > 0 ? (slots[1] as Tensor).storage : null;
    const average = this.centered ? (slots[this.momentum > 0 ? 2 : 1] as Tensor).storage : null;
    backend().rmsprop(
      value.storage,
      gradient.storage,
      velocity.storage,
      momentum,
      average,
      learningRate,
      this.rho,
      this.momentum,
      this.epsilon,
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rho: this.rho, momentum: this.momentum, epsilon: this.epsilon, centered: this.centered };
  }
}
