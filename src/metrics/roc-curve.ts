import { SarafError } from '../errors.js';

/** A receiver operating characteristic: rates at each threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Of the negative rows, the share at or above the threshold; ascending. */
  readonly falsePositiveRate: readonly number[];
  /** Of the positive rows, the share at or above the threshold; ascending. */
  readonly truePositiveRate: readonly number[];
  /** Descending; the first is above every score. */
  readonly thresholds: readonly number[];
  /** Area under the curve, by trapezia: the chance that a positive row scores above a negative one, ties counting half. */
  readonly auc: number;
}

/**
 * The ROC curve of scores for one class against the rest, a point per different score, and its exact area. (`metrics.auc` is Keras':
 * from 200 fixed thresholds, batch by batch.)
 *
 * Shapes: positive (N) of 0 and 1, scores (N).
 * Units:  rates and area in [0,1].
 * Throws: ERR_SHAPE if lengths differ; ERR_DATA without a positive or a negative row, or for a score that is not a number.
 * Source: scikit-learn roc_curve (drop_intermediate=False), auc.
 * Example: metrics.rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).auc // 0.75
 */
export function rocCurve(positive: ArrayLike<number>, scores: ArrayLike<number>): RocCurve {
  if (positive.length !== scores.length)
    throw new SarafError('ERR_SHAPE', 'rocCurve', `expected as many scores as rows, received ${scores.length} and ${positive.length}`);
  const order = Array.from({ length: scores.length }, (_, row) => row);
  for (const row of order)
    if (Number.isNaN(scores[row])) throw new SarafError('ERR_DATA', 'rocCurve', `expected scores, received NaN at row ${row}`);
  const positives = order.reduce((n, row) => n + (positive[row] ? 1 : 0), 0);
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0)
    throw new SarafError('ERR_DATA', 'rocCurve', `expected positive and negative rows, received ${positives} and ${negatives}`);
  order.sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const [falsePositiveRate, truePositiveRate, thresholds] = [[0], [0], [Infinity]];
  let [hits, misses, auc] = [0, 0, 0];
  for (let i = 0; i < order.length;) {
    const score = scores[order[i] as number] as number;
    const [hitsBefore, missesBefore] = [hits, misses];
    for (; i < order.length && scores[order[i] as number] === score; i++) {
      if (positive[order[i] as number]) hits++;
      else misses++;
    }
    auc += (misses - missesBefore) * (hits + hitsBefore);
    falsePositiveRate.push(misses / negatives);
    truePositiveRate.push(hits / positives);
    thresholds.push(score);
  }
  return { falsePositiveRate, truePositiveRate, thresholds, auc: auc / (2 * positives * negatives) };
}
