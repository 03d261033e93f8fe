import { SarafError } from '../errors.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import { checkCount } from './options.js';

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** Factor of the learning rate at each reduction, in (0,1). Default 0.1. */
  factor?: number;
  /** Epochs without improvement before a reduction. Default 10. */
  patience?: number;
  /** Epochs after a reduction that are not judged. Default 0. */
  cooldown?: number;
  /** Default 0. */
  minLearningRate?: number;
}

/**
 * Lowers the learning rate when a number no longer improves (by default by more than 1e-4).
 *
 * Throws: ERR_ARG if factor is not in (0,1) or the monitored number is not in the logs.
 * Source: Keras ReduceLROnPlateau.
 * Example: callbacks.reduceLROnPlateau({ monitor: 'val_loss', factor: 0.5, patience: 2 })
 */
export class ReduceLROnPlateau extends Callback {
  private readonly monitor: Monitor;
  private readonly factor: number;
  private readonly patience: number;
  private readonly cooldown: number;
  private readonly least: number;
  private wait = 0;
  private cooling = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    this.monitor = new Monitor('reduceLROnPlateau', { minDelta: 1e-4, ...options });
    this.factor = options.factor ?? 0.1;
    if (!(this.factor > 0 && this.factor < 1))
      throw new SarafError('ERR_ARG', 'reduceLROnPlateau', `expected factor in (0,1), received ${this.factor}`);
    this.patience = checkCount('reduceLROnPlateau', 'patience', options.patience ?? 10);
    this.cooldown = checkCount('reduceLROnPlateau', 'cooldown', options.cooldown ?? 0);
    this.least = options.minLearningRate ?? 0;
  }

  override onTrainBegin(): void {
    this.monitor.reset();
    this.wait = 0;
    this.cooling = 0;
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    if (!this.model) return;
    const { optimizer } = this.model;
    logs['learningRate'] = optimizer.learningRate;
    const value = this.monitor.value(logs, this.parameters);
    if (value === null) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.wait = 0;
    }
    if (this.monitor.improved(value)) {
      this.wait = 0;
    } else if (this.cooling === 0) {
      this.wait++;
      if (this.wait >= this.patience && optimizer.learningRate > this.least) {
        optimizer.learningRate = Math.max(optimizer.learningRate * this.factor, this.least);
        this.cooling = this.cooldown;
        this.wait = 0;
      }
    }
  }
}
