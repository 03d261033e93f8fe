import { SarafError } from '../errors.js';
import type { Shape } from '../tensor/tensor.js';
import type { AxisRows } from './axis.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';

export interface OverlapOptions extends LossOptions {
  /** The axis or axes that are summed over; the batch is axis 0. Default null: all of them, the batch is one value. */
  axis?: number | readonly number[] | null;
}

/** A term of the fraction and its derivative by the prediction. */
export interface OverlapTerm {
  value(target: number, prediction: number): number;
  slope(target: number): number;
}

/**
 * 1 − Σ above / (Σ below + 1e-7) over some axes: how far two areas are from covering each other.
 *
 * Without an axis the whole batch is one value: weights and masks then do not say which rows count in it, but how much it counts,
 * as in Keras.
 */
export abstract class OverlapLoss extends Loss {
  private readonly along: readonly number[] | null;

  constructor(name: string, options: OverlapOptions) {
    super(name, options);
    const { axis } = options;
    this.along = axis === undefined || axis === null ? null : Array.isArray(axis) ? [...(axis as readonly number[])] : [axis as number];
    const wrong = this.along?.find((a) => !Number.isInteger(a));
    if (wrong !== undefined) throw new SarafError('ERR_ARG', this.name, `expected axis to be whole numbers, received ${String(wrong)}`);
  }

  protected abstract readonly above: OverlapTerm;
  protected abstract readonly below: OverlapTerm;

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.along && this.along.length === 1 ? this.along[0] : this.along };
  }

  protected override layout(call: LossCall): Pick<AxisRows, 'rows' | 'cols' | 'shape'> {
    this.checkTargets(call, 0);
    const { shape, size } = call.yPred;
    if (this.along) {
      const kept = shape.filter((_, i) => !this.summed(shape)[i]);
      const rows = kept.reduce((product, n) => product * n, 1);
      return { rows, cols: rows === 0 ? 0 : size / rows, shape: kept };
    }
    // One value; with weights it counts once for each of them.
    const { sampleWeight, mask, classWeight } = call.weighting;
    const rows = size / Math.max(1, shape[shape.length - 1] ?? 1);
    return { rows: Math.max(sampleWeight?.size ?? 1, mask?.size ?? 1, classWeight ? rows : 1), cols: size, shape: [] };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { weight, scale, values, rows } = out;
    const [p, t] = [call.yPred.data(), call.yTrue.data()];
    const { above, below } = this;
    const group = this.groups(call);
    const groups = this.along ? rows : 1;
    const over = call.buffer('lossAbove', [groups], 'float64').data() as Float64Array;
    const under = call.buffer('lossBelow', [groups], 'float64').data() as Float64Array;
    over.fill(0);
    under.fill(EPSILON);
    for (let i = 0; i < p.length; i++) {
      const g = group ? (group[i] as number) : 0;
      over[g] = (over[g] as number) + above.value(t[i] as number, p[i] as number);
      under[g] = (under[g] as number) + below.value(t[i] as number, p[i] as number);
    }
    const weightOf = (r: number): number => (weight ? (weight[r] as number) : 1);
    let all = 0;
    for (let r = 0; r < rows; r++) {
      const g = this.along ? r : 0;
      values[r] = weightOf(r) === 0 ? 0 : weightOf(r) * (1 - (over[g] as number) / (under[g] as number));
      all += weightOf(r);
    }
    if (!call.gradient) return;
    onHost(call.gradient, (gradient) => {
      for (let i = 0; i < p.length; i++) {
        const g = group ? (group[i] as number) : 0;
        const d = under[g] as number;
        const w = (group ? weightOf(g) : all) * scale;
        const target = t[i] as number;
        gradient[i] = (-w * (above.slope(target) - (below.slope(target) * (over[g] as number)) / d)) / d;
      }
    });
  }

  /** Which axes of a shape are summed over. Throws ERR_ARG for one that it does not have. */
  private summed(shape: Shape): boolean[] {
    const summed = shape.map(() => false);
    for (const axis of this.along ?? []) {
      const at = axis < 0 ? shape.length + axis : axis;
      if (summed[at] === undefined)
        throw new SarafError('ERR_ARG', this.name, `expected an axis of predictions (${shape.join(',')}), received axis ${axis}`);
      summed[at] = true;
    }
    return summed;
  }

  /** The value that each prediction belongs to; null: all to one. */
  private groups(call: LossCall): ArrayLike<number> | null {
    if (!this.along) return null;
    const { shape, size } = call.yPred;
    const summed = this.summed(shape);
    const group = call.buffer('lossGroup', [size], 'int32').data() as Int32Array;
    group.fill(0);
    let [step, inner] = [1, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = shape[axis] as number;
      if (!summed[axis]) {
        for (let i = 0; i < size; i++) group[i] = (group[i] as number) + (Math.floor(i / inner) % n) * step;
        step *= n;
      }
      inner *= n;
    }
    return group;
  }
}
