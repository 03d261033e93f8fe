import { SarafError } from '../errors.js';
import { classificationReport } from '../metrics/classification-report.js';
import type { Evaluation } from './results.js';

/**
 * Scores of predicted classes: macro and weighted F1, accuracy, per class, confusion matrix, largest predicted share.
 *
 * Units:  percent, but for counts and `largestShare` in [0,1]. A class that is never predicted has precision and F1 0.
 *         Macro F1 is the mean over the classes that occur in `labels`: one without a row has no recall.
 * Throws: ERR_SHAPE if lengths differ, ERR_DATA if no row counts or a class number is out of range.
 */
export function evaluateClasses(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classNames: readonly string[],
  keep?: Uint8Array,
): Evaluation {
  if (keep && (keep.length !== labels.length || labels.length !== predictions.length)) {
    throw new SarafError(
      'ERR_SHAPE',
      'evaluate',
      `expected as many predictions as labels, received ${predictions.length} and ${labels.length}`,
    );
  }
  const kept = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => !keep || keep[i] !== 0);
  const report = classificationReport(kept(labels), kept(predictions), { classNames, over: 'labels' });
  const predicted = classNames.map((_, j) => report.confusion.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  const most = predicted.indexOf(Math.max(...predicted));
  return {
    macroF1: 100 * report.macro.f1,
    weightedF1: 100 * report.weighted.f1,
    accuracy: 100 * report.accuracy,
    rows: report.rows,
    confusion: report.confusion,
    perClass: report.perClass.map(({ name, precision, recall, f1, support }) => ({
      name,
      precision: 100 * precision,
      recall: 100 * recall,
      f1: 100 * f1,
      support,
    })),
    largestShare: (predicted[most] ?? 0) / report.rows,
    largestClass: classNames[most] ?? '',
  };
}
