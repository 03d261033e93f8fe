import { SarafError } from '../errors.js';
import { showShape } from './checks.js';
import { changeHost } from './host.js';
import type { LayerContext, SymbolicShape } from './layer.js';
import type { HostArray } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** A row of 0 and 1 for each number, or one for each sample with all numbers in it: which ones occur, or how often. */
export type CategoryMode = 'oneHot' | 'multiHot' | 'count';

/**
 * The shape of numbers below `depth` once they are encoded.
 *
 * Throws: ERR_SHAPE unless x is (N,S) where samples become one row.
 */
export function encodedShape(op: string, shape: SymbolicShape, mode: CategoryMode, depth: number): SymbolicShape {
  if (mode === 'oneHot') return [...(shape.length > 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape), depth];
  if (shape.length !== 2)
    throw new SarafError('ERR_SHAPE', op, `expected x of shape (N,S) for outputMode ${mode}, received ${showShape(shape)}`);
  return [shape[0] as number | null, depth];
}

/**
 * Numbers in [0,depth) as rows of a new tensor of this shape; `weights` are what each number counts, null for 1. A negative one may
 * stand for nothing.
 *
 * Throws: ERR_DATA naming position and number if one is outside.
 */
export function encodeCategories(
  op: string,
  numbers: HostArray,
  mode: CategoryMode,
  shape: Shape,
  weights: HostArray | null,
  ctx: LayerContext,
  negativeIsNothing = false,
): Tensor {
  const depth = shape.at(-1) as number;
  const y = ctx.buffer('y', shape);
  const perRow = (numbers.length * depth) / y.size;
  changeHost(y, (values) => {
    values.fill(0);
    for (let i = 0; i < numbers.length; i++) {
      const n = numbers[i] as number;
      if (negativeIsNothing && n < 0) continue;
      if (n < 0 || n >= depth)
        throw new SarafError(
          'ERR_DATA',
          op,
          `expected numbers of categories in [0,${depth - 1}], received ${n} at position ${i}; give a larger numTokens or clean the data`,
        );
      const at = Math.floor(i / perRow) * depth + n;
      values[at] = mode === 'count' ? (values[at] as number) + ((weights?.[i] as number | undefined) ?? 1) : 1;
    }
  });
  return y;
}
