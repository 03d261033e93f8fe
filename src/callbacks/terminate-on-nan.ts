import { Callback } from './callback.js';

/**
 * Ends training at the first batch whose loss is NaN or infinite, where `fit` would reject without it.
 *
 * The weights are those before that batch. The last epoch of the history has that loss; `stoppedBatch` says which batch it was.
 * Source: Keras TerminateOnNaN, which keeps the weights after the batch.
 * Example: const history = await model.fit(x, y, { callbacks: [callbacks.terminateOnNaN()] }); if (history.stoppedEarly) …
 */
export class TerminateOnNaN extends Callback {
  /** The batch of its epoch that ended training; null if none did. */
  stoppedBatch: number | null = null;

  override onTrainBegin(): void {
    this.stoppedBatch = null;
  }

  /** Called by the training loop. */
  onInvalidLoss(batch: number): void {
    this.stoppedBatch = batch;
    if (this.model) this.model.stopTraining = true;
  }
}
