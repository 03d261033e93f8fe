import { Callback, type Logs } from './callback.js';
import { SarafError } from '../errors.js';
import { Monitor, type MonitorOptions } from './monitor.js';

export interface ModelCheckpointOptions extends MonitorOptions {
  /** Folder to save to; `{epoch}` becomes the number of epochs done, `{val_loss}` and the like the logged number. */
  path: string;
  /** Saves only when the monitored number is better than ever. Default false. */
  saveBestOnly?: boolean;
  /** Called after each save. */
  onSave?: (path: string, epoch: number) => void;
}

/**
 * Saves the model with optimizer and training state at the end of an epoch, so that a killed run resumes to the same bits.
 *
 * Throws: ERR_ARG if the monitored number is not in the logs (with saveBestOnly).
 * Source: Keras ModelCheckpoint.
 * Example: callbacks.modelCheckpoint({ path: 'runs/best', saveBestOnly: true, monitor: 'val_macroF1' })
 */
export class ModelCheckpoint extends Callback {
  private readonly path: string;
  private readonly monitor: Monitor;
  private readonly saveBestOnly: boolean;
  private readonly onSave: ((path: string, epoch: number) => void) | undefined;

  constructor(options: ModelCheckpointOptions) {
    super();
    if (typeof options.path !== 'string' || options.path === '')
      throw new SarafError('ERR_ARG', 'modelCheckpoint', `expected path to be a folder, received ${String(options.path)}`);
    this.path = options.path;
    this.monitor = new Monitor('modelCheckpoint', options);
    this.saveBestOnly = options.saveBestOnly ?? false;
    this.onSave = options.onSave;
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (this.saveBestOnly) {
      const value = this.monitor.value(logs, this.parameters);
      if (value === null || !this.monitor.improved(value)) return;
    }
    const path = this.path.replace(/\{(\w+)\}/g, (whole, key: string) => {
      if (key === 'epoch') return String(epoch + 1);
      const value = logs[key];
      if (value === undefined)
        throw new SarafError(
          'ERR_ARG',
          'modelCheckpoint',
          `expected ${whole} in path to name one of epoch, ${Object.keys(logs).join(', ')}`,
        );
      return value.toFixed(4);
    });
    await this.model?.save(path);
    this.onSave?.(path, epoch);
  }
}
