import { once } from 'node:events';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadSlang } from '../data/slang.js';
import { STEP_NAMES, type TextStep } from '../text/pipeline/steps.js';
import { TextPipeline } from '../text/pipeline/text-pipeline.js';
import { EXIT } from './failure.js';
import { collect, verboseOption } from './options.js';
import { linesOf } from './text-lines.js';

interface TextFlags {
  steps: string[];
  data?: string;
  encoding: 'utf-8' | 'latin1';
  explain?: boolean;
}

function stepList(text: string): string[] {
  const names = collect(text, undefined);
  const unknown = names.filter((name) => !STEP_NAMES.includes(name));
  if (names.length === 0 || unknown.length > 0)
    throw new InvalidArgumentError(
      `Expected steps among ${STEP_NAMES.join(', ')}, with commas${unknown.length > 0 ? `; received ${unknown.join(', ')}` : ''}.`,
    );
  return names;
}

/** What became of one line. */
function written(texts: TextPipeline, line: string, explain: boolean): string {
  if (!explain) return texts.process(line);
  const steps = texts.explain(line).map(({ step, text, changes }) => {
    const list = changes.map(({ from, to, why }) => `${from} → ${to === '' ? '(left out)' : to}${why ? ` [${why}]` : ''}`);
    return `  ${step.padEnd(10)} ${text}${list.length > 0 ? `\n${' '.repeat(13)}${list.join(', ')}` : ''}`;
  });
  return [line, ...steps].join('\n');
}

/** Writes, and waits where the reader is slower. False if nobody reads any more, as `head` when it has seen enough. */
async function print(text: string): Promise<boolean> {
  const { stdout } = process;
  try {
    if (!stdout.destroyed && !stdout.write(text)) await once(stdout, 'drain');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPIPE') throw error;
  }
  return !stdout.destroyed;
}

/** Adds `saraf text`. */
export function textCommand(program: Command, done: (code: number) => void): void {
  program
    .command('text')
    .description('prepare texts from standard input, a line each')
    .addOption(
      new Option('--steps <steps>', `what to do, in this order: ${STEP_NAMES.join(', ')}`)
        .argParser(stepList)
        .default(['casefold', 'clean', 'slang', 'stopwords', 'stem'], 'casefold,clean,slang,stopwords,stem'),
    )
    .option('--data <dir>', 'mirror folder with the slang words (default: SARAF_DATA; else they are fetched)')
    .addOption(new Option('--encoding <name>', 'of the input').choices(['utf-8', 'latin1']).default('utf-8'))
    .option('--explain', 'show each line after each step, and every word that changed')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      '\nExamples:\n  saraf text --steps casefold,clean,stopwords,stem < tweets.txt\n  echo "Pelayanannya gk bgt" | saraf text --explain',
    )
    .action(async (flags: TextFlags) => {
      const slang = flags.steps.includes('slang') ? (await loadSlang({ dataDir: flags.data })).slang : null;
      const steps = flags.steps.map((name) => (slang && name === 'slang' ? { step: 'slang', entries: slang } : name) as TextStep);
      const texts = new TextPipeline({ steps });
      for await (const lines of linesOf(process.stdin, flags.encoding)) {
        const part = lines.map((line) => `${written(texts, line, flags.explain ?? false)}\n`).join('');
        if (!(await print(part))) break;
      }
      done(EXIT.ok);
    });
}
