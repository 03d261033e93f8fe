import { describe, expect, test } from 'vitest';
import { bootstrapInterval, pairedBootstrap, type ScoreName, type SeededPredictions } from '../../src/experiments/bootstrap.js';
import { evaluateClasses } from '../../src/experiments/evaluate.js';
import { mean } from '../../src/experiments/statistics.js';
import { Philox } from '../../src/tensor/random.js';

const ROWS = 300;
const NAMES = ['a', 'b', 'c'];
const random = new Philox(4);
const labels = Int32Array.from({ length: ROWS }, () => random.integer(3));
/** Right in so many of a hundred rows, otherwise at random. */
const predicts = (right: number): Int32Array => labels.map((label) => (random.integer(100) < right ? label : random.integer(3)));
const side = (rights: readonly number[]): SeededPredictions => ({ labels, predictions: rights.map(predicts) });

describe('pairedBootstrap', () => {
  test.each<ScoreName>(['macroF1', 'weightedF1', 'accuracy'])('the difference is that of the means of %s', (score) => {
    const [a, b] = [side([80, 75, 85]), side([70, 60, 65])];
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
