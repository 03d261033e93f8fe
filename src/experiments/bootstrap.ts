import { Philox, STREAM } from '../tensor/random.js';

export type ScoreName = 'macroF1' | 'weightedF1' | 'accuracy';

/** What several runs of one configuration, one per seed, predicted for the same test rows. */
export interface SeededPredictions {
  readonly labels: ArrayLike<number>;
  /** Per seed, a class for each row. */
  readonly predictions: readonly ArrayLike<number>[];
}

/** How much A scores above B, in percent. */
export interface PairedDifference {
  readonly difference: number;
  /** 95 % interval over draws of rows and seeds. */
  readonly low: number;
  readonly high: number;
}

const DRAWS = 1000;

/**
 * The difference between two configurations on the same test rows, with an interval: rows and seeds are drawn with replacement, the same ones for
 * both, so that what is hard for both does not count.
 *
 * Units:  percent. The same numbers each time.
 * Source: Efron and Tibshirani 1993, chapter 13 (percentile interval); Koehn 2004 (paired).
 */
export function pairedBootstrap(a: SeededPredictions, b: SeededPredictions, classes: number, score: ScoreName): PairedDifference {
  const rows = a.labels.length;
  const seeds = Math.min(a.predictions.length, b.predictions.length);
  const whole = Int32Array.from({ length: rows }, (_, i) => i);
  const of = (side: SeededPredictions, seed: number, drawn: Int32Array): number =>
    scoreOf(side.labels, side.predictions[seed] as ArrayLike<number>, drawn, classes, score);
  const differences = new Float64Array(DRAWS);
  const drawn = new Int32Array(rows);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = new Philox(0, STREAM.bootstrap, draw);
    for (let i = 0; i < rows; i++) drawn[i] = random.integer(rows);
    for (let s = 0; s < seeds; s++) {
      const seed = seeds === 1 ? 0 : random.integer(seeds);
      differences[draw] = (differences[draw] as number) + (of(a, seed, drawn) - of(b, seed, drawn)) / seeds;
    }
  }
  differences.sort();
  let difference = 0;
  for (let seed = 0; seed < seeds; seed++) difference += (of(a, seed, whole) - of(b, seed, whole)) / seeds;
  return { difference, low: differences[Math.floor(0.025 * DRAWS)] as number, high: differences[Math.ceil(0.975 * DRAWS) - 1] as number };
}

/**
 * 95 % interval of one configuration's score over draws of test rows and seeds, both with replacement.
 *
 * Units:  percent. The same numbers each time.
 * Source: Efron and Tibshirani 1993, chapter 13 (percentile interval).
 */
export function bootstrapInterval(side: SeededPredictions, classes: number, score: ScoreName): { low: number; high: number } {
  const rows = side.labels.length;
  const seeds = side.predictions.length;
  const scores = new Float64Array(DRAWS);
  const drawn = new Int32Array(rows);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = new Philox(0, STREAM.bootstrap, draw);
    for (let i = 0; i < rows; i++) drawn[i] = random.integer(rows);
    for (let s = 0; s < seeds; s++) {
      const seed = seeds === 1 ? 0 : random.integer(seeds);
      const predictions = side.predictions[seed] as ArrayLike<number>;
      scores[draw] = (scores[draw] as number) + scoreOf(side.labels, predictions, drawn, classes, score) / seeds;
    }
  }
  scores.sort();
  return { low: scores[Math.floor(0.025 * DRAWS)] as number, high: scores[Math.ceil(0.975 * DRAWS) - 1] as number };
}

/** As `evaluateClasses` scores some of the rows, in percent. */
function scoreOf(labels: ArrayLike<number>, predictions: ArrayLike<number>, rows: Int32Array, classes: number, score: ScoreName): number {
  const [right, true_, said] = [new Int32Array(classes), new Int32Array(classes), new Int32Array(classes)];
  for (const row of rows) {
    const [label, prediction] = [labels[row] as number, predictions[row] as number];
    true_[label] = (true_[label] as number) + 1;
    said[prediction] = (said[prediction] as number) + 1;
    if (label === prediction) right[label] = (right[label] as number) + 1;
  }
  if (score === 'accuracy') return (100 * right.reduce((sum, n) => sum + n, 0)) / rows.length;
  let [total, weight] = [0, 0];
  for (let k = 0; k < classes; k++) {
    const [hits, support, claimed] = [right[k] as number, true_[k] as number, said[k] as number];
    if (support === 0) continue;
    const own = score === 'macroF1' ? 1 : support;
    total += (own * 2 * hits) / (support + claimed);
    weight += own;
  }
  return weight === 0 ? 0 : (100 * total) / weight;
}
