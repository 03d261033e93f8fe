import { SarafError } from '../errors.js';
import type { BadRow } from './table.js';

/** How to read a delimited text file. */
export interface CsvOptions {
  /** Columns to keep, in this order. Default: all. */
  columns?: readonly string[];
  /** Default 'utf-8', with or without byte-order mark, checked strictly. 'latin1' is ISO-8859-1: each byte is one character. */
  encoding?: 'utf-8' | 'latin1';
  /**
   * Default: a tab for `.tsv`; otherwise what divides the header line: a comma, where it has none a semicolon (as spreadsheets write where
   * numbers have a decimal comma), else a tab. Without a header line a comma.
   */
  delimiter?: string;
  /** Whether the first line holds the names (default), or the names of a file without such a line; `false` numbers them "0", "1", … */
  header?: boolean | readonly string[];
  /** The quote character, doubled inside a field; `null` where quotes are ordinary characters. Default '"'. */
  quote?: string | null;
  /**
   * What to do with a row of more or fewer fields than there are columns, or of bytes that are not UTF-8: 'error' (default) stops; 'skip' leaves
   * it out and lists it in `badRows`; 'report' does so and warns once, with the lines. Broken quoting always stops: what follows it cannot be trusted.
   */
  onBadRow?: 'error' | 'skip' | 'report';
  /** Stops reading when aborted. */
  signal?: AbortSignal;
}

/** Options with every choice made. */
export interface CsvChoices {
  columns: readonly string[] | undefined;
  encoding: 'utf-8' | 'latin1';
  /** Undefined: what the header line shows. */
  delimiter: string | undefined;
  header: boolean | readonly string[];
  quote: string | null;
  onBadRow: 'error' | 'skip' | 'report';
  gzip: boolean;
  signal: AbortSignal | undefined;
}

/** Fills in defaults; throws ERR_ARG for a choice that does not exist. */
export function csvChoices(path: string, options: CsvOptions): CsvChoices {
  const known = ['columns', 'encoding', 'delimiter', 'header', 'quote', 'onBadRow', 'signal'];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', 'readCsv', `expected options ${known.join(', ')}, received "${unknown}"`);
  const gzip = /\.gz$/i.test(path);
  const encoding = options.encoding ?? 'utf-8';
  if (encoding !== 'utf-8' && encoding !== 'latin1') {
    throw new SarafError('ERR_ARG', 'readCsv', `expected encoding "utf-8" or "latin1", received ${JSON.stringify(encoding)}`);
  }
  const header = options.header ?? true;
  const delimiter = options.delimiter ?? (/\.tsv(\.gz)?$/i.test(path) ? '\t' : header === true ? undefined : ',');
  if (delimiter?.length === 0) throw new SarafError('ERR_ARG', 'readCsv', 'expected a delimiter of at least one character, received ""');
  const quote = options.quote === undefined ? '"' : options.quote;
  if (quote !== null && !/^[\x20-\x7e]$/.test(quote)) {
    throw new SarafError('ERR_ARG', 'readCsv', `expected quote to be one character of ASCII or null, received ${JSON.stringify(quote)}`);
  }
  if (delimiter !== undefined && (/[\r\n]/.test(delimiter) || (quote !== null && delimiter.includes(quote))))
    throw new SarafError('ERR_ARG', 'readCsv', `expected a delimiter without quotes and line ends, received ${JSON.stringify(delimiter)}`);
  const onBadRow = options.onBadRow ?? 'error';
  if (!['error', 'skip', 'report'].includes(onBadRow)) {
    throw new SarafError('ERR_ARG', 'readCsv', `expected onBadRow "error", "skip" or "report", received ${JSON.stringify(onBadRow)}`);
  }
  return { columns: options.columns, encoding, delimiter, header, quote, onBadRow, gzip, signal: options.signal };
}

/** One warning for all rows that were left out. */
export function warnBadRows(rows: readonly BadRow[]): void {
  if (rows.length === 0) return;
  const place = rows[0]?.file === 'table' ? 'row' : 'line';
  const shown = rows.slice(0, 5).map((row) => `${place} ${row.line}: ${row.reason}`);
  const more = rows.length > shown.length ? `; and ${rows.length - shown.length} more` : '';
  process.emitWarning(`${rows[0]?.file}: ${rows.length} row(s) left out (${shown.join('; ')}${more})`, { code: 'SARAF_BAD_ROWS' });
}
