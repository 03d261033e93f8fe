// Times saraf and its peers: every trial a process of its own, checked before it is timed. See --help.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/files/atomic.js';
import { toJsonText } from '../src/files/json-text.js';
import { contenders, SARAF } from './contenders/index.js';
import { describeMachine, measureLimits } from './harness/machine.js';
import { readOptions, UsageError, USAGE, type Options } from './harness/options.js';
import { benchPage } from './harness/page.js';
import { runTrial } from './harness/run-trial.js';
import { formatMs, terminalTable } from './harness/table.js';
import type { BenchResults, Limits, Row, TrialReply } from './harness/types.js';
import { suites, type InputsOf, type SuiteName } from './suites/index.js';
import type { Suite } from './suites/suite.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
/** Others on the machine beyond this share make a time doubtful. */
const BUSY = 0.08;

function rowOf(suite: string, shape: string, contender: string, threads: number, flops: number, limits: Limits, reply: TrialReply): Row {
  const { times } = reply;
  const gflops = times ? flops / times.medianMs / 1e6 : null;
  const peak = limits.fp32Gflops[String(threads)];
  const busy = times && times.others > BUSY ? `; others used ${(100 * times.others).toFixed(0)} % of the machine` : '';
  return {
    suite,
    shape,
    contender,
    threads,
    medianMs: times?.medianMs ?? null,
    minMs: times?.minMs ?? null,
    maxMs: times?.maxMs ?? null,
    gflops,
    percentOfPeak: gflops !== null && peak ? (100 * gflops) / peak : null,
    agrees: reply.agrees ?? null,
    note: reply.note + busy,
  };
}

async function bench(options: Options): Promise<BenchResults> {
  const limits = measureLimits(options.threads);
  say(`fp32 peak in GFLOP/s by threads: ${JSON.stringify(limits.fp32Gflops)} (${limits.method})`);
  const versions: Record<string, string> = { node: process.versions.node };
  const rows: Row[] = [];
  const scratch = mkdtempSync(join(tmpdir(), 'saraf-bench-'));
  try {
    for (const name of options.suites) {
      const suite = suites[name] as unknown as Suite<string, InputsOf<SuiteName>>;
      const late = new Map<string, string>();
      for (const shape of suite.shapes) {
        if (options.shapes && !options.shapes.includes(shape.name)) continue;
        const reference = join(scratch, `${name}-${shape.name}.bin`);
        const common = { suite: name, shape: shape.name, reps: options.reps, reference };
        const made = await runTrial({ ...common, contender: '', threads: 1, role: 'reference' }, options.limitSeconds);
        if (made.note !== '') throw new Error(`the reference of ${name}/${shape.name} ${made.note}`);
        for (const contender of contenders.filter((c) => options.contenders.includes(c.name))) {
          const counts = [...new Set(options.threads.map((n) => Math.min(n, contender.maxThreads)))];
          for (const threads of counts) {
            const earlier = late.get(`${contender.name} ${threads}`);
            const reply =
              earlier === undefined
                ? await runTrial({ ...common, contender: contender.name, threads, role: 'timed' }, options.limitSeconds)
                : { note: `not tried: ${earlier}, which is less, took longer than ${options.limitSeconds} s` };
            if (reply.late) late.set(`${contender.name} ${threads}`, shape.name);
            if (reply.version !== undefined) versions[contender.name] = reply.version;
            const row = rowOf(name, shape.name, contender.name, threads, suite.flops(shape), limits, reply);
            rows.push(row);
            say(
              `${name}/${shape.name} ${contender.name} ×${threads}: ${row.medianMs === null ? row.note : `${formatMs(row.medianMs)} ms`}`,
            );
          }
        }
        rmSync(reference);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { date: new Date().toISOString(), machine: describeMachine(), limits, versions, rows };
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
  } else if (options.list) {
    for (const name of options.suites) console.log(`${name}: ${suites[name].shapes.map((s) => JSON.stringify(s)).join(' ')}`);
  } else {
    if (options.threads.some((n) => n > availableParallelism()))
      throw new UsageError(`expected at most ${availableParallelism()} threads on this machine, received ${options.threads.join(',')}`);
    const results = await bench(options);
    console.log(terminalTable(results, SARAF));
    if (options.json !== null) writeFileAtomic(options.json, toJsonText(results));
    if (options.out !== null) {
      const base = join(options.out, `bench-${results.date.slice(0, 10)}`);
      writeFileAtomic(`${base}.json`, toJsonText(results));
      writeFileAtomic(`${base}.html`, benchPage(results, SARAF));
      say(`\nThe page: ${base}.html`);
    }
    const wrong = results.rows.filter((r) => r.contender === SARAF && r.agrees !== true);
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
