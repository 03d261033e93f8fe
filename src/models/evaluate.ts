import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { showShape } from '../layers/checks.js';
import { zeros, type Tensor } from '../tensor/tensor.js';
import { asSource, type Data, type Rows } from './batch-source.js';
import { isBatchStream, StreamReader } from './batch-stream.js';
import { SourceFeed, located, type Fed, type Feed } from './feed.js';
import { AbortError, type History } from './history.js';
import type { Model } from './model.js';
import { checkedBatchSize, checkedSteps } from './options.js';
import { Pace } from './pace.js';
import { inputsOf, StreamFeed } from './stream-feed.js';
import { refuseBusy, type Trainer, type Logs } from './trainer.js';

/** How to go through data once. */
export interface RoundOptions {
  /** Rows of a batch; a stream brings its own batches. Default 32. */
  batchSize?: number;
  /** Batches to take. Default: all. */
  steps?: number;
  signal?: AbortSignal;
}

interface Opened {
  readonly feed: Feed;
  readonly trainer: Trainer;
  /** Rows that will come; null if only the stream knows. */
  readonly rows: number | null;
}

/** The data of `evaluate` or `predict` as a feed, and the trainer that fits it. */
export async function openData(
  model: Model,
  op: 'evaluate' | 'predict',
  data: Data,
  rest: Rows | null,
  options: RoundOptions,
): Promise<Opened> {
  const steps = checkedSteps(op, 'steps', options.steps);
  const needsCompiled = op === 'evaluate';
  if (!isBatchStream(data)) {
    const source = asSource(op, data, rest, model.tensorNames);
    const batchSize = checkedBatchSize(op, 'batchSize', options.batchSize);
    const all = Math.ceil(source.rows / batchSize);
    if (steps !== undefined && steps > all)
      throw new SarafError(
        'ERR_ARG',
        op,
        `expected steps of at most ${all}, the number of batches of ${source.rows} rows, received ${steps}`,
      );
    const feed = new SourceFeed(source, { batchSize, steps });
    const rows = Math.min(source.rows, (steps ?? all) * batchSize);
    return { feed, rows, trainer: model.trainerFor(op, () => source.batch(Int32Array.of(0)).x, needsCompiled) };
  }
  refuseForStream(op, options.batchSize, rest);
  const reader = new StreamReader(op, data, options.signal);
  try {
    const first = await reader.peek('step 0');
    throwIfAborted(op, options.signal, null);
    const trainer = model.trainerFor(op, () => inputsOf(op, first), needsCompiled);
    return { trainer, rows: null, feed: new StreamFeed(op, reader, model.tensorNames, { steps, stepsName: 'steps', continues: false }) };
  } catch (error) {
    await closeQuietly(reader);
    throw error;
  }
}

/** A stream makes the batches and brings targets and weights with them. */
export function refuseForStream(op: string, batchSize: number | undefined, rest: Rows | null): void {
  if (batchSize !== undefined)
    throw new SarafError('ERR_ARG', op, 'expected no batchSize with a stream of batches, which says itself how large they are');
  if (rest && (rest.y || rest.sampleWeight))
    throw new SarafError(
      'ERR_ARG',
      op,
      'expected no separate y or sampleWeight with a stream of batches; let it give [x, y, sampleWeight]',
    );
}

export interface Round {
  readonly op: string;
  readonly feed: Feed;
  readonly where: string;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  readonly history: History | null;
}

/** Loss and metrics of one round, `prefix` before their names. */
export async function evaluateRound(trainer: Trainer, round: Round, prefix: string): Promise<Logs> {
  refuseBusy(round.op, trainer);
  trainer.busy = 'evaluate';
  try {
    return await evaluateSteps(trainer, round, prefix);
  } finally {
    trainer.busy = null;
  }
}

