import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { Callback, type Logs } from './callback.js';

export interface BackupAndRestoreOptions {
  /** Folder of the backup, of this run alone. */
  backupDir: string;
  /** Removes the backup when training is finished. Default true. */
  deleteCheckpoint?: boolean;
}

/**
 * Keeps the last epoch's model on the disk, as all callbacks left it; a run that was killed, aborted or failed and is started again goes on
 * after that epoch, to the same bits as one that was never interrupted.
 *
 * A run that ended by itself, also by `stopTraining`, leaves no backup. What other callbacks remember (best values, patience) begins anew,
 * as in Keras.
 * Throws: ERR_FORMAT if the backup is of another model.
 * Source: Keras BackupAndRestore.
 * Example: await model.fit(x, y, { epochs: 50, callbacks: [callbacks.backupAndRestore({ backupDir: 'runs/backup' })] })
 */
export class BackupAndRestore extends Callback {
  private readonly folder: string;
  private readonly deleteCheckpoint: boolean;
  override readonly savesModel = true;

  constructor(options: BackupAndRestoreOptions) {
    super();
    if (typeof options.backupDir !== 'string' || options.backupDir === '')
      throw new SarafError('ERR_ARG', 'backupAndRestore', `expected backupDir to be a folder, received ${String(options.backupDir)}`);
    this.folder = options.backupDir;
    this.deleteCheckpoint = options.deleteCheckpoint ?? true;
  }

  override async onTrainBegin(): Promise<void> {
    const last = Math.max(...this.backups());
    if (!this.model || last === -Infinity) return;
    await this.model.restore(this.of(last));
    this.model.resumeEpoch = last;
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    if (!this.model) return;
    const before = this.backups();
    await this.model.save(this.of(epoch + 1));
    for (const done of before) if (done !== epoch + 1) rmSync(this.of(done), { recursive: true, force: true });
  }

  override onTrainEnd(_logs: Logs, completed: boolean): void {
    if (!completed || !this.deleteCheckpoint) return;
    for (const done of this.backups()) rmSync(this.of(done), { recursive: true, force: true });
    if (existsSync(this.folder) && readdirSync(this.folder).length === 0) rmdirSync(this.folder);
  }

  private of(epochs: number): string {
    return join(this.folder, `epoch-${epochs}`);
  }

  /** Numbers of epochs done, one per backup: two if the run was killed between writing the last and removing the one before. */
  private backups(): number[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((name) => (/^epoch-\d+$/.test(name) ? [Number(name.slice(6))] : []));
  }
}
