import { SarafError } from '../errors.js';
import { samePart } from '../tensor/part.js';

/** One value of a table; `null` means that it is missing. */
export type Cell = string | number | boolean | null;

/** Where the rows of a table came from, for messages: a file, and the line on which each row begins. */
export interface TableOrigin {
  readonly file: string;
  readonly lines: ArrayLike<number>;
  /** What divides the fields of a line. */
  readonly delimiter?: string | undefined;
}

/** A row that could not be used. */
export interface BadRow {
  /** `table` where the rows come from no file. */
  readonly file: string;
  /** The line on which it begins; where there is no file the row, counted from 0. */
  readonly line: number;
  readonly reason: string;
}

/** Columns that are made when asked for. */
export interface ColumnSource {
  readonly rows: number;
  column(i: number): readonly Cell[];
}

/**
 * Named columns of equal length: what files and frames become before they are tensors.
 *
 * Shapes: `data` holds one array of `rows` cells per column, or makes it when the column is first asked for.
 * Throws: ERR_DATA if columns differ in length, or a name is missing or given twice.
 * Example: `new Table(['text', 'label'], [['baik', 'buruk'], ['positive', 'negative']]).strings('text')`
 */
export class Table {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly origin: TableOrigin | undefined;
  /** Rows that the reader left out, when it was told to. */
  readonly badRows: readonly BadRow[];
  private readonly places: ReadonlyMap<string, number>;
  private readonly made: (readonly Cell[] | undefined)[];
  private unmade: number;
  private source: ColumnSource | undefined;

  constructor(
    columns: readonly string[],
    data: readonly (readonly Cell[])[] | ColumnSource,
    origin?: TableOrigin,
    badRows: readonly BadRow[] = [],
  ) {
    const arrays = 'column' in data ? null : data;
    if (arrays && columns.length !== arrays.length) {
      throw new SarafError(
        'ERR_DATA',
        'table',
        `expected one array per column, received ${columns.length} names and ${arrays.length} arrays; give each column its values`,
      );
    }
    const rows = 'column' in data ? data.rows : (data[0]?.length ?? 0);
    for (const [i, values] of arrays?.entries() ?? []) {
      if (values.length !== rows) {
        throw new SarafError(
          'ERR_DATA',
          'table',
          `expected ${rows} values in column "${columns[i]}", received ${values.length}; all columns need the same length`,
        );
      }
    }
    this.places = new Map(columns.map((name, i) => [name, i]));
    if (this.places.size < columns.length) {
      const twice = columns.find((name, i) => this.places.get(name) !== i);
      throw new SarafError('ERR_DATA', 'table', `expected different column names, received "${twice}" twice; rename one`);
    }
    this.columns = [...columns];
    this.made = arrays ? [...arrays] : columns.map(() => undefined);
    this.unmade = arrays ? 0 : columns.length;
    this.source = 'column' in data ? data : undefined;
    this.rows = rows;
    this.origin = origin;
    this.badRows = badRows;
  }

  /** The values of every column. */
  get data(): readonly (readonly Cell[])[] {
    return this.columns.map((_, i) => this.values(i));
  }

  /** The values of one column. Throws ERR_DATA if there is no such column, naming those there are. */
  column(name: string): readonly Cell[] {
    return samePart(this.values(this.placeOf(name)), this);
  }

  /** A column as text. Throws ERR_DATA naming the row if a value is missing. */
  strings(name: string): string[] {
    const texts = this.column(name).map((value, row) => {
      if (value === null) throw this.missing(name, row);
      return String(value);
    });
    return samePart(texts, this);
  }

  /** A column as numbers. Throws ERR_DATA naming the row if a value is missing or no finite number. */
  numbers(name: string): number[] {
    const numbers = this.column(name).map((value, row) => {
      if (isMissing(value)) throw this.missing(name, row);
      const x = toNumber(value);
      if (!Number.isFinite(x)) {
        throw new SarafError(
          'ERR_DATA',
          'table',
          `expected a number in column "${name}" at ${this.where(row)}, received ${JSON.stringify(value)}; clean or encode the column first`,
        );
      }
      return x;
    });
    return samePart(numbers, this);
  }

