import { Chart } from './chart.js';
import { confusionMatrixSpec, type ConfusionMatrixOptions } from './confusion-matrix.js';
import { lossCurves, type LossCurvesOptions, type LossSeries } from './loss-curves.js';

export { Chart } from './chart.js';
export type { ChartSpec } from './spec.js';
export type { ConfusionMatrixOptions } from './confusion-matrix.js';
export type { LossCurvesOptions, LossSeries } from './loss-curves.js';

/** A `History` of `fit`, or the plain record inside it. */
export type HistoryLike = Readonly<Record<string, readonly number[]>> | { readonly history: Readonly<Record<string, readonly number[]>> };

function recordOf(history: HistoryLike): Readonly<Record<string, readonly number[]>> {
  const inner = (history as { history?: unknown }).history;
  return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    ? (inner as Readonly<Record<string, readonly number[]>>)
    : (history as Readonly<Record<string, readonly number[]>>);
}

/**
 * Training and validation loss per epoch. Several histories of one model (one per seed) become a band.
 *
 * Throws: ERR_DATA if the history holds no finite value.
 * Example: `charts.lossCurve(await model.fit(x, y, { epochs: 10, validationSplit: 0.2 }))`
 */
export function lossCurve(history: HistoryLike | readonly HistoryLike[], options: Partial<LossCurvesOptions> = {}): Chart {
  const histories = (Array.isArray(history) ? history : [history]) as readonly HistoryLike[];
  const series: LossSeries[] = [{ name: 'model', histories: histories.map(recordOf) }];
  return new Chart(lossCurves(series, { title: `${options.metric ?? 'Loss'} per epoch`, ...options }));
}

/**
 * Heat map of counts, a row per true class.
 *
 * Shapes: matrix (K,K) as nested arrays, labels K.
 * Example: `charts.confusionMatrix([[9, 1], [2, 8]], ['no', 'yes'])`
 */
export function confusionMatrix(
  matrix: readonly (readonly number[])[],
  labels: readonly string[],
  options: ConfusionMatrixOptions = {},
): Chart {
  return new Chart(confusionMatrixSpec(matrix, labels, { title: 'Confusion matrix', ...options }));
}
