import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { checkedOptions, checkedWhole, columnsOf, refuseNaN, rowShape } from './checks.js';
import { argmaxRows } from './labels.js';
import type { Metric, MetricOptions } from './metric.js';
import { weightAt, weightsFor, type SampleWeight } from './sample-weight.js';
import { StateMetric, type MetricState } from './state-metric.js';

export interface MeanIoUOptions extends MetricOptions {
  /** How many classes there are; rows with another number on either side do not count. */
  numClasses: number;
  /** Rows of this true class do not count. */
  ignoreClass?: number;
  /** Targets are class numbers and not rows of scores. Default true. */
  sparseYTrue?: boolean;
  /** Predictions are class numbers and not rows of scores. Default true. */
  sparseYPred?: boolean;
}

export interface IoUOptions extends MeanIoUOptions {
  /** The classes whose intersections over unions are averaged. */
  targetClassIds: readonly number[];
}

export interface BinaryIoUOptions extends MetricOptions {
  /** Default [0, 1]. */
  targetClassIds?: readonly number[];
  /** A prediction of at least so much is class 1. Default 0.5. */
  threshold?: number;
}

export interface OneHotMeanIoUOptions extends MetricOptions {
  /** How many classes there are. */
  numClasses: number;
  /** Rows of this true class do not count. */
  ignoreClass?: number;
  /** Predictions are class numbers and not rows of scores. Default false. */
  sparseYPred?: boolean;
}

export interface OneHotIoUOptions extends OneHotMeanIoUOptions {
  /** The classes whose intersections over unions are averaged. */
  targetClassIds: readonly number[];
}

/** Keras' guard against 0/0. */
const EPSILON = 1e-7;

/** How the class numbers of one side are read: their shape, and the number of row i. */
type ReadClasses = (values: Tensor) => { shape: readonly number[]; classes: ArrayLike<number> };

const asNumbers: ReadClasses = (values) => ({ shape: values.shape, classes: Array.from(values.data(), Math.trunc) });
const asScores: ReadClasses = (values) => {
  const cols = columnsOf(values);
  return { shape: rowShape(values), classes: argmaxRows(values.data(), cols === 0 ? 0 : values.size / cols, cols) };
};
const asAnswers =
  (threshold: number): ReadClasses =>
  (values) => ({ shape: values.shape, classes: Array.from(values.data(), (p) => (p >= threshold ? 1 : 0)) });

/** The confusion matrix of all rows so far, in whole numbers as in Keras: weights lose their fractions. */
class ClassMatrix implements MetricState {
  readonly classes: number;
  readonly counts: Float64Array;
  private readonly ignore: number | undefined;
  private readonly readTrue: ReadClasses;
  private readonly readPredicted: ReadClasses;

  constructor(classes: number, ignore: number | undefined, readTrue: ReadClasses, readPredicted: ReadClasses) {
    this.classes = classes;
    this.counts = new Float64Array(classes * classes);
    this.ignore = ignore;
    this.readTrue = readTrue;
    this.readPredicted = readPredicted;
  }

  add(op: string, yTrue: Tensor, yPred: Tensor, sampleWeight: SampleWeight | null): void {
    refuseNaN(op, yPred);
    const { classes: truth } = this.readTrue(yTrue);
    const { classes: predicted, shape } = this.readPredicted(yPred);
    if (truth.length !== predicted.length)
      throw new SarafError(
        'ERR_SHAPE',
        op,
        `expected a class on either side of each row, received ${truth.length} of targets (${yTrue.shape.join(',')}) and ${predicted.length} of predictions (${yPred.shape.join(',')}); rows of scores need sparseYTrue or sparseYPred false`,
      );
    const weights = weightsFor(op, sampleWeight, shape);
    const known = (c: number): boolean => c >= 0 && c < this.classes;
    for (let i = 0; i < truth.length; i++) {
      const [t, p] = [truth[i] as number, predicted[i] as number];
      if (!known(t) || !known(p) || t === this.ignore) continue;
      const at = t * this.classes + p;
      this.counts[at] = (this.counts[at] as number) + Math.trunc(weightAt(weights, i));
    }
  }

  reset(): void {
    this.counts.fill(0);
  }

  /** Mean of tp / (tp + fp + fn) over those of the classes that occur. */
  meanOver(targets: readonly number[]): number {
    const { classes, counts } = this;
    let sum = 0;
    let occurring = 0;
    for (const c of targets) {
      const hit = counts[c * classes + c] as number;
      let union = -hit;
      for (let k = 0; k < classes; k++) union += (counts[c * classes + k] as number) + (counts[k * classes + c] as number);
      if (union <= 1e-9) continue;
      sum += hit / (union + EPSILON);
      occurring++;
    }
    return sum / (occurring + EPSILON);
  }
}

