import { checkedOptions, checkedWhole } from './checks.js';
import type { Metric, MetricOptions, MetricResult } from './metric.js';
import { ratio, StateMetric } from './state-metric.js';
import { ThresholdCounts, type ConfusionCounts } from './threshold-counts.js';
import { areEven, checkedThresholds } from './thresholds.js';

export interface ThresholdsOptions extends MetricOptions {
  /** One in [0,1], or several, each with its result. Default 0.5. */
  thresholds?: number | readonly number[];
}

export interface PrecisionOptions extends ThresholdsOptions {
  /** Only the k largest predictions of a row may say yes; without `thresholds` all of them do. */
  topK?: number;
  /** Only this column counts. */
  classId?: number;
}

/** Below every prediction: Keras' default threshold with `topK`. */
const NEGATIVE = -1e10;

/** A number of each threshold's counts; one number where there is one threshold. */
function atThresholds(
  className: string,
  defaultName: string,
  options: PrecisionOptions,
  of: (counts: ConfusionCounts, i: number) => number,
): Metric<MetricResult> {
  const { name = defaultName, thresholds: given, topK, classId } = options;
  if (topK !== undefined) checkedWhole(defaultName, 'topK', topK, 1);
  if (classId !== undefined) checkedWhole(defaultName, 'classId', classId, 0);
  const thresholds = checkedThresholds(defaultName, given, topK === undefined ? 0.5 : NEGATIVE);
  const state = new ThresholdCounts({ thresholds, even: areEven(thresholds), topK, classId });
  const result = (): MetricResult => {
    const counts = state.counts();
    return thresholds.length === 1 ? of(counts, 0) : thresholds.map((_, i) => of(counts, i));
  };
  return new StateMetric({ className, name, options: { thresholds: given, topK, classId }, state, result });
}

const at = (values: Float64Array, i: number): number => values[i] as number;
const OPTIONS = ['thresholds', 'topK', 'classId'];

/** A count itself. */
const counter =
  (className: string, defaultName: string, of: keyof ConfusionCounts) =>
  (options?: ThresholdsOptions): Metric<MetricResult> =>
    atThresholds(className, defaultName, checkedOptions(defaultName, options, ['thresholds']), (counts, i) => at(counts[of], i));

/** Weight of predictions above the threshold whose target is not 0; Keras TruePositives. */
export const truePositives = counter('TruePositives', 'truePositives', 'tp');
/** Weight of predictions not above the threshold whose target is 0; Keras TrueNegatives. */
export const trueNegatives = counter('TrueNegatives', 'trueNegatives', 'tn');
/** Weight of predictions above the threshold whose target is 0; Keras FalsePositives. */
export const falsePositives = counter('FalsePositives', 'falsePositives', 'fp');
/** Weight of predictions not above the threshold whose target is not 0; Keras FalseNegatives. */
export const falseNegatives = counter('FalseNegatives', 'falseNegatives', 'fn');

/** The metric behind `metrics.precision(options)`: tp / (tp + fp); Keras Precision. */
export const thresholdPrecision = (options?: PrecisionOptions): Metric<MetricResult> =>
  atThresholds('Precision', 'precision', checkedOptions('precision', options, OPTIONS), ({ tp, fp }, i) =>
    ratio(at(tp, i), at(tp, i) + at(fp, i)),
  );

/** The metric behind `metrics.recall(options)`: tp / (tp + fn); Keras Recall. */
export const thresholdRecall = (options?: PrecisionOptions): Metric<MetricResult> =>
  atThresholds('Recall', 'recall', checkedOptions('recall', options, OPTIONS), ({ tp, fn }, i) => ratio(at(tp, i), at(tp, i) + at(fn, i)));
