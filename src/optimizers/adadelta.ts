import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';

export interface AdadeltaOptions extends OptimizerOptions {
  /** How slowly the means of squares move. Default 0.95. */
  rho?: number;
  /** Inside the roots. Default 1e-7. */
  epsilon?: number;
}

/**
 * Steps in the units of the weights: q = √(d+ε)·g/√(a+ε), a and d moving means of g² and q²; w −= lr·q.
 *
 * Throws: ERR_ARG if rho is not in [0,1) or epsilon is not positive.
 * Source: Zeiler 2012; Keras Adadelta.
 * Example: optimizers.adadelta({ learningRate: 1 })
 */
export class Adadelta extends Optimizer {
  readonly className = 'Adadelta';
  readonly slotNames: readonly string[] = ['accumulated_grad', 'accumulated_delta_var'];
  readonly rho: number;
  readonly epsilon: number;

  constructor(options: AdadeltaOptions = {}) {
    super(options, 0.001);
    this.rho = checkedOption('adadelta', 'rho', options.rho ?? 0.95, 0, 1);
    this.epsilon = positiveOption('adadelta', 'epsilon', options.epsilon ?? 1e-7);
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    const [a, d] = slots as readonly [Tensor, Tensor];
    backend().adadelta(value.storage, gradient.storage, a.storage, d.storage, learningRate, this.rho, this.epsilon);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rho: this.rho, epsilon: this.epsilon };
  }
}
