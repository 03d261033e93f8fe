import { SarafError } from '../errors.js';
import { Philox, STREAM } from '../tensor/random.js';
import { inputOf, type Texts } from '../tensor/preprocessing.js';
import { tensor, Tensor } from '../tensor/tensor.js';
import { Callback, type FitParameters, type Logs } from '../callbacks/callback.js';
import { ProgressBar } from '../callbacks/progress-bar.js';
import { TerminateOnNaN } from '../callbacks/terminate-on-nan.js';
import { asSource, isBatchSource, RowRange, type BatchSource, type Data, type Rows } from './batch-source.js';
import { isBatchStream, StreamReader, type BatchStream } from './batch-stream.js';
import { closeQuietly, evaluateRound, nextOf, refuseForStream, throwIfAborted } from './evaluate.js';
import { located, SourceFeed, type Feed } from './feed.js';
import { History } from './history.js';
import { invalidLossOf } from './invalid-loss.js';
import { checkedBatchSize, checkedSteps, checkedWhole } from './options.js';
import { Pace } from './pace.js';
import { inputsOf, StreamFeed } from './stream-feed.js';
import type { Tensors } from './tensors.js';
import type { Model } from './model.js';
import { refuseBusy, type ClassWeight, type Trainer } from './trainer.js';

/** Data to validate on: `[x, y]`, `[x, y, sampleWeight]`, a source or a stream of batches. */
export type ValidationData = BatchSource | BatchStream | readonly [Tensors | Texts, Tensors, Tensors?];

export interface FitOptions {
  /** Number of the last epoch. Default 1. */
  epochs?: number;
  /** Default 32. A stream brings its own batches. */
  batchSize?: number;
  /** Draws a new order of rows each epoch, keyed by seed and epoch. Default true; a stream has its own order. */
  shuffle?: boolean;
  /**
   * Batches of an epoch. Default: all rows once; of a stream, all it gives. An epoch begins where the one before ended, also in the
   * middle of the data.
   */
  stepsPerEpoch?: number;
  validationData?: ValidationData;
  /** Share of rows, taken from the end before shuffling, to validate on; in [0,1). */
  validationSplit?: number;
  /** Batches of a validation, from the beginning of the data; of a generator, the next ones. Default: all. */
  validationSteps?: number;
  /** Rows of a batch of a validation. Default: batchSize. */
  validationBatchSize?: number;
  /** Validates after every so many epochs, or after the epochs of this list, which count from 1. Default 1. */
  validationFreq?: number | readonly number[];
  /** Weight of each class by its number; classes left out count 1. */
  classWeight?: ClassWeight;
  /** (N), or one per value (N,T); for all outputs, or by output as a list or by name. */
  sampleWeight?: Tensors | readonly number[] | Float32Array;
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
  readonly op: 'fit';
  readonly model: Model;
  readonly trainer: Trainer;
  readonly feed: Feed;
  readonly callbacks: readonly Callback[];
  /** Likewise, those that keep the model last: the order at the end of a batch and of an epoch. */
  readonly savingLast: readonly Callback[];
  readonly signal: AbortSignal | undefined;
  readonly history: History;
  readonly pace: Pace;
}

/** The training loop behind `Model.fit`. */
export async function fitModel(model: Model, x: Data, y: Tensors | null, options: FitOptions): Promise<History> {
  const readers: StreamReader[] = [];
  try {
    return await fitOpened(model, x, y, checkOptions(options), readers);
  } catch (error) {
    for (const reader of readers) await closeQuietly(reader);
    throw error;
  }
}

async function fitOpened(model: Model, x: Data, y: Tensors | null, checked: CheckedOptions, readers: StreamReader[]): Promise<History> {
  const { epochs, initialEpoch, verbose, signal, given: options } = checked;
  const weights = weightTensor(options.sampleWeight);
  const { feed, trainer, rows, rest } = await openTraining(model, x, { y, sampleWeight: weights }, checked, readers);
  trainer.setClassWeight(options.classWeight);
  const validation = openValidation(model, options.validationData ?? rest, checked, readers);
  const parameters: FitParameters = {
    epochs,
    initialEpoch,
    batchSize: isBatchStream(x) ? null : checked.batchSize,
    rows,
    steps: feed.steps,
    validates: validation !== null,
    verbose,
  };
  const callbacks = [...(options.callbacks ?? [])];
  // The bar comes last, so that it shows what other callbacks add to the logs.
  if (verbose > 0 && !callbacks.some((c) => c instanceof ProgressBar)) callbacks.push(new ProgressBar());
  for (const c of callbacks) c.setModel(model, parameters);
  const history = new History();
  model.history = history;
  model.stopTraining = false;
  model.resumeEpoch = null;
  const savingLast = [...callbacks.filter((c) => !c.savesModel), ...callbacks.filter((c) => c.savesModel)];
  const loop: Loop = { op: 'fit', model, trainer, feed, callbacks, savingLast, signal, history, pace: new Pace() };
  let logs: Logs = {};
  try {
    for (const c of callbacks) await c.onTrainBegin({});
    for (let epoch = model.resumeEpoch ?? initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      logs = await trainEpoch(loop, epoch);
      if (validation && checked.validatesAfter(epoch)) {
        const round = { ...loop, feed: validation, where: `validation of epoch ${epoch}` };
        Object.assign(logs, await evaluateRound(trainer, round, 'val_'));
      }
      model.training.epoch++;
      for (const c of savingLast) await c.onEpochEnd(epoch, logs);
      history.add(epoch, logs);
    }
    history.stoppedEarly = model.stopTraining;
    await feed.close(model.stopTraining);
    await validation?.close(model.stopTraining);
    // With a moving average of the weights, this is what was trained.
    model.optimizer.finalize(model.trainableWeights.map((w) => w.value));
  } catch (error) {
    for (const c of callbacks) {
      try {
        await c.onTrainEnd(logs, false);
      } catch {
        // The error that ended training is the one to report.
      }
    }
    throw error;
  } finally {
    trainer.setClassWeight(undefined);
  }
  for (const c of callbacks) await c.onTrainEnd(logs, true);
  return history;
}

