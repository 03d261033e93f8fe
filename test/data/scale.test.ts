import { expect, test } from 'vitest';
import { columnsToTensor } from '../../src/data/frame.js';
import { Scaler } from '../../src/data/scale.js';
import { Table } from '../../src/data/table.js';
import { markPart, partOf } from '../../src/tensor/part.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';

const train = new Table(
  ['id', 'age', 'same'],
  [
    ['a', 'b', 'c', 'd'],
    ['2', '4', 4, 6],
    [7, 7, 7, 7],
  ],
);

test('standard: mean 4, deviation √2 of the whole; a column of one value becomes 0; other columns stay', () => {
  const scaler = new Scaler().fit(train, ['age', 'same']);
  const scaled = scaler.transform(train);
  expect(scaled.columns).toEqual(['id', 'age', 'same']);
  expect(scaled.column('id')).toEqual(['a', 'b', 'c', 'd']);
  expect(scaled.numbers('age')).toEqual([-2, 0, 0, 2].map((x) => x * (1 / Math.SQRT2)));
  expect(scaled.column('same')).toEqual([0, 0, 0, 0]);
  // Rows that it has not learnt from, by what it has learnt.
  expect(scaler.transform(new Table(['age', 'same'], [[10], [9]])).data).toEqual([[6 * (1 / Math.SQRT2)], [2]]);
  expect(scaler.inverse(scaled).numbers('age')).toEqual([2, 4, 4, 6]);
});

test('minMax: the ends of the range, beyond them for what is beyond', () => {
  const scaler = new Scaler({ method: 'minMax', range: [-1, 1] }).fit(train, 'age');
  expect(scaler.transform(train).column('age')).toEqual([-1, 0, 0, 1]);
  expect(scaler.transform(new Table(['age'], [[8, 0]])).column('age')).toEqual([2, -2]);
  expect(new Scaler({ method: 'minMax' }).fit(train, 'same').transform(train).column('same')).toEqual([0, 0, 0, 0]);
});

test('tensors by their columns', () => {
  const x = tensor(Float32Array.of(1, 10, 3, 30), [2, 2]);
  const scaler = new Scaler({ method: 'minMax' }).fit(x);
  expect(Array.from(scaler.transform(x).data())).toEqual([0, 0, 1, 1]);
  expect(Array.from(scaler.inverse(tensor(Float32Array.of(0.5, 2), [1, 2])).data())).toEqual([2, 50]);
  expectError(() => scaler.transform(tensor(Float32Array.of(1, 2, 3), [1, 3])), 'ERR_SHAPE', '(N,2)', '(1,3)');
  expectError(() => new Scaler().fit(tensor(Float32Array.of(1, 2), [2])), 'ERR_SHAPE', '(N,D)');
  expectError(() => scaler.transform(train), 'ERR_ARG', 'expected a tensor');
  expectError(() => new Scaler().fit(tensor(Float32Array.of(1, NaN), [1, 2])), 'ERR_DATA', 'column 1 at row 0');
  const filled = new Scaler({ missing: 'mean' }).fit(tensor(Float32Array.of(1, NaN, 3), [3, 1]));
  expect(Array.from(filled.transform(tensor(Float32Array.of(NaN, 3), [2, 1])).data())).toEqual([0, 1]);
});

test('missing values by policy, the mean being that of the training rows', () => {
  const gaps = new Table(['n'], [[1, null, 3, ' ']], { file: 'train.csv', lines: [2, 3, 4, 5] });
  const test = new Table(['n'], [[100, null]]);
  expectError(() => new Scaler().fit(gaps, 'n'), 'ERR_DATA', 'column "n" at train.csv line 3');
  expect(new Scaler({ missing: 'keep' }).fit(gaps, 'n').transform(gaps).column('n')).toEqual([-1, null, 1, null]);
  expect(new Scaler({ missing: 'mean' }).fit(gaps, 'n').transform(test).column('n')).toEqual([98, 0]);
  // 1, 5, 3, 5.
  expect(new Scaler({ method: 'minMax', missing: 5 }).fit(gaps, 'n').transform(gaps).column('n')).toEqual([0, 1, 0.5, 1]);
  expectError(() => new Scaler({ missing: 'mean' }).fit(new Table(['n'], [[null]]), 'n'), 'ERR_DATA', 'at least one value');
});

test('learns once, from training rows alone, and hands the part on', () => {
  const rows = markPart(train.take([0, 1, 2, 3]), 'test');
  expectError(() => new Scaler().fit(rows, 'age'), 'ERR_ARG', 'they would leak');
  expectError(() => new Scaler().fit(columnsToTensor(rows, ['age'])), 'ERR_ARG', 'they would leak');
  const scaler = new Scaler().fit(train, 'age');
  expectError(() => scaler.fit(train, 'age'), 'ERR_STATE', 'expected one fit');
  expect(partOf(scaler.transform(rows))).toBe('test');
  expectError(() => new Scaler().transform(train), 'ERR_STATE', 'call fit');
});

test('as JSON it is the same', () => {
  const scaler = new Scaler({ missing: 'mean' }).fit(train, 'age');
  const again = Scaler.fromJSON(JSON.stringify(scaler));
  expect(again.transform(train).data).toEqual(scaler.transform(train).data);
  expect(again.columns).toEqual(['age']);
  expectError(() => Scaler.fromJSON(new Scaler().toJSON()).transform(train), 'ERR_STATE');
  expectError(() => Scaler.fromJSON('{'), 'ERR_FORMAT', 'no JSON');
  expectError(() => Scaler.fromJSON({ format: 'other' }), 'ERR_FORMAT', 'saraf-scaler', '"other"');
  expectError(() => Scaler.fromJSON({ ...scaler.toJSON(), formatVersion: 2 }), 'ERR_FORMAT', 'version');
  expectError(() => Scaler.fromJSON({ ...scaler.toJSON(), method: 'robust' }), 'ERR_FORMAT', '"robust"');
  expectError(() => Scaler.fromJSON({ ...scaler.toJSON(), learnt: [{ mean: 'x' }] }), 'ERR_FORMAT', 'had learnt');
});

test('refuses what it does not know', () => {
  expectError(() => new Scaler({ method: 'robust' as 'standard' }), 'ERR_ARG', 'minMax');
  expectError(() => new Scaler({ range: [1, 0] }), 'ERR_ARG', '[1,0]');
  expectError(() => new Scaler({ missing: 'drop' as 'keep' }), 'ERR_ARG', 'drop');
  expectError(() => new Scaler({ clip: true } as object), 'ERR_ARG', '"clip"');
  expectError(() => new Scaler().fit(train), 'ERR_ARG', 'expected names', '"age"');
  expectError(() => new Scaler().fit(train, 'id'), 'ERR_DATA', 'expected a number in column "id" at row 0, received "a"');
});
