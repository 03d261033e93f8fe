import { SarafError } from '../errors.js';
import { traced } from './profile/active.js';
import type { Batch, BatchSource } from './batch-source.js';

/** One batch on its way to the model. */
export interface Fed {
  /** Makes the batch; done with before the next one is asked for. */
  read(): Batch;
  /** Rows of the data that make it, where it has row numbers. */
  readonly indices: Int32Array | null;
  /** For messages: `epoch 0, batch 3`. */
  readonly place: string;
  /** Whether the next batch may look different, so that every complaint needs the place. */
  readonly streamed: boolean;
}

/** Gives the batches of one round (an epoch, an evaluation) after the other. */
export interface Feed {
  /** Batches of a round; null until a stream has shown it. */
  readonly steps: number | null;
  /** Begins a round, `where` (`epoch 0`, or empty) in messages. */
  begin(where: string): void | Promise<void>;
  /** Batch `step` of the round; null if there is none. */
  next(step: number): Fed | Promise<Fed | null>;
  /** No more will be asked for; `interrupted` before the data's own end. */
  close(interrupted: boolean): void | Promise<void>;
}

/** `epoch 0, batch 3`, or `batch 3`. */
export function placed(where: string, unit: 'batch' | 'step', number: number): string {
  return `${where === '' ? '' : `${where}, `}${unit} ${number}`;
}

export interface SourceFeedOptions {
  readonly batchSize: number;
  /** Batches of a round. Default: all rows once. */
  readonly steps?: number | undefined;
  /** The order of rows in pass number `pass` through the data. Default: as they are. */
  readonly order?: (pass: number) => Int32Array;
  /** Rounds that went before: the next begins where the last of them ended. Default: every round begins at the first row. */
  readonly after?: () => number;
}

/**
 * Rows of a source, in passes through all of them. Rounds that continue each other may be longer or shorter than a pass: passes follow
 * each other without a gap.
 */
export class SourceFeed implements Feed {
  readonly steps: number;
  private readonly source: BatchSource;
  private readonly batchSize: number;
  private readonly perPass: number;
  private readonly orderOf: (pass: number) => Int32Array;
  private readonly after: () => number;
  private first = 0;
  private where = '';
  private pass = -1;
  private order: Int32Array = new Int32Array();

  constructor(source: BatchSource, options: SourceFeedOptions) {
    this.source = source;
    this.batchSize = options.batchSize;
    this.perPass = Math.ceil(source.rows / options.batchSize);
    this.steps = options.steps ?? this.perPass;
    this.orderOf = options.order ?? (() => Int32Array.from({ length: source.rows }, (_, i) => i));
    this.after = options.after ?? (() => 0);
  }

  begin(where: string): void {
    this.where = where;
    this.first = this.after() * this.steps;
  }

  next(step: number): Fed {
    const number = this.first + step;
    const pass = Math.floor(number / this.perPass);
    if (pass !== this.pass) {
      this.order = this.orderOf(pass);
      this.pass = pass;
    }
    const from = (number % this.perPass) * this.batchSize;
    const indices = this.order.subarray(from, from + this.batchSize);
    const read = (): Batch => traced('data', 'batch', () => this.source.batch(indices));
    return { read, indices, place: placed(this.where, 'batch', step), streamed: false };
  }

  close(): void {
    // Rows need no farewell.
  }
}

/** Runs one step as a span of the trace; an error about its data says which batch it was. */
export function located<T>(kind: 'train' | 'evaluate' | 'predict', fed: Fed, step: () => T): T {
  try {
    return traced('step', kind, step);
  } catch (error) {
    if (!(error instanceof SarafError) || error.message.includes(fed.place)) throw error;
    if (!fed.streamed && (error.code !== 'ERR_DATA' || error.message.includes(' at batch '))) throw error;
    throw new SarafError(error.code, error.op, `${error.message.replace(`[${error.op}] `, '')} (${fed.place})`, { cause: error });
  }
}
