import { SarafError } from '../errors.js';
import { refuseTestRows } from '../tensor/part.js';
import { fromFrame, type FrameLike } from './frame.js';
import { readStored } from './stored.js';
import { isMissing, quoted, Table, type Cell } from './table.js';

export interface OneHotEncoderOptions {
  /** A value that training rows do not have: 'error' (default) refuses it, 'zeros' gives a row without a one. */
  unknown?: 'error' | 'zeros';
  /** A missing value: 'error' (default) refuses it, 'category' makes a column of its own of it, 'zeros' gives a row without a one. */
  missing?: 'error' | 'category' | 'zeros';
}

interface Category {
  readonly column: string;
  /** Sorted by UTF-16 units; null stands for missing values and comes last. */
  readonly values: readonly (string | null)[];
}

const OP = 'oneHotEncoder';
const FORMAT = 'saraf-one-hot';

/**
 * Columns of categories as columns of zeros and ones, one for each value that training rows have: `city=Medan`; `city=` for missing ones.
 *
 * Shapes: a table or frame → a table in which the columns of each category stand behind all others, in place of the category.
 * Throws: ERR_ARG for rows of a test part in `fit`; ERR_STATE before `fit` and for a second one; ERR_DATA naming column, row and value of one
 *         that is missing or unknown.
 * Source: scikit-learn's OneHotEncoder.
 * Example: `const encoder = new OneHotEncoder().fit(train, ['city']); columnsToTensor(encoder.transform(test), encoder.columns)`
 */
export class OneHotEncoder {
  readonly unknown: 'error' | 'zeros';
  readonly missing: 'error' | 'category' | 'zeros';
  private learnt: readonly Category[] | null = null;

  constructor(options: OneHotEncoderOptions = {}) {
    const { unknown = 'error', missing = 'error' } = options;
    const other = Object.keys(options).find((key) => key !== 'unknown' && key !== 'missing');
    if (other !== undefined) throw new SarafError('ERR_ARG', OP, `expected options unknown, missing, received "${other}"`);
    if (!['error', 'zeros'].includes(unknown))
      throw new SarafError('ERR_ARG', OP, `expected unknown "error" or "zeros", received ${JSON.stringify(unknown)}`);
    if (!['error', 'category', 'zeros'].includes(missing))
      throw new SarafError('ERR_ARG', OP, `expected missing "error", "category" or "zeros", received ${JSON.stringify(missing)}`);
    this.unknown = unknown;
    this.missing = missing;
  }

  /** Names of the columns that it makes. Throws ERR_STATE before `fit`. */
  get columns(): readonly string[] {
    return this.categories().flatMap(({ column, values }) => values.map((value) => `${column}=${value ?? ''}`));
  }

  /** Learns the values of some columns from training rows. */
  fit(rows: Table | FrameLike, names: string | readonly string[]): this {
    if (this.learnt) throw new SarafError('ERR_STATE', OP, 'expected one fit, this encoder has learnt already; make a new one');
    refuseTestRows(OP, 'fit', rows);
    const table = rows instanceof Table ? rows : fromFrame(rows);
    const list = typeof names === 'string' ? [names] : names;
    if (list.length === 0) throw new SarafError('ERR_ARG', OP, `expected names of columns, of ${quoted(table.columns)}, received none`);
    this.learnt = list.map((column) => {
      const values = this.valuesOf(table, column);
      const known = [...new Set(values.filter((value) => value !== null))].sort();
      return { column, values: this.missing === 'category' && values.includes(null) ? [...known, null] : known };
    });
    return this;
  }

  /** The table with zeros and ones in place of the categories. */
  transform(rows: Table | FrameLike): Table {
    const categories = this.categories();
    const table = rows instanceof Table ? rows : fromFrame(rows);
    const made = new Map<string, Cell[]>();
    for (const { column, values } of categories) {
      const known = new Set(values);
      const cells = this.valuesOf(table, column);
      const stranger =
        this.unknown === 'error' ? cells.findIndex((cell) => !known.has(cell) && (cell !== null || this.missing === 'category')) : -1;
      if (stranger >= 0) {
        const received = cells[stranger] === null ? 'none, and training rows miss none' : JSON.stringify(cells[stranger]);
        throw new SarafError(
          'ERR_DATA',
          OP,
          `expected one of ${quoted(values.map((value) => value ?? ''))} in column "${column}" at ${table.where(stranger)}, received ${received}; correct it, or pass unknown: "zeros"`,
        );
      }
      for (const value of values)
        made.set(
          `${column}=${value ?? ''}`,
          cells.map((cell) => (cell === value ? 1 : 0)),
        );
    }
    const rest = table.columns.filter((name) => !categories.some(({ column }) => column === name));
    const twice = rest.find((name) => made.has(name));
    if (twice !== undefined)
      throw new SarafError('ERR_DATA', OP, `expected no column "${twice}" beside those that are made, received one; rename it`);
    return table.select(rest).withColumns(made);
  }

  /** Everything that makes this encoder again, for `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { unknown, missing, learnt } = this;
    return { format: FORMAT, formatVersion: 1, unknown, missing, learnt };
  }

  /** The encoder that `toJSON` wrote, as an object or as text. Throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): OneHotEncoder {
    return readStored(OP, FORMAT, json, ({ unknown, missing, learnt }) => {
      const encoder = new OneHotEncoder({ unknown, missing } as OneHotEncoderOptions);
      const category = (one: unknown): boolean => {
        const { column, values } = (one ?? {}) as { column?: unknown; values?: unknown };
        return typeof column === 'string' && Array.isArray(values) && values.every((value) => value === null || typeof value === 'string');
      };
      if (learnt === null) return encoder;
      if (!Array.isArray(learnt) || !learnt.every(category)) return null;
      encoder.learnt = learnt as Category[];
      return encoder;
    });
  }

  private categories(): readonly Category[] {
    if (!this.learnt) throw new SarafError('ERR_STATE', OP, 'expected an encoder that has learnt; call fit(trainingRows, names) first');
    return this.learnt;
  }

  /** A column as text, null where it is missing and may be. */
  private valuesOf(table: Table, name: string): (string | null)[] {
    return table.column(name).map((value, row) => {
      if (!isMissing(value)) return String(value);
      if (this.missing !== 'error') return null;
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected a value in column "${name}" at ${table.where(row)}, received none; pass missing: "category" or "zeros", or drop the row`,
      );
    });
  }
}
