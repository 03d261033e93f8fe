import cliProgress from 'cli-progress';
import { Callback, type Logs } from './callback.js';

export interface ProgressBarOptions {
  /** Where to draw. Default stderr. */
  stream?: NodeJS.WriteStream;
  /** Where lines go when the stream is no terminal. Default console.log. */
  print?: (line: string) => void;
}

const round = (value: number): string => (value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toFixed(4));

/** `loss 0.6931 · accuracy 0.5000` */
export function showLogs(logs: Logs): string {
  return Object.entries(logs)
    .filter(([name]) => name !== 'size')
    .map(([name, value]) => `${name} ${round(value)}`)
    .join(' · ');
}

/**
 * Shows an epoch as a bar with rate (rows a second), time left and running numbers; without a terminal one line per epoch.
 *
 * The bar counts rows, or batches where the number of rows is not known; a stream of unknown length has no bar in its first epoch.
 * `fit` adds one unless `verbose: 0`; `verbose: 2` prints the lines also on a terminal.
 * Example: await model.fit(x, y, { callbacks: [callbacks.progressBar()], verbose: 0 })
 */
export class ProgressBar extends Callback {
  private readonly stream: NodeJS.WriteStream;
  private readonly print: (line: string) => void;
  private bar: cliProgress.SingleBar | null = null;
  private started = 0;
  private rows = 0;
  private batches = 0;
  /** Batches of an epoch, once that is known. */
  private steps: number | null = null;

  constructor(options: ProgressBarOptions = {}) {
    super();
    this.stream = options.stream ?? process.stderr;
    this.print = options.print ?? ((line) => console.log(line));
  }

  override onTrainBegin(): void {
    this.steps = this.parameters?.steps ?? null;
  }

  override onEpochBegin(epoch: number): void {
    const { parameters } = this;
    this.started = performance.now();
    this.rows = 0;
    this.batches = 0;
    if (!parameters || !this.stream.isTTY || parameters.verbose === 2) return;
    const total = parameters.rows ?? this.steps;
    const known = '{bar} {percentage}% · {rate} rows/s · {eta_formatted} left · {numbers}';
    this.bar = new cliProgress.SingleBar(
      {
        format: `Epoch ${epoch + 1}/${parameters.epochs} ${total === null ? '{value} batches · {rate} rows/s · {numbers}' : known}`,
        stream: this.stream,
        barsize: 24,
        hideCursor: true,
        clearOnComplete: false,
        gracefulExit: false,
      },
      cliProgress.Presets.shades_classic,
    );
    this.bar.start(total ?? Infinity, 0, { rate: '–', numbers: '' });
  }

  override onBatchEnd(_batch: number, logs: Logs): void {
    this.rows += logs['size'] ?? 0;
    this.batches++;
    this.draw(logs);
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.steps = this.batches;
    const seconds = (performance.now() - this.started) / 1000;
    if (this.bar) {
      this.draw(logs);
      this.close();
      return;
    }
    this.print(`Epoch ${epoch + 1}/${this.parameters?.epochs ?? '?'} · ${seconds.toFixed(1)} s · ${showLogs(logs)}`);
  }

  override onTrainEnd(): void {
    this.close();
  }

  private draw(logs: Logs): void {
    const done = this.parameters?.rows == null ? this.batches : this.rows;
    this.bar?.update(done, { rate: this.rate(), numbers: showLogs(logs) });
  }

  private close(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private rate(): string {
    const seconds = (performance.now() - this.started) / 1000;
    return seconds > 0 ? (this.rows / seconds).toFixed(0) : '–';
  }
}