  /** The rows named by `indices`, in that order. */
  take(indices: ArrayLike<number>): Table {
    const list = Array.from(indices);
    for (const i of list) {
      if (!Number.isInteger(i) || i < 0 || i >= this.rows) {
        throw new SarafError('ERR_ARG', 'table.take', `expected row numbers in [0, ${this.rows - 1}], received ${i}`);
      }
    }
    const origin = this.origin && { ...this.origin, lines: list.map((i) => this.origin?.lines[i] ?? 0) };
    const source = { rows: list.length, column: (c: number) => list.map((i) => this.values(c)[i] as Cell) };
    return samePart(new Table(this.columns, source, origin, this.badRows), indices, this);
  }

  /** The same rows with some columns replaced, each where it stood, or with new ones behind the others. */
  withColumns(replaced: ReadonlyMap<string, readonly Cell[]>): Table {
    const names = [...new Set([...this.columns, ...replaced.keys()])];
    for (const [name, values] of replaced) {
      if (values.length !== this.rows)
        throw new SarafError('ERR_DATA', 'table', `expected ${this.rows} values in column "${name}", received ${values.length}`);
    }
    const source = { rows: this.rows, column: (i: number) => replaced.get(names[i] as string) ?? this.values(i) };
    return samePart(new Table(names, source, this.origin, this.badRows), this);
  }

  /** The same rows, and more that were left out. */
  withBadRows(badRows: readonly BadRow[]): Table {
    const source = { rows: this.rows, column: (c: number) => this.values(c) };
    return samePart(new Table(this.columns, source, this.origin, [...this.badRows, ...badRows]), this);
  }

  /** Some columns, in the order named. */
  select(names: readonly string[]): Table {
    const places = names.map((name) => this.placeOf(name));
    const source = { rows: this.rows, column: (i: number) => this.values(places[i] as number) };
    return samePart(new Table(names, source, this.origin, this.badRows), this);
  }

  /** Where a row is to be found, for messages: `file.csv line 12`, or `row 10`. */
  where(row: number): string {
    return this.origin ? `${this.origin.file} line ${this.origin.lines[row]}` : `row ${row}`;
  }

  private placeOf(name: string): number {
    const i = this.places.get(name);
    if (i !== undefined) return i;
    const place = this.origin ? ` in ${this.origin.file}` : '';
    throw new SarafError(
      'ERR_DATA',
      'table',
      `expected column "${name}"${place}, received columns ${quoted(this.columns)}; check the spelling or the header line`,
    );
  }

  private values(i: number): readonly Cell[] {
    const known = this.made[i];
    if (known) return known;
    const values = (this.source as ColumnSource).column(i);
    this.made[i] = values;
    // Nothing is left to make: the source, a whole file perhaps, can go.
    if (--this.unmade === 0) this.source = undefined;
    return values;
  }

  private missing(name: string, row: number): SarafError {
    return new SarafError(
      'ERR_DATA',
      'table',
      `expected a value in column "${name}" at ${this.where(row)}, received none; fill it in, drop the row, or say how to treat missing values`,
    );
  }
}

/** Whether a cell holds nothing: null, undefined, NaN or blank text. */
export function isMissing(value: Cell | undefined): boolean {
  return value === null || value === undefined || (typeof value === 'string' ? value.trim() === '' : Number.isNaN(value));
}

/** A cell as a number; NaN if it is none. Decimal point only: "1,5" is no number. */
export function toNumber(value: Cell): number {
  if (typeof value === 'string') return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : NaN;
  return value === null ? NaN : Number(value);
}

const NAMES_SHOWN = 30;

/** Names in quotes, separated by commas, for messages; the first ones of many. */
export function quoted(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name)).join(', '); // prettier-ignore
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
