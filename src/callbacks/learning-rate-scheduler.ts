import { SarafError } from '../errors.js';
import { Callback, type Logs } from './callback.js';

/**
 * Sets the learning rate at the start of each epoch.
 *
 * Throws: ERR_ARG if the function returns no number >= 0.
 * Source: Keras LearningRateScheduler.
 * Example: callbacks.learningRateScheduler((epoch, rate) => (epoch < 5 ? rate : rate * 0.9))
 */
export class LearningRateScheduler extends Callback {
  private readonly schedule: (epoch: number, learningRate: number) => number;

  constructor(schedule: (epoch: number, learningRate: number) => number) {
    super();
    if (typeof schedule !== 'function')
      throw new SarafError('ERR_ARG', 'learningRateScheduler', `expected a function of (epoch, learningRate), received ${typeof schedule}`);
    this.schedule = schedule;
  }

  override onEpochBegin(epoch: number): void {
    if (!this.model) return;
    const { optimizer } = this.model;
    optimizer.learningRate = this.schedule(epoch, optimizer.learningRate);
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    if (this.model) logs['learningRate'] = this.model.optimizer.learningRate;
  }
}
