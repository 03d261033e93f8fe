import { expect, test } from 'vitest';
import { groupedSplit, kFold, stratifiedKFold, stratifiedSplit, trainTestSplit, type Split } from '../../src/data/split.js';

function whole(split: Split, rows: number): void {
  const all = [...split.train, ...split.test].sort((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: rows }, (_, i) => i));
  expect([...split.train]).toEqual([...split.train].sort((a, b) => a - b));
}

test('sizes: a share is rounded up without help from rounding errors, a number is a number', () => {
  expect(trainTestSplit(52676, { testSize: 0.2 }).test.length).toBe(10536);
  expect(trainTestSplit(42140, { testSize: 0.2 }).test.length).toBe(8428);
  expect(trainTestSplit(10, { testSize: 0.3 }).test.length).toBe(3);
  expect(trainTestSplit(10, { testSize: 4 }).test.length).toBe(4);
  whole(trainTestSplit(100), 100);
});

test('one seed, one split; another seed, another', () => {
  const a = trainTestSplit(1000, { seed: 7 });
  expect(trainTestSplit(1000, { seed: 7 })).toEqual(a);
  expect([...trainTestSplit(1000, { seed: 8 }).test]).not.toEqual([...a.test]);
  // Written down once, so that every machine is held to it.
  expect([...trainTestSplit(12, { seed: 1, testSize: 4 }).test]).toMatchInlineSnapshot(`
    [
      0,
      3,
      4,
      6,
    ]
  `);
  expect([...trainTestSplit(5, { shuffle: false, testSize: 2 }).test]).toEqual([3, 4]);
});

test('stratified: every class gives its share, whatever the order of the rows', () => {
  const labels = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 'rare' : i % 2 ? 'a' : 'b'));
  const split = stratifiedSplit(labels, { testSize: 0.2, seed: 3 });
  whole(split, 1000);
  const count = (label: string): number => [...split.test].filter((i) => labels[i] === label).length;
  expect([count('rare'), count('a'), count('b')]).toEqual([20, 100, 80]);
  expect(stratifiedSplit(labels, { testSize: 0.2, seed: 3 })).toEqual(split);
});

test('stratified: remainders go to the largest, single rows stay in training', () => {
  const split = stratifiedSplit(['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'c'], { testSize: 3 });
  expect(split.test.length).toBe(3);
  expect([...split.train]).toContain(9);
});

test('stratified: large classes do not overflow the stack', () => {
  const split = stratifiedSplit(new Int32Array(300_000), { testSize: 0.5 });
  expect(split.train.length).toBe(150_000);
});

test('grouped: no group on both sides, and the test part is large enough', () => {
  const groups = Array.from({ length: 200 }, (_, i) => `author ${i % 23}`);
  const split = groupedSplit(groups, { testSize: 0.25, seed: 5 });
  whole(split, 200);
  const inTest = new Set([...split.test].map((i) => groups[i]));
  expect([...split.train].some((i) => inTest.has(groups[i]))).toBe(false);
  expect(split.test.length).toBeGreaterThanOrEqual(50);
  expect(split.test.length).toBeLessThan(60);
  whole(groupedSplit(['x', 'x', 'x', 'y'], { testSize: 0.5 }), 4);
});

test('folds part the rows, each row in one test part', () => {
  const folds = kFold(103, 5, { seed: 2 });
  expect(folds.map((f) => f.test.length).sort()).toEqual([20, 20, 21, 21, 21]);
  folds.forEach((fold) => whole(fold, 103));
  expect(folds.flatMap((f) => [...f.test]).sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i));
  expect([...(kFold(6, 3, { shuffle: false })[0] as Split).test]).toEqual([0, 1]);
});

test('stratified folds spread each class evenly', () => {
  const labels = Array.from({ length: 100 }, (_, i) => (i < 15 ? 1 : 0));
  const folds = stratifiedKFold(labels, 5, { seed: 9 });
  for (const fold of folds) {
    whole(fold, 100);
    expect(fold.test.length).toBe(20);
    expect([...fold.test].filter((i) => labels[i] === 1).length).toBe(3);
  }
});

test('what cannot be is refused', () => {
  for (const testSize of [0, 1.5, -1, 10, NaN]) expect(() => trainTestSplit(10, { testSize })).toThrow(/testSize/);
  expect(() => trainTestSplit(1)).toThrow(/at least 2 rows/);
  expect(() => trainTestSplit(10, { seed: -1 })).toThrow(/seed/);
  expect(() => stratifiedSplit(['a', '', 'b'])).toThrow(/row 1/);
  expect(() => stratifiedSplit([0, NaN, 1])).toThrow(/row 1/);
  expect(() => groupedSplit(['a', 'a'])).toThrow(/two groups/);
  expect(() => kFold(3, 4)).toThrow(/folds/);
  expect(() => stratifiedKFold(['a', 'a', 'b'], 2)).toThrow(/received 1 of "b"/);
});
