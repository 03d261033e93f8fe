import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SarafError } from '../errors.js';
import { csvChoices, warnBadRows, type CsvChoices, type CsvOptions } from './csv-options.js';
import { CsvColumns, type CsvPart } from './csv-part.js';
import { CsvScanner, findDelimiter, QuoteError, type ScannedRow } from './csv-scan.js';
import { quoted, Table, type BadRow } from './table.js';

export type { CsvOptions } from './csv-options.js';

/** One row of `streamCsv`. */
export interface CsvRow {
  /** The line on which the row begins, counted from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Bytes read at a time: larger ones are no faster, and a batch of rows is about as large. */
const CHUNK = 2 ** 18;

/**
 * Reads a whole delimited text file into a table; `.gz` files are unpacked on the way.
 *
 * Quoted fields may hold delimiters and line breaks; a byte-order mark is dropped; blank lines are passed over. A column becomes strings when
 * it is first asked for.
 * Shapes: `rows` rows, one column of text per name; nothing is converted (see `columnsToTensor`).
 * Throws: ERR_DATA naming file and line for an unreadable file, a ragged row, bad encoding, broken quotes, a missing column;
 *         ERR_ARG for an unknown option.
 * Source: RFC 4180.
 * Example: `const table = await readCsv('train.csv', { columns: ['text', 'label'] })`
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<Table> {
  const choices = csvChoices(path, options);
  const badRows: BadRow[] = [];
  const parts: CsvPart[] = [];
  const linesOf: Int32Array[] = [];
  let columns: readonly string[] = [];
  let delimiter: string | undefined;
  for await (const found of partsOf(path, choices)) {
    ({ columns, delimiter } = found);
    if (found.part.rows > 0) parts.push(found.part);
    linesOf.push(found.lines);
    badRows.push(...found.badRows);
  }
  if (choices.onBadRow === 'report') warnBadRows(badRows);
  return new Table(columns, new CsvColumns(parts, columns.length, choices), { file: path, lines: joined(linesOf), delimiter }, badRows);
}

/** Plain arrays of a million numbers cost more than the reading. */
function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Reads a delimited text file in tables of some hundred to some thousand rows, for files larger than memory: only one of them is held at a time.
 *
 * Throws: as `readCsv`, after the good rows before the one in question.
 * Example: `for await (const batch of csvBatches('all.csv.gz')) count(pipeline.processAll(batch.strings('text')))`
 */
export async function* csvBatches(path: string, options: CsvOptions = {}): AsyncGenerator<Table, void, undefined> {
  const choices = csvChoices(path, options);
  const badRows: BadRow[] = [];
  for await (const { columns, delimiter, part, lines, badRows: bad } of partsOf(path, choices)) {
    badRows.push(...bad);
    if (part.rows > 0 || bad.length > 0)
      yield new Table(columns, new CsvColumns([part], columns.length, choices), { file: path, lines, delimiter }, bad);
  }
  if (choices.onBadRow === 'report') warnBadRows(badRows);
}

/**
 * Reads a delimited text file row by row, for files larger than memory.
 *
 * Throws: as `readCsv`, when the row in question is reached.
 * Example: `for await (const { values } of streamCsv('all.csv.gz')) count(values.label)`
 */
export async function* streamCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvRow, void, undefined> {
  for await (const { columns, data, rows, origin } of csvBatches(path, options)) {
    const cells = data as readonly (readonly string[])[];
    for (let row = 0; row < rows; ++row) {
      // No prototype: a column may be called __proto__.
      const values = Object.create(null) as Record<string, string>;
      for (let i = 0; i < columns.length; ++i) values[columns[i] as string] = cells[i]?.[row] as string;
      yield { line: origin?.lines[row] as number, values };
    }
  }
}

/** The rows of one chunk of the file. */
interface FoundPart {
  readonly columns: readonly string[];
  readonly delimiter: string;
  readonly part: CsvPart;
  readonly lines: Int32Array;
  readonly badRows: readonly BadRow[];
}

/** The good rows, as many at a time as come in a chunk. At least one part, if without rows. */
async function* partsOf(path: string, choices: CsvChoices): AsyncGenerator<FoundPart, void, undefined> {
  const quote = choices.quote === null ? -1 : choices.quote.charCodeAt(0);
  const reading = (delimiter: string) => ({
    scanner: new CsvScanner(Buffer.from(delimiter, choices.encoding), quote),
    rows: new Rows(path, delimiter, choices),
  });
  let begun = choices.delimiter === undefined ? undefined : reading(choices.delimiter);
  let held: Buffer[] = [];
  let size = 0;
  // The byte-order mark first; then, for a row longer than what is held, twice as much each time, so that long rows cost no more than once over.
  let wanted = 3;
  let atStart = true;
  try {
    for await (const chunk of byteChunks(path, choices) as AsyncIterable<Buffer>) {
      held.push(chunk);
      size += chunk.length;
      if (size < wanted) continue;
      const bytes = atStart ? withoutMark(path, choices, Buffer.concat(held)) : Buffer.concat(held);
      atStart = false;
      const delimiter = begun ? undefined : findDelimiter(bytes, quote, false);
      if (delimiter !== undefined) begun = reading(delimiter);
      let used = 0;
      if (begun) {
        const { rows, scanner } = begun;
        const found = rows.scan(scanner, bytes, false);
        if (rows.columns) yield rows.part(bytes);
        if (found.error) throw found.error;
        used = found.used;
      }
      held = [bytes.subarray(used)];
      size = bytes.length - used;
      wanted = used === 0 ? 2 * size : 0;
    }
    const bytes = atStart ? withoutMark(path, choices, Buffer.concat(held)) : Buffer.concat(held);
    const { rows, scanner } = begun ?? reading(findDelimiter(bytes, quote, true) ?? ',');
    const { error } = rows.scan(scanner, bytes, true);
    if (!error) rows.end();
    if (rows.columns) yield rows.part(bytes);
    if (error) throw error;
  } catch (error) {
    throw readable(error, path, choices);
  }
}

/** Sorts rows into good and bad ones, and keeps where the fields of the wanted columns are. */
class Rows {
  /** Names of the columns kept, once they are known. */
  columns: readonly string[] | undefined;
  private keep: readonly number[] = [];
  private width = 0;
  private fields = new Int32Array(2 ** 12);
  private count = 0;
  private lines = new Int32Array(2 ** 10);
  private rows = 0;
  private badRows: BadRow[] = [];