async function trainEpoch(loop: Loop, epoch: number): Promise<Logs> {
  refuseBusy('fit', loop.trainer);
  loop.trainer.busy = 'fit';
  try {
    return await trainSteps(loop, epoch);
  } finally {
    loop.trainer.busy = null;
  }
}

async function trainSteps(loop: Loop, epoch: number): Promise<Logs> {
  const { model, trainer, callbacks, savingLast, feed } = loop;
  for (const c of callbacks) await c.onEpochBegin(epoch, {});
  await feed.begin(`epoch ${epoch}`);
  trainer.resetLogs();
  for (let step = 0; (feed.steps === null || step < feed.steps) && !model.stopTraining; step++) {
    const fed = await nextOf(loop, step);
    if (!fed) break;
    for (const c of callbacks) await c.onBatchBegin(step, {});
    let rows: number;
    try {
      rows = located('train', fed, () => trainer.train('fit', fed.read(), { batch: step, indices: fed.indices })).rows;
    } catch (error) {
      const ends = callbacks.filter((c) => c instanceof TerminateOnNaN);
      const loss = invalidLossOf(error);
      if (loss === null || ends.length === 0) throw error;
      for (const c of ends) c.onInvalidLoss(step);
      return { ...trainer.logs(), loss };
    }
    if (callbacks.length > 0) {
      const logs = trainer.logs();
      logs['size'] = rows;
      for (const c of savingLast) await c.onBatchEnd(step, logs);
    }
    await loop.pace.breathe();
  }
  return trainer.logs();
}

interface Training {
  readonly feed: Feed;
  readonly trainer: Trainer;
  /** Rows of an epoch; null if only the stream knows. */
  readonly rows: number | null;
  /** What validationSplit left for validation. */
  readonly rest: BatchSource | null;
}

async function openTraining(model: Model, data: Data, rest: Rows, checked: CheckedOptions, readers: StreamReader[]): Promise<Training> {
  const { stepsPerEpoch, initialEpoch, signal } = checked;
  if (isBatchStream(data)) {
    refuseForStream('fit', checked.given.batchSize, rest);
    if (checked.split > 0) throw refusedWithStream('validationSplit', 'give validationData');
    if (checked.given.shuffle) throw refusedWithStream('shuffle', 'shuffle where the batches are made');
    const reader = new StreamReader('fit', data, signal);
    readers.push(reader);
    const first = await reader.peek(`epoch ${initialEpoch}, step 0`);
    throwIfAborted('fit', signal, null);
    const trainer = model.trainerFor('fit', () => inputsOf('fit', first));
    const how = { steps: stepsPerEpoch, stepsName: 'stepsPerEpoch', continues: true };
    return { trainer, rows: null, rest: null, feed: new StreamFeed('fit', reader, model.tensorNames, how) };
  }
  const whole = asSource('fit', data, rest, model.tensorNames);
  const at = Math.floor(whole.rows * (1 - checked.split));
  if (at === 0 || (checked.split > 0 && at === whole.rows))
    throw new SarafError(
      'ERR_ARG',
      'fit',
      `expected validationSplit to leave rows on both sides, received ${checked.split} of ${whole.rows} rows`,
    );
  const source = at === whole.rows ? whole : new RowRange(whole, 0, at);
  const trainer = model.trainerFor('fit', () => source.batch(Int32Array.of(0)).x);
  const { training } = model;
  if (checked.given.seed !== undefined) training.seed = checked.given.seed;
  // Keyed by the epochs that this model has had: a run in two parts draws what a run in one part draws.
  const order = (pass: number): Int32Array => new Philox(training.seed, STREAM.shuffle, pass).permutation(source.rows);
  const { batchSize } = checked;
  const feed = new SourceFeed(source, {
    batchSize,
    steps: stepsPerEpoch,
    ...(checked.shuffle ? { order } : {}),
    after: () => training.epoch,
  });
  return {
    feed,
    trainer,
    rows: stepsPerEpoch === undefined ? source.rows : null,
    rest: source === whole ? null : new RowRange(whole, at, whole.rows),
  };
}

