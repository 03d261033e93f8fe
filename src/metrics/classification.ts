import { thresholdPrecision, thresholdRecall, type PrecisionOptions } from './confusion-metrics.js';
import { confusionMatrix } from './confusion-matrix.js';
import { equalAccuracy } from './accuracy.js';
import { f1Metric, type F1MetricOptions } from './f-score.js';
import { labelPairs, type Labels } from './labels.js';
import type { Metric, MetricOptions, MetricResult } from './metric.js';
import { averageScores, scoresPerClass, type Average, type MacroOver } from './scores.js';

export interface AverageOptions {
  /** Default 'macro'; 'none' gives one score per class. */
  average?: Average | 'none';
  /** Classes that a macro average counts. Default 'present': those in labels or predictions. */
  over?: MacroOver;
  /** Number of classes. Default: the largest class number that occurs, plus one. */
  classes?: number;
}

/**
 * Share of rows whose predicted class is the true one.
 *
 * Shapes: labels (N), (N,1) or scores (N,C).
 * Units:  [0,1].
 * Throws: ERR_SHAPE if lengths differ; ERR_DATA if there is no row or a label is no class number.
 * Example: metrics.accuracy([0, 1, 1, 2], [0, 1, 0, 2]) // 0.75
 */
export function accuracy(yTrue: Labels, yPred: Labels): number;
/** The metric for `compile` and batches: share of values that equal their targets. Source: Keras Accuracy. */
export function accuracy(options?: MetricOptions): Metric;
export function accuracy(first?: Labels | MetricOptions, yPred?: Labels): number | Metric {
  if (yPred === undefined) return equalAccuracy(first as MetricOptions | undefined);
  const yTrue = first as Labels;
  const { truth, predicted } = labelPairs('accuracy', yTrue, yPred);
  let hits = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) hits++;
  return hits / truth.length;
}

type ScoreName = 'precision' | 'recall' | 'f1';

function score(name: ScoreName, yTrue: Labels, yPred: Labels, options: AverageOptions): number | number[] {
  const matrix = confusionMatrix(yTrue, yPred, options.classes === undefined ? {} : { classes: options.classes });
  if (options.average === 'none') return scoresPerClass(matrix).map((c) => c[name]);
  return averageScores(matrix, options.average ?? 'macro', options.over)[name];
}

/**
 * Of the rows given a class, the share that belong to it; 0 for a class never predicted.
 *
 * Units:  [0,1].
 * Throws: as `accuracy`.
 * Source: scikit-learn precision_score, zero_division=0.
 * Example: metrics.precision(yTrue, yPred, { average: 'weighted' })
 */
export function precision(yTrue: Labels, yPred: Labels, options: AverageOptions & { average: 'none' }): number[];
export function precision(yTrue: Labels, yPred: Labels, options?: AverageOptions & { average?: Average }): number;
/** The metric for `compile` and batches: tp / (tp + fp) at thresholds, per value. Source: Keras Precision. */
export function precision(options?: PrecisionOptions): Metric<MetricResult>;
export function precision(
  first?: Labels | PrecisionOptions,
  yPred?: Labels,
  options: AverageOptions = {},
): number | number[] | Metric<MetricResult> {
  return yPred === undefined
    ? thresholdPrecision(first as PrecisionOptions | undefined)
    : score('precision', first as Labels, yPred, options);
}

/**
 * Of the rows that belong to a class, the share that were given it; 0 for a class without rows.
 *
 * Units:  [0,1].
 * Throws: as `accuracy`.
 * Source: scikit-learn recall_score, zero_division=0.
 * Example: metrics.recall(yTrue, yPred, { average: 'none' })
 */
export function recall(yTrue: Labels, yPred: Labels, options: AverageOptions & { average: 'none' }): number[];
export function recall(yTrue: Labels, yPred: Labels, options?: AverageOptions & { average?: Average }): number;
/** The metric for `compile` and batches: tp / (tp + fn) at thresholds, per value. Source: Keras Recall. */
export function recall(options?: PrecisionOptions): Metric<MetricResult>;
export function recall(
  first?: Labels | PrecisionOptions,
  yPred?: Labels,
  options: AverageOptions = {},
): number | number[] | Metric<MetricResult> {
  return yPred === undefined ? thresholdRecall(first as PrecisionOptions | undefined) : score('recall', first as Labels, yPred, options);
}

/**
 * Harmonic mean of precision and recall; 0 where both are 0. Macro by default.
 *
 * Units:  [0,1].
 * Throws: as `accuracy`.
 * Source: scikit-learn f1_score, zero_division=0.
 * Example: metrics.f1Score(yTrue, await model.predict(x))
 */
export function f1Score(yTrue: Labels, yPred: Labels, options: AverageOptions & { average: 'none' }): number[];
export function f1Score(yTrue: Labels, yPred: Labels, options?: AverageOptions & { average?: Average }): number;
/** The metric for `compile` and batches: F1 per class, or averaged over all classes. Source: Keras F1Score. */
export function f1Score(options?: F1MetricOptions): Metric<MetricResult>;
export function f1Score(
  first?: Labels | F1MetricOptions,
  yPred?: Labels,
  options: AverageOptions = {},
): number | number[] | Metric<MetricResult> {
  return yPred === undefined ? f1Metric(first as F1MetricOptions | undefined) : score('f1', first as Labels, yPred, options);
}
