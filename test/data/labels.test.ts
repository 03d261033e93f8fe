import { expect, test } from 'vitest';
import { encodeLabels } from '../../src/data/labels.js';
import { Table } from '../../src/data/table.js';

test('classes given keep their order; counts follow it', () => {
  const { labels, classes, counts } = encodeLabels(['b', 'a', 'b'], { classes: ['b', 'c', 'a'] });
  expect([labels.dtype, labels.shape]).toEqual(['int32', [3]]);
  expect(labels.toArray()).toEqual([0, 2, 0]);
  expect([classes, counts]).toEqual([
    ['b', 'c', 'a'],
    [2, 0, 1],
  ]);
});

test('classes found are sorted, numbers as numbers', () => {
  expect(encodeLabels(['10', '9', '10']).classes).toEqual(['9', '10']);
  expect(encodeLabels([2, 1, 10]).labels.toArray()).toEqual([1, 0, 2]);
  expect(encodeLabels(['b', '10', 'a']).classes).toEqual(['10', 'a', 'b']);
  expect(encodeLabels([true, false]).classes).toEqual(['false', 'true']);
});

test('a missing or unknown label is refused, naming place and label', () => {
  for (const missing of [null, undefined, '', '  ', NaN])
    expect(() => encodeLabels(['a', missing])).toThrow(/label at row 1, received none/);
  expect(() => encodeLabels(['a', 'x'], { classes: ['a', 'b'] })).toThrow(/expected one of "a", "b" at row 1, received "x"/);
  const table = new Table(['label'], [['a', 'x']], { file: 'train.csv', lines: [2, 5] });
  expect(() => encodeLabels(table.column('label'), { classes: ['a'], table })).toThrow(/train.csv line 5/);
  expect(() => encodeLabels(['a'], { classes: ['a', 'a'] })).toThrow(/different classes/);
});
