import { fromFrame, type FrameLike } from '../../../data/frame.js';
import { isMissing, Table } from '../../../data/table.js';
import { SarafError } from '../../../errors.js';
import { stopWords } from '../../../text/indonesian/stop-words.js';

/** How a text becomes words. */
export interface WordOptions {
  /** Words that are not counted, lower case. Default: Sastrawi's stop words; `[]` counts all. */
  readonly without?: Iterable<string>;
  /** A way of your own to split a text, as `(text) => pipeline.process(text).split(' ')`; then `without` leaves out nothing unless given. */
  readonly words?: (text: string) => readonly string[];
}

/** A text and its class; the class is '' where none was asked for. */
export interface ClassText {
  readonly text: string;
  readonly label: string;
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*/gu;
const LETTER = /\p{L}/u;

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

/** Words of a text: letters and digits of every script, hyphens inside; numbers are no words. */
export function wordsOf({ without, words }: WordOptions): (text: string) => string[] {
  const left = without === undefined ? (words ? new Set<string>() : stopWords()) : new Set(without);
  const split = words ?? ((text: string) => (text.toLowerCase().match(WORD) ?? []).filter((word) => LETTER.test(word)));
  return (text) => split(text).filter((word) => word !== '' && !left.has(word));
}

/** How often each word comes, most frequent first; ties by the alphabet. */
export function countedWords(texts: readonly string[], options: WordOptions): [word: string, count: number][] {
  const split = wordsOf(options);
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of split(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** A whole number of at least 1, or ERR_ARG. */
export function checkedCount(op: string, name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SarafError('ERR_ARG', op, `expected ${name} to be a whole number >= 1, received ${String(value)}`);
}
