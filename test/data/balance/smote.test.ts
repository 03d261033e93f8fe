import { describe, expect, it } from 'vitest';
import { hybridSmote, smote, type Smoted } from '../../../src/data/balance/smote.js';
import { markPart, partOf } from '../../../src/tensor/part.js';
import { Philox } from '../../../src/tensor/random.js';
import { tensor, type Tensor } from '../../../src/tensor/tensor.js';
import { expectError } from '../../helpers/expect-error.js';

/** 60 rows of class 0, 25 of class 1, 8 of class 2, around different centres. */
function cloud(width: number): { x: Tensor; labels: Int32Array } {
  const random = new Philox(11);
  const labels = Int32Array.from({ length: 93 }, (_, i) => (i < 60 ? 0 : i < 85 ? 1 : 2));
  random.shuffle(labels);
  const values = Float32Array.from({ length: 93 * width }, (_, i) => random.normal(3 * (labels[Math.floor(i / width)] as number)));
  return { x: tensor(values, [93, width]), labels };
}

const rowOf = (x: Tensor, row: number): number[] => Array.from(x.rows(row, row + 1).data());
const squared = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, d) => sum + (v - (b[d] as number)) ** 2, 0);

/** Every synthetic row against the definition, by a plain search of its own. */
function expectOnLines(x: Tensor, labels: ArrayLike<number>, found: Smoted, k: number): void {
  const all = Array.from({ length: labels.length }, (_, row) => rowOf(x, row));
  for (let i = found.rows.length - found.added; i < found.rows.length; ++i) {
    const row = found.rows[i] as number;
    const neighbor = found.neighbors[i] as number;
    expect(labels[neighbor]).toBe(labels[row]);
    const a = all[row] as number[];
    const b = all[neighbor] as number[];
    const nearest = all
      .map((other, j) => ({ j, distance: squared(a, other) }))
      .filter(({ j }) => j !== row && labels[j] === labels[row])
      .sort((p, q) => p.distance - q.distance || p.j - q.j)
      .slice(0, k)
      .map(({ j }) => j);
    expect(nearest).toContain(neighbor);
    const made = rowOf(found.x, i);
    const long = b.reduce(
      (best, v, d) => (Math.abs(v - (a[d] as number)) > Math.abs((b[best] as number) - (a[best] as number)) ? d : best),
      0,
    );
    const step = ((made[long] as number) - (a[long] as number)) / ((b[long] as number) - (a[long] as number));
    expect(step).toBeGreaterThanOrEqual(-1e-6);
    expect(step).toBeLessThanOrEqual(1 + 1e-6);
    for (const [d, value] of made.entries())
      expect(Math.abs(value - ((a[d] as number) + step * ((b[d] as number) - (a[d] as number))))).toBeLessThan(1e-5);
  }
}

