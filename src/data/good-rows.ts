import { SarafError } from '../errors.js';
import { warnBadRows } from './csv-options.js';
import { isMissing, quoted, type BadRow, type Table } from './table.js';

/** What `goodRows` asks of a row. */
export interface GoodRowsOptions {
  /** Columns that must hold something: no null, no NaN, no blank text. */
  filled?: readonly string[];
  /** Columns, and the values that may stand in them. */
  oneOf?: Readonly<Record<string, readonly (string | number)[]>>;
  /** What to do with the others: 'error' (default) stops at the first; 'skip' leaves them out and lists them in `badRows`; 'report' warns once too. */
  onBadRow?: 'error' | 'skip' | 'report';
}

const OP = 'goodRows';
const OPTIONS = ['filled', 'oneOf', 'onBadRow'];

/**
 * The rows of a table that hold what they must; the others stop the work, or are listed in `badRows` behind those that the reader left out.
 *
 * Throws: ERR_DATA naming file and line, or the row, of an empty cell or a value that is not among those allowed; ERR_ARG for options.
 * Example: `goodRows(table, { filled: ['text'], oneOf: { label: ['positive', 'negative'] }, onBadRow: 'report' })`
 */
export function goodRows(table: Table, options: GoodRowsOptions): Table {
  const { filled = [], oneOf = {}, onBadRow = 'error' } = options;
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${OPTIONS.join(', ')}, received "${unknown}"`);
  if (!['error', 'skip', 'report'].includes(onBadRow))
    throw new SarafError('ERR_ARG', OP, `expected onBadRow "error", "skip" or "report", received ${JSON.stringify(onBadRow)}`);
  const full = filled.map((name) => ({ name, values: table.column(name) }));
  const allowed = Object.entries(oneOf).map(([name, values]) => {
    if (values.length === 0) throw new SarafError('ERR_ARG', OP, `expected the values of column "${name}", received none`);
    return { name, values: table.column(name), among: new Set(values.map(String)) };
  });
  const reasonOf = (row: number): string | null => {
    const blank = full.find(({ values }) => isMissing(values[row]));
    if (blank) return `expected a value in column "${blank.name}", received none`;
    const other = allowed.find(({ values, among }) => !among.has(String(values[row])));
    return other
      ? `expected one of ${quoted([...other.among])} in column "${other.name}", received ${JSON.stringify(other.values[row])}`
      : null;
  };
  const kept: number[] = [];
  const bad: BadRow[] = [];
  for (let row = 0; row < table.rows; ++row) {
    const reason = reasonOf(row);
    if (reason === null) {
      kept.push(row);
      continue;
    }
    if (onBadRow === 'error')
      throw new SarafError('ERR_DATA', OP, `${table.where(row)}: ${reason}; correct it, or pass onBadRow: "skip" or "report"`);
    bad.push({ file: table.origin?.file ?? 'table', line: table.origin?.lines[row] ?? row, reason });
  }
  if (onBadRow === 'report') warnBadRows(bad);
  return bad.length === 0 ? table : table.take(kept).withBadRows(bad);
}
