import cliProgress from 'cli-progress';
import type { DataProgress } from '../data/progress.js';
import type { Job } from '../experiments/jobs.js';
import type { RunRecord } from '../experiments/results.js';
import { formatDuration } from '../reports/format.js';

/** How often a log that is no terminal says how far things are. */
const LINE_EVERY_MS = 15_000;

/**
 * Shows many runs as one bar: runs done, training rows a second, time left, and what runs now. Without a terminal it prints
 * plain lines instead: one per finished run, and one every quarter of a minute.
 */
export class RunProgress {
  private readonly stream: NodeJS.WriteStream;
  private readonly print: (line: string) => void;
  private bar: cliProgress.SingleBar | null = null;
  private total = 0;
  private done = 0;
  private runs = 0;
  private finished = 0;
  private started = 0;
  private lastLine = 0;
  private current = '';
  private lastData = '';

  constructor(
    stream: NodeJS.WriteStream = process.stderr,
    print: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
  ) {
    this.stream = stream;
    this.print = print;
  }

  /** One line per step of getting data, as soon as another file or phase begins. */
  data(progress: DataProgress): void {
    if (progress.phase === 'verify') return;
    const key = `${progress.phase} ${progress.what}`;
    if (key === this.lastData) return;
    this.lastData = key;
    this.print(
      `${{ download: 'Downloading', npm: 'Fetching', unpack: 'Unpacking', decode: 'Decoding', verify: 'Checking' }[progress.phase]} ${progress.what} …`,
    );
  }

  start(runs: number, rows: number): void {
    this.runs = runs;
    this.total = rows;
    this.started = performance.now();
    this.lastLine = this.started;
    if (!this.stream.isTTY || runs === 0) return;
    this.bar = new cliProgress.SingleBar(
      {
        format: '{bar} {percentage}% · {finished}/{runs} runs · {rate} rows/s · {left} left · {current}',
        stream: this.stream,
        barsize: 24,
        hideCursor: true,
        gracefulExit: false,
        etaBuffer: 100,
      },
      cliProgress.Presets.shades_classic,
    );
    this.bar.start(rows, 0, this.payload());
  }

  runStart(job: Job): void {
    this.current = job.label;
    this.bar?.update(this.done, this.payload());
  }

  rows(count: number): void {
    this.done += count;
    if (this.bar) {
      this.bar.update(this.done, this.payload());
    } else if (performance.now() - this.lastLine > LINE_EVERY_MS) {
      this.lastLine = performance.now();
      const p = this.payload();
      this.print(
        `  ${this.total === 0 ? 100 : Math.floor((100 * this.done) / this.total)} % · ${p.finished}/${p.runs} runs · ${p.rate} rows/s · ${p.left} left · ${p.current}`,
      );
    }
  }

  runEnd(job: Job, record: RunRecord): void {
    this.finished++;
    if (this.bar) this.bar.update(this.done, this.payload());
    else
      this.print(
        `  ${this.finished}/${this.runs} ${job.label}: ${formatDuration(record.seconds)}, ${Math.round(record.rowsPerSecond)} rows/s`,
      );
  }

  stop(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private payload(): { finished: number; runs: number; rate: string; left: string; current: string } {
    const seconds = (performance.now() - this.started) / 1000;
    const left = this.done === 0 ? '…' : formatDuration((seconds * (this.total - this.done)) / this.done);
    return {
      finished: this.finished,
      runs: this.runs,
      rate: this.done === 0 ? '…' : String(Math.round(this.done / seconds)),
      left,
      current: this.current,
    };
  }
}
