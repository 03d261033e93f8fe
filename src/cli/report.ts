import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { SarafError } from '../errors.js';
import { exportResults } from '../reports/export.js';
import type { Language } from '../reports/language/index.js';
import { readResults, writeOverview } from '../reports/overview.js';
import { EXIT } from './failure.js';
import { languageOption, positiveInteger, verboseOption } from './options.js';

interface ReportFlags {
  export?: string;
  width: number;
  language: Language;
}

/** Adds `saraf report`. */
export function reportCommand(program: Command, done: (code: number) => void): void {
  program
    .command('report')
    .description('one page over all experiments in a folder: overview.html beside them, from their results.json; trains nothing')
    .argument('[dir]', 'what --out of saraf reproduce was', 'out')
    .option(
      '--export <folder>',
      'for papers: a CSV file of each experiment, tables for LaTeX and word processors, and its charts as SVG and PNG',
    )
    .option('--width <pixels>', 'of these charts', positiveInteger, 640)
    .addOption(languageOption())
    .addOption(verboseOption())
    .action(async (dir: string, flags: ReportFlags) => {
      const entries = readResults(dir);
      const path = writeOverview(dir, entries, flags.language);
      process.stdout.write(`Overview: ${relative(process.cwd(), path) || path}\n`);
      if (flags.export !== undefined) {
        if (resolve(flags.export) === resolve(dir))
          throw new SarafError('ERR_ARG', 'report', `expected --export to be another folder than ${dir}, received the same`);
        const { files, withoutPng, withoutCharts } = await exportResults(dir, entries, flags.export, flags.width, flags.language);
        process.stdout.write(`${files} files in ${flags.export}\n`);
        if (withoutCharts.length > 0)
          process.stderr.write(`No charts of ${withoutCharts.join(', ')}: saraf reproduce writes them into charts/ beside the report\n`);
        if (withoutPng !== null) process.stderr.write(`No PNG among them: ${withoutPng}\n`);
      }
      done(EXIT.ok);
    });
}
