import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { SarafError } from '../errors.js';
import { csvChoices, warnBadRows, type CsvChoices, type CsvOptions } from './csv-options.js';
import { quoted, Table, type BadRow } from './table.js';

export type { CsvOptions } from './csv-options.js';

/** One row of `streamCsv`. */
export interface CsvRow {
  /** The line on which the row begins, counted from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads a whole delimited text file into a table; `.gz` files are unpacked on the way.
 *
 * Quoted fields may hold delimiters and line breaks; a byte-order mark is dropped; blank lines are passed over.
 * Shapes: `rows` rows, one column of text per name; nothing is converted (see `columnsToTensor`).
 * Throws: ERR_DATA naming file and line for an unreadable file, a ragged row, bad encoding, broken quotes, a missing column;
 *         ERR_ARG for an unknown option.
 * Source: RFC 4180.
 * Example: `const table = await readCsv('train.csv', { columns: ['text', 'label'] })`
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<Table> {
  const choices = csvChoices(path, options);
  const badRows: BadRow[] = [];
  let columns: readonly string[] = [];
  let data: string[][] = [];
  const lines: number[] = [];
  for await (const row of records(path, choices, badRows)) {
    if (row.columns) {
      columns = row.columns;
      data = columns.map(() => []);
      continue;
    }
    for (let i = 0; i < data.length; ++i) data[i]?.push(row.cells[i] as string);
    lines.push(row.line);
  }
  if (choices.onBadRow === 'report') warnBadRows(badRows);
  return new Table(columns, data, { file: path, lines }, badRows);
}

/**
 * Reads a delimited text file row by row, for files larger than memory.
 *
 * Throws: as `readCsv`, when the row in question is reached.
 * Example: `for await (const { values } of streamCsv('all.csv.gz')) count(values.label)`
 */
export async function* streamCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvRow, void, undefined> {
  const choices = csvChoices(path, options);
  const badRows: BadRow[] = [];
  let columns: readonly string[] = [];
  for await (const row of records(path, choices, badRows)) {
    if (row.columns) {
      columns = row.columns;
      continue;
    }
    // No prototype: a column may be called __proto__.
    const values = Object.create(null) as Record<string, string>;
    for (const [i, name] of columns.entries()) values[name] = row.cells[i] as string;
    yield { line: row.line, values };
  }
  if (choices.onBadRow === 'report') warnBadRows(badRows);
}

interface RawRecord {
  readonly line: number;
  readonly cells: readonly string[];
  /** Only on the first record: the names of the columns kept. */
  readonly columns?: readonly string[];
}

/** Every record of the file as it stands, blank lines included. */
function parsed(path: string, choices: CsvChoices, to?: number): AsyncIterable<string[]> {
  const parser = parse({
    bom: true,
    delimiter: choices.delimiter,
    quote: choices.quote,
    escape: choices.quote,
    record_delimiter: ['\r\n', '\n'],
    // Raggedness and blank lines are judged here, so that lines can be counted: the parser's own count is wrong after CRLF inside quotes.
    relax_column_count: true,
    ...(to === undefined ? {} : { to }),
  });
  pipeline(Readable.from(textChunks(path, choices)), parser, () => {});
  return parser;
}

/** First the names of the columns, then each good row with the cells kept. */
async function* records(path: string, choices: CsvChoices, badRows: BadRow[]): AsyncGenerator<RawRecord, void, undefined> {
  const parser = parsed(path, choices);
  let keep: readonly number[] | undefined;
  let width = 0;
  let next = 1;
  try {
    for await (const record of parser) {
      const line = next;
      next += 1 + breaksIn(record);
      if (record.length === 1 && record[0] === '') continue;
      if (keep === undefined) {
        const first = choices.header === true;
        const names = first ? record : choices.header === false ? record.map((_, i) => String(i)) : (choices.header as readonly string[]);
        width = names.length;
        keep = columnsKept(path, names, choices.columns);
        yield { line, cells: [], columns: keep.map((i) => names[i] as string) };
        if (first) continue;
      }
      if (record.length !== width) {
        const reason = `expected ${width} fields, received ${record.length}`;
        if (choices.onBadRow === 'error') {
          throw new SarafError(
            'ERR_DATA',
            'readCsv',
            `${path} line ${line}: ${reason}; quote fields that hold ${JSON.stringify(choices.delimiter)}, or pass onBadRow: "skip" or "report"`,
          );
        }
        badRows.push({ file: path, line, reason });
        continue;
      }
      yield { line, cells: keep.map((i) => record[i] as string) };
    }
  } catch (error) {
    throw await readable(error, path, choices);
  }
  if (keep === undefined) {
    if (choices.header === true) {
      throw new SarafError(
        'ERR_DATA',
        'readCsv',
        `${path}: expected a header line, received an empty file; check that it was written to the end`,
      );
    }
    const names = Array.isArray(choices.header) ? (choices.header as readonly string[]) : [];
    yield { line: 1, cells: [], columns: columnsKept(path, names, choices.columns).map((i) => names[i] as string) };
  }
}

function breaksIn(record: readonly string[]): number {
  let n = 0;
  for (const cell of record) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) ++n;
  return n;
}

