import { fromFrame, type FrameLike } from '../../../data/frame.js';
import { isMissing, Table } from '../../../data/table.js';
import { SarafError } from '../../../errors.js';

/** A text and its class; the class is '' where none was asked for. */
export interface ClassText {
  readonly text: string;
  readonly label: string;
}

/** Frames and tables alike. */
export const tableOf = (source: Table | FrameLike): Table => (source instanceof Table ? source : fromFrame(source));

/** Texts and classes of a table, rows without text left out; classes in order. Throws ERR_DATA if there are none, or for a missing class. */
export function textsOf(op: string, source: Table | FrameLike, column: string, label?: string): { texts: ClassText[]; classes: string[] } {
  const table = tableOf(source);
  const cells = table.column(column);
  const labels = label === undefined ? null : labelsOf(op, table, label);
  const texts = cells.flatMap((text, row) => (isMissing(text) ? [] : [{ text: String(text), label: labels?.[row] ?? '' }]));
  if (texts.length === 0)
    throw new SarafError('ERR_DATA', op, `expected at least one text in column "${column}", received none; name another column`);
  return { texts, classes: inOrder(texts.map((one) => one.label)) };
}

/** The classes of a table, row by row. Throws ERR_DATA naming the row of a missing one. */
export function labelsOf(op: string, table: Table, label: string): string[] {
  return table.column(label).map((value, row) => {
    if (!isMissing(value)) return String(value);
    throw new SarafError(
      'ERR_DATA',
      op,
      `expected a class in column "${label}" at ${table.where(row)}, received none; fill it in or drop the row`,
    );
  });
}

/** Each class once, numbers as numbers. */
export function inOrder(labels: readonly string[]): string[] {
  const found = [...new Set(labels)];
  const numeric = found.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return found.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/** A whole number of at least 1, or ERR_ARG. */
export function checkedCount(op: string, name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SarafError('ERR_ARG', op, `expected ${name} to be a whole number >= 1, received ${String(value)}`);
}
