import { SarafError } from '../errors.js';
import { checkedOptions, checkedShare, checkedWhole } from './checks.js';
import type { Metric, MetricOptions } from './metric.js';
import { ratio, StateMetric } from './state-metric.js';
import { ThresholdCounts, type ConfusionCounts } from './threshold-counts.js';
import { evenThresholds } from './thresholds.js';

export interface ConstrainedOptions extends MetricOptions {
  /** How many thresholds of [0,1] are tried. Default 200. */
  numThresholds?: number;
  /** Only this column counts. */
  classId?: number;
}

type Share = (counts: ConfusionCounts, i: number) => number;

const at = (values: Float64Array, i: number): number => values[i] as number;
const sensitivity: Share = ({ tp, fn }, i) => ratio(at(tp, i), at(tp, i) + at(fn, i));
const specificity: Share = ({ tn, fp }, i) => ratio(at(tn, i), at(tn, i) + at(fp, i));
const precision: Share = ({ tp, fp }, i) => ratio(at(tp, i), at(tp, i) + at(fp, i));

/** The largest `wanted` of the thresholds where `bound` is at least what the option says; 0 if there is none. */
const best =
  <Bound extends string>(className: string, defaultName: string, bound: Bound, boundOf: Share, wanted: Share) =>
  (options: ConstrainedOptions & { [key in Bound]: number }): Metric => {
    const given = checkedOptions<ConstrainedOptions>(defaultName, options, [bound, 'numThresholds', 'classId']);
    const least = (given as Record<string, unknown>)[bound];
    if (least === undefined) throw new SarafError('ERR_ARG', defaultName, `expected the option ${bound} in [0,1], received none`);
    checkedShare(defaultName, bound, least as number);
    const { name = defaultName, numThresholds = 200, classId } = given;
    checkedWhole(defaultName, 'numThresholds', numThresholds, 1);
    if (classId !== undefined) checkedWhole(defaultName, 'classId', classId, 0);
    const thresholds = evenThresholds(numThresholds);
    const state = new ThresholdCounts({ thresholds, even: numThresholds > 1, classId });
    // In float32, as Keras compares: 7 of 10 is 0.7.
    const limit = Math.fround(least as number);
    const result = (): number => {
      const counts = state.counts();
      const values = thresholds.map((_, i) => (Math.fround(boundOf(counts, i)) >= limit ? wanted(counts, i) : 0));
      return values.reduce((a, b) => Math.max(a, b), 0);
    };
    return new StateMetric({ className, name, options: { [bound]: least, numThresholds, classId }, state, result });
  };

/** The best sensitivity (recall) at a threshold where the specificity is at least so much; Keras SensitivityAtSpecificity. */
export const sensitivityAtSpecificity = best(
  'SensitivityAtSpecificity',
  'sensitivityAtSpecificity',
  'specificity',
  specificity,
  sensitivity,
);
/** The best specificity at a threshold where the sensitivity (recall) is at least so much; Keras SpecificityAtSensitivity. */
export const specificityAtSensitivity = best(
  'SpecificityAtSensitivity',
  'specificityAtSensitivity',
  'sensitivity',
  sensitivity,
  specificity,
);
/** The best precision at a threshold where the recall is at least so much; Keras PrecisionAtRecall. */
export const precisionAtRecall = best('PrecisionAtRecall', 'precisionAtRecall', 'recall', sensitivity, precision);
/** The best recall at a threshold where the precision is at least so much; Keras RecallAtPrecision. */
export const recallAtPrecision = best('RecallAtPrecision', 'recallAtPrecision', 'precision', precision, sensitivity);
