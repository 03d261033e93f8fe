import { SarafError } from '../errors.js';
import type { FitParameters, Logs } from './callback.js';

/** Which way a monitored number gets better; `auto` tells from its name. */
export type Mode = 'auto' | 'min' | 'max';

export interface MonitorOptions {
  /** Name in the logs, e.g. `val_loss` or `val_accuracy`. Default val_loss. */
  monitor?: string;
  /** Default auto: max for what is better when larger (accuracies, F scores, precision, recall, AUC, IoU, R², …), else min; losses and errors always min. */
  mode?: Mode;
  /** Smallest change that counts as better. Default 0. */
  minDelta?: number;
}

/** What is better when it is larger, by metrics' names in saraf and in Keras. */
const LARGER =
  /acc|f1|f_?beta|precision|recall|auc|sensitivity|specificity|io_?u(?![a-z])|r2|correlation|cosine|true_?(positives|negatives)/i;
/** What is better when it is smaller, whatever the output before it is called. */
const SMALLER = /(^|_)(loss|mae|mse|rmse|msle|mape)$|(^|_)mean_?(absolute|squared)|(Error|_error)$/;

/** Watches one number of the logs and tells when it is better than ever. */
export class Monitor {
  readonly name: string;
  readonly larger: boolean;
  best: number;
  /** What the first value must beat; by default any value does. */
  private readonly start: number;
  private readonly op: string;
  private readonly minDelta: number;

  constructor(op: string, options: MonitorOptions, start?: number) {
    this.op = op;
    this.name = options.monitor ?? 'val_loss';
    const mode = options.mode ?? 'auto';
    if (!['auto', 'min', 'max'].includes(mode))
      throw new SarafError('ERR_ARG', op, `expected mode 'auto', 'min' or 'max', received ${String(mode)}`);
    this.larger = mode === 'max' || (mode === 'auto' && LARGER.test(this.name) && !SMALLER.test(this.name));
    this.minDelta = Math.abs(options.minDelta ?? 0);
    this.start = start ?? (this.larger ? -Infinity : Infinity);
    this.best = this.start;
  }

  reset(): void {
    this.best = this.start;
  }

  /** The monitored value; null after an epoch without validation in a run that validates. Throws ERR_ARG with the names there are. */
  value(logs: Logs, parameters: FitParameters | null): number | null {
    const value = logs[this.name];
    if (value === undefined) {
      if (this.name.startsWith('val_') && parameters?.validates && !Object.keys(logs).some((k) => k.startsWith('val_'))) return null;
      const advice =
        this.name.startsWith('val_') && !Object.keys(logs).some((k) => k.startsWith('val_'))
          ? '; give fit validationData or validationSplit'
          : '';
      throw new SarafError(
        'ERR_ARG',
        this.op,
        `expected monitor to be one of ${Object.keys(logs).join(', ')}, received ${this.name}${advice}`,
      );
    }
    return value;
  }

  /** Whether the value beats the best one, which it then becomes. */
  improved(value: number): boolean {
    const better = this.beats(value, this.best);
    if (better) this.best = value;
    return better;
  }

  /** Whether the value is better than another one by more than minDelta; in float32 as in Keras, so that rounding is no progress. */
  beats(value: number, other: number): boolean {
    const [now, before] = [Math.fround(value + (this.larger ? -this.minDelta : this.minDelta)), Math.fround(other)];
    return this.larger ? now > before : now < before;
  }
}
