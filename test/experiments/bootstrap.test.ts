import { describe, expect, test } from 'vitest';
import {
  bootstrapDifference,
  bootstrapInterval,
  type BootstrapDifference,
  type ScoreName,
  type SeededPredictions,
} from '../../src/experiments/bootstrap.js';
import { evaluateClasses } from '../../src/experiments/evaluate.js';
import { interval95, mean } from '../../src/experiments/statistics.js';
import { Philox } from '../../src/tensor/random.js';

const ROWS = 300;
const NAMES = ['a', 'b', 'c'];
const random = new Philox(4);
const labels = Int32Array.from({ length: ROWS }, () => random.integer(3));
/** Right in so many of a hundred rows, otherwise at random. */
const predicts = (right: number): Int32Array => labels.map((label) => (random.integer(100) < right ? label : random.integer(3)));
const side = (rights: readonly number[]): SeededPredictions => ({ labels, predictions: rights.map(predicts) });

const pairedBootstrap = (a: SeededPredictions, b: SeededPredictions, classes: number, score: ScoreName): BootstrapDifference =>
  bootstrapDifference([{ a, b }], classes, score);

describe('the bootstrap of a difference', () => {
  test.each<ScoreName>(['macroF1', 'weightedF1', 'accuracy'])('the difference is that of the means of %s', (score) => {
    const [a, b] = [side([80, 75, 85]), side([40, 35, 45])];
    const value = (s: SeededPredictions): number => mean(s.predictions.map((p) => evaluateClasses(labels, p, NAMES)[score]));
    const found = pairedBootstrap(a, b, 3, score);
    expect(found.difference).toBeCloseTo(value(a) - value(b), 10);
    expect(found.low).toBeLessThan(found.difference);
    expect(found.high).toBeGreaterThan(found.difference);
    expect(found.low).toBeGreaterThan(0);
    expect(pairedBootstrap(a, b, 3, score)).toEqual(found);
    const turned = pairedBootstrap(b, a, 3, score);
    expect(turned.difference).toBeCloseTo(-found.difference, 10);
    expect(turned.high).toBeLessThan(0);
  });

  test.each<ScoreName>(['macroF1', 'weightedF1', 'accuracy'])(
    '%s counts the classes that have a row, also where another one is predicted',
    (score) => {
      const rare = Int32Array.from({ length: ROWS }, (_, i) => i % 2);
      const says = rare.map((label, i) => (i % 5 === 0 ? 2 : label));
      const [a, b]: SeededPredictions[] = [
        { labels: rare, predictions: [rare] },
        { labels: rare, predictions: [says] },
      ];
      if (!a || !b) throw new Error('expected two sides');
      expect(pairedBootstrap(a, b, 3, score).difference).toBeCloseTo(100 - evaluateClasses(rare, says, NAMES)[score], 10);
    },
  );

  test('equal configurations cannot be told apart, and the same predictions differ by nothing', () => {
    const same = side([70]);
    expect(pairedBootstrap(same, same, 3, 'macroF1')).toEqual({ difference: 0, low: 0, high: 0 });
    const found = pairedBootstrap(side([70, 70]), side([70, 70]), 3, 'accuracy');
    expect(found.low).toBeLessThan(0);
    expect(found.high).toBeGreaterThan(0);
  });

  test('has the width that theory gives for the accuracy of one run', () => {
    // B is always wrong: the difference is A's accuracy, a share of ROWS independent rows.
    const wrong: SeededPredictions = { labels, predictions: [labels.map((label) => (label + 1) % 3)] };
    const { difference, low, high } = pairedBootstrap(side([80]), wrong, 3, 'accuracy');
    const p = difference / 100;
    const width = 200 * 1.96 * Math.sqrt((p * (1 - p)) / ROWS);
    expect(high - low).toBeGreaterThan(0.85 * width);
    expect(high - low).toBeLessThan(1.15 * width);
  });

  test('seeds that differ widen the interval', () => {
    const wrong: SeededPredictions = { labels, predictions: [1, 1, 1].map(() => labels.map((label) => (label + 1) % 3)) };
    const steady = pairedBootstrap(side([70, 70, 70]), wrong, 3, 'accuracy');
    const shaky = pairedBootstrap(side([40, 70, 100]), wrong, 3, 'accuracy');
    expect(shaky.high - shaky.low).toBeGreaterThan(1.5 * (steady.high - steady.low));
  });
});

/** Right in so many of the rows, always the same ones first: drawing rows changes little where there are many. */
const exactly = (right: number, rows: number): SeededPredictions => ({
  labels: new Int32Array(rows),
  predictions: [Int32Array.from({ length: rows }, (_, i) => ((i * 7919) % rows >= right ? 1 : 0))],
});
const seedsOf = (rows: number, ...rights: number[]): SeededPredictions => ({
  labels: new Int32Array(rows),
  predictions: rights.flatMap((right) => exactly(right, rows).predictions),
});

