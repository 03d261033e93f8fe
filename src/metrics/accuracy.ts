import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOptions, checkedWhole, checkOnePerRow, checkSameSize, columnsOf, refuseNaN, rowShape } from './checks.js';
import { MeanMetric, type MetricValues, type Scratch, type ValuesOf } from './mean-metric.js';
import type { Metric, MetricOptions } from './metric.js';

export interface BinaryAccuracyOptions extends MetricOptions {
  /** A prediction above it says 1. Default 0.5. */
  threshold?: number;
}

export interface TopKOptions extends MetricOptions {
  /** How many classes a row may name. Default 5. */
  k?: number;
}

export interface SparseTopKOptions extends TopKOptions {
  /** Predictions are class numbers, the likeliest first, and not scores. Default false. */
  fromSortedIds?: boolean;
}

const SPARSE = "; for class numbers use 'sparseCategoricalAccuracy'";
const ONE_HOT = "; for one-hot rows use 'categoricalAccuracy'";

/** Column of the largest value of a row; the first one on a tie. */
function largest(values: ArrayLike<number>, row: number, cols: number): number {
  const from = row * cols;
  let best = 0;
  for (let c = 1; c < cols; c++) if ((values[from + c] as number) > (values[from + best] as number)) best = c;
  return best;
}

/** 1 for each row that `hit` says is right. */
function rowHits(yPred: Tensor, scratch: Scratch, hit: (row: number, cols: number) => boolean): MetricValues {
  const cols = columnsOf(yPred);
  const rows = cols === 0 ? 0 : yPred.size / cols;
  const values = scratch(rows);
  for (let r = 0; r < rows; r++) values[r] = hit(r, cols) ? 1 : 0;
  return { values, shape: rowShape(yPred) };
}

const equal: ValuesOf = (op, yTrue, yPred, scratch) => {
  checkSameSize(op, yTrue, yPred);
  refuseNaN(op, yPred);
  const [t, p, values] = [yTrue.data(), yPred.data(), scratch(yPred.size)];
  for (let i = 0; i < p.length; i++) values[i] = t[i] === p[i] ? 1 : 0;
  return { values, shape: yPred.shape };
};

const above = (threshold: number): ValuesOf => {
  // Keras compares in float32.
  const limit = Math.fround(threshold);
  return (op, yTrue, yPred, scratch) => {
    checkSameSize(op, yTrue, yPred);
    refuseNaN(op, yPred);
    const [t, p, values] = [yTrue.data(), yPred.data(), scratch(yPred.size)];
    for (let i = 0; i < p.length; i++) values[i] = t[i] === ((p[i] as number) > limit ? 1 : 0) ? 1 : 0;
    return { values, shape: yPred.shape };
  };
};

const oneHot: ValuesOf = (op, yTrue, yPred, scratch) => {
  checkSameSize(op, yTrue, yPred, SPARSE);
  refuseNaN(op, yPred);
  const [t, p] = [yTrue.data(), yPred.data()];
  return rowHits(yPred, scratch, (r, cols) => largest(t, r, cols) === largest(p, r, cols));
};

const sparse: ValuesOf = (op, yTrue, yPred, scratch) => {
  checkOnePerRow(op, yTrue, yPred, ONE_HOT);
  refuseNaN(op, yPred);
  const [t, p] = [yTrue.data(), yPred.data()];
  return rowHits(yPred, scratch, (r, cols) => t[r] === largest(p, r, cols));
};

/** Whether fewer than k classes of a row are likelier than `wanted`: all that tie for the last place are in. */
function inTopK(values: ArrayLike<number>, row: number, cols: number, wanted: number, k: number): boolean {
  const score = values[row * cols + wanted];
  if (!(wanted >= 0 && wanted < cols) || score === undefined) return false;
  let likelier = 0;
  for (let i = row * cols; i < (row + 1) * cols; i++) if ((values[i] as number) > score) likelier++;
  return likelier < k;
}

const binary = above(0.5);

/** Keras' choice by shapes: one column: yes or no; one target per row: class numbers; else one-hot rows. */
const fitting: ValuesOf = (op, yTrue, yPred, scratch) => {
  const cols = columnsOf(yPred);
  if (cols === 1) return binary(op, yTrue, yPred, scratch);
  if (yTrue.size === yPred.size) return oneHot(op, yTrue, yPred, scratch);
  if (yTrue.size * cols === yPred.size) return sparse(op, yTrue, yPred, scratch);
  throw new SarafError(
    'ERR_SHAPE',
    op,
    `expected one target per row (${yPred.size / cols}) or one-hot rows (${yPred.shape.join(',')}), received (${yTrue.shape.join(',')})`,
  );
};

/** Share of rows whose class is right, whatever the form of targets; what `metrics: ['accuracy']` means. */
export const fittingAccuracy = (name: string): Metric => new MeanMetric({ className: null, name, of: fitting });

/** Share of values that equal their targets. Keras Accuracy. */
export function equalAccuracy(options?: MetricOptions): Metric {
  const { name = 'accuracy' } = checkedOptions('accuracy', options, []);
  return new MeanMetric({ className: 'Accuracy', name, of: equal });
}