  constructor(
    private readonly path: string,
    private readonly delimiter: string,
    private readonly choices: CsvChoices,
  ) {}

  /** Takes the rows of some bytes; an error comes back beside the rows before it. */
  scan(scanner: CsvScanner, bytes: Buffer, last: boolean): { used: number; error?: unknown } {
    this.count = 0;
    this.rows = 0;
    this.badRows = [];
    // Complete rows end with a line: behind the last one a character may be cut.
    const whole = last ? bytes.length : bytes.lastIndexOf(10) + 1;
    const allGood = this.choices.encoding === 'latin1' || isUtf8(bytes.subarray(0, whole));
    try {
      return {
        used: scanner.scan(bytes, last, (row) => {
          if (!allGood && !isUtf8(bytes.subarray(row.from, row.to))) this.badBytes(bytes, row);
          else if (this.columns) this.take(row);
          else this.first(bytes, row);
        }),
      };
    } catch (error) {
      return { used: 0, error };
    }
  }

  /** What the last `scan` found. */
  part(bytes: Buffer): FoundPart {
    const { columns = [], delimiter, rows, badRows } = this;
    return {
      columns,
      delimiter,
      part: { bytes, rows, fields: this.fields.slice(0, this.count) },
      lines: this.lines.slice(0, rows),
      badRows,
    };
  }

  /** After the last row: a file without rows is one too, unless it should have had a header. */
  end(): void {
    if (this.columns) return;
    const { header } = this.choices;
    if (header === true) {
      throw new SarafError(
        'ERR_DATA',
        'readCsv',
        `${this.path}: expected a header line, received an empty file; check that it was written to the end`,
      );
    }
    this.name(header === false ? [] : header);
  }

  private first(bytes: Buffer, row: ScannedRow): void {
    const { header } = this.choices;
    if (header !== true) {
      this.name(header === false ? Array.from({ length: row.width }, (_, i) => String(i)) : header);
      return this.take(row);
    }
    const cells = new CsvColumns([{ bytes, rows: 1, fields: row.fields }], row.width, this.choices);
    this.name(Array.from({ length: row.width }, (_, i) => cells.column(i)[0] as string));
  }

  private name(names: readonly string[]): void {
    this.width = names.length;
    this.keep = columnsKept(this.path, names, this.choices.columns);
    this.columns = this.keep.map((i) => names[i] as string);
  }

  private take(row: ScannedRow): void {
    const { keep } = this;
    if (row.width !== this.width) return this.ragged(row);
    if (this.count + 2 * keep.length > this.fields.length) {
      const more = new Int32Array(2 * Math.max(this.fields.length, this.count + 2 * keep.length));
      more.set(this.fields);
      this.fields = more;
    }
    for (let i = 0; i < keep.length; ++i) {
      const at = 2 * (keep[i] as number);
      this.fields[this.count++] = row.fields[at] as number;
      this.fields[this.count++] = row.fields[at + 1] as number;
    }
    if (this.rows === this.lines.length) {
      const more = new Int32Array(2 * this.rows);
      more.set(this.lines);
      this.lines = more;
    }
    this.lines[this.rows++] = row.line;
  }

