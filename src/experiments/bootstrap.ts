import { Philox, STREAM } from '../tensor/random.js';
import { mean, student975 } from './statistics.js';

export type ScoreName = 'macroF1' | 'weightedF1' | 'accuracy';

/** What several runs of one configuration, one per seed, predicted for the same test rows. */
export interface SeededPredictions {
  readonly labels: ArrayLike<number>;
  /** Per seed, a class for each row. */
  readonly predictions: readonly ArrayLike<number>[];
  /** Rows that count (1) or not (0). Absent: all. */
  readonly keep?: Uint8Array | undefined;
}

/** Two configurations that are set beside each other. */
export interface PredictionPair {
  readonly a: SeededPredictions;
  readonly b: SeededPredictions;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How much A scores above B, in percent, with its 95 % interval. */
export interface BootstrapDifference extends Interval {
  readonly difference: number;
}

const DRAWS = 1000;
/** Draws of rows, of the rows of a second part, and of seeds. */
const [ROWS, OTHER_ROWS, SEEDS] = [STREAM.bootstrap, STREAM.bootstrap + 1, STREAM.bootstrap + 2];

let kept: { readonly key: string; readonly drawn: Int32Array }[] = [];

/** `DRAWS` times as many rows of a part as it has, with replacement: (DRAWS, rows). Kept, since all variants of a factor are drawn alike. */
function drawnRows(rows: number, stream: number): Int32Array {
  const key = `${rows} ${stream}`;
  const known = kept.find((k) => k.key === key);
  if (known) return known.drawn;
  const drawn = new Int32Array(DRAWS * rows);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = new Philox(0, stream, draw);
    for (let i = 0; i < rows; i++) drawn[draw * rows + i] = random.integer(rows);
  }
  kept = [{ key, drawn }, ...kept.slice(0, 1)];
  return drawn;
}

/** Scores of the first `seeds` runs on some rows, those left out that do not count. */
function scores(side: SeededPredictions, seeds: number, rows: Int32Array, classes: number, score: ScoreName): number[] {
  const { labels, predictions, keep } = side;
  const counted = keep ? rows.filter((row) => keep[row] !== 0) : rows;
  return Array.from({ length: seeds }, (_, s) => scoreOf(labels, predictions[s] as ArrayLike<number>, counted, classes, score));
}

/**
 * The interval of a mean over a sample: `values(draw)` gives a value per member, for one draw of rows; members are drawn with replacement.
 *
 * A bootstrap of n members is too narrow where n is small: their draws spread by (n − 1) / n of what they should, and by a normal law where
 * Student's holds. So the way from the mean of all members to that of the drawn ones is stretched, until without any noise of rows the interval
 * is about Student's. With one member nothing but rows is drawn.
 *
 * Source: Efron and Tibshirani 1993, chapter 13 (percentile interval); Hesterberg 2015, "What teachers should know about the bootstrap",
 * The American Statistician 69(4), on the narrowness of small samples and the expanded percentile interval.
 */
function expandedInterval(members: number, values: (draw: number) => readonly number[], least: number): Interval {
  const stretch = members === 1 ? 0 : (student975(members - 1) * Math.sqrt(members / (members - 1))) / student975(Infinity);
  const means = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = new Philox(0, SEEDS, draw);
    const own = values(draw);
    const centre = mean(own);
    const drawn = mean(own.map(() => own[random.integer(members)] as number));
    means[draw] = Math.min(100, Math.max(least, centre + stretch * (drawn - centre)));
  }
  means.sort();
  return { low: means[Math.floor(0.025 * DRAWS)] as number, high: means[Math.ceil(0.975 * DRAWS) - 1] as number };
}

/**
 * The difference between configurations with a 95 % interval over draws of test rows and of seeds (paired bootstrap). The rows are drawn for both
 * sides alike, so that what is hard for both does not count; `rows: 'apart'` draws those of each side by themselves, for parts of other rows.
 *
 * One pair: the sample is its seeds, those that both sides have. Several pairs: the sample is the pairs (settings of a sweep, say, each the mean
 * over its seeds); all of them are then of the same rows. Rows that do not count for a side are drawn, and left out.
 * Units:  percent. The same numbers each time.
 * Source: Koehn 2004 (paired); see `expandedInterval`.
 */
export function bootstrapDifference(
  pairs: readonly PredictionPair[],
  classes: number,
  score: ScoreName,
  rows: 'shared' | 'apart' = 'shared',
): BootstrapDifference {
  const members = pairs.map(({ a, b }) => ({ a, b, seeds: Math.min(a.predictions.length, b.predictions.length) }));
  const differences = (ofA: (rows: number) => Int32Array, ofB: (rows: number) => Int32Array): number[] => {
    const own = members.map(({ a, b, seeds }) => {
      const [left, right] = [
        scores(a, seeds, ofA(a.labels.length), classes, score),
        scores(b, seeds, ofB(b.labels.length), classes, score),
      ];
      return left.map((value, seed) => value - (right[seed] as number));
    });
    return own.length === 1 ? (own[0] as number[]) : own.map(mean);
  };
  const whole = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);
  const at = (draw: number, stream: number) => (n: number) => drawnRows(n, stream).subarray(draw * n, (draw + 1) * n);
  const found = differences(whole, whole);
  const interval = expandedInterval(found.length, (draw) => differences(at(draw, ROWS), at(draw, rows === 'shared' ? ROWS : OTHER_ROWS)), -100); // prettier-ignore
  return { difference: mean(found), ...interval };
}

/**
 * 95 % interval of one configuration's score over draws of test rows and seeds, both with replacement.
 *
 * Units:  percent. The same numbers each time.
 * Source: see `expandedInterval`.
 */
export function bootstrapInterval(side: SeededPredictions, classes: number, score: ScoreName): Interval {
  const [rows, seeds] = [side.labels.length, side.predictions.length];
  const drawn = drawnRows(rows, ROWS);
  return expandedInterval(seeds, (draw) => scores(side, seeds, drawn.subarray(draw * rows, (draw + 1) * rows), classes, score), 0);
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
