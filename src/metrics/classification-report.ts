import { SarafError } from '../errors.js';
import { confusionMatrix } from './confusion-matrix.js';
import type { Labels } from './labels.js';
import { averageScores, scoresPerClass, type ClassScores, type MacroOver } from './scores.js';

export interface ClassificationReportOptions {
  /** Names of the classes 0, 1, 2, …; also sets how many there are. */
  classNames?: readonly string[];
  /** Classes that the macro average counts. Default 'present': those in labels or predictions. */
  over?: MacroOver;
}

/** Every score of a classification; `toString()` prints it as a table. */
export interface ClassificationReport {
  readonly accuracy: number;
  readonly rows: number;
  readonly perClass: readonly (ClassScores & { readonly name: string })[];
  readonly macro: ClassScores;
  readonly weighted: ClassScores;
  readonly micro: ClassScores;
  /** Rows are true classes, columns predicted ones. */
  readonly confusion: readonly (readonly number[])[];
  toString(): string;
}

/**
 * Precision, recall, F1 and support of each class, their averages, accuracy and the confusion matrix.
 *
 * Shapes: labels (N), (N,1) or scores (N,C).
 * Units:  scores in [0,1]; a score whose divisor is 0 is 0.
 * Throws: ERR_SHAPE if lengths differ; ERR_DATA if a class number has no name or there is no row.
 * Source: scikit-learn classification_report, zero_division=0.
 * Example: console.log(String(metrics.classificationReport(yTrue, yPred, { classNames: ['neg', 'neu', 'pos'] })))
 */
export function classificationReport(yTrue: Labels, yPred: Labels, options: ClassificationReportOptions = {}): ClassificationReport {
  const { classNames, over } = options;
  if (classNames && classNames.length === 0)
    throw new SarafError('ERR_ARG', 'classificationReport', 'expected at least one class name, received none');
  const confusion = confusionMatrix(yTrue, yPred, classNames ? { classes: classNames.length } : {});
  const perClass = scoresPerClass(confusion).map((scores, k) => ({ name: classNames?.[k] ?? String(k), ...scores }));
  const micro = averageScores(confusion, 'micro');
  const report = {
    accuracy: micro.recall,
    rows: micro.support,
    perClass,
    macro: averageScores(confusion, 'macro', over),
    weighted: averageScores(confusion, 'weighted'),
    micro,
    confusion,
  };
  return { ...report, toString: () => asTable(report) };
}

function asTable(report: Omit<ClassificationReport, 'toString'>): string {
  const rows = [...report.perClass, { name: 'macro average', ...report.macro }, { name: 'weighted average', ...report.weighted }];
  const width = Math.max(...rows.map((r) => r.name.length), 'accuracy'.length);
  const line = (name: string, ...cells: string[]): string => [name.padEnd(width), ...cells.map((c) => c.padStart(10))].join(' ');
  const scored = (r: ClassScores & { name: string }): string =>
    line(r.name, r.precision.toFixed(4), r.recall.toFixed(4), r.f1.toFixed(4), String(r.support));
  return [
    line('', 'precision', 'recall', 'f1', 'support'),
    ...report.perClass.map(scored),
    '',
    line('accuracy', '', '', report.accuracy.toFixed(4), String(report.rows)),
    scored(rows[rows.length - 2] as ClassScores & { name: string }),
    scored(rows[rows.length - 1] as ClassScores & { name: string }),
  ].join('\n');
}
