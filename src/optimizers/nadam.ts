import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOption, Optimizer, positiveOption, type OptimizerOptions } from './optimizer.js';
import { pow } from '../tensor/portable-math.js';

export interface NadamOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/**
 * Adam with Nesterov's momentum, whose share of step t is μₜ = β₁·(1 − ½·0.96ᵗ).
 *
 * Throws: ERR_ARG if a beta is not in [0,1) or epsilon is not positive.
 * Source: Dozat 2015; Keras Nadam.
 * Example: optimizers.nadam({ learningRate: 0.002 })
 */
export class Nadam extends Optimizer {
  readonly className = 'Nadam';
  readonly slotNames: readonly string[] = ['momentum', 'velocity'];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Π μᵢ up to step `upTo`: follows from the step alone, so it is not saved. */
  private readonly product = { upTo: 0, value: 1 };

  constructor(options: NadamOptions = {}) {
    super(options, 0.001);
    this.beta1 = checkedOption('nadam', 'beta1', options.beta1 ?? 0.9, 0, 1);
    this.beta2 = checkedOption('nadam', 'beta2', options.beta2 ?? 0.999, 0, 1);
    this.epsilon = positiveOption('nadam', 'epsilon', options.epsilon ?? 1e-7);
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void {
    const [m, v] = slots as readonly [Tensor, Tensor];
    const now = this.momentumAt(step);
    const next = this.momentumAt(step + 1);
    const product = this.productTo(step);
    const correction = 1 / (1 - pow(this.beta2, step));
    const byMomentum = (learningRate * next) / (1 - product * next);
    const byGradient = (learningRate * (1 - now)) / (1 - product);
    backend().nadam(
      value.storage,
      gradient.storage,
      m.storage,
      v.storage,
      byMomentum,
      byGradient,
      this.beta1,
      this.beta2,
      correction,
      this.epsilon,
    );
  }

  /** Π of the momentum at each update so far. */
  get momentumProduct(): number {
    return this.productTo(Math.floor(this.iterations / this.gradientAccumulationSteps));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  private momentumAt(step: number): number {
    return this.beta1 * (1 - 0.5 * pow(0.96, step));
  }

  private productTo(step: number): number {
    const { product } = this;
    if (step < product.upTo) Object.assign(product, { upTo: 0, value: 1 });
    while (product.upTo < step) product.value *= this.momentumAt(++product.upTo);
    return product.value;
  }
}
