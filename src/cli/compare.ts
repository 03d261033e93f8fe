import type { Command } from 'commander';
import { compareRuns, RUN_ASPECTS, type RunComparison } from '../experiments/compare-runs.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';
import { textTable } from './text-table.js';

/** Values longer than this are cut in the table; `--json` has them whole. */
const MOST_SHOWN = 40;
const shown = (value: string | null): string =>
  value === null ? '' : value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN - 1)}…` : value;

/** The differences as a table, then what they mean. */
export function comparisonText({ differences, predictions, otherBits, unexplained }: RunComparison): string {
  const same = RUN_ASPECTS.filter((aspect) => !differences.some((d) => d.aspect === aspect));
  const lines = [
    ...(differences.length === 0
      ? []
      : [textTable(['about', 'what', 'A', 'B'], differences.map((d) => [d.aspect, d.name, shown(d.a), shown(d.b)])), '']), // prettier-ignore
    ...(same.length > 0 ? [`The same in both: ${same.join(', ')}.`] : []),
    predictions === null
      ? 'The two were tested on other rows.'
      : `${predictions.different} of ${predictions.of} test rows are predicted differently.`,
    ...(otherBits === null ? [] : [`Not the same bits are to be expected: ${otherBits}.`]),
    ...(unexplained ? ['Configuration, data and code are the same and the result is not: please report this.'] : []),
  ];
  return lines.join('\n');
}

/** Adds `saraf compare`. */
export function compareCommand(program: Command, done: (code: number) => void): void {
  program
    .command('compare')
    .description('what differs between two runs: configuration, data, code, environment, result')
    .argument('<run-a>', 'a folder runs/<id> that saraf reproduce wrote')
    .argument('<run-b>', 'another one')
    .option('--json', 'all differences as JSON')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      '\nExit code 1 if the result differs while configuration, data and code do not, and no bfloat16 or exact: false explains it.',
    )
    .action((a: string, b: string, flags: { json?: boolean }) => {
      const comparison = compareRuns(a, b);
      process.stdout.write(`${flags.json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison)}\n`);
      done(comparison.unexplained ? EXIT.failed : EXIT.ok);
    });
}
