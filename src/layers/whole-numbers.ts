import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * Numbers of tokens or classes as int32; a float tensor (what `tensor([[1, 2]])` makes) is converted if every value is whole.
 *
 * Throws: ERR_DTYPE at the first value that is not; `fix` says what to do.
 */
export function wholeNumbers(op: string, what: string, x: Tensor, ctx: LayerContext, fix: string): Tensor {
  if (x.dtype === 'int32') return x;
  const values = x.data();
  for (let i = 0; i < values.length; i++) {
    if (!Number.isInteger(values[i]))
      throw new SarafError(
        'ERR_DTYPE',
        op,
        `expected ${what} of type int32, received ${x.dtype} with ${String(values[i])} at position ${i}; ${fix}`,
      );
  }
  const ids = ctx.buffer('ids', x.shape, 'int32');
  backend().write(ids.storage, values);
  return ids;
}
