/** A test row that must go, and why. */
export interface Duplicate {
  /** Row of the test part. */
  readonly test: number;
  /** The first row of the training part that it repeats. */
  readonly train: number;
  readonly reason: string;
}

/** What remains of a test part after rows that the training part already shows are taken out. */
export interface Duplicates {
  readonly removed: readonly Duplicate[];
  /** Rows of the test part that stay, ascending. */
  readonly kept: Int32Array;
}

/**
 * A text without what does not make it another text: case, accents' encoding, punctuation, white space.
 * Texts that hold no letter or digit at all (only emoji, say) are compared as they are.
 */
export function normalizeForComparison(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase();
  const letters = plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
  return letters === '' ? plain.trim() : letters;
}

/**
 * Test texts that also occur in the training part: the same letters and digits once case, punctuation and spacing are taken away.
 *
 * Example: `const { kept, removed } = nearDuplicates(train.strings('text'), test.strings('text')); test.take(kept)`
 */
export function nearDuplicates(train: readonly string[], test: readonly string[]): Duplicates {
  const seen = new Map<string, number>();
  for (const [row, text] of train.entries()) {
    const key = normalizeForComparison(text);
    if (!seen.has(key)) seen.set(key, row);
  }
  return without(test.length, (row) => {
    const first = seen.get(normalizeForComparison(test[row] as string));
    return first === undefined
      ? undefined
      : { test: row, train: first, reason: train[first] === test[row] ? 'same text' : 'same text after normalisation' };
  });
}

/** Goes through the test rows and parts them into those that `judge` names and the rest. */
export function without(rows: number, judge: (row: number) => Duplicate | undefined): Duplicates {
  const removed: Duplicate[] = [];
  const kept: number[] = [];
  for (let row = 0; row < rows; ++row) {
    const duplicate = judge(row);
    if (duplicate) removed.push(duplicate);
    else kept.push(row);
  }
  return { removed, kept: Int32Array.from(kept) };
}
