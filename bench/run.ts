// Times saraf and its peers: every trial a process of its own, checked before it is timed, all taking turns. See --help.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/files/atomic.js';
import { toJsonText } from '../src/files/json-text.js';
import { contenders, SARAF } from './contenders/index.js';
import { goals } from './goals.js';
import { goalLines, judge } from './harness/judge.js';
import { bundledTrial } from './harness/bundle.js';
import { describeMachine, measureLimits } from './harness/machine.js';
import { readOptions, UsageError, USAGE, type Options } from './harness/options.js';
import { benchPage } from './harness/page.js';
import { plan, type PlannedShape } from './harness/plan.js';
import { cannotProfile, profileTrial, type ProfiledTrial } from './harness/profile.js';
import { endKept, runShape, type RunState } from './harness/run-shape.js';
import { formatMs, terminalTable } from './harness/table.js';
import type { BenchResults, Profile, Row } from './harness/types.js';
import { suiteNamed, type AnySuite } from './suites/index.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
/** Shapes are written whole. */
const isDone = (done: readonly Row[], { suite, shape }: PlannedShape): boolean =>
  done.some((r) => r.suite === suite.name && r.shape === shape.name);

/** What an interrupted run left; a run of another machine cannot be gone on with. */
function earlier(file: string): BenchResults {
  const results = JSON.parse(readFileSync(file, 'utf8')) as BenchResults;
  const { cpu, cores } = describeMachine();
  if (results.machine.cpu !== cpu || results.machine.cores !== cores)
    throw new UsageError(`expected a result of this machine (${cpu}) to resume, received one of ${results.machine.cpu}`);
  return results;
}

/** What is profiled: each shape once, at the number of threads at which it was fastest. */
function profiled(which: Options['profile'], rows: readonly Row[]): ProfiledTrial[] {
  const trials =
    which === 'all'
      ? rows.filter((r) => r.contender === SARAF && r.medianMs !== null)
      : judge(goals, rows, SARAF).flatMap(({ met, suite, shape, ownName: contender, ownThreads: threads }) =>
          which === 'missed' && met === false && threads !== null ? [{ suite, shape, contender, threads }] : [],
        );
  const keys = trials.map((t) => `${t.suite} ${t.shape} ${t.contender}`);
  return trials
    .filter((_, i) => keys.indexOf(keys[i] as string) === i)
    .map(({ suite, shape, contender, threads }) => ({ suite, shape, contender, threads }));
}

async function bench(options: Options, save: (results: BenchResults) => void): Promise<BenchResults> {
  const before = options.resume === null ? null : earlier(options.resume);
  const limits = before?.limits ?? measureLimits(options.threads);
  say(`fp32 peak in GFLOP/s by threads: ${JSON.stringify(limits.fp32Gflops)} (${limits.method})`);
  const chosen = plan({ ...options, contenders: contenders.filter((c) => options.contenders.includes(c.name)) });
  const rows: Row[] = [...(before?.rows ?? [])];
  const profiles: Profile[] = [...(before?.profiles ?? [])];
  const left = chosen.filter((planned) => !isDone(rows, planned));
  const state: RunState = {
    limits,
    versions: { ...before?.versions, node: process.versions.node },
    late: new Map(),
    fastest: new Map(),
    absent: new Map(),
    kept: new Map(),
    script: await bundledTrial(),
    scratch: mkdtempSync(join(tmpdir(), 'saraf-bench-')),
    stopped: false,
  };
  const results = (): BenchResults => ({
    date: before?.date ?? new Date().toISOString(),
    machine: describeMachine(),
    limits,
    versions: state.versions,
    rows,
    profiles,
  });
  const stop = (): void => {
    if (state.stopped) process.exit(130);
    state.stopped = true;
    say('\nStopping after the question that is being answered; once more ends at once. What is done is kept: --resume goes on.');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const started = performance.now();
  try {
    for (const [i, planned] of left.entries()) {
      if (state.stopped) break;
      const { suite, shape } = planned;
      if (suite !== left[i - 1]?.suite) endKept(state);
      const done = await runShape(planned, options, state);
      rows.push(...done);
      save(results());
      for (const row of done) {
        const share = row.percentOfPeak === null ? '' : `, ${row.percentOfPeak.toFixed(1)} % of peak`;
        say(
          `${suite.name}/${shape.name} ${row.contender} ×${row.threads}: ${row.medianMs === null ? row.note : `${formatMs(row.medianMs)} ms${share}`}`,
        );
      }
      const minutes = (((performance.now() - started) / (i + 1)) * (left.length - i - 1)) / 60e3;
      if (left.length > 1)
        say(
          `[${i + 1} of ${left.length} shapes, about ${minutes < 1 ? `${(60 * minutes).toFixed(0)} s` : `${minutes.toFixed(0)} min`} left]`,
        );
    }
    const isNew = (t: ProfiledTrial): boolean =>
      !profiles.some((p) => p.suite === t.suite && p.shape === t.shape && p.contender === t.contender);
    const asked = profiled(options.profile, rows).filter(isNew);
    const reason = asked.length === 0 ? null : await cannotProfile();
    if (reason !== null) say(`Where the time goes is not shown: ${reason}`);
    endKept(state);
    for (const trial of asked) {
      if (state.stopped) break;
      const profile =
        reason === null
          ? await profileTrial(trial, state.script, state.scratch, options.limitSeconds)
          : { ...trial, samples: 0, parts: [], note: reason };
      profiles.push(profile);
      save(results());
      const shares = profile.parts.slice(0, 4).map(({ name, share }) => `${name} ${(100 * share).toFixed(0)} %`);
      if (reason === null) say(`profile of ${trial.suite}/${trial.shape}: ${profile.note || shares.join(', ')}`);
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    endKept(state);
    rmSync(state.scratch, { recursive: true, force: true });
    rmSync(state.script, { force: true });
  }
  if (state.stopped) process.exitCode = 130;
  return results();
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
  } else if (options.list) {
    for (const name of options.suites) for (const s of (suiteNamed(name) as AnySuite).shapes) console.log(`${name}: ${JSON.stringify(s)}`);
  } else {
    if (options.threads.some((n) => n > availableParallelism()))
      throw new UsageError(`expected at most ${availableParallelism()} threads on this machine, received ${options.threads.join(',')}`);
    const base = options.out === null ? null : join(options.out, `bench-${new Date().toISOString().slice(0, 10)}`);
    const files = [options.json, base === null ? null : `${base}.json`].filter((file) => file !== null);
    const results = await bench(options, (soFar) => files.forEach((file) => writeFileAtomic(file, toJsonText(soFar))));
    console.log(terminalTable(results, SARAF));
    console.log(`\n${goalLines(judge(goals, results.rows, SARAF)).join('\n')}`);
    for (const file of files) writeFileAtomic(file, toJsonText(results));
    if (base !== null) {
      writeFileAtomic(`${base}.html`, benchPage(results, SARAF));
      say(`\nThe page: ${base}.html`);
    }
    const wrong = results.rows.filter((r) => r.contender === SARAF && r.agrees !== true && !r.note.startsWith('not available'));
    if (wrong.length > 0) {
      say(`saraf itself did not pass: ${wrong.map((r) => `${r.suite}/${r.shape}: ${r.note}`).join('; ')}`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  say(`saraf bench: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) say('See npm run bench -- --help');
  process.exitCode = 1;
}