function columnsKept(path: string, names: readonly string[], wanted: readonly string[] | undefined): number[] {
  const kept = (wanted ?? names).map((name) => {
    const i = names.indexOf(name);
    if (i < 0) {
      throw new SarafError(
        'ERR_DATA',
        'readCsv',
        `${path} line 1: expected column ${JSON.stringify(name)}, received columns ${quoted(names)}; check the spelling, the delimiter, or pass header: [names] for a file without a header line`,
      );
    }
    if (names.includes(name, i + 1)) {
      throw new SarafError(
        'ERR_DATA',
        'readCsv',
        `${path} line 1: expected different column names, received ${JSON.stringify(name)} twice; rename one in the file`,
      );
    }
    return i;
  });
  return kept;
}

function byteChunks(path: string, choices: CsvChoices): Readable {
  const file = createReadStream(path, choices.signal ? { signal: choices.signal } : {});
  // pipeline hands an error of the file on to the reader; its own callback has nothing to add.
  return choices.gzip ? pipeline(file, createGunzip(), () => {}) : file;
}

async function* textChunks(path: string, choices: CsvChoices): AsyncGenerator<string, void, undefined> {
  if (choices.encoding === 'latin1') {
    for await (const chunk of byteChunks(path, choices) as AsyncIterable<Buffer>) yield chunk.toString('latin1');
    return;
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of byteChunks(path, choices) as AsyncIterable<Buffer>) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The first line that is not UTF-8. Only after decoding failed, so a second pass over the file costs nothing that matters. */
async function badLine(path: string, choices: CsvChoices): Promise<{ line: number; byte: number }> {
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of byteChunks(path, choices) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (!isUtf8(rest.subarray(0, end))) return { line, byte: firstBadByte(rest.subarray(0, end)) };
      rest = rest.subarray(end + 1);
      ++line;
    }
  }
  return { line, byte: firstBadByte(rest) };
}

function firstBadByte(bytes: Buffer): number {
  let good = 0;
  for (let end = 1; end <= bytes.length; ++end) if (isUtf8(bytes.subarray(good, end))) good = end;
  return bytes[good] ?? 0;
}

/** The line on which record number `count` begins. Only after broken quotes: records read ahead of the error were dropped by the stream. */
async function lineOf(path: string, choices: CsvChoices, count: number): Promise<number> {
  let line = 1;
  if (count > 0) for await (const record of parsed(path, choices, count)) line += 1 + breaksIn(record);
  return line;
}

const FILE_ERRORS: Record<string, string> = {
  ENOENT: 'no such file; check the path, which is relative to the current folder',
  EACCES: 'no permission to read it; change its mode or owner',
  EISDIR: 'a folder; name a file in it',
};

/** Any error as a SarafError that names file, line and cure. */
async function readable(error: unknown, path: string, choices: CsvChoices): Promise<unknown> {
  if (error instanceof SarafError || choices.signal?.aborted) return error;
  const code = (error as { code?: string }).code ?? '';
  const say = (message: string): SarafError => new SarafError('ERR_DATA', 'readCsv', `${path}${message}`, { cause: error });
  if (code in FILE_ERRORS) return say(`: expected a readable file, received ${FILE_ERRORS[code]}`);
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    const bad = await badLine(path, choices);
    const byte = `0x${bad.byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return say(` line ${bad.line}: expected UTF-8, received byte ${byte}; pass encoding: "latin1" or save the file as UTF-8`);
  }
  if (code.startsWith('Z_'))
    return say(`: expected gzip data (the name ends in .gz), received something else or a cut file; fetch it again`);
  if (error instanceof CsvError) {
    const line = await lineOf(path, choices, Number(error['records'] ?? 0));
    return say(
      ` line ${line}: expected well-formed quotes, received ${error.code.replace('CSV_', '').toLowerCase().replaceAll('_', ' ')}; double the quotes inside a field, or pass quote: null if the file does not quote`,
    );
  }
  return say(`: expected a readable file, received ${(error as Error).message}`);
}
