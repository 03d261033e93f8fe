import { readFileSync } from 'node:fs';
import { SarafError } from '../errors.js';
import { isTexts } from '../tensor/preprocessing.js';
import { tensor, type Tensor } from '../tensor/tensor.js';

/** A tensor as `saraf predict` reads and writes it. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: readonly number[];
}

/** Floats in JSON: the shortest text that gives the same float32 again. */
export function plainTensor(t: Tensor): PlainTensor {
  const dtype = t.dtype === 'int32' || t.dtype === 'uint8' ? 'int32' : 'float32';
  return { shape: [...t.shape], dtype, data: Array.from(t.data(), (v) => (dtype === 'float32' ? shortest(v) : v)) };
}

function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/**
 * The tensors of a file `{"inputs":[{"shape":[…],"dtype":"float32|int32","data":[…]}]}`, or the texts of `{"inputs":[{"texts":[…]}]}`.
 *
 * Throws: ERR_FORMAT saying which input is wrong and how.
 */
export function readInputs(path: string): Tensor[] | string[] {
  const bad = (what: string, cause?: unknown): never => {
    throw new SarafError('ERR_FORMAT', 'predict', `${path}: ${what}; expected {"inputs":[{"shape":[2,3],"dtype":"float32","data":[…]}]}`, {
      cause,
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return bad(`expected a file of JSON (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
  const inputs: unknown = typeof json === 'object' && json !== null ? (json as { inputs?: unknown }).inputs : undefined;
  if (!Array.isArray(inputs) || inputs.length === 0) return bad('expected a list "inputs"');
  const texts: unknown = inputs.length === 1 ? (inputs[0] as { texts?: unknown } | null)?.texts : undefined;
  if (texts !== undefined) return isTexts(texts) && typeof texts !== 'string' ? [...texts] : bad('expected "texts" to be a list of texts');
  return inputs.map((one: unknown, i): Tensor => {
    const { shape, dtype = 'float32', data } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    if (!Array.isArray(shape) || shape.some((n) => !Number.isInteger(n) || n < 0))
      return bad(`expected a shape of input ${i}, received ${JSON.stringify(shape)}`);
    if (dtype !== 'float32' && dtype !== 'int32')
      return bad(`expected dtype float32 or int32 of input ${i}, received ${JSON.stringify(dtype)}`);
    const size = (shape as number[]).reduce((product, n) => product * n, 1);
    if (!Array.isArray(data) || data.length !== size)
      return bad(
        `expected ${size} numbers of input ${i} with shape (${shape.join(',')}), received ${Array.isArray(data) ? data.length : typeof data}`,
      );
    const wrong = data.findIndex((v) => typeof v !== 'number' || (dtype === 'int32' && !Number.isInteger(v)));
    if (wrong >= 0)
      return bad(
        `expected ${dtype === 'int32' ? 'whole numbers' : 'numbers'} in input ${i}, received ${JSON.stringify(data[wrong])} at ${wrong}`,
      );
    const values = data as number[];
    return tensor(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), shape as number[]);
  });
}
