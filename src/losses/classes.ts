import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BufferSource } from './loss.js';

/** The targets as int32 class numbers; checks that each is a whole number in [0, classes). `skip` may hold anything. */
export function classNumbers(op: string, yTrue: Tensor, classes: number, buffer: BufferSource, skip: number | null = null): Tensor {
  const given = yTrue.data();
  const numbers = yTrue.dtype === 'int32' && skip === null ? yTrue : buffer('lossClasses', [given.length], 'int32');
  const out = numbers.data();
  for (let r = 0; r < given.length; r++) {
    const c = given[r] as number;
    if (c === skip) {
      out[r] = 0;
      continue;
    }
    if (!(c >= 0 && c < classes && Number.isInteger(c))) {
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected class numbers 0 to ${classes - 1}, received ${c} at row ${r} of the batch; ${Number.isInteger(c) && c >= classes ? `give the last layer at least ${c + 1} units or number the classes from 0` : 'number the classes from 0'}`,
      );
    }
    if (numbers !== yTrue) out[r] = c;
  }
  return numbers;
}
