import { SarafError } from '../errors.js';
import { samePart } from '../tensor/part.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { isMissing, quoted, type Cell, type Table } from './table.js';

/** Labels as numbers, and what the numbers mean. */
export interface EncodedLabels {
  /** int32 (N): the place of each label in `classes`. */
  readonly labels: Tensor;
  readonly classes: readonly string[];
  /** Rows per class. */
  readonly counts: readonly number[];
}

export interface EncodeLabelsOptions {
  /** The classes in the order of their numbers. Default: all that occur, sorted (as numbers if all are numbers). */
  classes?: readonly (string | number)[];
  /** The table that the values came from: messages then name its file and line. */
  table?: Table;
}

/**
 * Turns labels into class numbers.
 *
 * Shapes: N values → int32 (N).
 * Throws: ERR_DATA naming row and label if one is missing or not among `classes`; ERR_ARG if `classes` repeat.
 * Example: `encodeLabels(table.column('label'), { classes: ['negative', 'neutral', 'positive'] })`
 */
export function encodeLabels(values: ArrayLike<Cell | undefined>, options: EncodeLabelsOptions = {}): EncodedLabels {
  const where = (row: number): string => options.table?.where(row) ?? `row ${row}`;
  const names: string[] = [];
  for (let row = 0; row < values.length; ++row) {
    const value = values[row];
    if (value === undefined || value === null || isMissing(value)) {
      throw new SarafError('ERR_DATA', 'encodeLabels', `expected a label at ${where(row)}, received none; fill it in or drop the row`);
    }
    names.push(String(value));
  }
  const classes = options.classes?.map(String) ?? sortedClasses(names);
  const number = new Map(classes.map((name, i) => [name, i]));
  if (number.size !== classes.length) {
    throw new SarafError('ERR_ARG', 'encodeLabels', `expected different classes, received ${quoted(classes)}`);
  }
  const counts = classes.map(() => 0);
  const ids = Int32Array.from(names, (name, row) => {
    const id = number.get(name);
    if (id === undefined) {
      throw new SarafError(
        'ERR_DATA',
        'encodeLabels',
        `expected one of ${quoted(classes)} at ${where(row)}, received ${JSON.stringify(name)}; correct the label or add it to classes`,
      );
    }
    counts[id] = (counts[id] as number) + 1;
    return id;
  });
  return { labels: samePart(tensor(ids, [ids.length]), values, options.table), classes, counts };
}

function sortedClasses(names: readonly string[]): string[] {
  const found = [...new Set(names)];
  const numeric = found.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return found.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0));
}
