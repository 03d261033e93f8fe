import { Callback, type Logs } from '../../src/callbacks/callback.js';

/** Puts numbers of our choice into the logs: what the callbacks after it see does not depend on training. */
export class Script extends Callback {
  constructor(private readonly values: readonly number[]) {
    super();
  }
  override onEpochEnd(epoch: number, logs: Logs): void {
    logs['val_loss'] = this.values[epoch] as number;
  }
}
