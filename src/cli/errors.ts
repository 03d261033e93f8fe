import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { SarafError } from '../errors.js';
import { readWrongRows, type WrongRow } from '../experiments/wrong-rows.js';
import { writeFileAtomic } from '../files/atomic.js';
import { makeFolder } from '../files/make-folder.js';
import { slug } from '../files/slug.js';
import { EXIT } from './failure.js';
import { oneLine } from './one-line.js';
import { positiveInteger, verboseOption } from './options.js';
import { textTable } from './text-table.js';

interface ErrorsFlags {
  top: number;
  json?: boolean;
  pictures?: string;
}

const OP = 'errors';
/** The rows for a terminal. */
export function errorsTable(rows: readonly WrongRow[], of: number): string {
  if (of === 0) return 'No test row was wrong.';
  const texts = rows.some((r) => r.text !== undefined);
  const body = rows.map((r) => [r.probability.toFixed(4), r.label, r.predicted, `${r.row}${r.repeated ? '*' : ''}`, ...(texts ? [oneLine(r.text ?? '')] : [])]); // prettier-ignore
  return [
    `${rows.length} of ${of} wrong test rows, the most confident first`,
    '',
    textTable(['probability', 'is', 'called', 'row', ...(texts ? ['text'] : [])], body, [0, 3]),
    ...(rows.some((r) => r.repeated) ? ['', '* repeats a row of an earlier part: left out without leaks'] : []),
  ].join('\n');
}

function writePictures(rows: readonly WrongRow[], folder: string): number {
  const own = rows.filter((r) => r.picture !== undefined);
  if (own.length === 0)
    throw new SarafError('ERR_STATE', OP, 'expected a run on pictures with --pictures, received one without; leave it out');
  makeFolder(folder);
  for (const r of own) {
    const bytes = Buffer.from((r.picture ?? '').slice((r.picture ?? '').indexOf(',') + 1), 'base64');
    writeFileAtomic(join(folder, `${slug(`row-${r.row}`, r.label, 'called', r.predicted)}.png`), bytes);
  }
  return own.length;
}

/** Adds `saraf errors`. */
export function errorsCommand(program: Command, done: (code: number) => void): void {
  program
    .command('errors')
    .description('the test rows that a run got wrong, with their text or picture, the most confident first')
    .argument('<run>', 'a folder runs/<id> that saraf reproduce or saraf train wrote')
    .option('--top <n>', 'how many', positiveInteger, 20)
    .option('--json', 'print JSON instead, texts and pictures whole')
    .option('--pictures <dir>', 'write the pictures of these rows into a folder, as PNG')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      `
Examples:
  saraf errors out/nusax-lstm/runs/0f3a9c
  saraf errors out/cifar10-cnn/runs/77ab01 --top 50 --pictures wrong/`,
    )
    .action((run: string, flags: ErrorsFlags) => {
      if (!existsSync(join(run, 'metrics.json')))
        throw new SarafError('ERR_ARG', OP, `expected the folder of a finished run, received ${run}; give a folder runs/<id>`);
      const all = readWrongRows(run);
      if (all === null)
        throw new SarafError('ERR_STATE', OP, `expected errors.json in ${run}, there is none: the run is from before they were kept; run it again`); // prettier-ignore
      const rows = all.slice(0, flags.top);
      if (flags.json) process.stdout.write(`${JSON.stringify({ run, wrong: all.length, rows }, null, 2)}\n`);
      else process.stdout.write(`${errorsTable(rows, all.length)}\n`);
      if (flags.pictures !== undefined) {
        const written = writePictures(rows, flags.pictures);
        process.stderr.write(`${written} ${written === 1 ? 'picture' : 'pictures'} in ${flags.pictures}\n`);
      }
      done(EXIT.ok);
    });
}
