import { join } from 'node:path';
import type { AnySuite } from '../suites/index.js';
import type { Shape } from '../suites/suite.js';
import { median } from './measure.js';
import { measurePeaks } from './machine.js';
import type { PlannedShape, PlannedTrial } from './plan.js';
import { TrialFailure, TrialProcess } from './trial-process.js';
import type { Limits, Prepared, Row, Sample } from './types.js';

/** Others on the machine beyond this share make a time doubtful. */
const BUSY = 0.08;
/** Contenders take turns this often, so that a slow minute of the machine meets them all. */
const ROUNDS = 5;
const WARM_UP_MS = 200;
/** After another contender had the caches. */
const SHORT_WARM_UP_MS = 20;
/** Threads that wait by using the processor come to rest. */
const SETTLE_MS = 10;
/** A call that would take this many budgets, going by the contender's best so far in the suite, is not worth the wait. */
const HOPELESS_BUDGETS = 4;
/** Less work than this says nothing about how fast a contender is on more. */
const TELLING_FLOPS = 1e7;

export interface RunOptions {
  readonly reps: number;
  readonly limitSeconds: number;
  /** Time to spend on repetitions of one trial, in milliseconds. */
  readonly budgetMs: number;
}

/** What the run knows across shapes. */
export interface RunState {
  readonly limits: Limits;
  readonly versions: Record<string, string>;
  /** By suite, contender and threads: the smallest shape that was not finished, and its work. */
  readonly late: Map<string, { readonly shape: string; readonly flops: number }>;
  /** By the same: most GFLOP/s reached so far, and on which shape. */
  readonly fastest: Map<string, { readonly shape: string; readonly gflops: number }>;
  /** By the same: why a contender cannot be had for this suite: it is asked, and has a row, once. */
  readonly absent: Map<string, string>;
  /** Processes that serve several shapes of a suite, by the same. */
  readonly kept: Map<string, TrialProcess>;
  /** The trial's program. */
  readonly script: string;
  readonly scratch: string;
  /** Set from outside: no further question is asked. */
  stopped: boolean;
}

interface Trial {
  readonly contender: string;
  readonly threads: number;
  readonly process: TrialProcess | null;
  readonly prepared: Prepared;
  readonly samples: Sample[];
  spentMs: number;
  failure: string | null;
}

/** GFLOP/s by number of threads. */
type Peaks = Readonly<Record<string, number>>;

function rowOf(suite: AnySuite, shape: Shape, trial: Trial, peaks: Peaks): Row {
  const times = trial.failure === null ? trial.samples.flatMap((s) => s.times) : [];
  const timed = times.length > 0;
  const ms = timed ? median(times) : null;
  const flops = suite.flops(shape);
  const gflops = ms !== null && flops > 0 ? flops / ms / 1e6 : null;
  const peak = peaks[String(trial.threads)] ?? null;
  const others = median(trial.samples.map((s) => s.others));
  const notes = [
    trial.failure ?? trial.prepared.note,
    trial.samples.at(-1)?.note ?? '',
    timed && others > BUSY ? `others used ${(100 * others).toFixed(0)} % of the machine` : '',
  ];
  return {
    suite: suite.name,
    shape: shape.name,
    contender: trial.contender,
    threads: trial.threads,
    medianMs: ms,
    minMs: timed ? Math.min(...times) : null,
    maxMs: timed ? Math.max(...times) : null,
    gflops,
    peakGflops: peak,
    percentOfPeak: gflops !== null && peak ? (100 * gflops) / peak : null,
    agrees: trial.prepared.agrees ?? null,
    errorRms: trial.prepared.errors?.rms ?? null,
    errorMax: trial.prepared.errors?.max ?? null,
    errorVsDirect: trial.prepared.errors?.vsDirect ?? null,
    peakBytes: trial.samples.at(-1)?.peakBytes ?? null,
    note: notes.filter((n) => n !== '').join('; '),
  };
}

/** Runs one question; a failure is an answer too. */
async function attempt<T>(work: () => Promise<T>): Promise<T | TrialFailure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TrialFailure) return error;
    throw error;
  }
}

/** Why a contender is not asked at all; null: it is. */
function notTried(key: string, flops: number, options: RunOptions, state: RunState): string | null {
  const late = state.late.get(key);
  if (late && late.flops <= flops) return `not tried: ${late.shape}, which is no more work, took longer than ${options.limitSeconds} s`;
  const fastest = state.fastest.get(key);
  if (fastest && flops / fastest.gflops / 1e6 > HOPELESS_BUDGETS * options.budgetMs)
    return `not tried: at its ${fastest.gflops.toPrecision(2)} GFLOP/s of ${fastest.shape} a call takes ${(flops / fastest.gflops / 1e9).toFixed(0)} s`;
  return null;
}

