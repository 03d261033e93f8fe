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

/** Precision, recall and F1 of each class; a score whose divisor is 0 is 0, as in scikit-learn with zero_division=0. */
export function scoresPerClass(matrix: readonly (readonly number[])[]): ClassScores[] {
  return matrix.map((row, k) => {
    const hit = row[k] as number;
    const support = row.reduce((sum, n) => sum + n, 0);
    const given = matrix.reduce((sum, other) => sum + (other[k] as number), 0);
    return {
      precision: given === 0 ? 0 : hit / given,
      recall: support === 0 ? 0 : hit / support,
      f1: given + support === 0 ? 0 : (2 * hit) / (given + support),
      support,
    };
  });
}

/** Averages the scores of a confusion matrix. */
export function averageScores(matrix: readonly (readonly number[])[], average: Average, over: MacroOver = 'present'): ClassScores {
  const perClass = scoresPerClass(matrix);
  const rows = perClass.reduce((sum, c) => sum + c.support, 0);
  if (average === 'micro') {
    const share = rows === 0 ? 0 : matrix.reduce((sum, row, k) => sum + (row[k] as number), 0) / rows;
    return { precision: share, recall: share, f1: share, support: rows };
  }
  if (average === 'weighted') {
    const mean = (of: (c: ClassScores) => number): number =>
      rows === 0 ? 0 : perClass.reduce((sum, c) => sum + of(c) * c.support, 0) / rows;
    return { precision: mean((c) => c.precision), recall: mean((c) => c.recall), f1: mean((c) => c.f1), support: rows };
  }
  if (average !== 'macro')
    throw new SarafError('ERR_ARG', 'metrics', `expected average 'macro', 'weighted' or 'micro', received ${String(average)}`);
  const counted = perClass.filter((c, k) => {
    if (over === 'all') return true;
    return c.support > 0 || (over === 'present' && matrix.some((row) => (row[k] as number) > 0));
  });
  const mean = (of: (c: ClassScores) => number): number =>
    counted.length === 0 ? 0 : counted.reduce((sum, c) => sum + of(c), 0) / counted.length;
  return { precision: mean((c) => c.precision), recall: mean((c) => c.recall), f1: mean((c) => c.f1), support: rows };
}
