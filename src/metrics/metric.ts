import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { averageScores, type Average } from './scores.js';

/** A function of one batch, averaged over rows. */
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => number;

/**
 * A number that grows with the batches of an epoch. One of your own writes `update`, `result` and `reset`.
 *
 * Shapes: yPred (N,…,C); `counts` has one flag per row (N, or N·T), 0 where a mask leaves it out; null: all count.
 */
export abstract class Metric {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  abstract update(yTrue: Tensor, yPred: Tensor, counts: ArrayLike<number> | null): void;
  /** The value of everything since `reset`; 0 before the first row. */
  abstract result(): number;
  abstract reset(): void;
}

/** Rows and columns of predictions, and how to read the class of a row on either side. */
class Rows {
  rows = 0;
  cols = 0;
  private truth: ArrayLike<number> = [];
  private predicted: ArrayLike<number> = [];
  private oneHot = false;

  set(op: string, yTrue: Tensor, yPred: Tensor): void {
    this.cols = yPred.rank < 2 ? 1 : (yPred.shape[yPred.rank - 1] as number);
    this.rows = this.cols === 0 ? 0 : yPred.size / this.cols;
    this.oneHot = this.cols > 1 && yTrue.size === yPred.size;
    if (!this.oneHot && yTrue.size !== this.rows) {
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected one target per row (${this.rows}) or one-hot rows (${yPred.shape.join(',')}), received (${yTrue.shape.join(',')})`,
      );
    }
    this.truth = yTrue.data();
    this.predicted = yPred.data();
  }

  trueClass(row: number): number {
    if (this.oneHot) return this.largest(this.truth, row);
    return this.cols === 1 ? ((this.truth[row] as number) > 0.5 ? 1 : 0) : (this.truth[row] as number);
  }

  predictedClass(row: number): number {
    return this.cols === 1 ? ((this.predicted[row] as number) > 0.5 ? 1 : 0) : this.largest(this.predicted, row);
  }

  private largest(values: ArrayLike<number>, row: number): number {
    const from = row * this.cols;
    let best = 0;
    for (let c = 1; c < this.cols; c++) if ((values[from + c] as number) > (values[from + best] as number)) best = c;
    return best;
  }
}

/** Share of rows whose class is right: by argmax, or with one column by the threshold 0.5. */
export class AccuracyMetric extends Metric {
  private readonly rows = new Rows();
  private hits = 0;
  private seen = 0;

  update(yTrue: Tensor, yPred: Tensor, counts: ArrayLike<number> | null): void {
    const { rows } = this;
    rows.set(this.name, yTrue, yPred);
    for (let r = 0; r < rows.rows; r++) {
      if (counts && counts[r] === 0) continue;
      if (rows.trueClass(r) === rows.predictedClass(r)) this.hits++;
      this.seen++;
    }
  }

  result(): number {
    return this.seen === 0 ? 0 : this.hits / this.seen;
  }

  reset(): void {
    this.hits = 0;
    this.seen = 0;
  }
}

/** Share of values on the right side of 0.5, each column a question of its own. */
export class BinaryAccuracyMetric extends Metric {
  private hits = 0;
  private seen = 0;

  update(yTrue: Tensor, yPred: Tensor, counts: ArrayLike<number> | null): void {
    if (yTrue.size !== yPred.size)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected targets of shape (${yPred.shape.join(',')}), received (${yTrue.shape.join(',')})`,
      );
    const t = yTrue.data();
    const p = yPred.data();
    const cols = yPred.rank < 2 ? 1 : (yPred.shape[yPred.rank - 1] as number);
    for (let i = 0; i < p.length; i++) {
      if (counts && counts[Math.floor(i / cols)] === 0) continue;
      if ((p[i] as number) > 0.5 === (t[i] as number) > 0.5) this.hits++;
      this.seen++;
    }
  }

  result(): number {
    return this.seen === 0 ? 0 : this.hits / this.seen;
  }

  reset(): void {
    this.hits = 0;
    this.seen = 0;
  }
}

/** A score of the confusion matrix of all rows so far; a macro average counts the classes in labels or predictions. */
export class ConfusionMetric extends Metric {
  private readonly rows = new Rows();
  private readonly average: Average;
  private readonly score: 'precision' | 'recall' | 'f1';
  private matrix: number[][] = [];

  constructor(name: string, score: 'precision' | 'recall' | 'f1', average: Average) {
    super(name);
    this.score = score;
    this.average = average;
  }

  update(yTrue: Tensor, yPred: Tensor, counts: ArrayLike<number> | null): void {
    const { rows } = this;
    rows.set(this.name, yTrue, yPred);
    const classes = rows.cols === 1 ? 2 : rows.cols;
    if (this.matrix.length !== classes) this.matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
    for (let r = 0; r < rows.rows; r++) {
      if (counts && counts[r] === 0) continue;
      const row = this.matrix[rows.trueClass(r)];
      const c = rows.predictedClass(r);
      if (row) row[c] = (row[c] as number) + 1;
    }
  }

  result(): number {
    return this.matrix.length === 0 ? 0 : averageScores(this.matrix, this.average)[this.score];
  }

  reset(): void {
    for (const row of this.matrix) row.fill(0);
  }
}

/** Mean of a function of the error over all values. */
export class ErrorMetric extends Metric {
  private readonly of: (error: number) => number;
  private sum = 0;
  private seen = 0;

  constructor(name: string, of: (error: number) => number) {
    super(name);
    this.of = of;
  }

  update(yTrue: Tensor, yPred: Tensor, counts: ArrayLike<number> | null): void {
    if (yTrue.size !== yPred.size)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected targets of shape (${yPred.shape.join(',')}), received (${yTrue.shape.join(',')})`,
      );
    const t = yTrue.data();
    const p = yPred.data();
    const cols = yPred.rank < 2 ? 1 : (yPred.shape[yPred.rank - 1] as number);
    for (let i = 0; i < p.length; i++) {
      if (counts && counts[Math.floor(i / cols)] === 0) continue;
      this.sum += this.of((p[i] as number) - (t[i] as number));
      this.seen++;
    }
  }

  result(): number {
    return this.seen === 0 ? 0 : this.sum / this.seen;
  }

  reset(): void {
    this.sum = 0;
    this.seen = 0;
  }
}

/** A function of a batch, averaged by the number of rows. */
export class FunctionMetric extends Metric {
  private readonly of: MetricFunction;
  private sum = 0;
  private seen = 0;

  constructor(of: MetricFunction) {
    super(of.name === '' ? 'metric' : of.name);
    this.of = of;
  }

  update(yTrue: Tensor, yPred: Tensor): void {
    const rows = yPred.shape[0] ?? 1;
    this.sum += this.of(yTrue, yPred) * rows;
    this.seen += rows;
  }

  result(): number {
    return this.seen === 0 ? 0 : this.sum / this.seen;
  }

  reset(): void {
    this.sum = 0;
    this.seen = 0;
  }
}