  private ragged({ line, width }: ScannedRow): void {
    this.bad(line, `expected ${this.width} fields, received ${width}`, `quote fields that hold ${JSON.stringify(this.delimiter)}`);
  }

  private badBytes(bytes: Buffer, { line, from, to }: ScannedRow): void {
    const byte = firstBadByte(bytes.subarray(from, to)).toString(16).toUpperCase().padStart(2, '0');
    this.bad(line, `expected UTF-8, received byte 0x${byte}`, 'pass encoding: "latin1" or save the file as UTF-8');
  }

  private bad(line: number, reason: string, cure: string): void {
    const { path } = this;
    // Nothing can be read without the names.
    if (this.choices.onBadRow === 'error' || !this.columns)
      throw new SarafError('ERR_DATA', 'readCsv', `${path} line ${line}: ${reason}; ${cure}, or pass onBadRow: "skip" or "report"`);
    this.badRows.push({ file: path, line, reason });
  }
}

function columnsKept(path: string, names: readonly string[], wanted: readonly string[] | undefined): number[] {
  const places = new Map<string, number>();
  const twice = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (places.has(name)) twice.add(name);
    else places.set(name, i);
  }
  const kept = (wanted ?? names).map((name) => {
    const i = places.get(name);
    if (i === undefined) {
      throw new SarafError(
        'ERR_DATA',
        'readCsv',
        `${path} line 1: expected column ${JSON.stringify(name)}, received columns ${quoted(names)}; check the spelling, the delimiter, or pass header: [names] for a file without a header line`,
      );
    }
    if (twice.has(name)) {
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
  const file = createReadStream(path, { highWaterMark: CHUNK, ...(choices.signal ? { signal: choices.signal } : {}) });
  // pipeline hands an error of the file on to the reader; its own callback has nothing to add.
  return choices.gzip ? pipeline(file, createGunzip({ chunkSize: CHUNK }), () => {}) : file;
}

const MARK = Buffer.from('\ufeff');

/** Drops the byte-order mark at the beginning of a file; says so if it is that of another encoding. */
function withoutMark(path: string, { encoding }: CsvChoices, bytes: Buffer): Buffer {
  const marked = bytes.subarray(0, 3).equals(MARK);
  const wide = bytes.length > 1 && [0xfeff, 0xfffe].includes(bytes.readUInt16BE(0));
  if (encoding === 'utf-8' ? wide : marked) {
    const [expected, received, cure] =
      encoding === 'utf-8' ? ['UTF-8', 'UTF-16', 'save the file as UTF-8'] : ['Latin-1', 'UTF-8', 'leave encoding out'];
    throw new SarafError(
      'ERR_DATA',
      'readCsv',
      `${path} line 1: expected ${expected}, received the byte-order mark of ${received}; ${cure}`,
    );
  }
  return marked ? bytes.subarray(3) : bytes;
}

function firstBadByte(bytes: Buffer): number {
  let good = 0;
  // A character has four bytes at most, so what is good ends near the first byte that is not.
  for (let end = 1; end <= bytes.length && end <= good + 4; ++end) if (isUtf8(bytes.subarray(good, end))) good = end;
  return bytes[good] ?? 0;
}

const FILE_ERRORS: Record<string, string> = {
  ENOENT: 'no such file; check the path, which is relative to the current folder',
  EACCES: 'no permission to read it; change its mode or owner',
  EISDIR: 'a folder; name a file in it',
};

/** Any error as a SarafError that names file, line and cure. */
function readable(error: unknown, path: string, choices: CsvChoices): unknown {
  if (error instanceof SarafError || choices.signal?.aborted) return error;
  const code = (error as { code?: string }).code ?? '';
  const say = (message: string): SarafError => new SarafError('ERR_DATA', 'readCsv', `${path}${message}`, { cause: error });
  if (code in FILE_ERRORS) return say(`: expected a readable file, received ${FILE_ERRORS[code]}`);
  if (code.startsWith('Z_'))
    return say(`: expected gzip data (the name ends in .gz), received something else or a cut file; fetch it again`);
  if (error instanceof QuoteError)
    return say(
      ` line ${error.line}: expected well-formed quotes, received ${error.message}; double the quotes inside a field, or pass quote: null if the file does not quote`,
    );
  return say(`: expected a readable file, received ${(error as Error).message}`);
}
