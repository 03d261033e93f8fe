import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { Tensor } from '../tensor/tensor.js';
import type { BatchStream } from './batch-stream.js';
import { tensorList, type TensorNames, type Tensors } from './tensors.js';
import { Workspace } from './workspace.js';

/** One batch of a data set. */
export interface Batch {
  /** One tensor per model input; the first axis is the batch. */
  readonly x: readonly Tensor[];
  /** One tensor per model output; needed to train and to evaluate. */
  readonly y?: Tensor | readonly Tensor[];
  /** (N) or one per value; for all outputs, or a list with one per output. */
  readonly sampleWeight?: Tensor | readonly Tensor[];
}

/** A batch whose tensors are lists. */
export interface ListedBatch {
  readonly x: readonly Tensor[];
  readonly y?: readonly Tensor[];
  readonly sampleWeight?: readonly Tensor[];
}

/** What goes with x. */
export interface Rows {
  readonly y?: Tensors | null | undefined;
  readonly sampleWeight?: Tensors | null | undefined;
}

/**
 * A data set whose batches are made when they are needed: images stay bytes, augmentation stays random.
 *
 * `batch` may return the same memory each time: a batch is done with before the next one is asked for.
 * Example: const source: BatchSource = { rows: 50000, batch: (indices) => ({ x: [decode(indices)], y: labels(indices) }) }
 */
export interface BatchSource {
  readonly rows: number;
  /** The rows named by `indices`, in that order. */
  batch(indices: Int32Array): Batch;
}

/** What `fit`, `evaluate` and `predict` take as data. */
export type Data = Tensors | BatchSource | BatchStream;

/** Whether a value has the shape of a `BatchSource`. */
export function isBatchSource(value: unknown): value is BatchSource {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return false;
  const source = value as Partial<BatchSource>;
  return typeof source.rows === 'number' && typeof source.batch === 'function';
}

/** Rows of tensors in memory: consecutive rows as views, others gathered into memory that is used again. */
export class TensorSource implements BatchSource {
  readonly rows: number;
  private readonly all: ListedBatch;
  private readonly memory = new Workspace();

  /** Throws ERR_SHAPE if the counts of rows differ, ERR_DATA if there are none. */
  constructor(op: string, all: ListedBatch) {
    this.all = all;
    this.rows = commonRows(op, all);
  }

  batch(indices: Int32Array): ListedBatch {
    const { x, y, sampleWeight } = this.all;
    return {
      x: x.map((t, i) => this.rowsOf(t, indices, `x${i}`)),
      ...(y ? { y: y.map((t, i) => this.rowsOf(t, indices, `y${i}`)) } : {}),
      ...(sampleWeight ? { sampleWeight: sampleWeight.map((t, i) => this.rowsOf(t, indices, `w${i}`)) } : {}),
    };
  }

  private rowsOf(t: Tensor, indices: Int32Array, name: string): Tensor {
    const begin = indices[0] ?? 0;
    let consecutive = true;
    for (let i = 1; i < indices.length && consecutive; i++) consecutive = indices[i] === begin + i;
    if (consecutive) return t.rows(begin, begin + indices.length);
    const out = this.memory.buffer(name, [indices.length, ...t.shape.slice(1)], t.dtype);
    const at = this.memory.buffer('indices', [indices.length], 'int32');
    backend().write(at.storage, indices);
    backend().gatherRows(t.storage, at.storage, out.storage, t.size / this.rows);
    return out;
  }
}

/** A run of consecutive rows of another source. */
export class RowRange implements BatchSource {
  readonly rows: number;
  private readonly source: BatchSource;
  private readonly begin: number;

  constructor(source: BatchSource, begin: number, end: number) {
    this.source = source;
    this.begin = begin;
    this.rows = end - begin;
  }

  batch(indices: Int32Array): Batch {
    return this.source.batch(indices.map((i) => i + this.begin));
  }
}

/**
 * The number of rows that all tensors of a batch have.
 *
 * Throws: ERR_SHAPE if they differ, ERR_DATA if there are none.
 */
function commonRows(op: string, { x, y = [], sampleWeight = [] }: ListedBatch): number {
  const rowsOf = (t: Tensor, name: string): number => {
    const n = t.shape[0];
    if (n === undefined)
      throw new SarafError('ERR_SHAPE', op, `expected ${name} with a batch axis, received a scalar; use ${name}.expandDims(0)`);
    return n;
  };
  const rows = rowsOf(x[0] as Tensor, 'x');
  for (const [name, list] of Object.entries({ x, y, sampleWeight })) {
    for (const t of list) {
      const n = rowsOf(t, name);
      if (n !== rows)
        throw new SarafError(
          'ERR_SHAPE',
          op,
          `expected ${name} with as many rows as x (${rows}), received ${n} of shape (${t.shape.join(',')})`,
        );
    }
  }
  if (rows === 0) throw new SarafError('ERR_DATA', op, 'expected at least one row of data, received none');
  return rows;
}

/** Tensors of one batch, or of all rows, in the order of the model. Throws ERR_ARG for what is no tensor; what `commonRows` throws. */
export function tensorBatch(op: string, x: Tensors, rest: Rows | null, names: TensorNames | null): ListedBatch {
  const { y, sampleWeight } = rest ?? {};
  const outputs = names?.outputs ?? null;
  const batch = {
    x: tensorList(op, 'x', x, names?.inputs ?? null),
    ...(y ? { y: tensorList(op, 'y', y, outputs) } : {}),
    ...(sampleWeight ? { sampleWeight: tensorList(op, 'sampleWeight', sampleWeight, outputs) } : {}),
  };
  commonRows(op, batch);
  return batch;
}

/** Tensors, or what makes batches of them, as a source. Throws what `tensorBatch` throws. */
export function asSource(op: string, x: Tensors | BatchSource, rest: Rows | null = null, names: TensorNames | null = null): BatchSource {
  if (!isBatchSource(x)) return new TensorSource(op, tensorBatch(op, x, rest, names));
  if (rest?.y || rest?.sampleWeight)
    throw new SarafError('ERR_ARG', op, 'expected no separate y or sampleWeight with a BatchSource; let its batch() return them');
  if (!(Number.isInteger(x.rows) && x.rows > 0))
    throw new SarafError('ERR_DATA', op, `expected at least one row of data, received ${x.rows}`);
  return x;
}
