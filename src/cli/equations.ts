import { dirname, relative, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { SarafError } from '../errors.js';
import { exampleAgreement, gradientNorms, workedExamples } from '../experiments/equations/index.js';
import { buildEquations, writeEquations } from '../reports/equations.js';
import { exportEquations } from '../reports/equations-export.js';
import type { Language } from '../reports/language/index.js';
import { EXIT } from './failure.js';
import { languageOption, positiveInteger, verboseOption } from './options.js';
import { textTable } from './text-table.js';

interface EquationsFlags {
  out: string;
  json?: boolean;
  export?: string;
  width: number;
  language: Language;
}

/** Adds `saraf equations`. */
export function equationsCommand(program: Command, done: (code: number) => void): void {
  program
    .command('equations')
    .description('the documents’ formulas with their numbers, computed by our kernels; and how gradients fade over a sequence: a page')
    .option('--out <file>', 'the page', 'out/equations.html')
    .addOption(
      new Option(
        '--export <folder>',
        'for papers: the examples as CSV, for LaTeX and word processors, and the chart as SVG, PNG and numbers',
      ).conflicts('json'),
    )
    .option('--width <pixels>', 'of this chart', positiveInteger, 640)
    .option('--json', 'the examples on standard output instead; writes no page')
    .addOption(languageOption())
    .addOption(verboseOption())
    .action(async (flags: EquationsFlags) => {
      const examples = workedExamples();
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify({ examples }, null, 2)}\n`);
        return done(EXIT.ok);
      }
      // Both write an equations.html.
      if (flags.export !== undefined && resolve(flags.export) === resolve(dirname(flags.out)))
        throw new SarafError('ERR_ARG', 'equations', `expected --export to be another folder than that of ${flags.out}, received the same`);
      const rows = examples.map((x) => [x.name, x.document, exampleAgreement(x)]);
      process.stdout.write(`${textTable(['formula', 'document', ''], rows)}\n`);
      const parts = { examples, norms: gradientNorms() };
      writeEquations(flags.out, buildEquations(parts, flags.language));
      process.stdout.write(`Page: ${relative(process.cwd(), flags.out) || flags.out}\n`);
      if (flags.export !== undefined) {
        const { files, withoutPng } = await exportEquations(flags.export, parts, flags.width, flags.language);
        process.stdout.write(`${files} files in ${flags.export}\n`);
        if (withoutPng !== null) process.stderr.write(`No PNG among them: ${withoutPng}\n`);
      }
      done(EXIT.ok);
    });
}
