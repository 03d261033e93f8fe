import { cpus } from 'node:os';
import type { Job, OwnClock } from '../suites/suite.js';
import type { Sample, SampleRequest } from './types.js';

/** A repetition is as many calls as fill this, so that the clock's grain and a stray interrupt do not show. */
const REPETITION_MS = 20;

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

/** Calls until the time is up; the fastest of them in milliseconds. */
async function warmUp(job: Job, milliseconds: number): Promise<number> {
  const until = performance.now() + milliseconds;
  let fastest = Number.POSITIVE_INFINITY;
  for (let calls = 0; calls === 0 || (performance.now() < until && calls < 1000); calls++) {
    const start = performance.now();
    await job.run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

async function repeat(job: Job, { repetitions, budgetMs, warmUpMs }: SampleRequest): Promise<readonly number[]> {
  const started = performance.now();
  const fastest = await warmUp(job, warmUpMs);
  // A call that fills the budget alone has been timed by its warm-up; the check of its results was a first one.
  if (fastest > budgetMs) return [fastest];
  const calls = Math.max(1, Math.ceil(REPETITION_MS / Math.max(fastest, 1e-4)));
  const times: number[] = [];
  while (times.length < repetitions && (times.length === 0 || performance.now() - started < budgetMs)) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await job.run();
    times.push((performance.now() - start) / calls);
  }
  return times;
}

/** Times a job. The machine's other work is watched meanwhile, for a doubtful time to be marked. */
export async function sample(job: Job, request: SampleRequest): Promise<Sample> {
  const before = processorTime();
  const own = process.cpuUsage();
  const clock: OwnClock = job.sample ? await job.sample(request, REPETITION_MS) : { times: await repeat(job, request), cpuMs: 0 };
  const used = process.cpuUsage(own);
  const after = processorTime();
  const all = after.all - before.all;
  // What another process used for the job is not foreign; where that is not known, nothing can be said.
  const foreign = after.busy - before.busy - (used.user + used.system) / 1000 - (clock.cpuMs ?? Number.POSITIVE_INFINITY);
  return {
    times: clock.times,
    others: all > 0 ? Math.min(1, Math.max(0, foreign / all)) : 0,
    peakBytes: clock.peakBytes ?? process.resourceUsage().maxRSS * 1024,
    note: job.note?.() ?? '',
  };
}

/** Middle of the numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
