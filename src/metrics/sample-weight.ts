import { SarafError } from '../errors.js';
import { Tensor, type Shape } from '../tensor/tensor.js';

/** How much each sample, row or value counts; a mask is weights of 0 and 1. */
export type SampleWeight = Tensor | ArrayLike<number>;

/** Weights of the values of a batch: value i counts `values[Math.floor(i / repeat)]`. */
export interface ValueWeights {
  readonly values: ArrayLike<number>;
  readonly repeat: number;
}

/**
 * Weights for values of a shape: one per sample, or one for each place of the leading axes.
 *
 * Throws: ERR_SHAPE if their number fits no leading axes; ERR_DATA if one is not finite.
 */
export function weightsFor(op: string, weight: SampleWeight | null | undefined, shape: Shape): ValueWeights | null {
  if (weight === null || weight === undefined) return null;
  const values = weight instanceof Tensor ? weight.data() : weight;
  const fitting = leadingSizes(shape);
  if (!fitting.includes(values.length)) {
    const received = weight instanceof Tensor ? `(${weight.shape.join(',')})` : String(values.length);
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected sample weights, ${fitting.join(' or ')} of them for values of shape (${shape.join(',')}), received ${received}; give one per sample or one per value`,
    );
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new SarafError('ERR_DATA', op, `expected finite sample weights, received ${values[i]} at row ${i} of the batch`);
  }
  return { values, repeat: Math.max(1, (fitting[fitting.length - 1] as number) / Math.max(1, values.length)) };
}

/** Number of places of the first axis, of the first two, … of all. */
function leadingSizes(shape: Shape): number[] {
  const sizes = new Set<number>();
  let size = 1;
  for (const n of shape) sizes.add((size *= n));
  return shape.length === 0 ? [1] : [...sizes];
}

/** The weight of value i. */
export const weightAt = (weights: ValueWeights | null, i: number): number =>
  weights ? (weights.values[Math.floor(i / weights.repeat)] as number) : 1;
