import { SarafError } from '../errors.js';
import { Philox, STREAM } from '../tensor/random.js';
import { tensor, Tensor } from '../tensor/tensor.js';
import { Callback, type FitParameters, type Logs } from '../callbacks/callback.js';
import { ProgressBar } from '../callbacks/progress-bar.js';
import { TerminateOnNaN } from '../callbacks/terminate-on-nan.js';
import { asSource, isBatchSource, RowRange, type BatchSource, type Data } from './batch-source.js';
import { traced } from './profile/active.js';
import { AbortError, History } from './history.js';
import { Pace } from './pace.js';
import type { Model } from './model.js';
import type { ClassWeight, Trainer } from './trainer.js';

/** Data to validate on: `[x, y]`, `[x, y, sampleWeight]` or a source. */
export type ValidationData = BatchSource | readonly [Tensor | readonly Tensor[], Tensor | readonly Tensor[], Tensor?];

export interface FitOptions {
  /** Number of the last epoch. Default 1. */
  epochs?: number;
  /** Default 32. */
  batchSize?: number;
  /** Draws a new order of rows each epoch, keyed by seed and epoch. Default true. */
  shuffle?: boolean;
  validationData?: ValidationData;
  /** Share of rows, taken from the end before shuffling, to validate on; in [0,1). */
  validationSplit?: number;
  /** Weight of each class by its number; classes left out count 1. */
  classWeight?: ClassWeight;
  /** (N), or one per value (N,T). */
  sampleWeight?: Tensor | readonly number[];
  callbacks?: readonly Callback[];
  /** Epoch to start counting at, for a resumed run. Default 0. */
  initialEpoch?: number;
  /** Stops after the current batch; `fit` then rejects with an AbortError that carries the history. */
  signal?: AbortSignal;
  /** 0 silent, 1 progress bar (lines without a terminal), 2 one line per epoch. Default 1. */
  verbose?: 0 | 1 | 2 | boolean;
  /** Seed of the row order. Default: the model's, which is the global seed when it was compiled. */
  seed?: number;
}

interface Loop {
  readonly model: Model;
  readonly trainer: Trainer;
  readonly parameters: FitParameters;
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | undefined;
  readonly pace: Pace;
  readonly shuffle: boolean;
}

/** The training loop behind `Model.fit`. */
export async function fitModel(model: Model, x: Data, y: Tensor | readonly Tensor[] | null, options: FitOptions): Promise<History> {
  const checked = checkOptions(options);
  const weights = options.sampleWeight;
  const sampleWeight = weights === undefined ? null : weights instanceof Tensor ? weights : tensor(weights);
  let source = asSource('fit', x, y, sampleWeight);
  let validation: BatchSource | null = null;
  const given = options.validationData;
  if (given) validation = isBatchSource(given) ? given : asSource('fit', given[0], given[1], given[2] ?? null);
  else if (checked.split > 0) {
    const at = Math.floor(source.rows * (1 - checked.split));
    if (at === 0 || at === source.rows)
      throw new SarafError(
        'ERR_ARG',
        'fit',
        `expected validationSplit to leave rows on both sides, received ${checked.split} of ${source.rows} rows`,
      );
    validation = new RowRange(source, at, source.rows);
    source = new RowRange(source, 0, at);
  }
  const trainer = model.trainerFor('fit', source);
  trainer.setClassWeight(options.classWeight);
  if (options.seed !== undefined) model.training.seed = options.seed;
  const { epochs, batchSize, initialEpoch, verbose } = checked;
  const parameters: FitParameters = {
    epochs,
    initialEpoch,
    batchSize,
    rows: source.rows,
    steps: Math.ceil(source.rows / batchSize),
    verbose,
  };
  const callbacks = [...(options.callbacks ?? [])];
  // The bar comes last, so that it shows what other callbacks add to the logs.
  if (verbose > 0 && !callbacks.some((c) => c instanceof ProgressBar)) callbacks.push(new ProgressBar());
  for (const c of callbacks) c.setModel(model, parameters);
  const loop: Loop = { model, trainer, parameters, callbacks, signal: options.signal, pace: new Pace(), shuffle: options.shuffle ?? true };
  const history = new History();
  model.history = history;
  model.stopTraining = false;
  let logs: Logs = {};
  try {
    for (const c of callbacks) await c.onTrainBegin({});
    for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      trainer.inEpoch = true;
      logs = await trainEpoch(loop, epoch, source, history);
      trainer.inEpoch = false;
      if (validation)
        Object.assign(
          logs,
          await evaluateSource(loop.trainer, 'fit', validation, batchSize, {
            prefix: 'val_',
            pace: loop.pace,
            signal: loop.signal,
            history,
          }),
        );
      model.training.epoch++;
      for (const c of callbacks) await c.onEpochEnd(epoch, logs);
      history.add(epoch, logs);
    }
    history.stoppedEarly = model.stopTraining;
    // With a moving average of the weights, this is what was trained.
    model.optimizer.finalize(model.trainableWeights.map((w) => w.value));
  } catch (error) {
    for (const c of callbacks) {
      try {
        await c.onTrainEnd(logs);
      } catch {
        // The error that ended training is the one to report.
      }
    }
    throw error;
  } finally {
    trainer.inEpoch = false;
    trainer.setClassWeight(undefined);
  }
  for (const c of callbacks) await c.onTrainEnd(logs);
  return history;
}

