import { SarafError } from '../errors.js';

/** Scores of one class, in [0,1]; support is the number of rows whose true class it is. */
export interface ClassScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/**
 * How classes become one number: `macro` the plain mean, `weighted` the mean by support, `micro` over all counts together
 * (equal to accuracy when each row has one class).
 */
export type Average = 'macro' | 'weighted' | 'micro';

/** Which classes a macro average counts: all of them, or those that occur in the labels, or in labels or predictions (scikit-learn's default). */
export type MacroOver = 'all' | 'present' | 'labels';

/** What the scores of a class follow from: rows that are of it, rows that were called it, and rows of which both hold. */
export interface ClassCounts {
  readonly support: number;
  readonly called: number;
  readonly hits: number;
}

/** The counts of each class in a confusion matrix. */
export function countsPerClass(matrix: readonly (readonly number[])[]): ClassCounts[] {
  return matrix.map((row, k) => ({
    support: row.reduce((sum, n) => sum + n, 0),
    called: matrix.reduce((sum, other) => sum + (other[k] as number), 0),
    hits: row[k] as number,
  }));
}

/** Precision, recall and F1 of a class; a score whose divisor is 0 is 0, as in scikit-learn with zero_division=0. */
export function scoresOf({ support, called, hits }: ClassCounts): ClassScores {
  return {
    precision: called === 0 ? 0 : hits / called,
    recall: support === 0 ? 0 : hits / support,
    f1: called + support === 0 ? 0 : (2 * hits) / (called + support),
    support,
  };
}

/** Precision, recall and F1 of each class, as `scoresOf` has them. */
export function scoresPerClass(matrix: readonly (readonly number[])[]): ClassScores[] {
  return countsPerClass(matrix).map(scoresOf);
}

/** Averages the scores of a confusion matrix. */
export function averageScores(matrix: readonly (readonly number[])[], average: Average, over: MacroOver = 'present'): ClassScores {
  return averageCounts(countsPerClass(matrix), average, over);
}

/** Averages the scores of classes that have been counted. */
export function averageCounts(counts: readonly ClassCounts[], average: Average, over: MacroOver = 'present'): ClassScores {
  const perClass = counts.map(scoresOf);
  const rows = counts.reduce((sum, c) => sum + c.support, 0);
  if (average === 'micro') {
    const share = rows === 0 ? 0 : counts.reduce((sum, c) => sum + c.hits, 0) / rows;
    return { precision: share, recall: share, f1: share, support: rows };
  }
  if (average === 'weighted') {
    const mean = (of: (c: ClassScores) => number): number =>
      rows === 0 ? 0 : perClass.reduce((sum, c) => sum + of(c) * c.support, 0) / rows;
    return { precision: mean((c) => c.precision), recall: mean((c) => c.recall), f1: mean((c) => c.f1), support: rows };
  }
  if (average !== 'macro')
    throw new SarafError('ERR_ARG', 'metrics', `expected average 'macro', 'weighted' or 'micro', received ${String(average)}`);
  const counted = perClass.filter(
    (c, k) => over === 'all' || c.support > 0 || (over === 'present' && (counts[k] as ClassCounts).called > 0),
  );
  const mean = (of: (c: ClassScores) => number): number =>
    counted.length === 0 ? 0 : counted.reduce((sum, c) => sum + of(c), 0) / counted.length;
  return { precision: mean((c) => c.precision), recall: mean((c) => c.recall), f1: mean((c) => c.f1), support: rows };
}
