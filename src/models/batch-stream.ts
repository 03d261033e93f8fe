import { SarafError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';
import { isBatchSource } from './batch-source.js';
import type { NamedTensors, Tensors } from './tensors.js';

/** One batch of a stream: `[x, y]`, `[x, y, sampleWeight]`, `[x]`; x alone, if it is no list, is enough to predict. */
export type StreamBatch = readonly Tensors[] | Tensor | NamedTensors;

type Iterating = Iterable<StreamBatch> | AsyncIterable<StreamBatch>;

/**
 * Batches that come one after the other: a generator function (called again where an epoch begins anew), an iterable of either kind,
 * or a generator, which can be read only once.
 *
 * An asynchronous stream is asked for a batch while the one before is computed: give each batch memory of its own.
 * Example: async function* batches() { for await (const rows of read()) yield [encode(rows), labels(rows)]; }
 */
export type BatchStream = Iterating | (() => Iterating);

/** Whether a value is a stream of batches: a function, or an iterable that is no list. */
export function isBatchStream(value: unknown): value is BatchStream {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null || value instanceof Tensor || Array.isArray(value) || isBatchSource(value)) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

interface Iteration {
  readonly iterator: Iterator<StreamBatch> | AsyncIterator<StreamBatch>;
  readonly asynchronous: boolean;
  /** Whether it is the caller's own: a generator, not what we called or asked for. */
  readonly borrowed: boolean;
}

function begin(op: string, stream: BatchStream): Iteration {
  let made: unknown;
  try {
    made = typeof stream === 'function' ? stream() : stream;
  } catch (error) {
    throw located(op, error, 'its beginning');
  }
  const source = made as Partial<Iterable<StreamBatch> & AsyncIterable<StreamBatch>> | null | undefined;
  const asynchronous = source?.[Symbol.asyncIterator] !== undefined;
  const iterator = asynchronous ? source[Symbol.asyncIterator]?.() : source?.[Symbol.iterator]?.();
  if (!iterator)
    throw new SarafError(
      'ERR_ARG',
      op,
      'expected a function that gives batches, such as function* () { yield [x, y]; }, received another one',
    );
  return { iterator, asynchronous, borrowed: typeof stream !== 'function' && (iterator as unknown) === made };
}

/**
 * Reads a stream batch by batch; can look one batch ahead, and asks asynchronous streams for the next one early.
 *
 * Errors of the stream come out of `next` with their place, as their own code or ERR_DATA.
 */
export class StreamReader {
  readonly signal: AbortSignal | undefined;
  /** The iteration gave its last batch, failed or was closed. */
  over = false;
  private readonly op: string;
  private readonly stream: BatchStream;
  private iteration: Iteration;
  private pending: Promise<IteratorResult<StreamBatch, unknown>> | null = null;
  /** Nothing is being made right now: the iterator would answer at once. */
  private idle = true;
  private looked: StreamBatch | undefined;

  constructor(op: string, stream: BatchStream, signal: AbortSignal | undefined) {
    this.op = op;
    this.stream = stream;
    this.signal = signal;
    this.iteration = begin(op, stream);
  }

  /** Whether the stream can be read again from its beginning. */
  get restarts(): boolean {
    return !this.iteration.borrowed;
  }

  /** The batch that `next` will give. */
  async peek(place: string): Promise<StreamBatch | undefined> {
    this.looked ??= await this.next(place);
    return this.looked;
  }

  /** The next batch; undefined after the last one, and when the signal aborts. */
  async next(place: string): Promise<StreamBatch | undefined> {
    const { looked } = this;
    this.looked = undefined;
    if (looked !== undefined) return looked;
    if (this.over) return undefined;
    this.pending ??= this.ask();
    try {
      const step = await this.unlessAborted(this.pending);
      if (!step) return undefined;
      this.pending = null;
      this.over = step.done === true;
      if (this.over) return undefined;
      if (step.value === undefined || step.value === null)
        throw new SarafError('ERR_ARG', this.op, `expected a batch [x, y] at ${place}, received ${String(step.value)}`);
      return step.value as StreamBatch;
    } catch (error) {
      this.over = true;
      throw located(this.op, error, place);
    }
  }

  /** Lets an asynchronous stream begin with the next batch. */
  ahead(): void {
    if (this.iteration.asynchronous && !this.over && this.looked === undefined) this.pending ??= this.ask();
  }

  /** Reads from the beginning again. */
  async restart(): Promise<void> {
    await this.close(true);
    this.iteration = begin(this.op, this.stream);
    this.over = false;
  }

  /**
   * Tells the stream that no more is wanted (`return()`), so that it can let go of files. A generator that was handed over is the
   * caller's, who may want to read on: it is closed only when `interrupted`.
   */
  async close(interrupted: boolean): Promise<void> {
    if (this.over || (this.iteration.borrowed && !interrupted)) return;
    const { iterator } = this.iteration;
    const waits = this.idle || this.signal?.aborted !== true;
    this.over = true;
    this.pending = null;
    this.looked = undefined;
    const returned = (async (): Promise<unknown> => iterator.return?.())();
    if (waits) {
      await returned;
      return;
    }
    // Aborted while a batch was being made, which may take for ever; the stream hears of it when the batch is done.
    returned.catch(() => undefined);
  }

  private ask(): Promise<IteratorResult<StreamBatch, unknown>> {
    this.idle = false;
    const asked = (async (): Promise<IteratorResult<StreamBatch, unknown>> => await this.iteration.iterator.next())();
    const settle = (): void => {
      this.idle = true;
    };
    asked.then(settle, settle);
    return asked;
  }

  private async unlessAborted<T>(work: Promise<T>): Promise<T | null> {
    const { signal } = this;
    if (!signal) return work;
    let stop = (): void => undefined;
    const aborted = new Promise<null>((resolve) => {
      stop = () => resolve(null);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** An error of a stream with its place. */
function located(op: string, error: unknown, place: string): SarafError {
  if (error instanceof SarafError && error.message.includes(place)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof SarafError ? error.code : 'ERR_DATA';
  return new SarafError(code, op, `the stream of batches failed at ${place}: ${message}`, { cause: error });
}
