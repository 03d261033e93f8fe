import { SarafError } from '../errors.js';
import { rowsAlong } from './axis.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';

export interface CosineSimilarityOptions extends LossOptions {
  /** The axis that vectors lie along; the batch is axis 0. Default −1. */
  axis?: number;
}

/**
 * −cos of the angle between prediction and target along one axis: −1 where they point the same way.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  none.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if there is no such axis.
 * Source: Keras CosineSimilarity; a norm below 1e-7 counts as 1e-7.
 * Example: model.compile({ optimizer: 'adam', loss: 'cosineSimilarity' })
 */
export class CosineSimilarity extends Loss {
  readonly className = 'CosineSimilarity';
  private readonly along: number;

  constructor(options: CosineSimilarityOptions = {}) {
    super('cosine_similarity', options);
    this.along = options.axis ?? -1;
    if (!Number.isInteger(this.along))
      throw new SarafError('ERR_ARG', this.name, `expected axis to be a whole number, received ${String(options.axis)}`);
  }

  override get axis(): number {
    return this.along;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const p = call.yPred.data();
    const t = call.yTrue.data();
    const { step, first } = rowsAlong(this.name, call.yPred.shape, this.axis);
    const product = (a: ArrayLike<number>, b: ArrayLike<number>, r: number): number => {
      let sum = 0;
      for (let c = 0, i = first(r); c < cols; c++, i += step) sum += (a[i] as number) * (b[i] as number);
      return sum;
    };
    const norm = (v: ArrayLike<number>, r: number): number => Math.sqrt(product(v, v, r));
    const weightOf = (r: number): number => (weight ? (weight[r] as number) : 1);
    for (let r = 0; r < rows; r++) {
      const w = weightOf(r);
      values[r] = w === 0 ? 0 : (-w * product(t, p, r)) / (Math.max(norm(t, r), EPSILON) * Math.max(norm(p, r), EPSILON));
    }
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const w = weightOf(r) * scale;
        const [nt, length] = [Math.max(norm(t, r), EPSILON), norm(p, r)];
        const np = Math.max(length, EPSILON);
        // A clipped norm is a constant: nothing to take off for the direction of p itself.
        const along = length < EPSILON ? 0 : product(t, p, r) / (nt * np);
        for (let c = 0, i = first(r); c < cols; c++, i += step)
          g[i] = (-w * ((t[i] as number) / nt - (along * (p[i] as number)) / np)) / np;
      }
    });
  }
}