function openValidation(model: Model, data: ValidationData | null, checked: CheckedOptions, readers: StreamReader[]): Feed | null {
  const { validationSteps: steps, validationBatchSize: batchSize } = checked;
  if (!data) {
    const useless = (['validationSteps', 'validationBatchSize', 'validationFreq'] as const).find(
      (name) => checked.given[name] !== undefined,
    );
    if (useless !== undefined)
      throw new SarafError('ERR_ARG', 'fit', `expected ${useless} only with validationData or validationSplit, received it alone`);
    return null;
  }
  if (isBatchStream(data)) {
    if (checked.given.validationBatchSize !== undefined) throw refusedWithStream('validationBatchSize', 'let the stream make the batches');
    const reader = new StreamReader('fit', data, checked.signal);
    readers.push(reader);
    return new StreamFeed('fit', reader, model.tensorNames, { steps, stepsName: 'validationSteps', continues: false });
  }
  const source = isBatchSource(data)
    ? data
    : asSource('fit', inputOf(model, 'fit', data[0]), { y: data[1], sampleWeight: data[2] }, model.tensorNames);
  const all = Math.ceil(source.rows / batchSize);
  if (steps !== undefined && steps > all)
    throw new SarafError(
      'ERR_ARG',
      'fit',
      `expected validationSteps of at most ${all}, the number of batches there are, received ${steps}`,
    );
  return new SourceFeed(source, { batchSize, steps });
}

function refusedWithStream(name: string, advice: string): SarafError {
  return new SarafError('ERR_ARG', 'fit', `expected no ${name} with a stream of batches; ${advice}`);
}

function weightTensor(weights: FitOptions['sampleWeight']): Tensors | null {
  if (weights === undefined) return null;
  if (weights instanceof Float32Array) return tensor(weights);
  const numbers = Array.isArray(weights) && !((weights as readonly unknown[])[0] instanceof Tensor);
  return numbers ? tensor(weights as readonly number[]) : (weights as Tensors);
}

const FIT_OPTIONS = [
  'epochs',
  'batchSize',
  'shuffle',
  'stepsPerEpoch',
  'validationData',
  'validationSplit',
  'validationSteps',
  'validationBatchSize',
  'validationFreq',
  'classWeight',
  'sampleWeight',
  'callbacks',
  'initialEpoch',
  'signal',
  'verbose',
  'seed',
];

interface CheckedOptions {
  readonly given: FitOptions;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number | undefined;
  readonly validationBatchSize: number;
  readonly validationSteps: number | undefined;
  readonly validatesAfter: (epoch: number) => boolean;
  readonly split: number;
  readonly shuffle: boolean;
  readonly signal: AbortSignal | undefined;
  readonly verbose: 0 | 1 | 2;
}

function checkOptions(options: FitOptions): CheckedOptions {
  const unknown = Object.keys(options).find((key) => !FIT_OPTIONS.includes(key));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', 'fit', `expected options among ${FIT_OPTIONS.join(', ')}, received ${unknown}`);
  const { epochs = 1, initialEpoch = 0, validationSplit: split = 0, validationFreq = 1, verbose = 1 } = options;
  if (!(split >= 0 && split < 1)) throw new SarafError('ERR_ARG', 'fit', `expected validationSplit in [0,1), received ${String(split)}`);
  const wrong = (options.callbacks ?? []).find((c) => !(c instanceof Callback));
  if (wrong !== undefined) throw new SarafError('ERR_ARG', 'fit', `expected callbacks that extend Callback, received ${String(wrong)}`);
  const batchSize = checkedBatchSize('fit', 'batchSize', options.batchSize);
  const after = typeof validationFreq === 'number' ? [validationFreq] : [...validationFreq];
  for (const n of after) checkedWhole('fit', 'validationFreq', n, 1);
  return {
    given: options,
    epochs: checkedWhole('fit', 'epochs', epochs, 0),
    initialEpoch: checkedWhole('fit', 'initialEpoch', initialEpoch, 0),
    batchSize,
    stepsPerEpoch: checkedSteps('fit', 'stepsPerEpoch', options.stepsPerEpoch),
    validationBatchSize: checkedBatchSize('fit', 'validationBatchSize', options.validationBatchSize ?? batchSize),
    validationSteps: checkedSteps('fit', 'validationSteps', options.validationSteps),
    validatesAfter: (epoch) => (typeof validationFreq === 'number' ? (epoch + 1) % validationFreq === 0 : after.includes(epoch + 1)),
    split: options.validationData ? 0 : split,
    shuffle: options.shuffle ?? true,
    signal: options.signal,
    verbose: verbose === true ? 1 : verbose === false ? 0 : verbose,
  };
}
