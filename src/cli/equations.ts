import { relative } from 'node:path';
import type { Command } from 'commander';
import { workedExamples } from '../experiments/equations/index.js';
import { buildEquations, writeEquations } from '../reports/equations.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';
import { textTable } from './text-table.js';

interface EquationsFlags {
  out: string;
  json?: boolean;
}

/** Adds `saraf equations`. */
export function equationsCommand(program: Command, done: (code: number) => void): void {
  program
    .command('equations')
    .description('the documents’ formulas with their numbers, computed by our kernels; and how gradients fade over a sequence: a page')
    .option('--out <file>', 'the page', 'out/equations.html')
    .option('--json', 'the examples on standard output instead; writes no page')
    .addOption(verboseOption())
    .action((flags: EquationsFlags) => {
      const examples = workedExamples();
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify({ examples }, null, 2)}\n`);
      } else {
        const rows = examples.map((x) => [
          x.name,
          x.document,
          x.differ.length === 0 ? 'agree' : `${x.differ.length} of ${x.expected.length} differ`,
        ]);
        process.stdout.write(`${textTable(['formula', 'document', ''], rows)}\n`);
        writeEquations(flags.out, buildEquations(examples));
        process.stdout.write(`Page: ${relative(process.cwd(), flags.out) || flags.out}\n`);
      }
      done(EXIT.ok);
    });
}
