import { rowsAlong } from '../losses/axis.js';
import { SarafError } from '../errors.js';
import { checkedOptions, checkSameSize } from './checks.js';
import { MeanMetric, type ValuesOf } from './mean-metric.js';
import type { Metric, MetricOptions } from './metric.js';
import { square } from '../tensor/portable-math.js';

export interface CorrelationOptions extends MetricOptions {
  /** The axis along which values correlate; the batch is axis 0. Default −1. */
  axis?: number;
}

/** Means, variances and what a row multiplies: a target's and a prediction's value. */
interface RowMoments {
  readonly meanTrue: number;
  readonly meanPred: number;
  readonly varTrue: number;
  readonly varPred: number;
  /** Mean over the row. */
  mean(of: (target: number, prediction: number) => number): number;
}

function correlation(
  className: string,
  defaultName: string,
  options: CorrelationOptions | undefined,
  of: (row: RowMoments) => number,
): Metric {
  const { name = defaultName, axis = -1 } = checkedOptions(defaultName, options, ['axis']);
  if (!Number.isInteger(axis)) throw new SarafError('ERR_ARG', defaultName, `expected axis to be a whole number, received ${String(axis)}`);
  const valuesOf: ValuesOf = (op, yTrue, yPred, scratch) => {
    checkSameSize(op, yTrue, yPred);
    const { rows, cols, step, shape, first } = rowsAlong(op, yPred.shape, axis);
    const [t, p, values] = [yTrue.data(), yPred.data(), scratch(rows)];
    for (let r = 0; r < rows; r++) {
      const mean = (f: (target: number, prediction: number) => number): number => {
        let sum = 0;
        for (let c = 0, i = first(r); c < cols; c++, i += step) sum += f(t[i] as number, p[i] as number);
        return sum / cols;
      };
      const [meanTrue, meanPred] = [mean((a) => a), mean((_, b) => b)];
      const [varTrue, varPred] = [mean((a) => square(a - meanTrue)), mean((_, b) => square(b - meanPred))];
      values[r] = of({ meanTrue, meanPred, varTrue, varPred, mean });
    }
    return { values, shape };
  };
  return new MeanMetric({ className, name, options: { axis }, of: valuesOf });
}

/**
 * Mean of Pearson's correlation of each row's predictions with its targets.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  [−1,1]; NaN for a row of equal values.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if there is no such axis.
 * Source: Keras PearsonCorrelation.
 */
export const pearsonCorrelation = (options?: CorrelationOptions): Metric =>
  correlation(
    'PearsonCorrelation',
    'pearsonCorrelation',
    options,
    ({ meanTrue, meanPred, varTrue, varPred, mean }) => mean((a, b) => (a - meanTrue) * (b - meanPred)) / Math.sqrt(varTrue * varPred),
  );

/**
 * Mean of Lin's concordance of each row's predictions with its targets: correlation that also asks for the same mean and spread.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  [−1,1].
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if there is no such axis.
 * Source: Keras ConcordanceCorrelation, with its 1e-7 in the divisor.
 */
export const concordanceCorrelation = (options?: CorrelationOptions): Metric =>
  correlation(
    'ConcordanceCorrelation',
    'concordanceCorrelation',
    options,
    // Keras takes the targets from the predictions' mean; over the row it comes to the same covariance.
    ({ meanTrue, meanPred, varTrue, varPred, mean }) =>
      (2 * mean((a, b) => (a - meanTrue) * (b - meanPred))) / (varTrue + varPred + square(meanTrue - meanPred) + 1e-7),
  );
