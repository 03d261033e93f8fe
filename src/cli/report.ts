import { relative } from 'node:path';
import type { Command } from 'commander';
import { readResults, writeOverview } from '../reports/overview.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

/** Adds `saraf report`. */
export function reportCommand(program: Command, done: (code: number) => void): void {
  program
    .command('report')
    .description('one page over all experiments in a folder: overview.html beside them, from their results.json; trains nothing')
    .argument('[dir]', 'what --out of saraf reproduce was', 'out')
    .addOption(verboseOption())
    .action((dir: string) => {
      const path = writeOverview(dir, readResults(dir));
      process.stdout.write(`Overview: ${relative(process.cwd(), path) || path}\n`);
      done(EXIT.ok);
    });
}
