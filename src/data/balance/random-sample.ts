import { SarafError } from '../../errors.js';
import { samePart } from '../../tensor/part.js';
import { balanceRandom, drawnCopies, keptRows } from './draw.js';
import { classesOf, takeLabels, type Classes, type ClassLabels } from './labels.js';
import { byLabel, targetsOf, type SamplingStrategy } from './strategy.js';

export interface SampleOptions {
  /** Default 'auto'. */
  samplingStrategy?: SamplingStrategy;
  /** The same seed gives the same rows on every machine. Default 0. */
  seed?: number;
}

export interface HybridOptions {
  /** Rows per label afterwards; labels that it does not name stay as they are. 'auto' (default): the mean of all classes, rounded down. */
  samplingStrategy?: 'auto' | Readonly<Record<string, number>>;
  /** The same seed gives the same rows on every machine. Default 0. */
  seed?: number;
}

/** Rows to take instead of those that there were: first the rows that stay, ascending, then the copies. */
export interface Resampled<L extends ClassLabels = ClassLabels> {
  /** Which row each new row is of, for `table.take(rows)`, and for an audit that looks for copies on both sides of a split. */
  readonly rows: Int32Array;
  /** The label of each, in the form in which labels were given. */
  readonly labels: L;
  /** How many rows at the end were added. */
  readonly added: number;
}

/**
 * Over-samples at random: copies rows of small classes, drawn with replacement, until each is as large as asked for.
 *
 * Only for the training part, after the split: copies made before it would be in training and test alike.
 * Throws: ERR_ARG for labels of a test or validation part, or a strategy that cannot be; ERR_DATA for a missing label.
 * Source: imbalanced-learn RandomOverSampler.
 * Example: `const { rows, labels } = randomOverSample(train.strings('label'), { seed: 7 }); train.take(rows)`
 */
export function randomOverSample<L extends ClassLabels>(labels: L, options: SampleOptions = {}): Resampled<L> {
  const classes = classesOf('randomOverSample', 'over-sampling', labels);
  const targets = targetsOf('randomOverSample', 'over', classes, options.samplingStrategy ?? 'auto');
  return resampled('randomOverSample', labels, classes, targets, options.seed);
}

/**
 * Under-samples at random: draws rows of large classes without replacement until each is as small as asked for.
 *
 * Throws: ERR_ARG for labels of a test or validation part, or a strategy that cannot be; ERR_DATA for a missing label.
 * Source: imbalanced-learn RandomUnderSampler.
 * Example: `randomUnderSample(labels, { samplingStrategy: { negative: 200 }, seed: 7 }).rows`
 */
export function randomUnderSample<L extends ClassLabels>(labels: L, options: SampleOptions = {}): Resampled<L> {
  const classes = classesOf('randomUnderSample', 'under-sampling', labels);
  const targets = targetsOf('randomUnderSample', 'under', classes, options.samplingStrategy ?? 'auto');
  return resampled('randomUnderSample', labels, classes, targets, options.seed);
}

/**
 * Meets in the middle: classes above their target are under-sampled, those below it over-sampled, at random.
 *
 * Throws: ERR_ARG for labels of a test or validation part, or a strategy that cannot be; ERR_DATA for a missing label.
 * Example: `hybridSample(labels, { samplingStrategy: { '1': 500, '5': 1000 }, seed: 7 }).rows`
 */
export function hybridSample<L extends ClassLabels>(labels: L, options: HybridOptions = {}): Resampled<L> {
  const classes = classesOf('hybridSample', 'resampling', labels);
  return resampled('hybridSample', labels, classes, hybridTargets('hybridSample', classes, options.samplingStrategy), options.seed);
}

/** Rows that each class shall have, more or fewer than it has. */
export function hybridTargets(
  op: string,
  classes: Classes,
  strategy: NonNullable<HybridOptions['samplingStrategy']> = 'auto',
): Map<string, number> {
  const counts = new Map([...classes].map(([label, rows]) => [label, rows.length]));
  if (typeof strategy === 'object') return byLabel(op, counts, strategy);
  if (strategy !== 'auto')
    throw new SarafError('ERR_ARG', op, `expected samplingStrategy "auto" or a record of counts, received ${JSON.stringify(strategy)}`);
  const mean = Math.floor([...counts.values()].reduce((a, b) => a + b, 0) / counts.size);
  return new Map([...counts.keys()].map((label) => [label, mean]));
}

function resampled<L extends ClassLabels>(
  op: string,
  labels: L,
  classes: Classes,
  targets: ReadonlyMap<string, number>,
  seed: number | undefined,
): Resampled<L> {
  const random = balanceRandom(seed);
  const kept = keptRows(classes, targets, random);
  const copies = drawnCopies(classes, targets, random);
  const rows = new Int32Array(kept.length + copies.length);
  rows.set(kept);
  rows.set(copies, kept.length);
  return { rows: samePart(rows, labels), labels: takeLabels(op, labels, rows), added: copies.length };
}
