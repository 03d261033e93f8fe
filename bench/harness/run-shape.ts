import { join } from 'node:path';
import type { Contender } from '../contenders/contender.js';
import type { AnySuite } from '../suites/index.js';
import type { Shape } from '../suites/suite.js';
import { median } from './measure.js';
import { TrialFailure, TrialProcess } from './trial-process.js';
import type { Limits, Prepared, Row, Sample } from './types.js';

/** Others on the machine beyond this share make a time doubtful. */
const BUSY = 0.08;
/** Contenders take turns this often, so that a slow minute of the machine meets them all. */
const ROUNDS = 5;
const WARM_UP_MS = 300;
/** After another contender had the caches. */
const SHORT_WARM_UP_MS = 30;

export interface RunOptions {
  readonly contenders: readonly Contender[];
  readonly threads: readonly number[];
  readonly reps: number;
  readonly limitSeconds: number;
  /** Time to spend on repetitions of one trial, in milliseconds. */
  readonly budgetMs: number;
}

/** What the run knows across shapes: limits of the machine, versions found, and who was too slow for how much work. */
export interface RunState {
  readonly limits: Limits;
  readonly versions: Record<string, string>;
  /** By suite, contender and threads: the smallest shape that was not finished, and its work. */
  readonly late: Map<string, { readonly shape: string; readonly flops: number }>;
  readonly scratch: string;
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

function rowOf(suite: AnySuite, shape: Shape, trial: Trial, limits: Limits): Row {
  const times = trial.failure === null ? trial.samples.flatMap((s) => s.times) : [];
  const timed = times.length > 0;
  const ms = timed ? median(times) : null;
  const flops = suite.flops(shape);
  const gflops = ms !== null && flops > 0 ? flops / ms / 1e6 : null;
  const peak = limits.fp32Gflops[String(trial.threads)];
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
    percentOfPeak: gflops !== null && peak ? (100 * gflops) / peak : null,
    agrees: trial.prepared.agrees ?? null,
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

async function prepareAll(suite: AnySuite, shape: Shape, options: RunOptions, state: RunState, reference: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  const flops = suite.flops(shape);
  for (const contender of options.contenders) {
    for (const threads of new Set(options.threads.map((n) => Math.min(n, contender.maxThreads)))) {
      const key = `${suite.name} ${contender.name} ${threads}`;
      const earlier = state.late.get(key);
      const trial = (process: TrialProcess | null, prepared: Prepared): void =>
        void trials.push({ contender: contender.name, threads, process, prepared, samples: [], spentMs: 0, failure: null });
      if (earlier && earlier.flops <= flops) {
        trial(null, {
          ready: false,
          note: `not tried: ${earlier.shape}, which is no more work, took longer than ${options.limitSeconds} s`,
        });
        continue;
      }
      const process = new TrialProcess();
      const request = { suite: suite.name, shape: shape.name, contender: contender.name, threads, reference, role: 'timed' } as const;
      const prepared = await attempt(() => process.prepare(request, options.limitSeconds));
      if (prepared instanceof TrialFailure) {
        if (prepared.late) state.late.set(key, { shape: shape.name, flops });
        trial(null, { ready: false, note: prepared.message });
        continue;
      }
      if (prepared.version !== undefined) state.versions[contender.name] = prepared.version;
      if (!prepared.ready) process.end();
      trial(prepared.ready ? process : null, prepared);
    }
  }
  return trials;
}

/** Prepares and checks every contender, then lets them take turns at the work. */
export async function runShape(suite: AnySuite, shape: Shape, options: RunOptions, state: RunState): Promise<Row[]> {
  const reference = join(state.scratch, 'reference.bin');
  const made = new TrialProcess();
  // In double and plain: given the time that it takes.
  const request = { suite: suite.name, shape: shape.name, contender: '', threads: 1, reference, role: 'reference' } as const;
  const prepared = await attempt(() => made.prepare(request, 900));
  made.end();
  if (prepared instanceof TrialFailure) throw new Error(`the reference of ${suite.name}/${shape.name} ${prepared.message}`);

  const trials = await prepareAll(suite, shape, options, state, reference);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      // Whole numbers that add up to `reps`.
      const repetitions = Math.floor(((round + 1) * options.reps) / ROUNDS) - Math.floor((round * options.reps) / ROUNDS);
      if (repetitions === 0) continue;
      for (const trial of trials) {
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
  } finally {
    for (const trial of trials) trial.process?.end();
  }
  return trials.map((trial) => rowOf(suite, shape, trial, state.limits));
}