describe('few seeds', () => {
  test.each([3, 4, 5, 10])('%d of them: without noise of rows the interval is about Student’s', (n) => {
    // A block of rows that is all right or all wrong for each seed, and one row's noise.
    const rows = 200;
    const rights = Array.from({ length: n }, (_, i) => Math.round(100 + 40 * Math.sin(3 * i + n)));
    const a = seedsOf(rows, ...rights);
    const same: SeededPredictions = { labels: a.labels, predictions: rights.map(() => new Int32Array(rows).fill(1)) };
    const [low, high] = interval95(rights.map((r) => (100 * r) / rows)) ?? [0, 0];
    const found = pairedBootstrap(a, same, 2, 'accuracy');
    expect(found.difference).toBeCloseTo((low + high) / 2, 8);
    // Rows are drawn as well, and the draws of few seeds are coarse.
    expect((found.high - found.low) / (high - low)).toBeGreaterThan(0.8);
    expect((found.high - found.low) / (high - low)).toBeLessThan(1.5);
  });

  test('an interval stays within what a score can be', () => {
    const { low, high } = bootstrapInterval(seedsOf(100, 100, 20), 2, 'accuracy');
    expect([low, high]).toEqual([0, 100]);
  });
});

describe('parts of other rows, and rows that do not count', () => {
  test('drawn apart, what is hard for both counts: the interval is wider', () => {
    const a = side([80]);
    const b: SeededPredictions = {
      labels,
      predictions: [(a.predictions[0] as Int32Array).map((p, i) => (i % 50 === 0 ? (p + 1) % 3 : p))],
    };
    const width = (rows: 'shared' | 'apart'): number => {
      const { low, high } = bootstrapDifference([{ a, b }], 3, 'accuracy', rows);
      return high - low;
    };
    expect(width('apart')).toBeGreaterThan(2 * width('shared'));
    // Of two independent accuracies.
    const variance = (s: SeededPredictions): number => {
      const p = evaluateClasses(labels, s.predictions[0] as Int32Array, NAMES).accuracy / 100;
      return (p * (1 - p)) / ROWS;
    };
    const expected = 200 * 1.96 * Math.sqrt(variance(a) + variance(b));
    expect(width('apart') / expected).toBeGreaterThan(0.85);
    expect(width('apart') / expected).toBeLessThan(1.15);
  });

  test('parts of different sizes can be drawn apart', () => {
    const few: SeededPredictions = { labels: labels.slice(0, 100), predictions: [labels.slice(0, 100)] };
    const found = bootstrapDifference([{ a: few, b: side([50]) }], 3, 'accuracy', 'apart');
    expect(found.low).toBeGreaterThan(0);
    expect(found.difference).toBeGreaterThan(found.low);
  });

  test('each side scores the drawn rows that it counts', () => {
    const keep = Uint8Array.from(labels, (_, i) => (i < 100 ? 0 : 1));
    const own = side([70, 75]);
    const { difference } = pairedBootstrap(own, { ...own, keep }, 3, 'accuracy');
    const value = (mask?: Uint8Array): number => mean(own.predictions.map((p) => evaluateClasses(labels, p, NAMES, mask).accuracy));
    expect(difference).toBeCloseTo(value() - value(keep), 10);
  });
});

describe('pairs of settings', () => {
  const wrong = (...seeds: number[]): SeededPredictions => ({
    labels,
    predictions: seeds.map(() => labels.map((label) => (label + 1) % 3)),
  });

  test('are the sample: the difference is the mean of the pairs, each of the seeds that both sides have', () => {
    const pairs = [
      { a: side([80, 84]), b: wrong(1) },
      { a: side([70]), b: wrong(1, 2) },
    ];
    const first = (s: SeededPredictions): number => evaluateClasses(labels, s.predictions[0] as Int32Array, NAMES).accuracy;
    const found = bootstrapDifference(pairs, 3, 'accuracy');
    expect(found.difference).toBeCloseTo((first(pairs[0]?.a as SeededPredictions) + first(pairs[1]?.a as SeededPredictions)) / 2, 10);
  });

  test('that agree are told from ones that do not', () => {
    const pairs = (rights: readonly number[]): BootstrapDifference =>
      bootstrapDifference(
        rights.map((right) => ({ a: side([right]), b: side([60]) })),
        3,
        'accuracy',
      );
    expect(pairs([80, 79, 81, 80, 78, 82]).low).toBeGreaterThan(0);
    expect(pairs([20, 95, 30, 90, 65, 70]).low).toBeLessThan(0);
  });
});

describe('bootstrapInterval', () => {
  test('holds the score, has the width that theory gives, and widens with seeds that differ', () => {
    const steady = side([80]);
    const accuracy = evaluateClasses(labels, steady.predictions[0] as ArrayLike<number>, NAMES).accuracy;
    const { low, high } = bootstrapInterval(steady, 3, 'accuracy');
    const p = accuracy / 100;
    const width = 200 * 1.96 * Math.sqrt((p * (1 - p)) / ROWS);
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
    expect((high - low) / width).toBeGreaterThan(0.85);
    expect((high - low) / width).toBeLessThan(1.15);
    expect(bootstrapInterval(steady, 3, 'accuracy')).toEqual({ low, high });
    const shaky = bootstrapInterval(side([40, 80, 100]), 3, 'macroF1');
    const even = bootstrapInterval(side([80, 80, 80]), 3, 'macroF1');
    expect(shaky.high - shaky.low).toBeGreaterThan(1.5 * (even.high - even.low));
  });

  test('a constant prediction of one class has no width in accuracy', () => {
    const same: SeededPredictions = { labels: new Int32Array(ROWS), predictions: [new Int32Array(ROWS)] };
    expect(bootstrapInterval(same, 3, 'accuracy')).toEqual({ low: 100, high: 100 });
  });
});
