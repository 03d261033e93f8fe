import { SarafError } from '../errors.js';

/** Which side of a split rows are on. */
export type PartName = 'train' | 'validation' | 'test';

const PARTS: readonly PartName[] = ['train', 'validation', 'test'];
const parts = new WeakMap<object, PartName>();

/**
 * Says which part of the data some rows are: a table, texts, row numbers, a tensor. What is made of them (a column, some of the rows, a
 * tensor) is of the same part; what must learn from training rows alone refuses the others.
 *
 * Splits and the official parts of data sets are marked already.
 * Example: `const test = markPart(await readCsv('test.csv'), 'test')`
 */
export function markPart<T extends object>(rows: T, part: PartName): T {
  if (typeof rows !== 'object' || rows === null)
    throw new SarafError('ERR_ARG', 'markPart', `expected a table, an array or a tensor, received ${rows === null ? 'null' : typeof rows}`);
  if (!PARTS.includes(part))
    throw new SarafError('ERR_ARG', 'markPart', `expected one of ${PARTS.join(', ')}, received ${JSON.stringify(part)}`);
  parts.set(rows, part);
  return rows;
}

/** The part that rows were marked as; null if they were not. */
export function partOf(rows: unknown): PartName | null {
  return typeof rows === 'object' && rows !== null ? (parts.get(rows) ?? null) : null;
}

/** Marks what was made of other rows as of their part, if they are of one; of several, as of the one that may be learnt from least. */
export function samePart<T extends object>(made: T, ...from: readonly unknown[]): T {
  const found = from.map(partOf);
  const part = PARTS.findLast((p) => found.includes(p));
  if (part) parts.set(made, part);
  return made;
}

/** Throws ERR_ARG if rows are marked as another part than training; `what` says what would have learnt from them. */
export function refuseTestRows(op: string, what: string, ...rows: readonly unknown[]): void {
  const wrong = rows.map(partOf).find((p) => p === 'test' || p === 'validation');
  if (wrong)
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected rows of the training part for ${what}, received rows of the ${wrong} part: they would leak`,
    );
}
