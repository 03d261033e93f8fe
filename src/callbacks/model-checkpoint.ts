import { Callback, type Logs } from './callback.js';
import { SarafError } from '../errors.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import { checkCount } from './options.js';

export interface ModelCheckpointOptions extends MonitorOptions {
  /**
   * Folder or file to save to. `{epoch}` becomes the number of epochs done, `{batch}` that of the epoch's batches, `{val_loss}` and the
   * like the logged number; digits as in Keras: `{epoch:02d}`, `{val_loss:.2f}`.
   */
  path: string;
  /** Saves only when the monitored number is better than ever. Default false. */
  saveBestOnly?: boolean;
  /** Saves the weights alone, by `model.saveWeights`. Default false. */
  saveWeightsOnly?: boolean;
  /** 'epoch', or after how many batches to save. Default 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** With saveBestOnly: what the first number must beat, as where better weights are on the disk already. */
  initialValueThreshold?: number;
  /** Called after each save. */
  onSave?: (path: string, epoch: number) => void;
}

/**
 * Saves the model with optimizer and training state at the end of an epoch, as all callbacks left it, so that a killed run resumes to the
 * same bits; or after so many batches, with the numbers of the epoch until then.
 *
 * Throws: ERR_ARG if the monitored number is not in the logs (with saveBestOnly), or the path names one that is not.
 * Source: Keras ModelCheckpoint.
 * Example: callbacks.modelCheckpoint({ path: 'runs/best', saveBestOnly: true, monitor: 'val_macroF1' })
 */
export class ModelCheckpoint extends Callback {
  private readonly path: string;
  private readonly monitor: Monitor;
  private readonly saveBestOnly: boolean;
  private readonly saveWeightsOnly: boolean;
  private readonly everyBatches: number | null;
  private readonly onSave: ((path: string, epoch: number) => void) | undefined;
  override readonly savesModel = true;
  private epoch = 0;
  private batches = 0;

  constructor(options: ModelCheckpointOptions) {
    super();
    const { path, saveFreq = 'epoch' } = options;
    if (typeof path !== 'string' || path === '')
      throw new SarafError('ERR_ARG', 'modelCheckpoint', `expected path to be a folder, received ${String(path)}`);
    this.path = path;
    this.monitor = new Monitor('modelCheckpoint', options, options.initialValueThreshold);
    this.saveBestOnly = options.saveBestOnly ?? false;
    this.saveWeightsOnly = options.saveWeightsOnly ?? false;
    this.everyBatches = saveFreq === 'epoch' ? null : Math.max(1, checkCount('modelCheckpoint', 'saveFreq', saveFreq));
    this.onSave = options.onSave;
    if (this.everyBatches !== null && this.saveBestOnly && this.monitor.name.startsWith('val_'))
      throw new SarafError(
        'ERR_ARG',
        'modelCheckpoint',
        `expected a number of training to monitor between batches, received ${this.monitor.name}; monitor 'loss', or save by epoch`,
      );
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onBatchEnd(batch: number, logs: Logs): Promise<void> {
    this.batches++;
    if (this.everyBatches === null || this.batches < this.everyBatches) return;
    this.batches = 0;
    await this.saveIfBetter({ ...logs, batch: batch + 1 });
  }

  override async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
    if (this.everyBatches === null) await this.saveIfBetter(logs);
  }

  private async saveIfBetter(logs: Logs): Promise<void> {
    if (this.saveBestOnly) {
      const value = this.monitor.value(logs, this.parameters);
      if (value === null || !this.monitor.improved(value)) return;
    }
    const path = this.path.replace(/\{(\w+)(?::([^}]*))?\}/g, (whole, name: string, digits: string | undefined) =>
      this.written(whole, name, digits, logs),
    );
    if (this.saveWeightsOnly) await this.model?.saveWeights(path);
    else await this.model?.save(path);
    this.onSave?.(path, this.epoch);
  }

  /** One number of the path. */
  private written(whole: string, name: string, digits: string | undefined, logs: Logs): string {
    const counts = name === 'epoch' || name === 'batch';
    const value = name === 'epoch' ? this.epoch + 1 : logs[name];
    if (value === undefined)
      throw new SarafError('ERR_ARG', 'modelCheckpoint', `expected ${whole} in path to name one of epoch, ${Object.keys(logs).join(', ')}`);
    const [, width, , decimals] = /^(\d*)(d|\.(\d+)f)$/.exec(digits ?? (counts ? 'd' : '.4f')) ?? [];
    if (width === undefined)
      throw new SarafError('ERR_ARG', 'modelCheckpoint', `expected digits as in {epoch:02d} or {loss:.2f}, received ${whole}`);
    const text = decimals === undefined ? String(Math.round(value)) : value.toFixed(Number(decimals));
    return text.padStart(Number(width), width.startsWith('0') ? '0' : ' ');
  }
}
