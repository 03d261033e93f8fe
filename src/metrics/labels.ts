import { SarafError } from '../errors.js';
import { Tensor } from '../tensor/tensor.js';

/** Classes: numbers, or a tensor of class numbers (N) / (N,1), or of one row of scores per sample (N,C). */
export type Labels = Tensor | ArrayLike<number>;

/** Index of the largest value of each row; the first one on a tie. */
export function argmaxRows(values: ArrayLike<number>, rows: number, cols: number): Int32Array {
  const out = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let c = 1; c < cols; c++) if ((values[r * cols + c] as number) > (values[r * cols + best] as number)) best = c;
    out[r] = best;
  }
  return out;
}

/**
 * Class numbers of labels or scores: rows of C > 1 columns by argmax; a float column by the threshold 0.5 if it holds
 * probabilities, else as it is.
 *
 * Throws: ERR_DATA if a class is no whole number >= 0, or a score is NaN.
 */
export function toClasses(op: string, labels: Labels): Int32Array {
  if (labels instanceof Tensor) {
    const cols = labels.rank < 2 ? 1 : (labels.shape[labels.rank - 1] as number);
    const values = labels.data();
    const bad = values.findIndex((v) => Number.isNaN(v));
    if (bad >= 0)
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected numbers, received NaN at row ${Math.floor(bad / cols)}; a model that diverged gives NaN: lower the learning rate`,
      );
    if (cols > 1) return argmaxRows(values, labels.size / cols, cols);
    if (labels.dtype === 'float32' || labels.dtype === 'float64') {
      const probabilities = values.some((v) => !Number.isInteger(v));
      if (probabilities) return Int32Array.from(values, (v) => (v > 0.5 ? 1 : 0));
    }
    return checked(op, values);
  }
  return checked(op, labels);
}

function checked(op: string, values: ArrayLike<number>): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!Number.isInteger(v) || v < 0)
      throw new SarafError('ERR_DATA', op, `expected class numbers 0, 1, 2, …, received ${v} at row ${i}; encode labels as numbers first`);
    out[i] = v;
  }
  return out;
}

/** Both sides as class numbers of equal length. Throws ERR_SHAPE, and ERR_DATA when there is no row. */
export function labelPairs(op: string, yTrue: Labels, yPred: Labels): { truth: Int32Array; predicted: Int32Array } {
  const truth = toClasses(op, yTrue);
  const predicted = toClasses(op, yPred);
  if (truth.length !== predicted.length)
    throw new SarafError('ERR_SHAPE', op, `expected as many predictions as labels, received ${predicted.length} and ${truth.length}`);
  if (truth.length === 0) throw new SarafError('ERR_DATA', op, 'expected at least one row, received none');
  return { truth, predicted };
}
