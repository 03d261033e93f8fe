import { SarafError } from '../errors.js';
import { markPart } from '../tensor/part.js';
import { Philox, STREAM } from '../tensor/random.js';
import { rowsByKey } from './rows-by-key.js';

/** Row numbers on either side of a split, each ascending; marked as training and test part, and so are the rows that they take from a table. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface SplitOptions {
  /** Share of the rows in (0,1), rounded up to whole rows, or a number of rows. Default 0.2. */
  testSize?: number;
  /** The same seed gives the same split on every machine. Default 0. */
  seed?: number;
}

export interface TrainTestSplitOptions extends SplitOptions {
  /** `false` takes the last rows for the test. Default true. */
  shuffle?: boolean;
}

/**
 * Divides row numbers into a training and a test part at random.
 *
 * Throws: ERR_ARG if a side would be empty.
 * Example: `const { train, test } = trainTestSplit(table.rows, { testSize: 0.2, seed: 7 }); table.take(train)`
 */
export function trainTestSplit(rows: number, options: TrainTestSplitOptions = {}): Split {
  const test = testRows('trainTestSplit', rows, options.testSize);
  const order =
    options.shuffle === false ? Int32Array.from({ length: rows }, (_, i) => rows - 1 - i) : random(options.seed).permutation(rows);
  return sides(order, test);
}

/**
 * Divides row numbers so that every class has its share on both sides.
 *
 * Each class gives its share rounded down; the rows still missing come from the classes with the largest remainders. A class
 * of a single row thus mostly stays in training; nothing is dropped.
 * Throws: ERR_ARG if a side would be empty; ERR_DATA for a missing label.
 * Example: `stratifiedSplit(table.strings('label'), { testSize: 100, seed: 7 })`
 */
export function stratifiedSplit(labels: ArrayLike<string | number>, options: SplitOptions = {}): Split {
  const test = testRows('stratifiedSplit', labels.length, options.testSize);
  const generator = random(options.seed);
  const classes = [...rowsByKey('stratifiedSplit', labels).values()];
  const quotas = apportion(
    classes.map((rows) => rows.length),
    test,
  );
  for (const rows of classes) generator.shuffle(rows);
  return marked(
    classes.flatMap((rows, k) => rows.slice(quotas[k])),
    classes.flatMap((rows, k) => rows.slice(0, quotas[k])),
  );
}

/**
 * Divides row numbers so that rows of one group (an author, a patient, copies of one text) stay on one side.
 *
 * Groups are drawn at random until the test part is as large as asked for, or larger by less than the last group.
 * Throws: ERR_ARG if a side would be empty; ERR_DATA for a missing group or fewer than two groups.
 * Example: `groupedSplit(table.strings('author'), { testSize: 0.2 })`
 */
export function groupedSplit(groups: ArrayLike<string | number>, options: SplitOptions = {}): Split {
  const wanted = testRows('groupedSplit', groups.length, options.testSize);
  const members = [...rowsByKey('groupedSplit', groups).values()];
  if (members.length < 2)
    throw new SarafError('ERR_DATA', 'groupedSplit', `expected at least two groups, received ${members.length}; use trainTestSplit`);
  random(options.seed).shuffle(members);
  let rows = 0;
  let taken = 0;
  // The last group is for training, however large the others are.
  while (rows < wanted && taken < members.length - 1) rows += (members[taken++] as number[]).length;
  return marked(members.slice(taken).flat(), members.slice(0, taken).flat());
}

/**
 * Divides row numbers into `folds` parts of nearly equal size; fold k tests part k and trains on the rest.
 *
 * Throws: ERR_ARG unless 2 <= folds <= rows.
 */
export function kFold(rows: number, folds: number, options: { seed?: number; shuffle?: boolean } = {}): Split[] {
  checkFolds('kFold', rows, folds);
  const order = options.shuffle === false ? Int32Array.from({ length: rows }, (_, i) => i) : random(options.seed).permutation(rows);
  const part = (i: number): number => Math.floor((i * folds) / rows);
  return fromParts(folds, rows, (assign) => order.forEach((row, i) => assign(row, part(i))));
}

/**
 * As `kFold`, with every class spread evenly over the parts.
 *
 * Throws: ERR_ARG unless 2 <= folds <= rows; ERR_DATA if a class has fewer rows than there are folds, or a label is missing.
 */
export function stratifiedKFold(labels: ArrayLike<string | number>, folds: number, options: { seed?: number } = {}): Split[] {
  checkFolds('stratifiedKFold', labels.length, folds);
  const generator = random(options.seed);
  const classes = rowsByKey('stratifiedKFold', labels);
  for (const [label, rows] of classes) {
    if (rows.length < folds) {
      throw new SarafError(
        'ERR_DATA',
        'stratifiedKFold',
        `expected at least ${folds} rows of every class, received ${rows.length} of ${JSON.stringify(label)}; use fewer folds or merge rare classes`,
      );
    }
  }
  return fromParts(folds, labels.length, (assign) => {
    // Dealt like cards, each class going on where the one before stopped, so that parts differ by one row at most.
    let next = 0;
    for (const rows of classes.values()) for (const row of generator.shuffle(rows)) assign(row, next++ % folds);
  });
}

function random(seed = 0): Philox {
  return new Philox(seed, STREAM.split);
}

function testRows(op: string, rows: number, testSize = 0.2): number {
  if (!Number.isInteger(rows) || rows < 2) throw new SarafError('ERR_ARG', op, `expected at least 2 rows to split, received ${rows}`);
  const share = testSize > 0 && testSize < 1;
  // Rounded up as scikit-learn does, without letting a rounding error of the product add a row.
  const test = share ? Math.ceil(rows * testSize - 1e-9) : testSize;
  if (!Number.isInteger(test) || test < 1 || test >= rows) {
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected testSize to be a share in (0,1) or a number of rows in [1, ${rows - 1}], received ${testSize} of ${rows} rows`,
    );
  }
  return test;
}

function checkFolds(op: string, rows: number, folds: number): void {
  if (!Number.isInteger(folds) || folds < 2 || folds > rows) {
    throw new SarafError('ERR_ARG', op, `expected 2 to ${rows} folds (one row each), received ${folds}`);
  }
}

function ascending(rows: ArrayLike<number>): Int32Array {
  return Int32Array.from(rows).sort();
}

function marked(train: ArrayLike<number>, test: ArrayLike<number>): Split {
  return { train: markPart(ascending(train), 'train'), test: markPart(ascending(test), 'test') };
}

function sides(order: Int32Array, test: number): Split {
  return marked(order.subarray(test), order.subarray(0, test));
}

/** Whole numbers that add up to `total` in proportion to `sizes`, by largest remainder; ties go to the earlier. */
function apportion(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((a, b) => a + b, 0);
  const quotas = sizes.map((n) => Math.floor((n * total) / all));
  let left = total - quotas.reduce((a, b) => a + b, 0);
  const byRemainder = sizes.map((n, k) => ({ k, remainder: (n * total) % all })).sort((a, b) => b.remainder - a.remainder || a.k - b.k);
  for (const { k } of byRemainder) {
    if (left-- <= 0) break;
    quotas[k] = (quotas[k] as number) + 1;
  }
  return quotas;
}

function fromParts(folds: number, rows: number, deal: (assign: (row: number, part: number) => void) => void): Split[] {
  const partOf = new Int32Array(rows);
  deal((row, part) => {
    partOf[row] = part;
  });
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  return Array.from({ length: folds }, (_, k) =>
    marked(
      all.filter((row) => partOf[row] !== k),
      all.filter((row) => partOf[row] === k),
    ),
  );
}
