import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { DType, HostArray, Storage } from '../backend/backend.js';

export type Shape = readonly number[];
/** Numbers nested as deep as the tensor has axes. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/**
 * Storage plus shape, row-major, freed by the garbage collector: no `dispose`, no `tidy`.
 *
 * Shapes: any rank; a scalar has shape [].
 * Example: `tensor([[1, 2], [3, 4]]).shape // [2, 2]`
 */
export class Tensor {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(storage: Storage, shape: Shape, dtype: DType) {
    if (storage.length !== sizeOf(shape)) {
      throw new SarafError(
        'ERR_SHAPE',
        'tensor',
        `expected ${sizeOf(shape)} values for shape (${shape.join(',')}), received ${storage.length}`,
      );
    }
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
  }

  get size(): number {
    return this.storage.length;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The values as a typed array; on the CPU without a copy. */
  data(): HostArray {
    return backend().read(this.storage);
  }

  /** The same values under another shape, without a copy. One axis may be -1. */
  reshape(shape: Shape): Tensor {
    const known = shape.filter((n) => n >= 0);
    const open = shape.length - known.length;
    if (open > 1) throw new SarafError('ERR_SHAPE', 'reshape', `expected at most one -1, received (${shape.join(',')})`);
    const rest = sizeOf(known);
    const full = open === 0 ? shape : shape.map((n) => (n < 0 ? (rest === 0 ? 0 : this.size / rest) : n));
    if (sizeOf(full) !== this.size || full.some((n) => !Number.isInteger(n))) {
      throw new SarafError(
        'ERR_SHAPE',
        'reshape',
        `expected a shape of ${this.size} elements, received (${shape.join(',')}) for a tensor of shape (${this.shape.join(',')})`,
      );
    }
    return new Tensor(this.storage, full, this.dtype);
  }

  /** Inserts an axis of length 1 at `axis` (negative counts from the end of the new shape). */
  expandDims(axis: number): Tensor {
    const at = axis < 0 ? this.rank + 1 + axis : axis;
    if (!Number.isInteger(at) || at < 0 || at > this.rank)
      throw new SarafError('ERR_ARG', 'expandDims', `expected axis in [${-this.rank - 1}, ${this.rank}], received ${axis}`);
    return new Tensor(this.storage, [...this.shape.slice(0, at), 1, ...this.shape.slice(at)], this.dtype);
  }

  /** Rows [begin, end) of the first axis, as a view that shares memory. */
  rows(begin: number, end: number): Tensor {
    const n = this.shape[0];
    if (n === undefined) throw new SarafError('ERR_SHAPE', 'rows', 'expected a tensor with at least one axis, received a scalar');
    if (!(Number.isInteger(begin) && Number.isInteger(end) && 0 <= begin && begin <= end && end <= n)) {
      throw new SarafError('ERR_ARG', 'rows', `expected 0 <= begin <= end <= ${n}, received ${begin}, ${end}`);
    }
    const stride = n === 0 ? 0 : this.size / n;
    return new Tensor(backend().slice(this.storage, begin * stride, end * stride), [end - begin, ...this.shape.slice(1)], this.dtype);
  }

  /** A copy with memory of its own. */
  clone(): Tensor {
    const storage = backend().allocate(this.dtype, this.size);
    backend().copy(this.storage, storage);
    return new Tensor(storage, this.shape, this.dtype);
  }

  /** Values as nested arrays, for reading and for tests. */
  toArray(): NestedNumbers {
    const values = this.data();
    let at = 0;
    const build = (axis: number): NestedNumbers => {
      if (axis === this.rank) return values[at++] as number;
      return Array.from({ length: this.shape[axis] as number }, () => build(axis + 1));
    };
    return build(0);
  }

  toString(): string {
    const head = Array.from(this.data().subarray(0, 6)).join(', ');
    return `Tensor(${this.dtype}, shape (${this.shape.join(',')}), [${head}${this.size > 6 ? ', …' : ''}])`;
  }
}

const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'uint8'];

function checkKind(op: string, shape: Shape, dtype: DType): void {
  if (shape.some((n) => !(Number.isInteger(n) && n >= 0)))
    throw new SarafError('ERR_SHAPE', op, `expected a shape of whole numbers >= 0, received (${shape.join(',')})`);
  if (!DTYPES.includes(dtype))
    throw new SarafError('ERR_DTYPE', op, `expected dtype among ${DTYPES.join(', ')}, received ${String(dtype)}`);
}

/** A tensor of zeros. Throws: ERR_SHAPE, ERR_DTYPE; ERR_MEMORY where there is no room for it. */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  checkKind('zeros', shape, dtype);
  return new Tensor(backend().allocate(dtype, sizeOf(shape)), [...shape], dtype);
}

/**
 * A tensor of nested numbers, or of a flat array with a shape.
 *
 * Throws: ERR_SHAPE if rows are ragged or the count does not fit; ERR_DTYPE if a value is no number, or for a dtype that there is not.
 * Example: `tensor([[1, 2], [3, 4]])`, `tensor(new Float32Array(6), [2, 3])`
 */
export function tensor(values: NestedNumbers | HostArray, shape?: Shape, dtype?: DType): Tensor {
  if (values instanceof Float32Array || values instanceof Float64Array || values instanceof Int32Array || values instanceof Uint8Array) {
    const own: DType =
      values instanceof Float32Array
        ? 'float32'
        : values instanceof Float64Array
          ? 'float64'
          : values instanceof Int32Array
            ? 'int32'
            : 'uint8';
    const type = dtype ?? own;
    const full = shape ?? [values.length];
    checkKind('tensor', full, type);
    if (values.length !== sizeOf(full))
      throw new SarafError(
        'ERR_SHAPE',
        'tensor',
        `expected ${sizeOf(full)} values for shape (${full.join(',')}), received ${values.length}`,
      );
    if (type === own && backend().name === 'cpu') return new Tensor(values, [...full], own);
    const storage = backend().allocate(type, values.length);
    backend().write(storage, values);
    return new Tensor(storage, [...full], type);
  }
  const found: number[] = [];
  for (let v: NestedNumbers | undefined = values; Array.isArray(v); v = (v as readonly NestedNumbers[])[0]) found.push(v.length);
  const flat: number[] = [];
  const walk = (v: NestedNumbers, axis: number): void => {
    if (Array.isArray(v)) {
      const expected = found[axis];
      if (expected === undefined || v.length !== expected) {
        throw new SarafError(
          'ERR_SHAPE',
          'tensor',
          `expected rows of equal length (${found.join(',')}), received a row of ${v.length} at depth ${axis}; pad ragged rows first`,
        );
      }
      for (const inner of v as readonly NestedNumbers[]) walk(inner, axis + 1);
    } else {
      if (axis !== found.length)
        throw new SarafError('ERR_SHAPE', 'tensor', `expected nesting of depth ${found.length}, received a value at depth ${axis}`);
      if (typeof v !== 'number' && typeof v !== 'boolean')
        throw new SarafError('ERR_DTYPE', 'tensor', `expected numbers, received ${typeof v} (${String(v)})`);
      flat.push(Number(v));
    }
  };
  walk(values as NestedNumbers, 0);
  const type = dtype ?? 'float32';
  const full = shape ?? found;
  checkKind('tensor', full, type);
  if (flat.length !== sizeOf(full))
    throw new SarafError('ERR_SHAPE', 'tensor', `expected ${sizeOf(full)} values for shape (${full.join(',')}), received ${flat.length}`);
  const storage = backend().allocate(type, flat.length);
  backend().write(storage, flat);
  return new Tensor(storage, [...full], type);
}