function checkedTargets(op: string, targets: readonly number[] | undefined, classes: number): readonly number[] {
  const wrong = targets?.find((c) => !(Number.isInteger(c) && c >= 0 && c < classes));
  if (!targets || targets.length === 0 || wrong !== undefined)
    throw new SarafError('ERR_ARG', op, `expected targetClassIds among 0 to ${classes - 1}, received ${String(wrong ?? targets)}`);
  return [...targets];
}

interface IoUPlan {
  readonly className: string;
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly targets: readonly number[];
  readonly matrix: ClassMatrix;
}

const metricOf = ({ className, name, options, targets, matrix }: IoUPlan): Metric =>
  new StateMetric({ className, name, options, state: matrix, result: () => matrix.meanOver(targets) });

function plannedIoU(
  className: string,
  op: string,
  options: IoUOptions | MeanIoUOptions,
  known: readonly string[],
  oneHot: boolean,
): Metric {
  const given = checkedOptions<IoUOptions | MeanIoUOptions>(op, options, known);
  const { name = op, numClasses, ignoreClass, sparseYTrue = !oneHot, sparseYPred = !oneHot } = given;
  checkedWhole(op, 'numClasses', numClasses, 1);
  if (ignoreClass !== undefined && !Number.isInteger(ignoreClass))
    throw new SarafError('ERR_ARG', op, `expected ignoreClass to be a whole number, received ${String(ignoreClass)}`);
  const chosen = known.includes('targetClassIds');
  const targets = chosen
    ? checkedTargets(op, (given as IoUOptions).targetClassIds, numClasses)
    : Array.from({ length: numClasses }, (_, c) => c);
  const matrix = new ClassMatrix(numClasses, ignoreClass, sparseYTrue ? asNumbers : asScores, sparseYPred ? asNumbers : asScores);
  const written = {
    numClasses,
    ...(chosen ? { targetClassIds: targets } : {}),
    ignoreClass,
    ...(oneHot ? {} : { sparseYTrue }),
    sparseYPred,
  };
  return metricOf({ className, name, options: written, targets, matrix });
}

/**
 * Intersection over union of true and predicted rows, tp / (tp + fp + fn), averaged over some classes; classes that do not occur are left out.
 *
 * Shapes: class numbers of any shape, or with `sparseYTrue`, `sparseYPred` false rows of scores (N,…,C); sampleWeight (N) or one per row.
 * Units:  [0,1]. Counts are whole numbers: weights lose their fractions.
 * Throws: ERR_ARG for options that cannot be; ERR_SHAPE, ERR_DATA for batches that do not fit.
 * Source: Keras IoU.
 * Example: metrics.iou({ numClasses: 3, targetClassIds: [1, 2], sparseYPred: false })
 */
export const iou = (options: IoUOptions): Metric =>
  plannedIoU('IoU', 'iou', options, ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYTrue', 'sparseYPred'], false);

/** Intersection over union averaged over all classes that occur; Keras MeanIoU. */
export const meanIoU = (options: MeanIoUOptions): Metric =>
  plannedIoU('MeanIoU', 'meanIoU', options, ['numClasses', 'ignoreClass', 'sparseYTrue', 'sparseYPred'], false);

/** `iou` of one-hot targets and rows of scores; Keras OneHotIoU. */
export const oneHotIoU = (options: OneHotIoUOptions): Metric =>
  plannedIoU('OneHotIoU', 'oneHotIoU', options, ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYPred'], true);

/** `meanIoU` of one-hot targets and rows of scores; Keras OneHotMeanIoU. */
export const oneHotMeanIoU = (options: OneHotMeanIoUOptions): Metric =>
  plannedIoU('OneHotMeanIoU', 'oneHotMeanIoU', options, ['numClasses', 'ignoreClass', 'sparseYPred'], true);

/** Intersection over union of yes and no, by a threshold on predictions; Keras BinaryIoU. */
export function binaryIoU(options?: BinaryIoUOptions): Metric {
  const given = checkedOptions('binaryIoU', options, ['targetClassIds', 'threshold']);
  const { name = 'binaryIoU', threshold = 0.5 } = given;
  if (!Number.isFinite(threshold))
    throw new SarafError('ERR_ARG', 'binaryIoU', `expected a finite threshold, received ${String(threshold)}`);
  const targets = checkedTargets('binaryIoU', given.targetClassIds ?? [0, 1], 2);
  const matrix = new ClassMatrix(2, undefined, asNumbers, asAnswers(Math.fround(threshold)));
  return metricOf({ className: 'BinaryIoU', name, options: { targetClassIds: targets, threshold }, targets, matrix });
}
