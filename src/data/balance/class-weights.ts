import { SarafError } from '../../errors.js';
import { classesOf, type ClassLabels } from './labels.js';

/**
 * Weights with which every class counts the same in all: rows / (classes · rows of the class), for `fit`'s `classWeight`.
 *
 * Throws: ERR_ARG for labels of a test or validation part, or labels that are no class numbers; ERR_DATA for a missing label.
 * Source: scikit-learn compute_class_weight('balanced').
 * Example: `model.fit(x, y, { classWeight: classWeights(y) })`
 */
export function classWeights(labels: ClassLabels): Record<number, number> {
  const classes = classesOf('classWeights', 'class weights', labels);
  const total = [...classes.values()].reduce((sum, rows) => sum + rows.length, 0);
  const weights: Record<number, number> = {};
  for (const [label, rows] of classes) {
    if (!/^\d+$/.test(label))
      throw new SarafError(
        'ERR_ARG',
        'classWeights',
        `expected class numbers, as fit counts them, received ${JSON.stringify(label)}; use encodeLabels(labels).labels`,
      );
    weights[Number(label)] = total / (classes.size * rows.length);
  }
  return weights;
}
