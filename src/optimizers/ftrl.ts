import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer, type OptimizerOptions } from './optimizer.js';

export interface FtrlOptions extends OptimizerOptions {
  /** At most 0. Default −0.5. */
  learningRatePower?: number;
  /** Default 0.1. */
  initialAccumulatorValue?: number;
  l1RegularizationStrength?: number;
  l2RegularizationStrength?: number;
  l2ShrinkageRegularizationStrength?: number;
  beta?: number;
}

/**
 * Follow the regularised leader, for sparse weights.
 *
 * Throws: ERR_ARG if a strength or the initial value is negative, or the power positive.
 * Source: McMahan et al. 2013; Keras Ftrl.
 * Example: optimizers.ftrl({ learningRate: 0.05, l1RegularizationStrength: 0.01 })
 */
export class Ftrl extends Optimizer {
  readonly className = 'Ftrl';
  readonly slotNames: readonly string[] = ['accumulator', 'linear'];
  readonly learningRatePower: number;
  readonly initialAccumulatorValue: number;
  readonly l1RegularizationStrength: number;
  readonly l2RegularizationStrength: number;
  readonly l2ShrinkageRegularizationStrength: number;
  readonly beta: number;

  constructor(options: FtrlOptions = {}) {
    super(options, 0.001);
    this.learningRatePower = options.learningRatePower ?? -0.5;
    this.initialAccumulatorValue = options.initialAccumulatorValue ?? 0.1;
    this.l1RegularizationStrength = options.l1RegularizationStrength ?? 0;
    this.l2RegularizationStrength = options.l2RegularizationStrength ?? 0;
    this.l2ShrinkageRegularizationStrength = options.l2ShrinkageRegularizationStrength ?? 0;
    this.beta = options.beta ?? 0;
    if (!(this.learningRatePower <= 0))
      throw new SarafError('ERR_ARG', 'ftrl', `expected learningRatePower <= 0, received ${this.learningRatePower}`);
    const strengths = [
      'initialAccumulatorValue',
      'l1RegularizationStrength',
      'l2RegularizationStrength',
      'l2ShrinkageRegularizationStrength',
    ] as const;
    for (const name of strengths)
      if (!(this[name] >= 0)) throw new SarafError('ERR_ARG', 'ftrl', `expected ${name} >= 0, received ${this[name]}`);
  }

  protected override slotStart(name: string): number {
    return name === 'accumulator' ? this.initialAccumulatorValue : 0;
  }

  protected update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number): void {
    const [a, l] = slots as readonly [Tensor, Tensor];
    backend().ftrl(
      value.storage,
      gradient.storage,
      a.storage,
      l.storage,
      learningRate,
      -this.learningRatePower,
      this.l1RegularizationStrength,
      2 * this.l2RegularizationStrength + this.beta / learningRate,
      2 * this.l2ShrinkageRegularizationStrength,
    );
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      learningRatePower: this.learningRatePower,
      initialAccumulatorValue: this.initialAccumulatorValue,
      l1RegularizationStrength: this.l1RegularizationStrength,
      l2RegularizationStrength: this.l2RegularizationStrength,
      l2ShrinkageRegularizationStrength: this.l2ShrinkageRegularizationStrength,
      beta: this.beta,
    };
  }
}
