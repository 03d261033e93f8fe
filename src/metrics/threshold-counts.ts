import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkSameSize, columnsOf, refuseNaN } from './checks.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';
import type { MetricState } from './state-metric.js';

/** Weighted counts at each threshold, in the order of the thresholds. */
export interface ConfusionCounts {
  readonly tp: Float64Array;
  readonly fp: Float64Array;
  readonly tn: Float64Array;
  readonly fn: Float64Array;
}

export interface ThresholdOptions {
  /** A prediction above a threshold says yes at it. */
  readonly thresholds: readonly number[];
  /** The thresholds are 0, 1/(n−1), …, 1 (the ends perhaps a little further out): a prediction finds its place by one product, as in Keras. */
  readonly even?: boolean;
  /** Only the k largest of a row may say yes. */
  readonly topK?: number | undefined;
  /** Only this column counts. */
  readonly classId?: number | undefined;
  /** Each column is counted by itself. */
  readonly perLabel?: boolean;
  /** How many columns there must be. */
  readonly labels?: number | undefined;
  /** Weight of each column's values. */
  readonly labelWeights?: readonly number[] | undefined;
  /** Applied to each prediction first. */
  readonly transform?: ((prediction: number) => number) | undefined;
}

/** How a place in a list of thresholds is found: by how many of them a prediction is above. */
function placeFinder({ thresholds, even }: ThresholdOptions, ascending: readonly number[]): (prediction: number) => number {
  const n = thresholds.length;
  if (even) {
    const least = (ascending[0] as number) < 0 ? 1 : 0;
    // Keras' product is one of float32.
    return (p) => Math.max(least, Math.ceil(Math.fround(Math.min(Math.max(p, 0), 1) * (n - 1))));
  }
  const limits = Float32Array.from(ascending);
  return (p) => {
    let [from, to] = [0, n];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (p > (limits[middle] as number)) from = middle + 1;
      else to = middle;
    }
    return from;
  };
}

/**
 * True and false positives and negatives at many thresholds: each prediction adds its weight once, at the number of thresholds that
 * it is above, to one histogram for targets of 0 and one for all others; the counts are their sums from either end.
 */
export class ThresholdCounts implements MetricState {
  private readonly options: ThresholdOptions;
  private readonly placeOf: (prediction: number) => number;
  /** Place of each threshold in ascending order. */
  private readonly rank: readonly number[];
  private labels = 0;
  private yes = new Float64Array(0);
  private no = new Float64Array(0);

  constructor(options: ThresholdOptions) {
    this.options = options;
    const order = options.thresholds.map((_, i) => i).sort((a, b) => at(options.thresholds, a) - at(options.thresholds, b));
    const rank = order.map(() => 0);
    order.forEach((threshold, place) => (rank[threshold] = place));
    this.rank = rank;
    this.placeOf = placeFinder(
      options,
      order.map((i) => at(options.thresholds, i)),
    );
  }

  /** Columns counted by themselves; 0 before the first batch. */
  get columns(): number {
    return this.labels;
  }

  add(op: string, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void {
    const { topK, classId, perLabel = false, labelWeights, transform } = this.options;
    checkSameSize(op, yTrue, yPred, '; make class numbers one-hot rows first');
    refuseNaN(op, yPred);
    const cols = columnsOf(yPred);
    this.checkColumns(op, yPred, cols);
    const weights = weightsFor(op, sampleWeight, yPred.shape);
    const [t, p] = [yTrue.data(), yPred.data()];
    const places = this.options.thresholds.length + 1;
    const chosen = topK === undefined ? null : new Uint8Array(cols);
    for (let row = 0; row < p.length; row += cols) {
      if (chosen) markLargest(p, row, topK as number, chosen);
      for (let c = 0; c < cols; c++) {
        if (classId !== undefined && c !== classId) continue;
        const i = row + c;
        const w = weightAt(weights, i) * (labelWeights ? at(labelWeights, c) : 1);
        if (w === 0) continue;
        const prediction = transform ? transform(p[i] as number) : (p[i] as number);
        const place = (perLabel ? c * places : 0) + (chosen?.[c] === 0 ? 0 : this.placeOf(prediction));
        const histogram = t[i] === 0 ? this.no : this.yes;
        histogram[place] = (histogram[place] as number) + w;
      }
    }
  }

  reset(): void {
    this.yes.fill(0);
    this.no.fill(0);
  }

  /** The counts of all values, or of one column. */
  counts(label = 0): ConfusionCounts {
    const { rank } = this;
    const n = rank.length;
    const from = label * (n + 1);
    const read = (histogram: Float64Array): { above: Float64Array; below: Float64Array } => {
      const [above, below] = [new Float64Array(n), new Float64Array(n)];
      let sum = 0;
      for (let i = n; i > 0; i--) above[i - 1] = sum += histogram[from + i] ?? 0;
      sum = 0;
      for (let i = 0; i < n; i++) below[i] = sum += histogram[from + i] ?? 0;
      return { above: Float64Array.from(rank, (i) => at(above, i)), below: Float64Array.from(rank, (i) => at(below, i)) };
    };
    const [yes, no] = [read(this.yes), read(this.no)];
    return { tp: yes.above, fn: yes.below, fp: no.above, tn: no.below };
  }

  private checkColumns(op: string, yPred: Tensor, cols: number): void {
    const { topK, classId, perLabel = false, labels, labelWeights, thresholds } = this.options;
    const shape = `(${yPred.shape.join(',')})`;
    if (classId !== undefined && (yPred.rank < 2 || classId >= cols))
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected predictions of at least ${classId + 1} columns for classId ${classId}, received ${shape}`,
      );
    if (topK !== undefined && topK > cols)
      throw new SarafError('ERR_SHAPE', op, `expected predictions of at least ${topK} columns for topK ${topK}, received ${shape}`);
    const wanted = labels ?? labelWeights?.length ?? (this.labels > 1 ? this.labels : undefined);
    if (wanted !== undefined && wanted !== cols)
      throw new SarafError('ERR_SHAPE', op, `expected predictions of ${wanted} columns, one per label, received ${shape}`);
    if (this.labels > 0) return;
    this.labels = perLabel ? cols : 1;
    this.yes = new Float64Array(this.labels * (thresholds.length + 1));
    this.no = new Float64Array(this.labels * (thresholds.length + 1));
  }
}

const at = (values: ArrayLike<number>, i: number): number => values[i] as number;

/** Marks the k largest values of a row; of equal ones the first. */
function markLargest(values: ArrayLike<number>, row: number, k: number, chosen: Uint8Array): void {
  chosen.fill(0);
  for (let taken = 0; taken < k; taken++) {
    let best = -1;
    for (let c = 0; c < chosen.length; c++) if (chosen[c] === 0 && (best < 0 || at(values, row + c) > at(values, row + best))) best = c;
    chosen[best] = 1;
  }
}
