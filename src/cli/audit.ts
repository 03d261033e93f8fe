import { InvalidArgumentError, Option, type Command } from 'commander';
import { audit, type Audit } from '../data/audit/audit.js';
import { LEAK_TYPES } from '../data/audit/finding.js';
import type { AuditPart } from '../data/audit/part.js';
import { readCsv } from '../data/csv.js';
import type { Table } from '../data/table.js';
import { EXIT } from './failure.js';
import { oneLine } from './one-line.js';
import { verboseOption } from './options.js';
import { textTable } from './text-table.js';

interface AuditFlags {
  text: string;
  label?: string;
  group?: string;
  time?: string;
  encoding: 'utf-8' | 'latin1';
  examples: number;
  threshold: number;
  json?: boolean;
}

function threshold(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Expected a number above 0 and at most 1.');
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number of at least 0.');
  return value;
}

async function read(path: string, flags: AuditFlags): Promise<Table> {
  const columns = [...new Set([flags.text, flags.label, flags.group, flags.time].filter((name) => name !== undefined))];
  return readCsv(path, { columns, encoding: flags.encoding });
}

function partOfTable(table: Table, { text, label, group, time }: AuditFlags): AuditPart {
  return {
    table,
    texts: table.strings(text),
    ...(label === undefined ? {} : { labels: table.strings(label) }),
    ...(group === undefined ? {} : { groups: table.strings(group) }),
    ...(time === undefined ? {} : { times: table.strings(time) }),
  };
}

/** Row numbers as the lines of the files on which the rows begin. */
function withLines(found: Audit, train: Table, test: Table): Audit {
  const line = (table: Table, row: number | null): number | null => (row === null ? null : (table.origin?.lines[row] ?? null));
  return {
    ...found,
    findings: found.findings.map((f) => ({
      ...f,
      examples: f.examples.map((e) => ({ ...e, train: line(train, e.train), test: line(test, e.test) })),
    })),
  };
}

function described({ rows, findings, notChecked }: Audit): string {
  const parts: string[] = [`${rows.train} training rows, ${rows.test} test rows`, ''];
  if (findings.length === 0) parts.push('No leak found in what could be checked.', '');
  else {
    const body = findings.map((f) => [
      f.kind,
      f.leakType,
      LEAK_TYPES[f.leakType],
      String(f.count),
      f.of === 0 ? '–' : `${((100 * f.count) / f.of).toFixed(1)} %`,
    ]);
    parts.push(textTable(['leak', 'type', 'Kapoor and Narayanan 2023', 'test rows', 'share'], body, [3, 4]), '');
    for (const { kind, message, examples } of findings) {
      parts.push(`${kind}: ${oneLine(message, Infinity)}`);
      for (const { train, test, text, trainText } of examples) {
        const where = [test === null ? '' : `test line ${test}`, train === null ? '' : `training line ${train}`].filter((s) => s !== '');
        parts.push(`  ${[where.join(' ← '), oneLine(text)].filter((s) => s !== '').join(': ')}`);
        if (trainText !== undefined) parts.push(`${' '.repeat(4)}in training: ${oneLine(trainText)}`);
      }
      parts.push('');
    }
  }
  parts.push('Not checked:', ...notChecked.map((n) => `  ${n.leakType} ${n.title}: ${n.why}`));
  return parts.join('\n');
}

/** Adds `saraf audit`. */
export function auditCommand(program: Command, done: (code: number) => void): void {
  program
    .command('audit')
    .description('what a test file shares with its training file: duplicates, near-copies, groups, times, label shift')
    .argument('<train>', 'CSV or TSV of the training part, also .gz')
    .argument('<test>', 'of the test part, with the same columns')
    .requiredOption('--text <column>', 'the column with the texts')
    .option('--label <column>', 'labels: their proportions are compared')
    .option('--group <column>', 'whose row it is (author, patient, source): no group may be on both sides')
    .option('--time <column>', 'when it was made, in ISO 8601 or as a number: no test row may be older than a training row')
    .addOption(new Option('--encoding <name>', 'of both files').choices(['utf-8', 'latin1']).default('utf-8'))
    .addOption(
      new Option('--threshold <share>', 'of common words from which two texts are near-duplicates').argParser(threshold).default(0.5),
    )
    .addOption(new Option('--examples <n>', 'of each leak').argParser(count).default(5))
    .option('--json', 'print JSON instead: {findings: [{kind, leakType, count, examples: [{train, test, text}]}]}, rows as line numbers')
    .addOption(verboseOption())
    .addHelpText(
      'after',
      `
Exit code: 0 if no leak was found, ${EXIT.leaks} if one was, ${EXIT.failed} if a file could not be read, ${EXIT.usage} for wrong options.

Examples:
  saraf audit train.csv test.csv --text text --label label
  saraf audit train.tsv test.tsv --text tweet --group author --time date --json > audit.json`,
    )
    .action(async (trainPath: string, testPath: string, flags: AuditFlags) => {
      const train = await read(trainPath, flags);
      const test = await read(testPath, flags);
      const found = audit(
        { train: partOfTable(train, flags), test: partOfTable(test, flags) },
        { examples: flags.examples, threshold: flags.threshold },
      );
      const lines = withLines(found, train, test);
      const json = JSON.stringify({ train: trainPath, test: testPath, ...lines }, null, 2);
      process.stdout.write(`${flags.json ? json : described(lines)}\n`);
      done(found.findings.length === 0 ? EXIT.ok : EXIT.leaks);
    });
}
