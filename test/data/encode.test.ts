import { expect, test } from 'vitest';
import { OneHotEncoder } from '../../src/data/encode.js';
import { columnsToTensor } from '../../src/data/frame.js';
import { Table } from '../../src/data/table.js';
import { markPart, partOf } from '../../src/tensor/part.js';
import { expectError } from '../helpers/expect-error.js';

const train = new Table(
  ['city', 'age', 'size'],
  [
    ['Medan', 'Aceh', 'Medan'],
    [1, 2, 3],
    [10, 9, 10],
  ],
);

test('a column for each value, sorted, behind the columns that stay', () => {
  const encoder = new OneHotEncoder().fit(train, ['city', 'size']);
  expect(encoder.columns).toEqual(['city=Aceh', 'city=Medan', 'size=10', 'size=9']);
  const made = encoder.transform(train);
  expect(made.columns).toEqual(['age', 'city=Aceh', 'city=Medan', 'size=10', 'size=9']);
  expect(made.data).toEqual([
    [1, 2, 3],
    [0, 1, 0],
    [1, 0, 1],
    [1, 0, 1],
    [0, 1, 0],
  ]);
  const x = columnsToTensor(encoder.transform(new Table(['city', 'size'], [['Aceh'], ['10']])), encoder.columns);
  expect([x.shape, Array.from(x.data())]).toEqual([
    [1, 4],
    [1, 0, 1, 0],
  ]);
});

test('unknown and missing values by policy', () => {
  const strange = new Table(['city'], [['Aceh', 'Bali', null]], { file: 'test.csv', lines: [2, 3, 4] });
  const gaps = new Table(['city'], [['Medan', null, 'Aceh']]);
  expectError(() => new OneHotEncoder().fit(train, 'city').transform(strange), 'ERR_DATA', 'test.csv line 4', 'received none');
  expectError(
    () => new OneHotEncoder({ missing: 'zeros' }).fit(train, 'city').transform(strange),
    'ERR_DATA',
    'expected one of "Aceh", "Medan" in column "city" at test.csv line 3, received "Bali"',
  );
  expect(new OneHotEncoder({ unknown: 'zeros', missing: 'zeros' }).fit(train, 'city').transform(strange).data).toEqual([
    [1, 0, 0],
    [0, 0, 0],
  ]);
  const own = new OneHotEncoder({ missing: 'category' }).fit(gaps, 'city');
  expect(own.columns).toEqual(['city=Aceh', 'city=Medan', 'city=']);
  expect(own.transform(gaps).column('city=')).toEqual([0, 1, 0]);
  expectError(() => new OneHotEncoder({ missing: 'category' }).fit(train, 'city').transform(gaps), 'ERR_DATA', 'training rows miss none');
});

test('learns once, from training rows alone, and hands the part on', () => {
  const rows = markPart(train.take([0, 1]), 'validation');
  expectError(() => new OneHotEncoder().fit(rows, 'city'), 'ERR_ARG', 'they would leak');
  const encoder = new OneHotEncoder().fit(train, 'city');
  expect(partOf(encoder.transform(rows))).toBe('validation');
  expectError(() => encoder.fit(train, 'city'), 'ERR_STATE', 'expected one fit');
  expectError(() => new OneHotEncoder().columns, 'ERR_STATE', 'call fit');
});

test('as JSON it is the same', () => {
  const encoder = new OneHotEncoder({ unknown: 'zeros' }).fit(train, 'city');
  const again = OneHotEncoder.fromJSON(JSON.stringify(encoder));
  expect(again.transform(train).data).toEqual(encoder.transform(train).data);
  expectError(() => OneHotEncoder.fromJSON(new OneHotEncoder().toJSON()).transform(train), 'ERR_STATE');
  expectError(() => OneHotEncoder.fromJSON({ ...encoder.toJSON(), learnt: [{ column: 'city', values: [1] }] }), 'ERR_FORMAT', 'had learnt');
  expectError(() => OneHotEncoder.fromJSON(7), 'ERR_FORMAT', 'saraf-one-hot');
});

test('refuses what it does not know', () => {
  expectError(() => new OneHotEncoder({ unknown: 'skip' as 'zeros' }), 'ERR_ARG', '"skip"');
  expectError(() => new OneHotEncoder({ missing: 'mean' as 'zeros' }), 'ERR_ARG', '"mean"');
  expectError(() => new OneHotEncoder({ drop: 'first' } as object), 'ERR_ARG', '"drop"');
  expectError(() => new OneHotEncoder().fit(train, []), 'ERR_ARG', 'expected names');
  const clash = new Table(['city', 'city=Aceh'], [['Aceh'], [1]]);
  expectError(() => new OneHotEncoder().fit(clash, 'city').transform(clash), 'ERR_DATA', 'rename it');
});
