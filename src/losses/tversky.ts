import { SarafError } from '../errors.js';
import { OverlapLoss, type OverlapOptions, type OverlapTerm } from './overlap.js';

export interface TverskyOptions extends OverlapOptions {
  /** Weight of targets that predictions miss, >= 0. Default 0.5. */
  alpha?: number;
  /** Weight of predictions beside the targets, >= 0. Default 0.5. */
  beta?: number;
}

/**
 * 1 − Σ t·p / (Σ t·p + α·Σ t·(1−p) + β·Σ (1−t)·p), over the whole batch or along some axes; α = β = 0.5 is `dice`.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  [0,1]: 0 where the areas are one, 1 where they do not touch.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if there is no such axis, or alpha or beta is below 0.
 * Source: Keras Tversky; Salehi et al. 2017.
 * Example: model.compile({ optimizer: 'adam', loss: losses.tversky({ alpha: 0.7, beta: 0.3 }) })
 */
export class Tversky extends OverlapLoss {
  readonly className = 'Tversky';
  readonly alpha: number;
  readonly beta: number;
  protected readonly above = { value: (t: number, p: number): number => t * p, slope: (t: number): number => t };
  protected readonly below: OverlapTerm;

  constructor(options: TverskyOptions = {}) {
    super('tversky', options);
    const { alpha = 0.5, beta = 0.5 } = options;
    for (const [name, value] of Object.entries({ alpha, beta }))
      if (!(value >= 0 && Number.isFinite(value)))
        throw new SarafError('ERR_ARG', this.name, `expected ${name} >= 0, received ${String(value)}`);
    this.alpha = alpha;
    this.beta = beta;
    this.below = {
      value: (t, p) => t * p + alpha * t * (1 - p) + beta * (1 - t) * p,
      slope: (t) => t - alpha * t + beta * (1 - t),
    };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha, beta: this.beta };
  }
}
