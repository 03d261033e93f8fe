import { checkCount } from './options.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import type { Tensor } from '../tensor/tensor.js';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement after which training stops. Default 0: at the first. */
  patience?: number;
  /** What the number must beat as well: epochs that are the best so far but no better than this count as without improvement. */
  baseline?: number;
  /** Puts the weights of the best epoch back when training has ended without an error, also where none beat the baseline. Default false. */
  restoreBestWeights?: boolean;
  /** Epochs at the start that are not judged. Default 0. */
  startFromEpoch?: number;
}

/**
 * Stops training when a number no longer improves.
 *
 * Throws: ERR_ARG if the monitored number is not in the logs.
 * Source: Keras EarlyStopping.
 * Example: callbacks.earlyStopping({ monitor: 'val_loss', patience: 3, restoreBestWeights: true })
 */
export class EarlyStopping extends Callback {
  /** The epoch that stopped training; null if none did. */
  stoppedEpoch: number | null = null;
  bestEpoch: number | null = null;
  private readonly monitor: Monitor;
  private readonly patience: number;
  private readonly baseline: number | undefined;
  private readonly restoreBestWeights: boolean;
  private readonly startFromEpoch: number;
  private wait = 0;
  private best: Tensor[] | null = null;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    this.monitor = new Monitor('earlyStopping', options);
    this.patience = checkCount('earlyStopping', 'patience', options.patience ?? 0);
    this.baseline = options.baseline;
    this.restoreBestWeights = options.restoreBestWeights ?? false;
    this.startFromEpoch = checkCount('earlyStopping', 'startFromEpoch', options.startFromEpoch ?? 0);
  }

  override onTrainBegin(): void {
    this.monitor.reset();
    this.wait = 0;
    this.best = null;
    this.bestEpoch = null;
    this.stoppedEpoch = null;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const value = this.monitor.value(logs, this.parameters);
    if (value === null || epoch < this.startFromEpoch) return;
    if (this.bestEpoch === null) this.keep(epoch);
    this.wait++;
    if (this.monitor.improved(value)) {
      this.keep(epoch);
      if (this.baseline === undefined || this.monitor.beats(value, this.baseline)) this.wait = 0;
      return;
    }
    // As in Keras, the first epoch never stops a run.
    if (this.wait >= this.patience && epoch > 0 && this.model) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  private keep(epoch: number): void {
    this.bestEpoch = epoch;
    if (this.restoreBestWeights) this.best = this.model?.getWeights() ?? null;
  }

  override onTrainEnd(_logs: Logs, completed: boolean): void {
    // After an error the model keeps the weights that its optimizer and its count of epochs belong to.
    if (this.best && completed) this.model?.setWeights(this.best);
    this.best = null;
  }
}
