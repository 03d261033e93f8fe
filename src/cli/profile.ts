import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Option, type Command } from 'commander';
import { loadAddon } from '../backend/native.js';
import { SarafError } from '../errors.js';
import { SCALES, type Experiment, type Scale } from '../experiments/experiment.js';
import { writeFileAtomic } from '../files/atomic.js';
import { readyExperiment, type Job } from '../experiments/jobs.js';
import { experiments } from '../experiments/registry.js';
import { freshModel, labelTensor } from '../experiments/train.js';
import { kernelVersion } from '../experiments/verify/hashes.js';
import { loadModel } from '../models/load.js';
import type { Model } from '../models/model.js';
import { measurePeaks } from '../models/profile/peaks.js';
import { profileRun } from '../models/profile/run.js';
import { sampleData } from '../models/profile/sample-data.js';
import type { Span } from '../models/profile/spans.js';
import { summarize } from '../models/profile/summarize.js';
import { TraceFile } from '../models/profile/trace-file.js';
import { Tracer } from '../models/profile/tracer.js';
import type { Tensor } from '../tensor/tensor.js';
import { EXIT, isAbort } from './failure.js';
import { collect, collectWhole, positiveInteger, threadsOption, verboseOption } from './options.js';
import { legend, profilePage, profileTable } from './profile-table.js';

interface ProfileFlags {
  factor?: string[];
  variant?: string[];
  scale: Scale;
  mask?: 'on' | 'off';
  steps: number;
  batch?: number;
  length: number;
  threads?: number;
  data?: string;
  out?: string;
}

/** One model with rows to run it on. */
interface Subject {
  readonly title: string;
  readonly note: string;
  readonly batchSize: number;
  make(): { model: Model; x: readonly Tensor[]; y: readonly Tensor[] | null };
}

function jobSubject(job: Job, flags: ProfileFlags): Subject {
  const { train } = job.prepared;
  const batchSize = flags.batch ?? job.config.batchSize;
  return {
    title: job.label,
    note: `training, ${Math.min(batchSize, train.labels.length)} rows of its data per step, scale ${flags.scale}`,
    batchSize,
    make: () => ({ model: freshModel(job), x: [train.x], y: [labelTensor(train)] }),
  };
}

async function experimentSubjects(experiment: Experiment, flags: ProfileFlags, signal: AbortSignal): Promise<Subject[]> {
  const ready = await readyExperiment(experiment, {
    selection: {
      scale: flags.scale,
      seeds: 1,
      protocols: ['leak-free'],
      factors: flags.factor ?? (flags.variant ? [] : experiment.defaultFactors.slice(0, 1)),
      ...(flags.variant ? { variants: flags.variant } : {}),
      ...(flags.mask ? { masks: [flags.mask] } : {}),
    },
    load: { dataDir: flags.data, signal, onProgress: undefined },
    kernels: kernelVersion(),
  });
  // Without a factor one model is enough; all masks of a variant show what masking saves.
  const first = ready.jobs[0]?.label;
  return ready.jobs
    .filter((job) => flags.factor !== undefined || flags.variant !== undefined || job.label === first)
    .map((job) => jobSubject(job, flags));
}

async function modelSubject(folder: string, flags: ProfileFlags): Promise<Subject> {
  const model = await loadModel(folder);
  const batchSize = flags.batch ?? 32;
  const rows = sampleData(model, batchSize, flags.length);
  const length = rows.guessedLength ? `, axes of any length taken as ${flags.length} (--length)` : '';
  return {
    title: basename(folder),
    note: `${rows.y ? 'training' : 'inference (the model is not compiled)'}, ${batchSize} random rows per step${length}`,
    batchSize,
    make: () => ({ model, x: rows.x, y: rows.y }),
  };
}

async function subjectsOf(what: string, flags: ProfileFlags, among: readonly Experiment[], signal: AbortSignal): Promise<Subject[]> {
  const experiment = among.find((e) => e.id === what);
  if (experiment) return experimentSubjects(experiment, flags, signal);
  if (existsSync(what) && statSync(what).isDirectory()) return [await modelSubject(what, flags)];
  throw new SarafError(
    'ERR_ARG',
    'profile',
    `expected a folder that model.save wrote or an experiment (${among.map((e) => e.id).join(', ')}), received ${JSON.stringify(what)}; saraf reproduce --list shows the experiments`,
  );
}

