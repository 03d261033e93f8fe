import type { Tensor } from '../tensor/tensor.js';

/** Numbers of an epoch or of a batch: loss, metrics, and with validation `val_loss`, …. */
export type Logs = Record<string, number>;

/** What a callback may do with the model that is being trained. */
export interface TrainedModel {
  readonly name: string;
  /** Set to true, training stops after the current batch. */
  stopTraining: boolean;
  /** Its learning rate is that of the next update; assigning replaces a schedule. */
  readonly optimizer: { learningRate: number };
  getWeights(): Tensor[];
  setWeights(weights: readonly Tensor[]): void;
  /** Set in `onTrainBegin`: the epoch to begin with instead of `initialEpoch`. */
  resumeEpoch: number | null;
  save(directory: string): Promise<void>;
  saveWeights(path: string): Promise<void>;
  /** Weights, optimizer and training state of a folder that `save` wrote. */
  restore(directory: string): Promise<void>;
}

/** How `fit` was called. */
export interface FitParameters {
  readonly epochs: number;
  readonly initialEpoch: number;
  /** Rows of a batch; null where a stream says so itself. */
  readonly batchSize: number | null;
  /** Rows of an epoch; null where only the stream knows. */
  readonly rows: number | null;
  /** Batches of an epoch; null where only the stream knows. */
  readonly steps: number | null;
  /** Whether the model is validated, after every epoch or after some. */
  readonly validates: boolean;
  readonly verbose: 0 | 1 | 2;
}

/**
 * Base class of callbacks: override what you need; methods may be asynchronous.
 *
 * Epochs and batches count from 0.
 * Example: class Log extends Callback { override onEpochEnd(epoch: number, logs: Logs) { console.log(epoch, logs.loss); } }
 */
export abstract class Callback {
  protected model: TrainedModel | null = null;
  protected parameters: FitParameters | null = null;
  /** Whether it keeps the model: `fit` calls it at the end of a batch or an epoch after all others, so that what they changed is kept. */
  readonly savesModel: boolean = false;

  setModel(model: TrainedModel, parameters: FitParameters): void {
    this.model = model;
    this.parameters = parameters;
  }

  onTrainBegin(_logs: Logs): void | Promise<void> {}
  /** Also called when training was aborted or failed: then `completed` is false. */
  onTrainEnd(_logs: Logs, _completed: boolean): void | Promise<void> {}
  onEpochBegin(_epoch: number, _logs: Logs): void | Promise<void> {}
  onEpochEnd(_epoch: number, _logs: Logs): void | Promise<void> {}
  onBatchBegin(_batch: number, _logs: Logs): void | Promise<void> {}
  /** `logs` holds the running means of the epoch and `size`, the rows of this batch. */
  onBatchEnd(_batch: number, _logs: Logs): void | Promise<void> {}
}
