import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { SarafError } from '../errors.js';
import { Callback, type Logs } from './callback.js';

export interface CSVLoggerOptions {
  path: string;
  /** Goes on with a file that is there, as a resumed run needs. Default false: the file is written anew. */
  append?: boolean;
}

/** What callbacks add to the logs. */
const NOT_VALIDATED = new Set(['learningRate']);

/**
 * Writes one line per epoch: `epoch` (from 0) and every number of the logs. Each line is on the disk when the next epoch starts.
 *
 * Throws: ERR_FORMAT if a file to append to has other columns.
 * Source: Keras CSVLogger.
 * Example: callbacks.csvLogger({ path: 'history.csv', append: true })
 */
export class CSVLogger extends Callback {
  private readonly path: string;
  private readonly append: boolean;
  private file: number | null = null;
  private columns: string[] | null = null;

  constructor(options: CSVLoggerOptions | string) {
    super();
    const { path, append = false } = typeof options === 'string' ? { path: options } : options;
    if (typeof path !== 'string' || path === '')
      throw new SarafError('ERR_ARG', 'csvLogger', `expected path to be a file, received ${String(path)}`);
    this.path = path;
    this.append = append;
  }

  override onTrainBegin(): void {
    const text = this.append && existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
    // A run that was killed while it wrote leaves a line without end: it says nothing that could be read.
    const whole = text.subarray(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(this.path, whole.length);
    const header = whole.subarray(0, Math.max(whole.indexOf('\n'), 0)).toString('utf8');
    this.columns = header === '' ? null : header.split(',');
    this.file = openSync(this.path, this.append ? 'a' : 'w');
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    if (this.file === null) return;
    const names = ['epoch', ...Object.keys(logs)];
    if (!this.columns) {
      // Validation may come in a later epoch: what it gives has the same names.
      const later = this.parameters?.validates === true && !names.some((n) => n.startsWith('val_'));
      this.columns = later ? [...names, ...Object.keys(logs).filter((n) => !NOT_VALIDATED.has(n)).map((n) => `val_${n}`)] : names; // prettier-ignore
      writeSync(this.file, `${this.columns.join(',')}\n`);
    }
    const unknown = names.find((n) => !this.columns?.includes(n));
    if (unknown !== undefined) {
      throw new SarafError(
        'ERR_FORMAT',
        'csvLogger',
        `expected the columns ${this.columns.join(',')} of ${this.path}, received ${unknown}; write to another file or leave append out`,
      );
    }
    writeSync(this.file, `${this.columns.map((n) => (n === 'epoch' ? epoch : (logs[n] ?? ''))).join(',')}\n`);
    fsyncSync(this.file);
  }

  override onTrainEnd(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }
}