async function trainEpoch(loop: Loop, epoch: number, source: BatchSource, history: History): Promise<Logs> {
  const { model, trainer, callbacks, parameters } = loop;
  for (const c of callbacks) await c.onEpochBegin(epoch, {});
  trainer.resetLogs();
  // Keyed by the epochs that this model has had: a run in two parts draws what a run in one part draws.
  const order = loop.shuffle
    ? new Philox(model.training.seed, STREAM.shuffle, model.training.epoch).permutation(source.rows)
    : Int32Array.from({ length: source.rows }, (_, i) => i);
  for (let batch = 0; batch < parameters.steps && !model.stopTraining; batch++) {
    throwIfAborted('fit', loop.signal, history);
    for (const c of callbacks) await c.onBatchBegin(batch, {});
    const indices = order.subarray(batch * parameters.batchSize, (batch + 1) * parameters.batchSize);
    let rows: number;
    trainer.invalidLoss = null;
    try {
      rows = located('train', `epoch ${epoch}, batch ${batch}`, () =>
        trainer.train(
          'fit',
          traced('data', 'batch', () => source.batch(indices)),
          { batch, indices },
        ),
      ).rows;
    } catch (error) {
      const ends = callbacks.filter((c) => c instanceof TerminateOnNaN);
      if (trainer.invalidLoss === null || ends.length === 0) throw error;
      for (const c of ends) c.onInvalidLoss(batch);
      return { ...trainer.logs(), loss: trainer.invalidLoss };
    }
    if (callbacks.length > 0) {
      const logs = trainer.logs();
      logs['size'] = rows;
      for (const c of callbacks) await c.onBatchEnd(batch, logs);
    }
    await loop.pace.breathe();
  }
  return trainer.logs();
}

interface EvaluationRun {
  readonly prefix: string;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  readonly history: History | null;
}

/** Loss and metrics of all rows of a source. */
export async function evaluateSource(
  trainer: Trainer,
  op: string,
  source: BatchSource,
  batchSize: number,
  run: EvaluationRun,
): Promise<Logs> {
  trainer.resetLogs();
  for (const { indices, batch } of batches(source.rows, batchSize)) {
    throwIfAborted(op, run.signal, run.history);
    located('evaluate', `batch ${batch}`, () =>
      trainer.evaluate(
        op,
        traced('data', 'batch', () => source.batch(indices)),
        { batch, indices },
      ),
    );
    await run.pace.breathe();
  }
  return trainer.logs(run.prefix);
}

/** Consecutive batches of `rows` rows. */
export function* batches(rows: number, batchSize: number): Generator<{ indices: Int32Array; batch: number }> {
  for (let begin = 0, batch = 0; begin < rows; begin += batchSize, batch++) {
    yield { indices: Int32Array.from({ length: Math.min(batchSize, rows - begin) }, (_, i) => begin + i), batch };
  }
}

export function throwIfAborted(op: string, signal: AbortSignal | undefined, history: History | null): void {
  if (signal?.aborted) throw new AbortError(op, history, { cause: signal.reason });
}

/** Runs one step as a span of the trace; an error about its data says which batch it was. */
export function located<T>(kind: 'train' | 'evaluate' | 'predict', where: string, step: () => T): T {
  try {
    return traced('step', kind, step);
  } catch (error) {
    if (error instanceof SarafError && error.code === 'ERR_DATA' && !error.message.includes(' at batch ')) {
      throw new SarafError(error.code, error.op, `${error.message.replace(`[${error.op}] `, '')} (${where})`, { cause: error });
    }
    throw error;
  }
}

/** A batch size, checked. */
export function checkedBatchSize(op: string, batchSize: number | undefined): number {
  const size = batchSize ?? 32;
  if (!Number.isInteger(size) || size < 1)
    throw new SarafError('ERR_ARG', op, `expected batchSize to be a whole number >= 1, received ${String(batchSize)}`);
  return size;
}

const FIT_OPTIONS = [
  'epochs',
  'batchSize',
  'shuffle',
  'validationData',
  'validationSplit',
  'classWeight',
  'sampleWeight',
  'callbacks',
  'initialEpoch',
  'signal',
  'verbose',
  'seed',
];

function checkOptions(options: FitOptions): { epochs: number; batchSize: number; initialEpoch: number; split: number; verbose: 0 | 1 | 2 } {
  const unknown = Object.keys(options).find((key) => !FIT_OPTIONS.includes(key));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', 'fit', `expected options among ${FIT_OPTIONS.join(', ')}, received ${unknown}`);
  const { epochs = 1, initialEpoch = 0, validationSplit: split = 0, verbose = 1 } = options;
  for (const [name, value] of Object.entries({ epochs, initialEpoch })) {
    if (!Number.isInteger(value) || value < 0)
      throw new SarafError('ERR_ARG', 'fit', `expected ${name} to be a whole number >= 0, received ${String(value)}`);
  }
  if (!(split >= 0 && split < 1)) throw new SarafError('ERR_ARG', 'fit', `expected validationSplit in [0,1), received ${String(split)}`);
  const wrong = (options.callbacks ?? []).find((c) => !(c instanceof Callback));
  if (wrong !== undefined) throw new SarafError('ERR_ARG', 'fit', `expected callbacks that extend Callback, received ${String(wrong)}`);
  const level = verbose === true ? 1 : verbose === false ? 0 : verbose;
  return { epochs, batchSize: checkedBatchSize('fit', options.batchSize), initialEpoch, split, verbose: level };
}
