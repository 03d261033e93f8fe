import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';

/**
 * −cos of the angle between prediction and target along the last axis: −1 where they point the same way.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  none.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras CosineSimilarity with axis −1; a norm below 1e-7 counts as 1e-7.
 * Example: model.compile({ optimizer: 'adam', loss: 'cosineSimilarity' })
 */
export class CosineSimilarity extends Loss {
  readonly className = 'CosineSimilarity';

  constructor(options: LossOptions = {}) {
    super('cosine_similarity', options);
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const p = call.yPred.data();
    const t = call.yTrue.data();
    const norm = (v: ArrayLike<number>, r: number): number => {
      let sum = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) sum += (v[i] as number) ** 2;
      return Math.sqrt(sum);
    };
    const cosine = (r: number, divisor: number): number => {
      let sum = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) sum += (t[i] as number) * (p[i] as number);
      return sum / divisor;
    };
    const weightOf = (r: number): number => (weight ? (weight[r] as number) : 1);
    for (let r = 0; r < rows; r++) {
      const w = weightOf(r);
      values[r] = w === 0 ? 0 : -w * cosine(r, Math.max(norm(t, r), EPSILON) * Math.max(norm(p, r), EPSILON));
    }
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const w = weightOf(r) * scale;
        const [nt, length] = [Math.max(norm(t, r), EPSILON), norm(p, r)];
        const np = Math.max(length, EPSILON);
        // A clipped norm is a constant: nothing to take off for the direction of p itself.
        const along = length < EPSILON ? 0 : cosine(r, nt * np);
        for (let i = r * cols; i < (r + 1) * cols; i++) g[i] = (-w * ((t[i] as number) / nt - (along * (p[i] as number)) / np)) / np;
      }
    });
  }
}
