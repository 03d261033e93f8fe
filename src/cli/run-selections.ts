import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { formatBytes } from '../data/memory.js';
import { PACKED_RUNS } from '../experiments/packed-runs.js';
import { reproduce, type Reproduced, type ReproduceOptions } from '../experiments/reproduce.js';
import type { Shard } from '../experiments/shard.js';
import { shellWords } from '../files/shell-words.js';
import { formatDuration } from '../reports/format.js';
import type { Language } from '../reports/language/index.js';
import { writeReport } from '../reports/report.js';
import { EXIT, isAbort } from './failure.js';
import { RunProgress } from './progress.js';
import { resultsTable } from './results-table.js';
import type { TrainerPool } from './trainers/pool.js';

/** Runs that a notice names. */
const MOST_NAMED = 8;

export interface RunFlags {
  readonly out: string;
  readonly data?: string;
  /** Of each training. */
  readonly threads?: number;
  /** Trains several runs at once; closed at the end. */
  readonly trainers?: TrainerPool;
  readonly resume?: boolean;
  readonly shard?: Shard;
  /** Rows of the data in the results and the report. Default true. */
  readonly rows?: boolean;
  /** Of the report's labels. Default English. */
  readonly language?: Language;
  /** The command that goes on after Ctrl-C. */
  readonly again: string;
}

/**
 * Runs selections with progress on standard error, then writes each report and prints its tables; `after` is called last. Returns the exit code.
 */
export async function runSelections(
  selections: ReproduceOptions['selections'],
  flags: RunFlags,
  after: (outcomes: readonly Reproduced[]) => void,
): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const progress = new RunProgress();
  const abort = new AbortController();
  const onInterrupt = (): void => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    abort.abort();
    progress.stop();
    say('\nStopping after this step; press Ctrl-C again to stop at once.');
  };
  process.on('SIGINT', onInterrupt);
  const { trainers } = flags;
  abort.signal.addEventListener('abort', () => void trainers?.close());
  const started = performance.now();
  let finished = 0;
  const incomplete: { folder: string; here: number; runs: number }[] = [];
  try {
    const outcomes = await reproduce({
      selections,
      outDir: flags.out,
      load: { dataDir: flags.data, onProgress: (p) => progress.data(p) },
      resume: flags.resume === true,
      rows: flags.rows !== false,
      ...(flags.shard ? { shard: flags.shard } : {}),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
      ...(trainers ? { trainers } : {}),
      signal: abort.signal,
      listener: {
        ready: (experiment, ready, resumed) => {
          const runs = `${ready.jobs.length} ${ready.jobs.length === 1 ? 'run' : 'runs'} for ${ready.cells.length} ${ready.cells.length === 1 ? 'cell' : 'cells'}`;
          say(`${experiment.id}: ${runs}${resumed > 0 ? `, ${resumed} of them finished already` : ''}`);
          if (ready.loaded.standIn !== null) say(`  Stand-in data: ${ready.loaded.standIn}`);
        },
        redefined: (jobs) => {
          const named = jobs.slice(0, MOST_NAMED).map((job) => `${job.label} (${job.id})`);
          const more = jobs.length - named.length;
          say(
            `The definition of the network has changed since ${jobs.length === 1 ? 'this run was' : `these ${jobs.length} runs were`} trained, so ${jobs.length === 1 ? 'it is' : 'they are'} trained again: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
          );
        },
        setAside: (folder, runs) =>
          say(
            `${runs} finished ${runs === 1 ? 'run is' : 'runs are'} trained again and ${runs === 1 ? 'waits' : 'wait'} in ${relative(process.cwd(), folder)} until then; to keep ${runs === 1 ? 'it' : 'them'}, stop, move ${runs === 1 ? 'it' : 'them'} back into runs, and use --resume`,
          ),
        estimate: (estimate) => {
          if (estimate.runs > 0)
            say(
              `Estimate: ${estimate.runs} runs${trainers ? `, ${trainers.count} at once` : ''}, ${formatDuration(estimate.seconds)}, ${formatBytes(estimate.bytes)} of memory`,
            );
          // What an earlier selection left would contradict the runs that are about to be replaced.
          if (flags.resume !== true) {
            for (const { experiment } of selections)
              for (const name of ['results.json', 'report.html']) rmSync(join(flags.out, experiment.id, name), { force: true });
          }
          progress.start(estimate);
        },
        runStart: (job) => progress.runStart(job),
        rows: (job, count) => progress.rows(job, count),
        runEnd: (job, record) => {
          finished++;
          progress.runEnd(job, record);
        },
        runFailed: (_job, error) => say(`${error.message} (the other runs go on)`),
        // Now, since what follows may take days.
        experimentEnd: ({ folder, results, trained, besideTrained }) => {
          writeReport(folder, results, trained, besideTrained, flags.language);
        },
        shardEnd: (folder, here, runs) => void incomplete.push({ folder: relative(process.cwd(), folder) || '.', here, runs }),
      },
    });
    progress.stop();
    for (const { folder, results } of outcomes) {
      const path = join(folder, 'report.html');
      process.stdout.write(`\n${resultsTable(results)}\nReport: ${relative(process.cwd(), path) || path}\n`);
    }
    after(outcomes);
    for (const { folder, here, runs } of incomplete)
      say(
        `\n${here} of ${runs} runs are in ${folder}; results follow when the other shards' are there too. On each machine\n  npx saraf pack ${shellWords([folder])} --out ${PACKED_RUNS.replace('.', '-N.')}\n(N: its shard), lay the files into ${folder} of one machine, and run there with --resume and without --shard.`,
      );
    say(`\nDone in ${formatDuration((performance.now() - started) / 1000)}.`);
    return EXIT.ok;
  } catch (error) {
    progress.stop();
    if (!abort.signal.aborted || !isAbort(error)) throw error;
    say(
      `Stopped. ${finished} finished ${finished === 1 ? 'run is' : 'runs are'} kept in ${relative(process.cwd(), flags.out) || '.'}; go on with\n  ${flags.again}`,
    );
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', onInterrupt);
    await trainers?.close();
  }
}
