import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOptions, checkedWhole, checkSameSize, columnsOf } from './checks.js';
import type { Metric, MetricOptions, MetricResult } from './metric.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';
import { StateMetric, type MetricState } from './state-metric.js';
import { square } from '../tensor/portable-math.js';

const AGGREGATIONS = ['uniformAverage', 'varianceWeightedAverage', 'none'] as const;

export interface R2Options extends MetricOptions {
  /** How columns become one number; 'none': a number per column. Default uniformAverage. */
  classAggregation?: (typeof AGGREGATIONS)[number];
  /** Number of inputs of the regression, to adjust the score for. Default 0: not adjusted. */
  numRegressors?: number;
}

/** Sums over all rows, per column. */
class RegressionSums implements MetricState {
  values = 0;
  weight = new Float64Array(0);
  sum = new Float64Array(0);
  squares = new Float64Array(0);
  residual = new Float64Array(0);

  add(op: string, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void {
    checkSameSize(op, yTrue, yPred);
    const cols = columnsOf(yPred);
    if (this.weight.length === 0) {
      this.weight = new Float64Array(cols);
      this.sum = new Float64Array(cols);
      this.squares = new Float64Array(cols);
      this.residual = new Float64Array(cols);
    }
    if (this.weight.length !== cols)
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected predictions of ${this.weight.length} columns as before, received (${yPred.shape.join(',')})`,
      );
    const weights = weightsFor(op, sampleWeight, yPred.shape);
    const [t, p] = [yTrue.data(), yPred.data()];
    const add = (to: Float64Array, c: number, value: number): void => {
      to[c] = (to[c] as number) + value;
    };
    for (let i = 0; i < p.length; i++) {
      const w = weightAt(weights, i);
      if (w === 0) continue;
      const [c, target] = [i % cols, t[i] as number];
      add(this.weight, c, w);
      add(this.sum, c, w * target);
      add(this.squares, c, w * target * target);
      add(this.residual, c, w * square(target - (p[i] as number)));
    }
    this.values += p.length;
  }

  reset(): void {
    this.values = 0;
    for (const sums of [this.weight, this.sum, this.squares, this.residual]) sums.fill(0);
  }
}

/**
 * Share of the targets' variance that predictions explain: 1 − Σ(t−p)² / Σ(t−t̄)², per column and averaged.
 *
 * Shapes: yTrue and yPred (N,…,C); sampleWeight (N), or one per value.
 * Units:  1 is perfect, 0 as good as the mean; a column whose targets are all equal counts 0, or NaN where it is also met exactly.
 * Throws: ERR_ARG for options that cannot be; ERR_SHAPE for batches that do not fit.
 * Source: Keras R2Score. It is adjusted for `numRegressors` only where there are more values than that and one.
 * Example: metrics.r2Score({ classAggregation: 'varianceWeightedAverage' })
 */
export function r2Score(options?: R2Options): Metric<MetricResult> {
  const given = checkedOptions('r2Score', options, ['classAggregation', 'numRegressors']);
  const { name = 'r2Score', classAggregation = 'uniformAverage', numRegressors = 0 } = given;
  if (!AGGREGATIONS.includes(classAggregation))
    throw new SarafError(
      'ERR_ARG',
      'r2Score',
      `expected classAggregation, one of ${AGGREGATIONS.join(', ')}, received ${String(classAggregation)}`,
    );
  checkedWhole('r2Score', 'numRegressors', numRegressors, 0);
  const state = new RegressionSums();
  const adjusted = (score: number): number => {
    const n = state.values;
    return numRegressors === 0 || numRegressors >= n - 1 ? score : 1 - ((1 - score) * (n - 1)) / (n - numRegressors - 1);
  };
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const result = (): MetricResult => {
    const { weight, squares, residual } = state;
    if (state.values === 0) return classAggregation === 'none' ? Array.from(weight, () => 0) : 0;
    const totals = Array.from(state.sum, (s, c) => (squares[c] as number) - (s * s) / (weight[c] as number));
    const scores = totals.map((total, c) => 1 - (residual[c] as number) / total).map((score) => (Math.abs(score) === Infinity ? 0 : score));
    if (classAggregation === 'none') return scores.map(adjusted);
    if (classAggregation === 'uniformAverage') return adjusted(sum(scores) / scores.length);
    return adjusted(sum(scores.map((score, c) => score * (totals[c] as number))) / sum(totals));
  };
  return new StateMetric({ className: 'R2Score', name, options: { classAggregation, numRegressors }, state, result });
}
