import type { Tensor } from '../tensor/tensor.js';
import { checkOnePerRow, columnsOf, refuseNaN, rowShape } from './checks.js';
import { argmaxRows } from './labels.js';
import { Metric } from './metric.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';
import { averageScores, type Average } from './scores.js';

/** A score of the confusion matrix of all rows so far, as scikit-learn has it; a macro average counts the classes in labels or predictions. */
export class ScoreMetric extends Metric {
  private readonly average: Average;
  private readonly score: 'precision' | 'recall' | 'f1';
  private matrix: number[][] = [];

  constructor(name: string, score: 'precision' | 'recall' | 'f1', average: Average) {
    super(name);
    this.score = score;
    this.average = average;
  }

  update(yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null = null): void {
    const cols = columnsOf(yPred);
    const oneHot = cols > 1 && yTrue.size === yPred.size;
    if (!oneHot) checkOnePerRow(this.name, yTrue, yPred);
    refuseNaN(this.name, yPred);
    const weights = weightsFor(this.name, sampleWeight, rowShape(yPred));
    const rows = cols === 0 ? 0 : yPred.size / cols;
    const [t, p] = [yTrue.data(), yPred.data()];
    const classesOf = (values: ArrayLike<number>): ArrayLike<number> =>
      cols === 1 ? Array.from(values, (v) => (v > 0.5 ? 1 : 0)) : argmaxRows(values, rows, cols);
    const predicted = classesOf(p);
    const truth = oneHot || cols === 1 ? classesOf(t) : t;
    const classes = cols === 1 ? 2 : cols;
    if (this.matrix.length !== classes) this.matrix = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
    for (let r = 0; r < rows; r++) {
      const row = this.matrix[truth[r] as number];
      const c = predicted[r] as number;
      if (row) row[c] = (row[c] as number) + weightAt(weights, r);
    }
  }

  result(): number {
    return this.matrix.length === 0 ? 0 : averageScores(this.matrix, this.average)[this.score];
  }

  reset(): void {
    for (const row of this.matrix) row.fill(0);
  }
}
