import { OverlapLoss, type OverlapOptions } from './overlap.js';

/**
 * 1 − 2·Σ t·p / (Σ t + Σ p), over the whole batch or along some axes: for areas much smaller than their surroundings.
 *
 * Shapes: yTrue and yPred (N,…,C); with `axis: [1, 2, 3]` of images (N,H,W,C) one value per image.
 * Units:  [0,1]: 0 where the areas are one, 1 where they do not touch.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if there is no such axis.
 * Source: Keras Dice.
 * Example: model.compile({ optimizer: 'adam', loss: losses.dice({ axis: [1, 2, 3] }) })
 */
export class Dice extends OverlapLoss {
  readonly className = 'Dice';
  protected readonly above = { value: (t: number, p: number): number => 2 * t * p, slope: (t: number): number => 2 * t };
  protected readonly below = { value: (t: number, p: number): number => t + p, slope: (): number => 1 };

  constructor(options: OverlapOptions = {}) {
    super('dice', options);
  }
}
