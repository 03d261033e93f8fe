import cliProgress from 'cli-progress';
import type { DataProgress } from '../data/progress.js';
import type { Estimate } from '../experiments/estimate.js';
import type { Job } from '../experiments/jobs.js';
import type { RunRecord } from '../experiments/results.js';
import { formatDuration } from '../reports/format.js';

/** How often a log that is no terminal says how far things are. */
const LINE_EVERY_MS = 15_000;

/** The estimate weighs as much as this many seconds of measurement, or a tenth of itself where that is less. */
const TRUST_SECONDS = 60;

/**
 * Seconds left: what is left of the estimate, corrected by how it has done so far. At the start, when the trainers still load their
 * data and a batch or two are done, that is hardly known, and the estimate stands nearly as it was made.
 *
 * Units: seconds; `estimated` of the whole, `done` of what is done, as estimated, `elapsed` on the clock.
 */
export function secondsLeft(estimated: number, done: number, elapsed: number): number {
  const trust = Math.min(TRUST_SECONDS, estimated / 10);
  if (trust === 0) return 0;
  return (Math.max(0, estimated - done) * (elapsed + trust)) / (done + trust);
}

const PHASES = {
  download: 'Downloading',
  npm: 'Fetching',
  unpack: 'Unpacking',
  decode: 'Decoding',
  verify: 'Checking',
  learn: 'Learning',
  augment: 'Making',
} as const;

/**
 * Shows many runs as one bar: runs done, training rows a second, time left, and what runs now. Without a terminal it prints
 * plain lines instead: one per finished run, and one every quarter of a minute.
 *
 * The bar counts in estimated seconds, not rows, since a row of one model may cost a hundred times that of another; the time
 * left is what the estimate has left, corrected by how it has done so far.
 */
export class RunProgress {
  private readonly stream: NodeJS.WriteStream;
  private readonly print: (line: string) => void;
  private bar: cliProgress.SingleBar | null = null;
  private estimate: Estimate = { runs: 0, seconds: 0, bytes: 0, perRun: new Map() };
  /** Estimated seconds of what is done. */
  private done = 0;
  private finished = 0;
  private started = 0;
  private lastLine = 0;
  /** What runs now, by its id: several where trainings run at once. */
  private readonly running = new Map<string, { label: string; started: number; rows: number }>();
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
    const key = `${progress.phase} ${progress.what}`;
    if (progress.phase === 'verify' || key === this.lastData) return;
    this.lastData = key;
    this.print(`${PHASES[progress.phase]} ${progress.what} …`);
  }

  start(estimate: Estimate): void {
    this.estimate = estimate;
    this.started = performance.now();
    this.lastLine = this.started;
    if (!this.stream.isTTY || estimate.runs === 0) return;
    this.bar = new cliProgress.SingleBar(
      {
        format: '{bar} {percentage}% · {finished}/{runs} runs · {rate} rows/s · {left} left · {current}',
        stream: this.stream,
        barsize: 24,
        hideCursor: true,
        gracefulExit: false,
      },
      cliProgress.Presets.shades_classic,
    );
    this.bar.start(estimate.seconds, 0, this.payload());
  }

  runStart(job: Job): void {
    this.running.set(job.id, { label: job.label, started: performance.now(), rows: 0 });
    this.bar?.update(this.done, this.payload());
  }

  rows(job: Job, count: number): void {
    const run = this.running.get(job.id);
    if (run) run.rows += count;
    this.done += (count * (this.estimate.perRun.get(job.id) ?? 0)) / (job.config.epochs * job.prepared.train.labels.length);
    if (this.bar) {
      this.bar.update(this.done, this.payload());
    } else if (performance.now() - this.lastLine > LINE_EVERY_MS) {
      this.lastLine = performance.now();
      const p = this.payload();
      const percent = this.estimate.seconds === 0 ? 100 : Math.floor((100 * this.done) / this.estimate.seconds);
      this.print(`  ${percent} % · ${p.finished}/${p.runs} runs · ${p.rate} rows/s · ${p.left} left · ${p.current}`);
    }
  }

  runEnd(job: Job, record: RunRecord): void {
    this.finished++;
    this.running.delete(job.id);
    if (this.bar) this.bar.update(this.done, this.payload());
    else
      this.print(
        `  ${this.finished}/${this.estimate.runs} ${job.label}: ${formatDuration(record.seconds)}, ${Math.round(record.rowsPerSecond)} rows/s`,
      );
  }

  stop(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private payload(): { finished: number; runs: number; rate: string; left: string; current: string } {
    const { seconds, runs } = this.estimate;
    const now = performance.now();
    const elapsed = (now - this.started) / 1000;
    const running = [...this.running.values()];
    const rowsPerSecond = running.reduce((sum, r) => sum + (1000 * r.rows) / (now - r.started), 0);
    const left = secondsLeft(seconds, this.done, elapsed);
    const rate = running.every((r) => r.rows === 0) ? '…' : String(Math.round(rowsPerSecond));
    return { finished: this.finished, runs, rate, left: formatDuration(left), current: running.map((r) => r.label).join(', ') };
  }
}
