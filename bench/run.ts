// Times saraf and its peers: every trial a process of its own, checked before it is timed, all taking turns. See --help.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../src/files/atomic.js';
import { toJsonText } from '../src/files/json-text.js';
import { contenders, SARAF } from './contenders/index.js';
import { goals } from './goals.js';
import { goalLines, judge } from './harness/judge.js';
import { describeMachine, measureLimits } from './harness/machine.js';
import { matches, readOptions, UsageError, USAGE, type Options } from './harness/options.js';
import { benchPage } from './harness/page.js';
import { runShape, type RunState } from './harness/run-shape.js';
import { formatMs, terminalTable } from './harness/table.js';
import type { BenchResults, Row } from './harness/types.js';
import { suiteNamed, type AnySuite } from './suites/index.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function bench(options: Options): Promise<BenchResults> {
  const limits = measureLimits(options.threads);
  say(`fp32 peak in GFLOP/s by threads: ${JSON.stringify(limits.fp32Gflops)} (${limits.method})`);
  const rows: Row[] = [];
  const state: RunState = {
    limits,
    versions: { node: process.versions.node },
    late: new Map(),
    scratch: mkdtempSync(join(tmpdir(), 'saraf-bench-')),
  };
  const chosen = { ...options, contenders: contenders.filter((c) => options.contenders.includes(c.name)) };
  try {
    for (const name of options.suites) {
      const suite = suiteNamed(name) as AnySuite;
      for (const shape of suite.shapes.filter((s) => matches(options.shapes, s.name))) {
        for (const row of await runShape(suite, shape, chosen, state)) {
          rows.push(row);
          const share = row.percentOfPeak === null ? '' : `, ${row.percentOfPeak.toFixed(1)} % of peak`;
          say(
            `${name}/${shape.name} ${row.contender} ×${row.threads}: ${row.medianMs === null ? row.note : `${formatMs(row.medianMs)} ms${share}`}`,
          );
        }
      }
    }
  } finally {
    rmSync(state.scratch, { recursive: true, force: true });
  }
  return { date: new Date().toISOString(), machine: describeMachine(), limits, versions: state.versions, rows };
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
    const results = await bench(options);
    console.log(terminalTable(results, SARAF));
    console.log(`\n${goalLines(judge(goals, results.rows, SARAF)).join('\n')}`);
    if (options.json !== null) writeFileAtomic(options.json, toJsonText(results));
    if (options.out !== null) {
      const base = join(options.out, `bench-${results.date.slice(0, 10)}`);
      writeFileAtomic(`${base}.json`, toJsonText(results));
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
