import { SarafError } from '../errors.js';
import { tensor, type Tensor } from '../tensor/tensor.js';

/** How `padSequences` makes rows equally long. */
export interface PadSequencesOptions {
  /** Length of every row. Default: that of the longest. */
  maxlen?: number | undefined;
  dtype?: 'int32' | 'float32';
  /** Where to fill up. Default 'pre'. */
  padding?: 'pre' | 'post';
  /** Which end of a longer row to drop. Default 'pre'. */
  truncating?: 'pre' | 'post';
  /** What to fill up with. Default 0. */
  value?: number;
}

/**
 * Makes rows of different length equally long.
 *
 * Shapes: N rows → (N,maxlen), int32 unless `dtype` says float32.
 * Throws: ERR_ARG for a length or side that does not exist; ERR_DTYPE for a value that the dtype cannot hold, naming row and position.
 * Source: Keras pad_sequences.
 * Example: `padSequences([[1, 2], [3]], { padding: 'post' }).toArray() // [[1, 2], [3, 0]]`
 */
export function padSequences(sequences: readonly ArrayLike<number>[], options: PadSequencesOptions = {}): Tensor {
  const { dtype = 'int32', padding = 'pre', truncating = 'pre', value = 0 } = options;
  for (const [name, side] of Object.entries({ padding, truncating })) {
    if (side !== 'pre' && side !== 'post') {
      throw new SarafError('ERR_ARG', 'padSequences', `expected ${name} "pre" or "post", received ${JSON.stringify(side)}`);
    }
  }
  if (dtype !== 'int32' && dtype !== 'float32') {
    throw new SarafError('ERR_ARG', 'padSequences', `expected dtype "int32" or "float32", received ${JSON.stringify(dtype)}`);
  }
  const longest = sequences.reduce((n, row) => Math.max(n, row.length), 0);
  const length = options.maxlen ?? longest;
  if (!Number.isInteger(length) || length < 0) {
    throw new SarafError('ERR_ARG', 'padSequences', `expected maxlen to be an integer of at least 0, received ${length}`);
  }
  const fits = (x: number): boolean => (dtype === 'int32' ? (x | 0) === x : !Number.isNaN(x));
  if (!fits(value))
    throw new SarafError('ERR_DTYPE', 'padSequences', `expected a ${dtype} to fill up with, received ${value}; pass dtype: "float32"`);
  const out = dtype === 'int32' ? new Int32Array(sequences.length * length) : new Float32Array(sequences.length * length);
  if (value !== 0) out.fill(value);
  for (const [n, row] of sequences.entries()) {
    const kept = Math.min(row.length, length);
    const from = truncating === 'pre' ? row.length - kept : 0;
    const to = n * length + (padding === 'pre' ? length - kept : 0);
    for (let i = 0; i < kept; ++i) {
      const x = row[from + i] as number;
      if (!fits(x)) {
        throw new SarafError(
          'ERR_DTYPE',
          'padSequences',
          `expected ${dtype} values, received ${x} in row ${n} at ${from + i}; ${dtype === 'int32' ? 'pass dtype: "float32"' : 'drop or fill it in'}`,
        );
      }
      out[to + i] = x;
    }
  }
  return tensor(out, [sequences.length, length]);
}
