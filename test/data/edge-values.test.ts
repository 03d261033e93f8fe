import { expect, test } from 'vitest';
import { columnsToTensor } from '../../src/data/frame.js';
import { Scaler } from '../../src/data/scale.js';
import { Table } from '../../src/data/table.js';
import { expectError } from '../helpers/expect-error.js';

test('a column of one value scales to 0, whatever its sum rounds to', () => {
  const table = new Table(['x'], [Array.from({ length: 10 }, () => 0.1)]);
  const scaler = new Scaler({ method: 'standard' }).fit(table, ['x']);
  expect(scaler.transform(table).numbers('x')).toEqual(Array.from({ length: 10 }, () => 0));
  expect(scaler.transform(new Table(['x'], [[0.2]])).numbers('x')[0]).toBeCloseTo(0.1, 12);
});

test('what float32 cannot hold is no finite number', () => {
  expectError(() => columnsToTensor(new Table(['x'], [[1, 1e39]]), ['x']), 'ERR_DATA', 'finite number');
});
