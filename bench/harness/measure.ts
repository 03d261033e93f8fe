import { cpus } from 'node:os';
import type { Times } from './types.js';

/** A repetition is as many calls as fill this, so that the clock's grain and a stray interrupt do not show. */
const REPETITION_MS = 20;
/** A long run ends after this, if three repetitions are there; one alone will do if it takes longer than this. */
const BUDGET_MS = 8000;
const WARM_UP_MS = 300;

/** Processor time of the whole machine: busy and all, in milliseconds. */
function processorTime(): { readonly busy: number; readonly all: number } {
  let busy = 0;
  let all = 0;
  for (const { times } of cpus()) {
    const total = times.user + times.nice + times.sys + times.idle + times.irq;
    all += total;
    busy += total - times.idle;
  }
  return { busy, all };
}

/** Times `run` after a warm-up, the check of its results having been a first one. Units: milliseconds a call. */
export async function measure(run: () => void | Promise<void>, reps: number): Promise<Times> {
  const warmUntil = performance.now() + WARM_UP_MS;
  let calls = 0;
  let fastest = Number.POSITIVE_INFINITY;
  do {
    const start = performance.now();
    await run();
    fastest = Math.min(fastest, performance.now() - start);
    calls++;
  } while (performance.now() < warmUntil && calls < 1000);

  const least = fastest > BUDGET_MS ? 1 : 3;
  const inner = Math.max(1, Math.ceil(REPETITION_MS / Math.max(fastest, 1e-4)));
  const before = processorTime();
  const own = process.cpuUsage();
  const started = performance.now();
  const times: number[] = [];
  while (times.length < reps && (times.length < Math.min(least, reps) || performance.now() - started < BUDGET_MS)) {
    const start = performance.now();
    for (let i = 0; i < inner; i++) await run();
    times.push((performance.now() - start) / inner);
  }
  const used = process.cpuUsage(own);
  const after = processorTime();
  const all = after.all - before.all;
  const foreign = after.busy - before.busy - (used.user + used.system) / 1000;
  times.sort((a, b) => a - b);
  return {
    medianMs: median(times),
    minMs: times[0] ?? Number.NaN,
    maxMs: times.at(-1) ?? Number.NaN,
    others: all > 0 ? Math.min(1, Math.max(0, foreign / all)) : 0,
  };
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
