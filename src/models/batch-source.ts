import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { Tensor } from '../tensor/tensor.js';
import { Workspace } from './workspace.js';

/** One batch of a data set. */
export interface Batch {
  /** One tensor per model input; the first axis is the batch. */
  readonly x: readonly Tensor[];
  /** One tensor per model output; needed to train and to evaluate. */
  readonly y?: Tensor | readonly Tensor[];
  /** (N) or one per value. */
  readonly sampleWeight?: Tensor;
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
export type Data = Tensor | readonly Tensor[] | BatchSource;

/** Whether a value has the shape of a `BatchSource`. */
export function isBatchSource(value: unknown): value is BatchSource {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return false;
  const source = value as Partial<BatchSource>;
  return typeof source.rows === 'number' && typeof source.batch === 'function';
}

/** Rows of tensors in memory: consecutive rows as views, others gathered into memory that is used again. */
export class TensorSource implements BatchSource {
  readonly rows: number;
  private readonly x: readonly Tensor[];
  private readonly y: readonly Tensor[] | null;
  private readonly sampleWeight: Tensor | null;
  private readonly memory = new Workspace();

  /** Throws ERR_SHAPE if the counts of rows differ, ERR_DATA if there are none. */
  constructor(op: string, x: readonly Tensor[], y: readonly Tensor[] | null, sampleWeight: Tensor | null) {
    this.x = x;
    this.y = y;
    this.sampleWeight = sampleWeight;
    const first = x[0];
    if (!first) throw new SarafError('ERR_ARG', op, 'expected at least one input tensor, received none');
    const rowsOf = (t: Tensor, name: string): number => {
      const n = t.shape[0];
      if (n === undefined)
        throw new SarafError('ERR_SHAPE', op, `expected ${name} with a batch axis, received a scalar; use ${name}.expandDims(0)`);
      return n;
    };
    this.rows = rowsOf(first, 'x');
    const others = [
      ...x.slice(1).map((t) => [t, 'x'] as const),
      ...(y ?? []).map((t) => [t, 'y'] as const),
      ...(sampleWeight ? [[sampleWeight, 'sampleWeight'] as const] : []),
    ];
    for (const [t, name] of others) {
      const n = rowsOf(t, name);
      if (n !== this.rows)
        throw new SarafError(
          'ERR_SHAPE',
          op,
          `expected ${name} with as many rows as x (${this.rows}), received ${n} of shape (${t.shape.join(',')})`,
        );
    }
    if (this.rows === 0) throw new SarafError('ERR_DATA', op, 'expected at least one row of data, received none');
  }

  batch(indices: Int32Array): Batch {
    const x = this.x.map((t, i) => this.rowsOf(t, indices, `x${i}`));
    const y = this.y?.map((t, i) => this.rowsOf(t, indices, `y${i}`));
    const sampleWeight = this.sampleWeight ? this.rowsOf(this.sampleWeight, indices, 'w') : undefined;
    return { x, ...(y ? { y } : {}), ...(sampleWeight ? { sampleWeight } : {}) };
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

/** Any kind of data as a source. Throws ERR_ARG naming what was received. */
export function asSource(op: string, x: Data, y?: Tensor | readonly Tensor[] | null, sampleWeight?: Tensor | null): BatchSource {
  if (isBatchSource(x)) {
    if (y || sampleWeight)
      throw new SarafError('ERR_ARG', op, 'expected no separate y or sampleWeight with a BatchSource; let its batch() return them');
    if (!(Number.isInteger(x.rows) && x.rows > 0))
      throw new SarafError('ERR_DATA', op, `expected at least one row of data, received ${x.rows}`);
    return x;
  }
  return new TensorSource(op, tensorList(op, 'x', x), y ? tensorList(op, 'y', y) : null, sampleWeight ?? null);
}

function tensorList(op: string, name: string, value: Tensor | readonly Tensor[]): readonly Tensor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = list.find((t) => !(t instanceof Tensor));
  if (wrong !== undefined || list.length === 0) {
    const received =
      wrong === undefined ? 'an empty list' : wrong === null ? 'null' : ((wrong as object).constructor?.name ?? typeof wrong);
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected ${name} to be a Tensor${name === 'x' ? ', a list of them or a BatchSource' : ' or a list of them'}, received ${received}; make one with tensor(values)`,
    );
  }
  return list as readonly Tensor[];
}
