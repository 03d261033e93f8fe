import type { Command } from 'commander';
import { fixtureCases, runCase, type CaseResult } from '../keras/fixtures/index.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

const WORDS = { pass: 'pass', fail: 'FAIL', unsupported: 'unsupported' } as const;

function line({ name, status, worst, detail }: CaseResult): string {
  const error = worst === null ? '' : ` ${worst.toExponential(1)}`;
  const where = status === 'pass' || detail === '' ? '' : ` ${detail.replaceAll('\n', ' ')}`;
  return `${WORDS[status]} ${name}${error}${where}`;
}

/** Adds `saraf check-fixtures`. */
export function checkFixturesCommand(program: Command, done: (code: number) => void): void {
  program
    .command('check-fixtures')
    .description("compare saraf with Keras' reference values in a folder, case by case")
    .argument('<folder>', 'a folder of the format of the Keras fixtures')
    .option('--json', 'one JSON object per line')
    .option('--only <text>', 'only cases whose name contains this')
    .option('--data <dir>', 'folder with copies of the data sets (default: SARAF_DATA)')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      '\nA line per case: pass, FAIL with the worst error (relative to max(1, |value|)) and where, or unsupported and why.\n\nExamples:\n  saraf check-fixtures ../shared/fixtures\n  saraf check-fixtures ../shared/fixtures --only LSTM --json',
    )
    .action(async (folder: string, flags: { json?: boolean; only?: string; data?: string }) => {
      const count = { pass: 0, fail: 0, unsupported: 0 };
      for (const one of fixtureCases(folder, flags.data)) {
        if (flags.only !== undefined && !one.name.includes(flags.only)) continue;
        const result = await runCase(one);
        count[result.status]++;
        const worst = result.worst === Infinity ? 'infinity' : result.worst;
        process.stdout.write(`${flags.json === true ? JSON.stringify({ ...result, worst }) : line(result)}\n`);
      }
      const summary = `${count.pass} passed, ${count.fail} failed`;
      if (flags.json === true) process.stdout.write(`${JSON.stringify({ summary, ...count })}\n`);
      else process.stdout.write(`${count.unsupported > 0 ? `${count.unsupported} unsupported\n` : ''}${summary}\n`);
      done(count.fail === 0 ? EXIT.ok : EXIT.failed);
    });
}
