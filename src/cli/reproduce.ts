import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Option, type Command } from 'commander';
import { loadAddon } from '../backend/native.js';
import type { Precision } from '../backend/backend.js';
import { SarafError } from '../errors.js';
import { isExperimentFile, readExperimentFile } from '../experiments/experiment-file.js';
import { PROTOCOLS, SCALES, type Experiment, type Protocol, type Scale } from '../experiments/experiment.js';
import { addToKerasRecord } from '../experiments/keras-record.js';
import { experiments, findExperiment } from '../experiments/registry.js';
import type { ReproduceOptions } from '../experiments/reproduce.js';
import { parametersInWords, type Settings } from '../experiments/settings.js';
import { shellWords } from '../files/shell-words.js';
import type { Shard } from '../experiments/shard.js';
import { formatScore } from '../reports/format.js';
import type { Language } from '../reports/language/index.js';
import { writeOverview } from '../reports/overview.js';
import { EXIT } from './failure.js';
import { comparisonTable, compareWithKeras } from './keras-comparison.js';
import {
  collect,
  collectSettings,
  collectWhole,
  languageOption,
  positiveInteger,
  precisionList,
  shard,
  threadsOption,
  verboseOption,
} from './options.js';
import { runSelections } from './run-selections.js';
import { TRAINER, TrainerPool } from './trainers/pool.js';
import { serveTrainer } from './trainers/serve.js';

/** Variants of a factor that --list shows in full. */
const MOST_SHOWN = 12;

interface ReproduceFlags {
  list?: boolean;
  default?: boolean;
  all?: boolean;
  factor?: string[];
  variant?: string[];
  set?: Settings;
  protocol: Protocol | 'both';
  scale: Scale;
  seeds?: number;
  threads?: number;
  jobs: number;
  shard?: Shard;
  trainer?: boolean;
  data?: string;
  out: string;
  resume?: boolean;
  rows: boolean;
  language: Language;
  mask: 'on' | 'off' | 'both';
  keras?: string;
  predictions?: string;
  precision: Precision[];
}

/** A factor's variants, of a long list those with a published figure. */
function variantsOf({ variants }: Experiment['factors'][number]): string {
  const shown = variants.length > MOST_SHOWN ? variants.filter((v) => v.published !== null) : variants;
  const others = variants.length - shown.length;
  return [...shown.map((v) => `${v.name} (${formatScore(v.published)})`), ...(others > 0 ? [`and ${others} more`] : [])].join(' · ');
}

/** What is there to be run again, in words. */
export function listing(among: readonly Experiment[]): string {
  return among
    .map((e) => {
      const factors = e.factors.map(
        (f) => `    --factor ${f.name.padEnd(10)} ${f.title}${f.onDemand === true ? ' (only where it is named)' : ''}: ${variantsOf(f)}`,
      );
      const masks = e.masks.some((m) => m !== null) ? `\n    --mask ${e.masks.join(' | ')} | both` : '';
      return `${e.id}\n  ${e.title}\n  ${e.document}; data: ${e.data.join(', ')}; ${e.metric} as published in brackets\n${factors.join('\n')}${masks}\n    --set KEY=VALUE: ${parametersInWords(e)}`;
    })
    .join('\n\n');
}

