import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';

/**
 * max(1 + max((1−t)·p) − Σ t·p, 0): the true class should lead the best other one by 1.
 *
 * Shapes: yTrue (one-hot) and yPred (N,…,C).
 * Units:  margins.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras CategoricalHinge; classes that tie for the largest share its slope.
 * Example: model.compile({ optimizer: 'adam', loss: 'categoricalHinge' })
 */
export class CategoricalHinge extends Loss {
  readonly className = 'CategoricalHinge';

  constructor(options: LossOptions = {}) {
    super('categorical_hinge', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const p = call.yPred.data();
    const t = call.yTrue.data();
    const other = (i: number): number => (1 - (t[i] as number)) * (p[i] as number);
    const judge = (r: number): { margin: number; largest: number; ties: number } => {
      let positive = 0;
      let largest = -Infinity;
      let ties = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) {
        positive += (t[i] as number) * (p[i] as number);
        if (other(i) > largest) [largest, ties] = [other(i), 1];
        else if (other(i) === largest) ties++;
      }
      return { margin: 1 + largest - positive, largest, ties };
    };
    const weightOf = (r: number): number => (weight ? (weight[r] as number) : 1);
    for (let r = 0; r < rows; r++) values[r] = weightOf(r) === 0 ? 0 : weightOf(r) * Math.max(judge(r).margin, 0);
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const { margin, largest, ties } = judge(r);
        const w = margin >= 0 ? weightOf(r) * scale : 0;
        for (let i = r * cols; i < (r + 1) * cols; i++) {
          const target = t[i] as number;
          g[i] = w * ((other(i) === largest ? (1 - target) / ties : 0) - target);
        }
      }
    });
  }
}
