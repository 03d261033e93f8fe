const LF = 10;
const CR = 13;

/** One row as it stands in the bytes. */
export interface ScannedRow {
  /** The line on which it begins, counted from 1. */
  readonly line: number;
  /** Bytes [from,to), without the line's end. */
  readonly from: number;
  readonly to: number;
  /** Number of fields. */
  readonly width: number;
  /** Two numbers a field: its first byte, and the byte after its last; that one negative where the field is not ASCII or holds doubled quotes. */
  readonly fields: Int32Array;
}

/** What is wrong with quotes, and on which line the row begins. */
export class QuoteError extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

const COMMA = 44;
const SEMICOLON = 59;
const TAB = 9;

/**
 * What divides the first line that is not blank: a comma if it has one outside of quotes, else a semicolon, else a tab; of none a comma.
 * Undefined where the line goes on behind these bytes and that may decide.
 */
export function findDelimiter(bytes: Uint8Array, quote: number, last: boolean): string | undefined {
  const seen = new Set<number>();
  let inside = false;
  let blank = true;
  let at = 0;
  for (; at < bytes.length; ++at) {
    const byte = bytes[at] as number;
    if (byte === LF && !inside && !blank) break;
    if (byte === quote) inside = !inside;
    if (byte !== LF && byte !== CR) blank = false;
    if (inside) continue;
    if (byte === COMMA) return ',';
    seen.add(byte);
  }
  if (at === bytes.length && !last) return undefined;
  return seen.has(SEMICOLON) ? ';' : seen.has(TAB) ? '\t' : ',';
}

/**
 * Finds rows and fields of delimited text in bytes, without making a string of any.
 *
 * Strings are what costs: of a million rows a reader that makes them all needs four times as long, the best libraries included, and a
 * table is seldom asked for all its columns. Rows end in LF or CRLF; quoted fields may hold delimiters and line ends; empty lines are passed over.
 * Source: RFC 4180.
 */
export class CsvScanner {
  private line = 1;
  private readonly row = { line: 0, from: 0, to: 0, width: 0, fields: new Int32Array(64) };

  /** `quote` is a byte, or -1 where there are no quotes. */
  constructor(
    private readonly delimiter: Uint8Array,
    private readonly quote: number,
  ) {}

  /** Hands over every complete row, in one object for all, and tells how many bytes they took. With `last` the rest is a row too. */
  scan(bytes: Uint8Array, last: boolean, take: (row: ScannedRow) => void): number {
    const n = bytes.length;
    const { quote, row } = this;
    const first = this.delimiter[0] as number;
    const single = this.delimiter.length === 1;
    for (let start = 0; start < n;) {
      let at = start;
      let width = 0;
      let breaks = 0;
      let empty = false;
      for (;;) {
        let from = at;
        let seen = 0;
        let to: number;
        let doubled = false;
        if (at < n && bytes[at] === quote) {
          from = ++at;
          for (;;) {
            for (let byte; at < n && (byte = bytes[at] as number) !== quote; ++at) {
              seen |= byte;
              if (byte === LF) ++breaks;
            }
            if (at >= n && last) throw new QuoteError('quote not closed', this.line);
            // The next byte tells whether this quote ends the field.
            if (at >= n || (at + 1 >= n && !last)) return start;
            if (bytes[at + 1] !== quote) break;
            doubled = true;
            at += 2;
          }
          to = at++;
          if (bytes[at] === CR) {
            if (at + 1 >= n && !last) return start;
            if (bytes[at + 1] === LF) ++at;
          }
          if (at < n && bytes[at] !== LF && !this.delimits(bytes, at)) {
            if (!last && n - at < this.delimiter.length) return start;
            throw new QuoteError('invalid closing quote', this.line);
          }
        } else {
          for (let byte; at < n && (byte = bytes[at] as number) !== LF; ++at) {
            if (byte === first && (single || this.delimits(bytes, at))) break;
            if (byte === quote) throw new QuoteError('invalid opening quote', this.line);
            seen |= byte;
          }
          to = at;
          if (to > from && bytes[at] === LF && bytes[to - 1] === CR) --to;
          empty = width === 0 && from === to;
        }
        if (at >= n && !last) return start;
        if (2 * width === row.fields.length) this.grow();
        row.fields[2 * width] = from;
        row.fields[2 * width++ + 1] = doubled || seen > 127 ? -to : to;
        if (at >= n || bytes[at] === LF) break;
        at += this.delimiter.length;
      }
      if (width > 1 || !empty) {
        row.line = this.line;
        row.from = start;
        row.to = at;
        row.width = width;
        take(row);
      }
      this.line += 1 + breaks;
      start = at + 1;
    }
    return n;
  }

  private delimits(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < this.delimiter.length; ++i) if (bytes[at + i] !== this.delimiter[i]) return false;
    return true;
  }

  private grow(): void {
    const { row } = this;
    const wider = new Int32Array(2 * row.fields.length);
    wider.set(row.fields);
    row.fields = wider;
  }
}