function selected(ids: readonly string[], flags: ReproduceFlags, among: readonly Experiment[]): ReproduceOptions['selections'] {
  if (flags.all === true && (ids.length > 0 || flags.default === true))
    throw new SarafError(
      'ERR_ARG',
      'reproduce',
      `expected --all alone, received it with ${ids.join(', ') || '--default'}; leave one of them out`,
    );
  const declared = ids.filter(isExperimentFile).map((path) => readExperimentFile(path, 'reproduce'));
  const named = ids.filter((id) => !isExperimentFile(id)).map((id) => findExperiment(id, among));
  const chosen: readonly Experiment[] = flags.all
    ? among
    : flags.default === true && ids.length === 0
      ? among.filter((e) => e.defaultFactors.length > 0).toReversed()
      : [...named, ...declared.map((d) => d.experiment)];
  if (chosen.length === 0) {
    throw new SarafError(
      'ERR_ARG',
      'reproduce',
      `expected an experiment (${among.map((e) => e.id).join(', ')}), received none; saraf reproduce --list shows them, --default runs a short selection, --all everything`,
    );
  }
  const ownIds = chosen.map((e) => e.id);
  const twice = ownIds.find((id, i) => ownIds.indexOf(id) < i && chosen[ownIds.indexOf(id)] !== chosen[i]);
  if (twice !== undefined)
    throw new SarafError('ERR_ARG', 'reproduce', `expected experiments with folders of their own, received two of the name ${twice}`);
  return [...new Set(chosen)].map((experiment) => {
    const own = declared.find((d) => d.experiment === experiment);
    const known: readonly Protocol[] = own?.protocols ?? PROTOCOLS;
    const protocols = flags.protocol === 'both' ? known : [flags.protocol];
    const odd = protocols.find((p) => !known.includes(p));
    if (odd !== undefined)
      throw new SarafError('ERR_ARG', 'reproduce', `expected --protocol ${known.join(' or ')} or both for ${experiment.id}, received ${odd}; ${odd === 'published' ? 'nothing is published of it, unless its file says' : 'its file says'} protocols: [${PROTOCOLS.join(', ')}]`); // prettier-ignore
    const factors = flags.factor ?? (flags.default === true ? experiment.defaultFactors : undefined);
    const seeds = flags.seeds ?? own?.seeds;
    return {
      experiment,
      selection: {
        scale: flags.scale,
        ...(factors ? { factors } : {}),
        ...(flags.variant ? { variants: flags.variant } : {}),
        ...(flags.set ? { set: flags.set } : {}),
        protocols,
        ...(flags.mask === 'both' ? {} : { masks: [flags.mask] }),
        ...(seeds === undefined ? {} : { seeds }),
        precision: flags.precision,
      },
    };
  });
}

/** The command that goes on after Ctrl-C. */
function resumeCommand(ids: readonly string[], flags: ReproduceFlags, args: readonly string[]): string {
  if (flags.default === true && ids.length === 0)
    return `npm start -- ${shellWords([...args.filter((a) => a !== 'reproduce' && a !== '--default' && a !== '--resume'), '--resume'])}`;
  return `npx saraf ${shellWords([...args.filter((a) => a !== '--resume'), '--resume'])}`;
}

/** With several trainings at once each has its part of the threads. */
function threadsOf(flags: ReproduceFlags): number | undefined {
  if (flags.threads !== undefined || flags.jobs === 1) return flags.threads;
  return Math.max(1, Math.floor(loadAddon().native.threads() / flags.jobs));
}

async function run(ids: readonly string[], flags: ReproduceFlags, args: readonly string[], among: readonly Experiment[]): Promise<number> {
  const selections = selected(ids, flags, among);
  const threads = threadsOf(flags);
  if (flags.trainer === true) {
    if (threads !== undefined) loadAddon().native.setThreads(threads);
    return serveTrainer(selections, flags.out, flags.data);
  }
  const options = {
    ...flags,
    ...(threads === undefined ? {} : { threads }),
    ...(flags.jobs === 1 ? {} : { trainers: new TrainerPool(flags.jobs, [...args, TRAINER]) }),
    again: resumeCommand(ids, flags, args),
  };
  return runSelections(selections, options, (outcomes) => {
    if (flags.all !== true || outcomes.length < selections.length) return;
    const entries = outcomes.map(({ results }) => ({ results, report: `${results.experiment}/report.html` }));
    const path = writeOverview(flags.out, entries, flags.language);
    process.stdout.write(`\nOverview: ${relative(process.cwd(), path) || path}\n`);
  });
}

const EXAMPLES = `
Examples:
  saraf reproduce --list                                   what there is, with the published figures
  saraf reproduce nusax-lstm --factor direction --seeds 3  one factor of one experiment
  saraf reproduce --all                                    every experiment at quick scale, and overview.html over all of them
  saraf reproduce news-c-lstm --variant "* / 16 / 1e-3"    every size of the sweep at one batch and learning rate
  saraf reproduce nusax-lstm --set embedding=64 --set optimizer=rmsprop   what the document does not state, otherwise
  saraf reproduce cifar10-cnn --scale full --resume        all of it, going on after an interruption
  saraf reproduce halodoc-cnn-bilstm --jobs 4              four trainings at once, each with a quarter of the threads
  saraf reproduce news-c-lstm --scale full --shard 2/3     a third of the runs, on the second of three machines
  saraf reproduce cifar10-cnn --factor pooling --precision float32,bfloat16   both, with their losses in one chart
  saraf reproduce --keras model.keras --predictions reference.json   a model that Keras trained, here
  saraf reproduce nusax-rnn --resume --keras model.keras --predictions reference.json   the same, as a part of that experiment's report
  saraf reproduce nusax-lstm --mask on --protocol leak-free --data ../datasets
  saraf reproduce nusax-rnn --scale full --resume --no-rows   the report once more, with nothing of the data in it
  saraf reproduce reviews.yaml                             one of your own: file, text, label, models, vary, seeds, published, claims

Each experiment's folder gets results.json, report.html, charts/*.json and a folder per run.
saraf report DIR writes overview.html from the results that are there.`;