/**
 * Share of values on the right side of a threshold, each column a question of its own.
 *
 * Shapes: yTrue of 0 and 1, yPred (N,…,C).
 * Throws: ERR_SHAPE if the counts differ; ERR_DATA for NaN; ERR_ARG if the threshold is not finite.
 * Source: Keras BinaryAccuracy.
 * Example: metrics.binaryAccuracy({ threshold: 0.25 })
 */
export function binaryAccuracy(options?: BinaryAccuracyOptions): Metric {
  const { name = 'binaryAccuracy', threshold = 0.5 } = checkedOptions('binaryAccuracy', options, ['threshold']);
  if (!Number.isFinite(threshold))
    throw new SarafError('ERR_ARG', 'binaryAccuracy', `expected a finite threshold, received ${String(threshold)}`);
  return new MeanMetric({ className: 'BinaryAccuracy', name, options: { threshold }, of: above(threshold) });
}

/**
 * Share of rows whose largest score is in the column of the one-hot target.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Throws: ERR_SHAPE if the counts differ; ERR_DATA for NaN.
 * Source: Keras CategoricalAccuracy; of equal scores the first counts.
 */
export function categoricalAccuracy(options?: MetricOptions): Metric {
  const { name = 'categoricalAccuracy' } = checkedOptions('categoricalAccuracy', options, []);
  return new MeanMetric({ className: 'CategoricalAccuracy', name, of: oneHot });
}

/**
 * Share of rows whose largest score is in the column of the target's class number.
 *
 * Shapes: yTrue (N,…) or (N,…,1), yPred (N,…,C).
 * Throws: ERR_SHAPE unless there is one target per row; ERR_DATA for NaN.
 * Source: Keras SparseCategoricalAccuracy; of equal scores the first counts.
 */
export function sparseCategoricalAccuracy(options?: MetricOptions): Metric {
  const { name = 'sparseCategoricalAccuracy' } = checkedOptions('sparseCategoricalAccuracy', options, []);
  return new MeanMetric({ className: 'SparseCategoricalAccuracy', name, of: sparse });
}

/**
 * Share of rows whose true class is among the k largest scores; classes that tie for the last place are all in.
 *
 * Shapes: yTrue (one-hot) and yPred (N,…,C).
 * Throws: ERR_SHAPE if the counts differ; ERR_DATA for NaN; ERR_ARG if k is no whole number >= 1.
 * Source: Keras TopKCategoricalAccuracy.
 * Example: metrics.topKCategoricalAccuracy({ k: 3 })
 */
export function topKCategoricalAccuracy(options?: TopKOptions): Metric {
  const className = 'TopKCategoricalAccuracy';
  const { name = 'topKCategoricalAccuracy', k = 5 } = checkedOptions('topKCategoricalAccuracy', options, ['k']);
  checkedWhole(name, 'k', k, 1);
  const of: ValuesOf = (op, yTrue, yPred, scratch) => {
    checkSameSize(op, yTrue, yPred, "; for class numbers use 'sparseTopKCategoricalAccuracy'");
    refuseNaN(op, yPred);
    const [t, p] = [yTrue.data(), yPred.data()];
    return rowHits(yPred, scratch, (r, cols) => inTopK(p, r, cols, largest(t, r, cols), k));
  };
  return new MeanMetric({ className, name, options: { k }, of });
}

/**
 * Share of rows whose class number is among the k largest scores; classes that tie for the last place are all in.
 *
 * Shapes: yTrue (N,…) or (N,…,1), yPred (N,…,C).
 * Throws: ERR_SHAPE unless there is one target per row; ERR_DATA for NaN; ERR_ARG if k is no whole number >= 1.
 * Source: Keras SparseTopKCategoricalAccuracy.
 * Example: metrics.sparseTopKCategoricalAccuracy({ k: 3 })
 */
export function sparseTopKCategoricalAccuracy(options?: SparseTopKOptions): Metric {
  const className = 'SparseTopKCategoricalAccuracy';
  const given = checkedOptions('sparseTopKCategoricalAccuracy', options, ['k', 'fromSortedIds']);
  const { name = 'sparseTopKCategoricalAccuracy', k = 5, fromSortedIds = false } = given;
  checkedWhole(name, 'k', k, 1);
  const of: ValuesOf = (op, yTrue, yPred, scratch) => {
    checkOnePerRow(op, yTrue, yPred, "; for one-hot rows use 'topKCategoricalAccuracy'");
    refuseNaN(op, yPred);
    const [t, p] = [yTrue.data(), yPred.data()];
    const among = (r: number, cols: number): boolean => {
      for (let c = 0; c < Math.min(k, cols); c++) if (p[r * cols + c] === t[r]) return true;
      return false;
    };
    return rowHits(yPred, scratch, fromSortedIds ? among : (r, cols) => inTopK(p, r, cols, t[r] as number, k));
  };
  return new MeanMetric({ className, name, options: { k, fromSortedIds }, of });
}