async function evaluateSteps(trainer: Trainer, round: Round, prefix: string): Promise<Logs> {
  const { op, feed } = round;
  await feed.begin(round.where);
  trainer.resetLogs();
  for (let step = 0; feed.steps === null || step < feed.steps; step++) {
    const fed = await nextOf(round, step);
    if (!fed) break;
    located('evaluate', fed, () => trainer.evaluate(op, fed.read(), { batch: step, indices: fed.indices }));
    await round.pace.breathe();
  }
  return trainer.logs(prefix);
}

/** Outputs of one round. */
export async function predictRound(trainer: Trainer, round: Round, rows: number | null): Promise<Tensor[]> {
  const { op, feed } = round;
  await feed.begin(round.where);
  const outputs = new Outputs(op, rows);
  for (let step = 0; feed.steps === null || step < feed.steps; step++) {
    const fed = await nextOf(round, step);
    if (!fed) break;
    located('predict', fed, () => outputs.add(trainer.predict(op, fed.read().x, { batch: step, indices: fed.indices })));
    await round.pace.breathe();
  }
  return outputs.result();
}

/** Runs one round and lets go of the data, whatever happens. */
export async function oneRound<T>(op: string, feed: Feed, signal: AbortSignal | undefined, work: (round: Round) => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work({ op, feed, where: '', pace: new Pace(), signal, history: null });
  } catch (error) {
    await closeQuietly(feed);
    throw error;
  }
  await feed.close(false);
  return result;
}

/** After a failure, which is the one to report. */
export async function closeQuietly(feed: Pick<Feed, 'close'>): Promise<void> {
  try {
    await feed.close(true);
  } catch {
    // The failure before is the one to report.
  }
}

/** The next batch, unless the signal aborts. */
export async function nextOf(round: Pick<Round, 'op' | 'feed' | 'signal' | 'history'>, step: number): Promise<Fed | null> {
  throwIfAborted(round.op, round.signal, round.history);
  const fed = await round.feed.next(step);
  throwIfAborted(round.op, round.signal, round.history);
  return fed;
}

export function throwIfAborted(op: string, signal: AbortSignal | undefined, history: History | null): void {
  if (signal?.aborted) throw new AbortError(op, history, { cause: signal.reason });
}

/** Outputs of batch after batch: in their place where the number of rows is known, else joined at the end. */
class Outputs {
  private readonly op: string;
  private readonly rows: number | null;
  private parts: Tensor[][] = [];
  private whole: Tensor[] = [];
  private done = 0;

  constructor(op: string, rows: number | null) {
    this.op = op;
    this.rows = rows;
  }

  add(outputs: readonly Tensor[]): void {
    const rows = outputs[0]?.shape[0] ?? 0;
    if (this.rows === null) {
      const first = this.parts[0];
      outputs.forEach((t, i) => {
        const expected = first?.[i]?.shape.slice(1);
        if (expected && showShape(expected) !== showShape(t.shape.slice(1)))
          throw new SarafError(
            'ERR_SHAPE',
            this.op,
            `expected outputs of shape ${showShape([rows, ...expected])} as before, received ${showShape(t.shape)}; pad the inputs to one length`,
          );
      });
      this.parts.push(outputs.map((t) => t.clone()));
    } else {
      if (this.done === 0) this.whole = outputs.map((t) => zeros([this.rows as number, ...t.shape.slice(1)], t.dtype));
      this.copy(outputs, rows);
    }
    this.done += rows;
  }

  result(): Tensor[] {
    if (this.rows !== null) return this.whole;
    const { parts, done } = this;
    this.whole = (parts[0] ?? []).map((t) => zeros([done, ...t.shape.slice(1)], t.dtype));
    this.done = 0;
    for (const outputs of parts) {
      const rows = outputs[0]?.shape[0] ?? 0;
      this.copy(outputs, rows);
      this.done += rows;
    }
    return this.whole;
  }

  private copy(outputs: readonly Tensor[], rows: number): void {
    outputs.forEach((t, i) => backend().copy(t.storage, (this.whole[i] as Tensor).rows(this.done, this.done + rows).storage));
  }
}