/** Adds `saraf reproduce`. `done` receives the exit code. */
export function reproduceCommand(
  program: Command,
  args: readonly string[],
  done: (code: number) => void,
  among: readonly Experiment[] = experiments,
): void {
  program
    .command('reproduce')
    .description('run published experiments again and set the results beside the published figures')
    .argument('[experiment...]', 'experiments to run, see --list, or YAML files with experiments of your own')
    .option('--list', 'list experiments, factors and published figures')
    .option('--all', 'every experiment with every factor, and overview.html over all of them')
    .option('--default', 'a short selection: LSTM direction and CNN pooling, what npm start runs')
    .option('--factor <name>', 'only this factor (may be repeated)', collect)
    .option('--variant <name>', 'only this variant (may be repeated); * stands for any letters', collectWhole)
    .option(
      '--set <key=value>',
      'another value for a parameter, see --list (may be repeated): JSON or a text. A variant keeps a value of its own; one that departs from the document is marked',
      collectSettings,
    )
    .addOption(
      new Option('--protocol <which>', 'as the document did it, without leaks, or both').choices([...PROTOCOLS, 'both']).default('both'),
    )
    .addOption(new Option('--scale <scale>', 'quick: minutes; full: all data, epochs and seeds').choices([...SCALES]).default('quick'))
    .option('--seeds <n>', 'seeds per cell (default: what the scale says)', positiveInteger)
    .addOption(new Option('--mask <which>', 'mask padding, where there is any').choices(['on', 'off', 'both']).default('both'))
    .option(
      '--precision <which>',
      'how products are made: float32 (default), bfloat16 where the processor has it (saraf doctor), or both, set side by side',
      precisionList,
      ['float32'] satisfies Precision[],
    )
    .addOption(threadsOption())
    .option(
      '--jobs <n>',
      'trainings at once, each in a process of its own with its part of the threads; the results are the same',
      positiveInteger,
      1,
    )
    .option(
      '--shard <index/count>',
      'train only this part of the runs, the same on every machine; saraf pack brings the parts together',
      shard,
    )
    .addOption(new Option(TRAINER).hideHelp())
    .option('--data <dir>', 'folder with copies of the data sets (default: SARAF_DATA)')
    .option('--out <dir>', 'where results go', 'out')
    .option('--resume', 'keep runs that are finished')
    .option(
      '--no-rows',
      "leave the data's own texts and pictures out of results and report, which may then be passed on where the data may not",
    )
    .addOption(languageOption())
    .option(
      '--keras <model>',
      'run this model of Keras and compare it with --predictions; with an experiment: for its report, without: instead of training',
    )
    .option('--predictions <file>', "Keras' predictions on the test set, as thesis/*/reference.json of the fixtures holds them")
    .addOption(verboseOption())
    .addHelpText('after', EXAMPLES)
    .action(async (ids: string[], flags: ReproduceFlags) => {
      if (flags.list === true) {
        process.stdout.write(`${listing(among)}\n`);
        return done(EXIT.ok);
      }
      if (flags.trainer !== true && (flags.keras !== undefined || flags.predictions !== undefined)) {
        if (flags.keras === undefined || flags.predictions === undefined)
          throw new SarafError('ERR_ARG', 'reproduce', 'expected --keras MODEL and --predictions FILE together, received one of them');
        if (ids.length > 1)
          throw new SarafError('ERR_ARG', 'reproduce', `expected --keras with one experiment or none, received ${ids.join(', ')}`);
        if (flags.threads !== undefined) loadAddon().native.setThreads(flags.threads);
        const comparison = await compareWithKeras(flags.keras, flags.predictions, flags.data);
        process.stdout.write(`${comparisonTable(comparison)}\n`);
        // With an experiment it becomes part of that experiment's results.
        if (ids.length === 0) return done(comparison.different === 0 ? EXIT.ok : EXIT.failed);
        addToKerasRecord(join(flags.out, findExperiment(ids[0] as string, among).id), comparison);
      }
      if (statSync(flags.out, { throwIfNoEntry: false })?.isDirectory() === false)
        throw new SarafError('ERR_ARG', 'reproduce', `expected --out to be a folder, received the file ${flags.out}`);
      return done(await run(ids, flags, args, among));
    });
}
