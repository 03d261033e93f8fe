import { Philox } from '../../src/tensor/random.js';
import { sizeOf, tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import type { FloatType } from '../../src/backend/backend.js';

/** Standard normal values, the same for the same seed. */
export function randomTensor(shape: Shape, seed = 1, dtype: FloatType = 'float32'): Tensor {
  const random = new Philox(seed, 77);
  return tensor(
    Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.normal())),
    shape,
    dtype,
  );
}

/** Token ids in [0, vocabulary). */
export function randomIds(shape: Shape, vocabulary: number, seed = 1): Tensor {
  const random = new Philox(seed, 78);
  return tensor(
    Int32Array.from({ length: sizeOf(shape) }, () => random.integer(vocabulary)),
    shape,
  );
}

/** A mask (uint8) from rows of 0 and 1. */
export function mask(rows: readonly (readonly number[])[]): Tensor {
  return tensor(Uint8Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0]);
}