async function prepare(
  { contender, threads }: PlannedTrial,
  suite: AnySuite,
  shape: Shape,
  options: RunOptions,
  state: RunState,
  reference: string,
): Promise<Trial> {
  const key = `${suite.name} ${contender.name} ${threads}`;
  const flops = suite.flops(shape);
  const trial = (process: TrialProcess | null, prepared: Prepared): Trial => ({
    contender: contender.name,
    threads,
    process,
    prepared,
    samples: [],
    spentMs: 0,
    failure: null,
  });
  const reason = notTried(key, flops, options, state);
  if (reason !== null) return trial(null, { ready: false, note: reason });
  const kept = state.kept.get(key);
  const process = kept?.alive ? kept : new TrialProcess(state.script, state.scratch);
  if (contender.slowStart) state.kept.set(key, process);
  const request = { suite: suite.name, shape: shape.name, contender: contender.name, threads, reference, role: 'timed' } as const;
  const prepared = await attempt(() => process.prepare(request, options.limitSeconds));
  if (prepared instanceof TrialFailure) {
    if (prepared.late) state.late.set(key, { shape: shape.name, flops });
    return trial(null, { ready: false, note: prepared.message });
  }
  if (prepared.version !== undefined) state.versions[contender.name] = prepared.version;
  if (!prepared.ready && prepared.lacksSuite) state.absent.set(key, prepared.note);
  if (!prepared.ready && !contender.slowStart) process.end();
  return trial(prepared.ready ? process : null, prepared);
}

async function takeTurns(trials: readonly Trial[], options: RunOptions, state: RunState): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    // Whole numbers that add up to `reps`.
    const repetitions = Math.floor(((round + 1) * options.reps) / ROUNDS) - Math.floor((round * options.reps) / ROUNDS);
    if (repetitions === 0) continue;
    // Another begins each time: what a contender's threads still do after its turn does not always meet the same one.
    const first = trials.length === 0 ? 0 : Math.floor((round * trials.length) / ROUNDS);
    for (const trial of [...trials.slice(first), ...trials.slice(0, first)]) {
      if (state.stopped) return;
      await new Promise((settled) => setTimeout(settled, SETTLE_MS));
      if (!trial.process || trial.failure !== null || trial.spentMs >= options.budgetMs) continue;
      const ask = {
        repetitions,
        budgetMs: options.budgetMs / ROUNDS,
        warmUpMs: trial.samples.length === 0 ? WARM_UP_MS : SHORT_WARM_UP_MS,
      };
      const started = performance.now();
      const sampled = await attempt(() => (trial.process as TrialProcess).sample(ask, options.limitSeconds));
      trial.spentMs += performance.now() - started;
      if (sampled instanceof TrialFailure) trial.failure = sampled.message;
      else trial.samples.push(sampled);
    }
  }
}

/** Prepares and checks every contender, then lets them take turns at the work. Empty if it was stopped. */
export async function runShape({ suite, shape, trials: planned }: PlannedShape, options: RunOptions, state: RunState): Promise<Row[]> {
  const reference = join(state.scratch, 'reference.bin');
  const made = new TrialProcess(state.script, state.scratch);
  // In double and plain: given the time that it takes.
  const request = { suite: suite.name, shape: shape.name, contender: '', threads: 1, reference, role: 'reference' } as const;
  const prepared = await attempt(() => made.prepare(request, 900));
  made.end();
  if (prepared instanceof TrialFailure) throw new Error(`the reference of ${suite.name}/${shape.name} ${prepared.message}`);

  const trials: Trial[] = [];
  const threads = [...new Set(planned.map((t) => t.threads))];
  try {
    for (const one of planned.filter((t) => !state.absent.has(`${suite.name} ${t.contender.name} ${t.threads}`)))
      if (!state.stopped) trials.push(await prepare(one, suite, shape, options, state, reference));
    // The machine's speed moves from minute to minute: the peak is what it is beside the shape.
    const before = measurePeaks(threads);
    await takeTurns(trials, options, state);
    const after = measurePeaks(threads);
    if (state.stopped) return [];
    const larger = (n: string): number => Math.max(before[n] ?? 0, after[n] ?? 0) || (state.limits.fp32Gflops[n] ?? 0);
    const peaks = Object.fromEntries(threads.map((n) => [String(n), larger(String(n))]));
    const rows = trials.map((trial) => rowOf(suite, shape, trial, peaks));
    for (const row of rows) {
      const key = `${suite.name} ${row.contender} ${row.threads}`;
      const known = state.fastest.get(key);
      if (row.gflops !== null && suite.flops(shape) >= TELLING_FLOPS && row.gflops > (known?.gflops ?? 0))
        state.fastest.set(key, { shape: shape.name, gflops: row.gflops });
    }
    return rows;
  } finally {
    const kept = new Set(state.kept.values());
    for (const { process } of trials) if (process && !kept.has(process)) process.end();
  }
}

/** Ends the processes that were kept for a suite. */
export function endKept(state: RunState): void {
  for (const process of state.kept.values()) process.end();
  state.kept.clear();
}
