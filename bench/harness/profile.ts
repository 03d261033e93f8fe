import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { partsOf } from './profile-parts.js';
import { TrialFailure, TrialProcess } from './trial-process.js';
import type { Profile } from './types.js';

const run = promisify(execFile);

/** One question of the run: what is profiled. */
export interface ProfiledTrial {
  readonly suite: string;
  readonly shape: string;
  readonly contender: string;
  readonly threads: number;
}

/** Longest time to sample, in milliseconds, and how often a second. A prime, so that it does not beat with the work. */
const SAMPLE_MS = 2000;
const SAMPLES_PER_SECOND = 997;
/** For the sampler to be there before the work begins: it has opened its file by then. */
const ATTACH_MS = 300;
/** More repetitions than the time allows: the time ends it. */
const REPETITIONS = 100_000;

/** Why nothing can be sampled here; null: it can. */
export async function cannotProfile(): Promise<string | null> {
  if (process.platform !== 'linux') return `perf is a tool of Linux; this is ${process.platform}`;
  try {
    await run('perf', ['record', '-q', '-o', '/dev/null', 'true']);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'perf is not installed (Debian: apt install linux-perf)';
    return `perf cannot sample here: ${
      String((error as { stderr?: string }).stderr ?? error)
        .trim()
        .split('\n', 1)[0]
    }`;
  }
}

/** Where the time of a trial goes, by sampling its process while it does the work that is timed. `script`, `scratch`: as of a trial. */
export async function profileTrial(trial: ProfiledTrial, script: string, scratch: string, limitSeconds: number): Promise<Profile> {
  const reference = join(scratch, 'profile-reference.bin');
  const data = join(scratch, 'perf.data');
  const empty = (note: string): Profile => ({ ...trial, samples: 0, parts: [], note });
  const first = new TrialProcess(script, scratch);
  const process = new TrialProcess(script, scratch);
  try {
    await first.prepare({ ...trial, contender: '', threads: 1, reference, role: 'reference' }, 900);
    const prepared = await process.prepare({ ...trial, reference, role: 'timed' }, limitSeconds);
    if (!prepared.ready) return empty(prepared.note);
    // Without a shape's first touch of its memory: what is profiled is the steady state.
    await process.sample({ repetitions: 1, budgetMs: 1, warmUpMs: ATTACH_MS }, limitSeconds);
    const perf = spawn('perf', ['record', '-q', '-F', String(SAMPLES_PER_SECOND), '-p', String(process.pid), '-o', data], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(perf, 'exit');
    await new Promise((attached) => setTimeout(attached, ATTACH_MS));
    await process.sample({ repetitions: REPETITIONS, budgetMs: SAMPLE_MS, warmUpMs: 0 }, limitSeconds);
    perf.kill('SIGINT');
    await ended;
    await readFile(data);
    const { stdout } = await run('perf', ['report', '-i', data, '--stdio', '--no-children', '-F', 'sample,dso,symbol', '-t', '\t'], {
      maxBuffer: 2 ** 28,
    });
    return { ...trial, ...partsOf(stdout), note: '' };
  } catch (error) {
    if (error instanceof TrialFailure) return empty(error.message);
    return empty(`not profiled: ${error instanceof Error ? (error.message.split('\n', 1)[0] as string) : String(error)}`);
  } finally {
    first.end();
    process.end();
  }
}
