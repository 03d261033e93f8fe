import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SarafError } from '../errors.js';
import type { Reproduced } from '../experiments/reproduce.js';
import { TABLE_MODELS, tableExperiment, type TableModel } from '../experiments/table-experiment.js';
import { shellWords } from '../files/shell-words.js';
import { STEP_NAMES, type TextStep } from '../text/pipeline/steps.js';
import type { Language } from '../reports/language/index.js';
import { collect, languageOption, positiveInteger, threadsOption, verboseOption } from './options.js';
import { runSelections } from './run-selections.js';

interface TrainFlags {
  text: string;
  label: string;
  test?: string;
  model: TableModel[];
  steps: string[];
  encoding: 'utf-8' | 'latin1';
  epochs: number;
  batch: number;
  length: number;
  seeds: number;
  threads?: number;
  language: Language;
  out: string;
  resume?: boolean;
}

function listOf(what: string, known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const names = collect(text, undefined);
    const unknown = names.filter((name) => !known.includes(name));
    if (names.length === 0 || unknown.length > 0)
      throw new InvalidArgumentError(`Expected ${what} among ${known.join(', ')}, with commas.`);
    return [...new Set(names)];
  };
}

/** What a person does next, with the run that its validation part speaks for. */
export function nextCommands({ folder, results }: Reproduced): string {
  const cells = results.cells.filter((c) => c.runs.length > 0);
  const [first] = cells;
  if (!first) return '';
  const best = cells.reduce((a, b) => (b.validation > a.validation ? b : a));
  const run = shellWords([join(relative(process.cwd(), folder) || '.', 'runs', best.runs[0]?.id ?? '')]);
  return `\nThe best on the validation part is ${best.variant}. Use it with
  npx saraf predict ${run} --say "…"
  npx saraf predict ${run} FILE.csv --text COLUMN --out labelled.csv
  npx saraf errors ${run}
`;
}

/** Adds `saraf train`. */
export function trainCommand(program: Command, args: readonly string[], done: (code: number) => void): void {
  program
    .command('train')
    .description('from a table of labelled texts to a model with report: split, audited for leaks, trained, tested, beside baselines')
    .argument('<file>', 'CSV or TSV, also .gz')
    .requiredOption('--text <column>', 'the column with the texts')
    .requiredOption('--label <column>', 'the column with their labels')
    .option('--test <file>', 'a file of its own for the test part (default: a tenth of the rows, by class)')
    .addOption(
      new Option('--model <names>', `${TABLE_MODELS.join(', ')}; several with commas are compared`)
        .argParser(listOf('models', TABLE_MODELS))
        .default(['bilstm']),
    )
    .addOption(
      new Option('--steps <names>', `what is done to the texts: ${STEP_NAMES.filter((n) => n !== 'slang').join(', ')}`)
        .argParser(
          listOf(
            'steps',
            STEP_NAMES.filter((n) => n !== 'slang'),
          ),
        )
        .default(['casefold', 'clean']),
    )
    .addOption(new Option('--encoding <name>', 'of the file').choices(['utf-8', 'latin1']).default('utf-8'))
    .option('--epochs <n>', 'times that the training rows are gone through', positiveInteger, 10)
    .option('--batch <n>', 'rows of a training step', positiveInteger, 32)
    .option('--length <n>', 'words per text, at most; what is longer is cut', positiveInteger, 200)
    .option('--seeds <n>', 'trainings of each network', positiveInteger, 1)
    .addOption(threadsOption())
    .addOption(languageOption())
    .option('--out <dir>', 'where results go', 'out')
    .option('--resume', 'keep runs that are finished')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      `
Examples:
  saraf train reviews.csv --text review --label stars
  saraf train tweets.tsv --text tweet --label sentiment --model bilstm,cnn --seeds 3
  saraf train train.csv --test test.csv --text text --label label --steps casefold,clean,stopwords,stem

Then, with the folder that it names:
  saraf predict out/reviews/runs/0f3a9c --say "pelayanannya memuaskan"
  saraf errors out/reviews/runs/0f3a9c`,
    )
    .action(async (file: string, flags: TrainFlags) => {
      if (statSync(flags.out, { throwIfNoEntry: false })?.isDirectory() === false)
        throw new SarafError('ERR_ARG', 'train', `expected --out to be a folder, received the file ${flags.out}`);
      const experiment = tableExperiment(
        {
          file,
          text: flags.text,
          label: flags.label,
          ...(flags.test === undefined ? {} : { testFile: flags.test }),
          models: flags.model,
          steps: flags.steps as TextStep[],
          encoding: flags.encoding,
          epochs: flags.epochs,
          batchSize: flags.batch,
          length: flags.length,
        },
        'train',
      );
      const again = `npx saraf ${shellWords([...args.filter((a) => a !== '--resume'), '--resume'])}`;
      const selection = { scale: 'quick', protocols: ['leak-free'], seeds: flags.seeds } as const;
      done(
        await runSelections([{ experiment, selection }], { ...flags, again }, (outcomes) => {
          for (const outcome of outcomes) process.stdout.write(nextCommands(outcome));
        }),
      );
    });
}
