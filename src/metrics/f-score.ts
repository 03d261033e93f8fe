import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOptions, checkSameSize, columnsOf, refuseNaN, rowShape } from './checks.js';
import type { Metric, MetricOptions, MetricResult } from './metric.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';
import type { Average } from './scores.js';
import { StateMetric, type MetricState } from './state-metric.js';
import { square } from '../tensor/portable-math.js';

export interface F1MetricOptions extends MetricOptions {
  /** How classes become one number; 'none': a number per class. Default 'none', as in Keras. */
  average?: Average | 'none';
  /** A prediction above it says yes, in (0,1]. Default: the largest of a row does. */
  threshold?: number;
}

export interface FBetaOptions extends F1MetricOptions {
  /** How many times recall weighs precision. Default 1. */
  beta?: number;
}

/** Keras' guard against 0/0. */
const EPSILON = 1e-7;
/** A row whose largest prediction is not above it in size says yes to nothing. */
const NOTHING = 1e-9;
const AVERAGES = ['macro', 'weighted', 'micro', 'none'];

/** True and false positives, false negatives and weights per class. */
class ClassCounts implements MetricState {
  tp = new Float64Array(0);
  fp = new Float64Array(0);
  fn = new Float64Array(0);
  support = new Float64Array(0);
  private readonly threshold: number | undefined;

  constructor(threshold: number | undefined) {
    this.threshold = threshold === undefined ? undefined : Math.fround(threshold);
  }

  add(op: string, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void {
    checkSameSize(op, yTrue, yPred, '; make class numbers one-hot rows first');
    refuseNaN(op, yPred);
    const cols = columnsOf(yPred);
    if (this.tp.length === 0)
      [this.tp, this.fp, this.fn, this.support] = [0, 0, 0, 0].map(() => new Float64Array(cols)) as typeof this.four;
    if (this.tp.length !== cols)
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected predictions of ${this.tp.length} columns as before, received (${yPred.shape.join(',')})`,
      );
    const weights = weightsFor(op, sampleWeight, rowShape(yPred));
    const [t, p] = [yTrue.data(), yPred.data()];
    for (let from = 0, row = 0; from < p.length; from += cols, row++) {
      let largest = -Infinity;
      for (let c = 0; c < cols; c++) largest = Math.max(largest, p[from + c] as number);
      const w = weightAt(weights, row);
      if (w === 0) continue;
      for (let c = 0; c < cols; c++) {
        const prediction = p[from + c] as number;
        const target = t[from + c] as number;
        const yes = this.threshold === undefined ? prediction >= largest && Math.abs(prediction) > NOTHING : prediction > this.threshold;
        if (yes) {
          this.tp[c] = (this.tp[c] as number) + w * target;
          this.fp[c] = (this.fp[c] as number) + w * (1 - target);
        } else this.fn[c] = (this.fn[c] as number) + w * target;
        this.support[c] = (this.support[c] as number) + w * target;
      }
    }
  }

  reset(): void {
    for (const counts of this.four) counts.fill(0);
  }

  private get four(): [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>] {
    return [this.tp, this.fp, this.fn, this.support];
  }
}

function fScore(
  className: string,
  defaultName: string,
  options: FBetaOptions,
  optionsWritten: Record<string, unknown>,
): Metric<MetricResult> {
  const { name = defaultName, average = 'none', threshold, beta = 1 } = options;
  if (!AVERAGES.includes(average))
    throw new SarafError('ERR_ARG', defaultName, `expected average, one of ${AVERAGES.join(', ')}, received ${String(average)}`);
  if (threshold !== undefined && !(threshold > 0 && threshold <= 1))
    throw new SarafError('ERR_ARG', defaultName, `expected threshold in (0,1], received ${String(threshold)}`);
  if (!(beta > 0 && Number.isFinite(beta))) throw new SarafError('ERR_ARG', defaultName, `expected beta > 0, received ${String(beta)}`);
  const state = new ClassCounts(threshold);
  const score = (tp: number, fp: number, fn: number): number => {
    const [precision, recall] = [tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)];
    return ((1 + square(beta)) * precision * recall) / (square(beta) * precision + recall + EPSILON);
  };
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
  const result = (): MetricResult => {
    const { tp, fp, fn, support } = state;
    if (average === 'micro') return score(sum(tp), sum(fp), sum(fn));
    const scores = Array.from(tp, (hits, c) => score(hits, fp[c] as number, fn[c] as number));
    if (average === 'none') return scores;
    if (average === 'macro') return scores.length === 0 ? 0 : sum(scores) / scores.length;
    const all = sum(support) + EPSILON;
    return sum(scores.map((value, c) => (value * (support[c] as number)) / all));
  };
  return new StateMetric({ className, name, options: { average, threshold, ...optionsWritten }, state, result });
}

/** The metric behind `metrics.f1Score(options)`: the harmonic mean of precision and recall; Keras F1Score. */
export const f1Metric = (options?: F1MetricOptions): Metric<MetricResult> =>
  fScore('F1Score', 'f1Score', checkedOptions('f1Score', options, ['average', 'threshold']), {});

/**
 * Weighted harmonic mean of precision and recall, (1 + β²)·p·r / (β²·p + r), per class or averaged.
 *
 * Shapes: yTrue and yPred (N,…,C), targets one-hot or several yes per row; sampleWeight one per row.
 * Units:  [0,1].
 * Throws: ERR_ARG for options that cannot be; ERR_SHAPE, ERR_DATA for batches that do not fit.
 * Source: Keras FBetaScore. All classes count in a macro average, also those that never occur.
 * Example: metrics.fBetaScore({ beta: 2, average: 'macro' })
 */
export function fBetaScore(options?: FBetaOptions): Metric<MetricResult> {
  const given = checkedOptions('fBetaScore', options, ['average', 'threshold', 'beta']);
  return fScore('FBetaScore', 'fBetaScore', given, { beta: given.beta ?? 1 });
}
