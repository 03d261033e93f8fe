import { SarafError } from '../errors.js';
import { labelPairs, type Labels } from './labels.js';

export interface ConfusionMatrixOptions {
  /** Number of classes. Default: the largest class number that occurs, plus one. */
  classes?: number;
  /** How much each row counts. Default 1. */
  sampleWeight?: ArrayLike<number>;
}

/**
 * Counts of (true class, predicted class): rows are true classes, columns predicted ones.
 *
 * Shapes: labels (N), (N,1) or scores (N,C) → (C,C).
 * Throws: ERR_SHAPE if lengths differ; ERR_DATA if a class is not in [0, classes) or there is no row.
 * Source: scikit-learn confusion_matrix.
 * Example: metrics.confusionMatrix([0, 1, 1], [0, 1, 0]) // [[1, 0], [1, 1]]
 */
export function confusionMatrix(yTrue: Labels, yPred: Labels, options: ConfusionMatrixOptions = {}): number[][] {
  const { truth, predicted } = labelPairs('confusionMatrix', yTrue, yPred);
  const { sampleWeight } = options;
  if (sampleWeight && sampleWeight.length !== truth.length) {
    throw new SarafError('ERR_SHAPE', 'confusionMatrix', `expected ${truth.length} sample weights, received ${sampleWeight.length}`);
  }
  let largest = 0;
  for (let i = 0; i < truth.length; i++) largest = Math.max(largest, truth[i] as number, predicted[i] as number);
  const classes = options.classes ?? largest + 1;
  if (largest >= classes) throw new SarafError('ERR_DATA', 'confusionMatrix', `expected classes 0 to ${classes - 1}, received ${largest}`);
  const matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < truth.length; i++) {
    const row = matrix[truth[i] as number] as number[];
    const c = predicted[i] as number;
    row[c] = (row[c] as number) + (sampleWeight ? (sampleWeight[i] as number) : 1);
  }
  return matrix;
}
