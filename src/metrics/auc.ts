import { SarafError } from '../errors.js';
import { sigmoid } from '../losses/binary-crossentropy.js';
import { checkedOptions, checkedWhole } from './checks.js';
import type { Metric, MetricOptions } from './metric.js';
import { ratio, StateMetric } from './state-metric.js';
import { ThresholdCounts, type ConfusionCounts } from './threshold-counts.js';
import { areEven, checkedThresholds, evenThresholds, outerThresholds } from './thresholds.js';
import { log } from '../tensor/portable-math.js';

const CURVES = ['ROC', 'PR', 'PRGAIN'] as const;
const METHODS = ['interpolation', 'majoring', 'minoring'] as const;

export interface AUCOptions extends MetricOptions {
  /** How many thresholds of [0,1] the curve is read at. Default 200. */
  numThresholds?: number;
  /** Thresholds in [0,1] of your own instead; the ends are added. */
  thresholds?: readonly number[];
  /** True against false positive rate, precision against recall, or their gains. Default ROC. */
  curve?: (typeof CURVES)[number];
  /** Between two thresholds: a line (for PR a hyperbola), the higher end, or the lower one. Default interpolation. */
  summationMethod?: (typeof METHODS)[number];
  /** A curve for each column, whose areas are averaged. Default false: all values make one curve. */
  multiLabel?: boolean;
  /** Columns that there must be, with `multiLabel`. */
  numLabels?: number;
  /** Weight of each column. */
  labelWeights?: readonly number[];
  /** Predictions are logits and not probabilities. Default false. */
  fromLogits?: boolean;
}

const OPTIONS = ['numThresholds', 'thresholds', 'curve', 'summationMethod', 'multiLabel', 'numLabels', 'labelWeights', 'fromLogits'];

/**
 * Area under a curve of all predictions so far, by sums over thresholds.
 *
 * Shapes: yTrue and yPred (N,…,C); a target that is not 0 is a yes.
 * Units:  [0,1]; predictions outside count as 0 or 1.
 * Throws: ERR_ARG for options that cannot be; ERR_SHAPE, ERR_DATA for batches that do not fit.
 * Source: Keras AUC; Davis and Goadrich 2006 for PR, Flach and Kull 2015 for gains.
 * Example: model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: [metrics.auc({ curve: 'PR' })] })
 */
export function auc(options?: AUCOptions): Metric {
  const given = checkedOptions('auc', options, OPTIONS);
  const { name = 'auc', curve = 'ROC', summationMethod = 'interpolation', multiLabel = false, fromLogits = false } = given;
  const { numThresholds = 200, numLabels, labelWeights } = given;
  oneOf('curve', curve, CURVES);
  oneOf('summationMethod', summationMethod, METHODS);
  if (numLabels !== undefined) {
    checkedWhole('auc', 'numLabels', numLabels, 1);
    if (!multiLabel) throw new SarafError('ERR_ARG', 'auc', 'expected numLabels only with multiLabel: true');
  }
  const wrong = labelWeights?.find((w) => !(w >= 0 && Number.isFinite(w)));
  if (wrong !== undefined) throw new SarafError('ERR_ARG', 'auc', `expected labelWeights >= 0, received ${wrong}`);
  checkedWhole('auc', 'numThresholds', numThresholds, 2);
  const own = given.thresholds && [...checkedThresholds('auc', given.thresholds, 0)].sort((a, b) => a - b);
  const state = new ThresholdCounts({
    thresholds: outerThresholds(own ?? evenThresholds(numThresholds).slice(1, -1)),
    even: own ? areEven([0, ...own, 1]) : true,
    perLabel: multiLabel,
    labels: numLabels ?? labelWeights?.length,
    labelWeights: multiLabel ? undefined : labelWeights,
    transform: fromLogits ? (x) => Math.fround(sigmoid(x)) : undefined,
  });
  const result = (): number => {
    const areas = Array.from({ length: state.columns }, (_, label) => area(state.counts(label), curve, summationMethod));
    const weightOf = (label: number): number => (multiLabel ? (labelWeights?.[label] ?? 1) : 1);
    return ratio(
      areas.reduce((sum, value, label) => sum + value * weightOf(label), 0),
      areas.reduce((sum, _, label) => sum + weightOf(label), 0),
    );
  };
  const written = own ? { thresholds: own } : { numThresholds };
  const kept = { ...written, curve, summationMethod, multiLabel, numLabels, labelWeights, fromLogits };
  return new StateMetric({ className: 'AUC', name, options: kept, state, result });
}

function oneOf(option: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new SarafError('ERR_ARG', 'auc', `expected ${option}, one of ${allowed.join(', ')}, received ${String(value)}`);
}

const at = (values: ArrayLike<number>, i: number): number => values[i] as number;

function area(counts: ConfusionCounts, curve: AUCOptions['curve'], method: AUCOptions['summationMethod']): number {
  if (curve === 'PR' && method === 'interpolation') return areaUnderHyperbolas(counts);
  const points = Array.from(counts.tp, (_, i) => pointOf(counts, curve, i));
  let sum = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const [x, y] = points[i] as [number, number];
    const [nextX, nextY] = points[i + 1] as [number, number];
    const height = method === 'interpolation' ? (y + nextY) / 2 : method === 'majoring' ? Math.max(y, nextY) : Math.min(y, nextY);
    sum += (x - nextX) * height;
  }
  return sum;
}

/** Where a threshold lies in the plane of its curve. */
function pointOf({ tp, fp, tn, fn }: ConfusionCounts, curve: AUCOptions['curve'], i: number): [x: number, y: number] {
  const [hit, extra, clear, missed] = [at(tp, i), at(fp, i), at(tn, i), at(fn, i)];
  const recall = ratio(hit, hit + missed);
  if (curve === 'ROC') return [ratio(extra, extra + clear), recall];
  if (curve === 'PR') return [recall, ratio(hit, hit + extra)];
  if (hit === 0) return [0, 1];
  const scale = ratio(hit + missed, clear + extra);
  return [Math.max(1 - (scale * missed) / hit, 0), 1 - (scale * extra) / hit];
}

/** Between two thresholds tp grows in step with tp + fp, so that precision follows a hyperbola. */
function areaUnderHyperbolas({ tp, fp, fn }: ConfusionCounts): number {
  let sum = 0;
  for (let i = 0; i + 1 < tp.length; i++) {
    const said = at(tp, i) + at(fp, i);
    const saidNext = at(tp, i + 1) + at(fp, i + 1);
    const hits = at(tp, i) - at(tp, i + 1);
    const slope = ratio(hits, Math.max(said - saidNext, 0));
    const intercept = at(tp, i + 1) - slope * saidNext;
    const growth = said > 0 && saidNext > 0 ? log(said / saidNext) : 0;
    sum += ratio(slope * (hits + intercept * growth), at(tp, i + 1) + at(fn, i + 1));
  }
  return sum;
}
