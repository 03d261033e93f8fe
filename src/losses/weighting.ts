import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BufferSource } from './loss.js';

/** What decides how much a value counts. */
export interface Weighting {
  /** (N), (N,1) or one weight per value (N,T). */
  readonly sampleWeight: Tensor | null;
  /** Weight of class c at index c; classes beyond its end count 1. */
  readonly classWeight: Float64Array | null;
  /** uint8, one per value: 0 leaves the value out, of the divisor too. */
  readonly mask: Tensor | null;
  /** Class of row r, for `classWeight`. */
  readonly classOf: ((row: number) => number) | null;
}

export const UNWEIGHTED: Weighting = { sampleWeight: null, classWeight: null, mask: null, classOf: null };

export interface CombinedWeights {
  /** sample weight × class weight × mask per row; null when all are 1. */
  readonly weight: Float32Array | null;
  /** Rows that are not masked. */
  readonly count: number;
  /** Sum of the weights. */
  readonly total: number;
}

/** Multiplies sample weights, class weights and masks into one weight per row. */
export function combineWeights(
  op: string,
  weighting: Weighting,
  yPred: Tensor,
  rows: number,
  ignored: Uint8Array | null,
  buffer: BufferSource,
): CombinedWeights {
  const { sampleWeight, classWeight, mask, classOf } = weighting;
  if (!sampleWeight && !classWeight && !mask && !ignored) return { weight: null, count: rows, total: rows };
  const weight = buffer('lossWeight', [rows], 'float32').data() as Float32Array;
  weight.fill(1);
  // Keras sums the weights as they were given: one per sample counts once, however many steps it stands for; a mask spreads them.
  let each = 1;
  if (sampleWeight) {
    const samples = yPred.shape[0] ?? 1;
    const given = sampleWeight.data();
    const repeat = given.length === rows ? 1 : given.length === samples ? rows / samples : 0;
    if (!(Number.isInteger(repeat) && repeat > 0)) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected sample weights of shape (${samples})${rows === samples ? '' : ` or one per value (${rows} in all)`}, received (${sampleWeight.shape.join(',')})`,
      );
    }
    if (!mask && !ignored) each = repeat;
    for (let r = 0; r < rows; r++) {
      const w = given[Math.floor(r / repeat)] as number;
      if (!Number.isFinite(w))
        throw new SarafError('ERR_DATA', op, `expected finite sample weights, received ${w} at row ${Math.floor(r / repeat)}`);
      weight[r] = w;
    }
  }
  if (classWeight && classOf) {
    for (let r = 0; r < rows; r++) {
      const w = classWeight[classOf(r)] ?? 1;
      weight[r] = (weight[r] as number) * w;
    }
  }
  let count = rows;
  const leaveOut = (flags: ArrayLike<number>, valid: number): void => {
    for (let r = 0; r < rows; r++) {
      if ((flags[r] !== 0 ? 1 : 0) !== valid) weight[r] = Number.NaN;
    }
  };
  if (mask) {
    const flags = mask.data();
    if (flags.length !== rows)
      throw new SarafError('ERR_SHAPE', op, `expected a mask with one flag per value (${rows}), received shape (${mask.shape.join(',')})`);
    leaveOut(flags, 1);
  }
  if (ignored) leaveOut(ignored, 0);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    const w = weight[r] as number;
    if (Number.isNaN(w)) {
      weight[r] = 0;
      count--;
    } else total += w;
  }
  return { weight, count, total: total / each };
}