describe('smote', () => {
  it.each([1, 2, 16])('puts every new row between a row and a neighbour of its class, %i columns', (width) => {
    const { x, labels } = cloud(width);
    const found = smote(x, labels, { kNeighbors: 4, seed: 9 });
    expect(found.x.shape).toEqual([180, width]);
    expect([0, 1, 2].map((label) => found.labels.filter((l) => l === label).length)).toEqual([60, 60, 60]);
    expect(found.added).toBe(87);
    expect(Array.from(found.x.rows(0, 93).data())).toEqual(Array.from(x.data()));
    expectOnLines(x, labels, found, 4);
  });

  it('uses all k neighbours and the whole line', () => {
    const { x, labels } = cloud(2);
    const { rows, neighbors, added } = smote(x, labels, { samplingStrategy: { 2: 2000 }, kNeighbors: 7, seed: 1 });
    const pairs = new Set(Array.from({ length: added }, (_, i) => `${rows[93 + i]} ${neighbors[93 + i]}`));
    expect(pairs.size).toBe(8 * 7);
  });

  it('worked by hand: with one neighbour in one column, between 0 and 1 or between 10 and 12', () => {
    const x = tensor([[0], [1], [10], [12], [5], [6], [7], [8], [9]]);
    const labels = ['few', 'few', 'few', 'few', 'many', 'many', 'many', 'many', 'many'];
    const found = smote(x, labels, { kNeighbors: 1, samplingStrategy: { few: 5, many: 5 } });
    expect(found.labels).toEqual([...labels, 'few']);
    const [value = Number.NaN] = rowOf(found.x, 9);
    const between = [
      [0, 1],
      [1, 0],
      [10, 12],
      [12, 10],
    ][found.rows[9] as number] as [number, number];
    expect(value).toBeGreaterThanOrEqual(Math.min(...between));
    expect(value).toBeLessThanOrEqual(Math.max(...between));
  });

  it('gives the same bits for the same seed', () => {
    const { x, labels } = cloud(3);
    const a = smote(x, labels, { seed: 5 });
    expect(smote(x, labels, { seed: 5 })).toEqual(a);
    expect(Array.from(smote(x, labels, { seed: 6 }).x.data())).not.toEqual(Array.from(a.x.data()));
    // Written down once, so that every machine is held to it.
    expect(Array.from(a.x.rows(93, 95).data())).toMatchInlineSnapshot(`
      [
        2.8295412063598633,
        4.187496185302734,
        2.6134657859802246,
        3.3451268672943115,
        2.314558506011963,
        4.6857805252075195,
      ]
    `);
  });

  it('leaves copies where a class has only copies', () => {
    const found = smote(
      tensor([
        [1, 2],
        [1, 2],
        [1, 2],
        [4, 4],
        [5, 5],
        [6, 6],
        [7, 7],
      ]),
      [0, 0, 0, 1, 1, 1, 1],
      { kNeighbors: 2 },
    );
    expect(rowOf(found.x, 7)).toEqual([1, 2]);
  });

  it('takes tensors of labels and hands the part on', () => {
    const { x, labels } = cloud(2);
    const found = smote(markPart(x, 'train'), tensor(labels, [93]));
    expect(found.labels.shape).toEqual([180]);
    expect([partOf(found.x), partOf(found.rows), partOf(found.labels)]).toEqual(['train', 'train', 'train']);
  });

  it('refuses other parts, too few rows, and what has no distances', () => {
    const { x, labels } = cloud(2);
    expectError(() => smote(markPart(x.clone(), 'test'), labels), 'ERR_ARG', 'over-sampling', 'test part');
    expectError(() => smote(x, markPart(labels.slice(), 'validation')), 'ERR_ARG', 'validation part');
    expectError(() => smote(x, labels, { kNeighbors: 8 }), 'ERR_DATA', 'at least 9 rows of class "2"', 'received 8', 'kNeighbors');
    expectError(() => smote(x, labels, { kNeighbors: 0 }), 'ERR_ARG', 'kNeighbors', 'received 0');
    expectError(() => smote(x, labels, { samplingStrategy: { 3: 100 } }), 'ERR_ARG', '"0", "1", "2"', '"3"');
    expectError(() => smote(x, labels.subarray(1)), 'ERR_SHAPE', '(92,D)', '(93,2)');
    expectError(() => smote(x.reshape([93, 2, 1]), labels), 'ERR_SHAPE', '(93,2,1)');
    expectError(() => smote(tensor(new Int32Array(186), [93, 2]), labels), 'ERR_DTYPE', 'float32', 'int32');
    const holed = x.clone();
    (holed.data() as Float32Array)[7] = Number.NaN;
    expectError(() => smote(holed, labels), 'ERR_DATA', 'NaN', 'row 3, column 1');
  });

  it('does not ask for neighbours where a class is left as it is', () => {
    const { x, labels } = cloud(2);
    expect(smote(x, labels, { kNeighbors: 20, samplingStrategy: { 1: 30 } }).added).toBe(5);
  });
});

describe('hybridSmote', () => {
  it('draws from large classes and adds to small ones', () => {
    const { x, labels } = cloud(3);
    const found = hybridSmote(x, labels, { kNeighbors: 3, seed: 2 });
    expect([0, 1, 2].map((label) => found.labels.filter((l) => l === label).length)).toEqual([31, 31, 31]);
    expect(found.added).toBe(6 + 23);
    expect(new Set(found.rows.subarray(0, 64)).size).toBe(64);
    for (const [i, row] of found.rows.subarray(0, 64).entries()) expect(rowOf(found.x, i)).toEqual(rowOf(x, row));
    expectOnLines(x, labels, found, 3);
  });
});