/** Trace and page beside each other: `--out x.html` also writes x.json. Several models get a number. */
function outPaths(what: string, flags: ProfileFlags, index: number, count: number): { trace: string; page: string | null } {
  const given = flags.out ?? join('out', `profile-${basename(what) || 'model'}.json`);
  const stem = given.replace(/\.(json|html)$/, '') + (count > 1 ? `-${index + 1}` : '');
  return { trace: `${stem}.json`, page: given.endsWith('.html') ? `${stem}.html` : null };
}

async function profileOne(subject: Subject, flags: ProfileFlags, trace: TraceFile, signal: AbortSignal): Promise<Span[]> {
  const spans: Span[] = [];
  const tracer = new Tracer((some) => {
    for (const span of some) spans.push(span);
    trace.append(some);
  });
  const { model, x, y } = subject.make();
  try {
    await profileRun(model, { x, y, batchSize: subject.batchSize, steps: flags.steps, tracer, signal });
  } catch (error) {
    if (!signal.aborted || !isAbort(error)) throw error;
  }
  return spans;
}

async function profile(what: string, flags: ProfileFlags, among: readonly Experiment[]): Promise<number> {
  if (flags.threads !== undefined) loadAddon().native.setThreads(flags.threads);
  const abort = new AbortController();
  const onInterrupt = (): void => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    abort.abort();
    process.stderr.write('\nStopping after this step; press Ctrl-C again to stop at once.\n');
  };
  process.on('SIGINT', onInterrupt);
  try {
    const subjects = await subjectsOf(what, flags, among, abort.signal);
    // Files first: a path that cannot be written is said before anything is measured.
    const places = subjects.map((_, i) => outPaths(what, flags, i, subjects.length));
    const files = places.map(({ trace }) => new TraceFile(trace));
    const peaks = measurePeaks();
    for (const [i, subject] of subjects.entries()) {
      const { trace, page } = places[i] as (typeof places)[number];
      const file = files[i] as TraceFile;
      const spans = abort.signal.aborted ? [] : await profileOne(subject, flags, file, abort.signal);
      file.close();
      const result = summarize(spans, peaks);
      if (result.steps > 0) {
        process.stdout.write(`\n${subject.title}: ${subject.note}\n${profileTable(result)}\n`);
        if (page !== null) writeFileAtomic(page, profilePage(subject.title, subject.note, result, peaks));
      }
      process.stdout.write(
        `Trace: ${trace} (opens in Perfetto, ui.perfetto.dev, and in Chrome, about:tracing)${page !== null && result.steps > 0 ? `\nPage: ${page}` : ''}\n`,
      );
    }
    process.stdout.write(`\n${legend(peaks).join('\n')}\n`);
    return abort.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

const EXAMPLES = `
Examples:
  saraf profile nusax-lstm --factor direction       every variant of a factor, on its own data
  saraf profile nusax-rnn --variant "Bi-64*" --scale full   at the document's size
  saraf profile models/sentiment --batch 64         a folder that model.save wrote, on random rows
  saraf profile cifar10-cnn --out out/cnn.html      a page with a chart, and out/cnn.json beside it
  SARAF_TRACE=1 saraf reproduce nusax-lstm          the trace of any run, in out/`;

/** Adds `saraf profile`. `done` receives the exit code. */
export function profileCommand(program: Command, done: (code: number) => void, among: readonly Experiment[] = experiments): void {
  program
    .command('profile')
    .description('print what each layer costs in each pass and what bounds it, and write a trace for Perfetto or Chrome')
    .argument('<model|experiment>', 'a folder that model.save wrote, or an experiment of saraf reproduce --list')
    .option('--factor <name>', 'every variant of this factor instead of the first model (may be repeated)', collect)
    .option('--variant <name>', 'models of these variants (may be repeated); * stands for any letters', collectWhole)
    .addOption(new Option('--scale <scale>', 'the size of data and model, as reproduce has it').choices([...SCALES]).default('quick'))
    .addOption(new Option('--mask <which>', 'mask padding or not, where there is any').choices(['on', 'off']))
    .option('--steps <n>', 'steps to measure, after three to warm up', positiveInteger, 20)
    .option('--batch <n>', 'rows per step (default: the experiment’s, 32 for a folder)', positiveInteger)
    .option('--length <n>', 'length of axes that a saved model leaves open', positiveInteger, 100)
    .addOption(threadsOption())
    .option('--data <dir>', 'folder with copies of the data sets (default: SARAF_DATA)')
    .option('--out <file>', 'trace (.json), or page with a chart (.html) and the trace beside it (default: out/profile-….json)')
    .addOption(verboseOption())
    .addHelpText('after', EXAMPLES)
    .action(async (what: string, flags: ProfileFlags) => done(await profile(what, flags, among)));
}
