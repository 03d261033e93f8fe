import { Callback, type Logs } from '../callbacks/callback.js';
import { setSeed } from '../initializers/seed.js';
import { resetLayerNames } from '../layers/index.js';
import { toClasses } from '../metrics/labels.js';
import type { Model } from '../models/model.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import type { Part } from './experiment.js';
import type { Job } from './jobs.js';
import type { RunRecord } from './results.js';

/** Hears of every batch, for a bar with rate and time left. */
export type OnRows = (rows: number, logs: Readonly<Logs>) => void;

class RowCounter extends Callback {
  private readonly onRows: OnRows;

  constructor(onRows: OnRows) {
    super();
    this.onRows = onRows;
  }

  override onBatchEnd(_batch: number, logs: Logs): void {
    this.onRows(logs['size'] ?? 0, logs);
  }
}

export function labelTensor(part: Part): Tensor {
  return tensor(part.labels, [part.labels.length]);
}

/** The model of a job as it is before its first step: the same weights for the same seed, whatever was built before. */
export function freshModel(job: Job): Model {
  resetLayerNames();
  setSeed(job.seed);
  const model = job.experiment.model(job.config, job.prepared, job.mask);
  const { precision } = job.config;
  if (precision !== undefined && model.compileOptions) model.compile({ ...model.compileOptions, precision });
  return model;
}

interface Predicted {
  /** (rows, classes), or (rows) of the second class of two. */
  readonly scores: ArrayLike<number>;
  readonly classes: number[];
  /** Of the predicted class, in [0,1]. */
  readonly probabilities: number[];
}

async function predictPart(model: Model, part: Part, batchSize: number, signal: AbortSignal | undefined): Promise<Predicted> {
  const output = await model.predict(part.x, { batchSize, ...(signal ? { signal } : {}) });
  const classes = Array.from(toClasses('predict', output));
  const values = output.data();
  const width = values.length / Math.max(classes.length, 1);
  const probability = (k: number, row: number): number => {
    const own = width === 1 && k === 0 ? 1 - (values[row] as number) : (values[row * width + (width === 1 ? 0 : k)] as number);
    return Number(own.toFixed(6));
  };
  return { classes, probabilities: classes.map(probability), scores: values };
}

/** What one training leaves. */
export interface TrainedJob {
  readonly record: RunRecord;
  readonly model: Model;
  /** Of the predicted class of each test row. */
  readonly probabilities: readonly number[];
  /** Every score of the test rows: (rows, classes), or (rows) of the second class of two. */
  readonly scores: ArrayLike<number>;
}

/**
 * Trains one job from its seed, then predicts its validation and test rows.
 *
 * Units:  seconds of training and prediction together.
 * Throws: the signal's reason when aborted; ERR_DATA if the loss is not finite.
 */
export async function trainJob(job: Job, onRows: OnRows, signal?: AbortSignal): Promise<TrainedJob> {
  const { prepared, config } = job;
  const model = freshModel(job);
  const started = performance.now();
  const history = await model.fit(prepared.train.x, labelTensor(prepared.train), {
    epochs: config.epochs,
    batchSize: config.batchSize,
    shuffle: true,
    validationData: [prepared.validation.x, labelTensor(prepared.validation)],
    callbacks: [new RowCounter(onRows)],
    verbose: 0,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  const trained = performance.now();
  const batch = Math.max(config.batchSize, 64);
  const test = await predictPart(model, prepared.test, batch, signal);
  const validation = await predictPart(model, prepared.validation, batch, signal);
  return {
    model,
    probabilities: test.probabilities,
    scores: test.scores,
    record: {
      id: job.id,
      seed: job.seed,
      seconds: (performance.now() - started) / 1000,
      rowsPerSecond: (prepared.train.labels.length * config.epochs * 1000) / (trained - started),
      history: history.history,
      testPredictions: test.classes,
      validationPredictions: validation.classes,
    },
  };
}
