import { SarafError } from '../../errors.js';
import { refuseTestRows, samePart } from '../../tensor/part.js';
import type { Philox } from '../../tensor/random.js';
import { tensor, Tensor } from '../../tensor/tensor.js';
import { balanceRandom, keptRows, lacking } from './draw.js';
import { classesOf, takeLabels, type Classes, type ClassLabels } from './labels.js';
import { hybridTargets, type HybridOptions, type Resampled, type SampleOptions } from './random-sample.js';
import { targetsOf } from './strategy.js';

export interface SmoteOptions extends SampleOptions {
  /** Nearest rows of the same class that a synthetic row may lie towards. Default 5. */
  kNeighbors?: number;
}

export interface HybridSmoteOptions extends HybridOptions {
  /** Nearest rows of the same class that a synthetic row may lie towards. Default 5. */
  kNeighbors?: number;
}

/** The rows that stay, then the synthetic ones. */
export interface Smoted<L extends ClassLabels = ClassLabels> extends Resampled<L> {
  /** float32 (M,D). */
  readonly x: Tensor;
  /** The row that a synthetic row lies towards, seen from `rows`; of a row that was there before, itself. */
  readonly neighbors: Int32Array;
}

/**
 * SMOTE: over-samples by new rows, each at random on the line between a row and one of its nearest neighbours of the same class.
 *
 * Distances are Euclidean, ties go to the earlier row; columns of different units should be scaled first. Works on embeddings as well.
 * Shapes: x (N,D) float32, N labels → (M,D).
 * Throws: ERR_ARG for rows of a test or validation part, or options that cannot be; ERR_SHAPE, ERR_DTYPE; ERR_DATA for a value that is not
 *         finite, or a class to be over-sampled with fewer than kNeighbors + 1 rows.
 * Source: Chawla et al. 2002; imbalanced-learn SMOTE (one random step per row, not per column).
 * Example: `const { x, labels } = smote(vectors, classNumbers, { kNeighbors: 5, seed: 7 })`
 */
export function smote<L extends ClassLabels>(x: Tensor, labels: L, options: SmoteOptions = {}): Smoted<L> {
  const classes = checked('smote', x, labels);
  const targets = targetsOf('smote', 'over', classes, options.samplingStrategy ?? 'auto');
  return synthesised('smote', x, labels, classes, targets, options);
}

/**
 * SMOTE for classes below their target, random under-sampling for those above it.
 *
 * Shapes, Throws: as `smote`.
 * Example: `hybridSmote(vectors, classNumbers, { samplingStrategy: 'auto', seed: 7 })`
 */
export function hybridSmote<L extends ClassLabels>(x: Tensor, labels: L, options: HybridSmoteOptions = {}): Smoted<L> {
  const classes = checked('hybridSmote', x, labels);
  const targets = hybridTargets('hybridSmote', classes, options.samplingStrategy);
  return synthesised('hybridSmote', x, labels, classes, targets, options);
}

function checked(op: string, x: Tensor, labels: ClassLabels): Classes {
  refuseTestRows(op, 'over-sampling', x);
  const classes = classesOf(op, 'over-sampling', labels);
  const rows = labels instanceof Tensor ? labels.size : labels.length;
  if (x.rank !== 2 || x.shape[0] !== rows)
    throw new SarafError(
      'ERR_SHAPE',
      op,
      `expected x of shape (${rows},D), a row for each label, received (${x.shape.join(',')}); flatten or pool further axes first`,
    );
  if (x.dtype !== 'float32')
    throw new SarafError('ERR_DTYPE', op, `expected x of dtype float32, received ${x.dtype}: between two classes or words lies none`);
  const width = x.shape[1] as number;
  const bad = (x.data() as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new SarafError(
      'ERR_DATA',
      op,
      `expected finite numbers, received ${x.data()[bad]} in row ${Math.floor(bad / width)}, column ${bad % width}; fill in or drop missing values first`,
    );
  return classes;
}

function synthesised<L extends ClassLabels>(
  op: string,
  x: Tensor,
  labels: L,
  classes: Classes,
  targets: ReadonlyMap<string, number>,
  options: { kNeighbors?: number; seed?: number },
): Smoted<L> {
  const k = options.kNeighbors ?? 5;
  if (!Number.isInteger(k) || k < 1)
    throw new SarafError('ERR_ARG', op, `expected kNeighbors to be a whole number of at least 1, received ${k}`);
  const missing = lacking(classes, targets);
  for (const label of missing.keys()) {
    const count = (classes.get(label) as readonly number[]).length;
    if (count <= k)
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected at least ${k + 1} rows of class ${JSON.stringify(label)} for ${k} neighbours, received ${count}; lower kNeighbors, leave the class out of samplingStrategy, or use randomOverSample`,
      );
  }
  const random = balanceRandom(options.seed);
  const kept = keptRows(classes, targets, random);
  const added = [...missing.values()].reduce((a, b) => a + b, 0);
  const width = x.shape[1] as number;
  const from = x.data() as Float32Array;
  const values = new Float32Array((kept.length + added) * width);
  const rows = new Int32Array(kept.length + added);
  const neighbors = new Int32Array(kept.length + added);
  let at = 0;
  for (const row of kept) {
    values.set(from.subarray(row * width, (row + 1) * width), at * width);
    rows[at] = neighbors[at] = row;
    ++at;
  }
  for (const [label, count] of missing) {
    for (const { row, neighbor, step } of lines(from, width, classes.get(label) as readonly number[], k, count, random)) {
      for (let d = 0; d < width; ++d) {
        const a = from[row * width + d] as number;
        values[at * width + d] = a + step * ((from[neighbor * width + d] as number) - a);
      }
      rows[at] = row;
      neighbors[at] = neighbor;
      ++at;
    }
  }
  return {
    x: samePart(tensor(values, [rows.length, width]), x, labels),
    rows: samePart(rows, x, labels),
    labels: samePart(takeLabels(op, labels, rows), x, labels),
    neighbors,
    added,
  };
}

/** Random places on lines between rows of a class and their neighbours. */
function* lines(
  x: Float32Array,
  width: number,
  members: readonly number[],
  k: number,
  count: number,
  random: Philox,
): Generator<{ row: number; neighbor: number; step: number }> {
  // Neighbours are looked for only where they are needed, once a row.
  const known = new Map<number, readonly number[]>();
  for (let i = 0; i < count; ++i) {
    const row = members[random.integer(members.length)] as number;
    const nearest = known.get(row) ?? nearestOf(x, width, members, row, k);
    known.set(row, nearest);
    yield { row, neighbor: nearest[random.integer(k)] as number, step: random.uniform() };
  }
}

/** The k members nearest to a row, itself left out, nearest first. */
function nearestOf(x: Float32Array, width: number, members: readonly number[], row: number, k: number): number[] {
  const nearest: number[] = [];
  const distances: number[] = [];
  for (const other of members) {
    if (other === row) continue;
    let distance = 0;
    for (let d = 0; d < width; ++d) {
      const difference = (x[row * width + d] as number) - (x[other * width + d] as number);
      distance += difference * difference;
    }
    if (nearest.length === k && distance >= (distances[k - 1] as number)) continue;
    let place = nearest.length;
    while (place > 0 && (distances[place - 1] as number) > distance) --place;
    nearest.splice(place, 0, other);
    distances.splice(place, 0, distance);
    nearest.length = distances.length = Math.min(k, nearest.length);
  }
  return nearest;
}
