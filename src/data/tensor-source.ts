import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import type { Storage } from '../backend/backend.js';
import { zeros, type Tensor } from '../tensor/tensor.js';

/** One batch as a model takes it. */
export interface Batch {
  readonly x: Tensor[];
  readonly y?: Tensor;
  readonly sampleWeight?: Tensor;
}

/** Rows of some tensors, gathered into memory that is used again for every batch of the same size. */
export class RowGatherer {
  private readonly buffers = new Map<string, Tensor>();
  private readonly indices = new Map<number, Storage>();

  /** The rows of `from` named by `indices`; the result is valid until the next call with the same name and size. */
  gather(name: string, from: Tensor, indices: Int32Array): Tensor {
    const rows = from.shape[0] ?? 0;
    const out = this.buffer(name, [indices.length, ...from.shape.slice(1)], from.dtype);
    backend().gatherRows(from.storage, this.index(indices), out.storage, rows === 0 ? 0 : from.size / rows);
    return out;
  }

  /** Memory by name and shape, allocated once. */
  buffer(name: string, shape: readonly number[], dtype: Tensor['dtype']): Tensor {
    const key = `${name}:${dtype}:${shape.join(',')}`;
    let found = this.buffers.get(key);
    if (!found) this.buffers.set(key, (found = zeros(shape, dtype)));
    return found;
  }

  private index(indices: Int32Array): Storage {
    // On the CPU a host array is storage already; a device gets a copy.
    if (backend().name === 'cpu') return indices;
    let found = this.indices.get(indices.length);
    if (!found) this.indices.set(indices.length, (found = backend().allocate('int32', indices.length)));
    backend().write(found, indices);
    return found;
  }
}

/** Throws ERR_ARG naming the first row number outside [0, rows). */
export function checkIndices(op: string, indices: Int32Array, rows: number): void {
  for (const i of indices)
    if (i < 0 || i >= rows) throw new SarafError('ERR_ARG', op, `expected row numbers in [0, ${rows - 1}], received ${i}`);
}

/** Throws ERR_SHAPE unless all tensors have the same number of rows; returns it. */
export function commonRows(op: string, parts: readonly (readonly [string, Tensor])[]): number {
  const rows = parts[0]?.[1].shape[0];
  if (rows === undefined) throw new SarafError('ERR_SHAPE', op, 'expected tensors with rows, received a scalar or none; add a first axis');
  for (const [name, tensor] of parts) {
    if (tensor.shape[0] !== rows) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected ${rows} rows in ${name} as in ${parts[0]?.[0]}, received shape (${tensor.shape.join(',')})`,
      );
    }
  }
  return rows;
}

/**
 * Batches of tensors that are in memory whole.
 *
 * Shapes: each x (rows,…), y (rows,…), sampleWeight (rows); a batch of n indices has n rows of each. A batch is valid until the next one
 *         of the same size: its memory is used again.
 * Throws: ERR_SHAPE if numbers of rows differ; ERR_ARG for an index that is no row.
 * Example: `await model.fit(new TensorSource(ids, labels), { batchSize: 32 })`
 */
export class TensorSource {
  readonly rows: number;
  private readonly x: readonly Tensor[];
  private readonly y: Tensor | undefined;
  private readonly sampleWeight: Tensor | undefined;
  private readonly gatherer = new RowGatherer();

  constructor(x: Tensor | readonly Tensor[], y?: Tensor, sampleWeight?: Tensor) {
    this.x = Array.isArray(x) ? (x as readonly Tensor[]) : [x as Tensor];
    this.y = y;
    this.sampleWeight = sampleWeight;
    const named = this.x.map((tensor, i) => [`x[${i}]`, tensor] as const);
    this.rows = commonRows('tensorSource', [
      ...named,
      ...(y ? [['y', y] as const] : []),
      ...(sampleWeight ? [['sampleWeight', sampleWeight] as const] : []),
    ]);
  }

  batch(indices: Int32Array): Batch {
    checkIndices('tensorSource', indices, this.rows);
    return {
      x: this.x.map((tensor, i) => this.gatherer.gather(`x${i}`, tensor, indices)),
      ...(this.y ? { y: this.gatherer.gather('y', this.y, indices) } : {}),
      ...(this.sampleWeight ? { sampleWeight: this.gatherer.gather('w', this.sampleWeight, indices) } : {}),
    };
  }
}
