import { SarafError } from '../errors.js';
import { mean } from './statistics.js';
import type { Evaluation } from './results.js';

/**
 * Scores of predicted classes: macro and weighted F1, accuracy, per class, confusion matrix, largest predicted share.
 *
 * Units:  percent, but for counts and `largestShare` in [0,1]. A class that is never predicted has precision and F1 0.
 *         Macro F1 is the mean over the classes that occur in `labels` or in `predictions`.
 * Throws: ERR_SHAPE if lengths differ, ERR_DATA if no row counts or a class number is out of range.
 */
export function evaluateClasses(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classNames: readonly string[],
  keep?: Uint8Array,
): Evaluation {
  const classes = classNames.length;
  if (labels.length !== predictions.length || (keep && keep.length !== labels.length)) {
    throw new SarafError(
      'ERR_SHAPE',
      'evaluate',
      `expected as many predictions as labels, received ${predictions.length} and ${labels.length}`,
    );
  }
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let rows = 0;
  for (let i = 0; i < labels.length; i++) {
    if (keep && keep[i] === 0) continue;
    const row = confusion[labels[i] ?? -1];
    const column = predictions[i] ?? -1;
    if (row === undefined || row[column] === undefined) {
      throw new SarafError(
        'ERR_DATA',
        'evaluate',
        `expected class numbers in [0, ${classes}), received label ${labels[i]} and prediction ${predictions[i]} in row ${i}`,
      );
    }
    row[column] = (row[column] ?? 0) + 1;
    rows++;
  }
  if (rows === 0) throw new SarafError('ERR_DATA', 'evaluate', 'expected at least one row that counts, received none');
  return summarise(confusion, classNames, rows);
}

function summarise(confusion: number[][], classNames: readonly string[], rows: number): Evaluation {
  const predicted = classNames.map((_, j) => confusion.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const perClass = classNames.map((name, i) => {
    const row = confusion[i] ?? [];
    const support = row.reduce((sum, n) => sum + n, 0);
    const hit = row[i] ?? 0;
    const given = predicted[i] ?? 0;
    const precision = given === 0 ? 0 : hit / given;
    const recall = support === 0 ? 0 : hit / support;
    const f1 = hit === 0 ? 0 : (2 * hit) / (given + support);
    return { name, precision: 100 * precision, recall: 100 * recall, f1: 100 * f1, support };
  });
  const present = perClass.filter((c, i) => c.support > 0 || (predicted[i] ?? 0) > 0);
  const most = predicted.indexOf(Math.max(...predicted));
  return {
    macroF1: mean(present.map((c) => c.f1)),
    weightedF1: perClass.reduce((sum, c) => sum + (c.f1 * c.support) / rows, 0),
    accuracy: (100 * confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)) / rows,
    rows,
    confusion,
    perClass,
    largestShare: (predicted[most] ?? 0) / rows,
    largestClass: classNames[most] ?? '',
  };
}

/** Index of the largest of each row's values; the first one on a tie. */
export function argmaxRows(values: ArrayLike<number>, rows: number, cols: number): Int32Array {
  const out = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let c = 1; c < cols; c++) if ((values[r * cols + c] ?? NaN) > (values[r * cols + best] ?? NaN)) best = c;
    out[r] = best;
  }
  return out;
}
