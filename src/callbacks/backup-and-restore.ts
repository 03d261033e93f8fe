import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { Callback } from './callback.js';

export interface BackupAndRestoreOptions {
  /** Folder of the backup, of this run alone. */
  backupDir: string;
  /** Removes the backup when training is finished. Default true. */
  deleteCheckpoint?: boolean;
}

/**
 * Keeps the last epoch's model on the disk; a run that was killed or stopped and is started again goes on after that epoch, to the same
 * bits as one that was never interrupted.
 *
 * What other callbacks remember (best values, patience) begins anew, as in Keras.
 * Throws: ERR_FORMAT if the backup is of another model.
 * Source: Keras BackupAndRestore.
 * Example: await model.fit(x, y, { epochs: 50, callbacks: [callbacks.backupAndRestore({ backupDir: 'runs/backup' })] })
 */
export class BackupAndRestore extends Callback {
  private readonly folder: string;
  private readonly deleteCheckpoint: boolean;
  private finished = false;

  constructor(options: BackupAndRestoreOptions) {
    super();
    if (typeof options.backupDir !== 'string' || options.backupDir === '')
      throw new SarafError('ERR_ARG', 'backupAndRestore', `expected backupDir to be a folder, received ${String(options.backupDir)}`);
    this.folder = options.backupDir;
    this.deleteCheckpoint = options.deleteCheckpoint ?? true;
  }

  override async onTrainBegin(): Promise<void> {
    this.finished = false;
    const last = Math.max(...this.backups());
    if (!this.model || last === -Infinity) return;
    await this.model.restore(this.of(last));
    this.model.resumeEpoch = last;
    this.finished = last >= (this.parameters?.epochs ?? Infinity);
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    if (!this.model) return;
    const before = this.backups();
    await this.model.save(this.of(epoch + 1));
    for (const done of before) if (done !== epoch + 1) rmSync(this.of(done), { recursive: true, force: true });
    this.finished = this.model.stopTraining || epoch + 1 >= (this.parameters?.epochs ?? Infinity);
  }

  override onTrainEnd(): void {
    if (!this.finished || !this.deleteCheckpoint) return;
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
