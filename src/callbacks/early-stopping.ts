import { checkCount } from './options.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import type { Tensor } from '../tensor/tensor.js';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement after which training stops. Default 0: at the first. */
  patience?: number;
  /** Puts the weights of the best epoch back at the end. Default false. */
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
  private readonly restoreBestWeights: boolean;
  private readonly startFromEpoch: number;
  private wait = 0;
  private best: Tensor[] | null = null;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    this.monitor = new Monitor('earlyStopping', options);
    this.patience = checkCount('earlyStopping', 'patience', options.patience ?? 0);
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
    if (this.monitor.improved(value)) {
      this.wait = 0;
      this.bestEpoch = epoch;
      if (this.restoreBestWeights) this.best = this.model?.getWeights() ?? null;
      return;
    }
    this.wait++;
    if (this.wait >= this.patience && this.model) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): void {
    if (this.best) this.model?.setWeights(this.best);
    this.best = null;
  }
}
