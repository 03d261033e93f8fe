import type { Logs } from '../callbacks/callback.js';

/** What happened in each epoch of a `fit`. */
export class History {
  /** Epoch numbers, from `initialEpoch`. */
  readonly epoch: number[] = [];
  /** One array per number: `loss`, metrics, and with validation `val_loss`, …; in the order of `epoch`. */
  readonly history: Record<string, number[]> = {};
  /** Learning rate, stops and the like say so here: whether `stopTraining` ended it early. */
  stoppedEarly = false;

  add(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      const values = (this.history[name] ??= []);
      // A number that is not logged in every epoch is NaN for the others.
      while (values.length < this.epoch.length - 1) values.push(Number.NaN);
      values.push(value);
    }
    for (const values of Object.values(this.history)) if (values.length < this.epoch.length) values.push(Number.NaN);
  }

  /** One object per epoch, for a data frame or a chart. */
  toRows(): Record<string, number>[] {
    return this.epoch.map((epoch, i) => ({
      epoch,
      ...Object.fromEntries(Object.entries(this.history).map(([name, values]) => [name, values[i] ?? Number.NaN])),
    }));
  }
}

/** Thrown by `fit`, `evaluate` and `predict` when their signal aborts; `fit` adds what was done until then. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
  readonly history: History | null;

  constructor(op: string, history: History | null, options?: { cause?: unknown }) {
    super(
      `[${op}] aborted${history ? ` after ${history.epoch.length} finished epoch${history.epoch.length === 1 ? '' : 's'}; the model keeps the weights of the last step` : ''}`,
      options,
    );
    this.history = history;
  }
}
