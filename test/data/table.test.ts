import { expect, test } from 'vitest';
import { Table, toNumber } from '../../src/data/table.js';

const table = new Table(
  ['text', 'n'],
  [
    ['a', 'b', null],
    ['1', ' 2.5e1 ', 'x'],
  ],
);

test('columns by name, rows by number', () => {
  expect(table.rows).toBe(3);
  expect(table.take([1, 0]).column('text')).toEqual(['b', 'a']);
  expect(table.take([1, 0]).numbers('n')).toEqual([25, 1]);
  expect(table.select(['n']).columns).toEqual(['n']);
  expect(new Table([], []).rows).toBe(0);
});

test('messages name the place', () => {
  expect(() => table.column('label')).toThrow(/expected column "label", received columns "text", "n"/);
  expect(() => table.strings('text')).toThrow(/column "text" at row 2, received none/);
  expect(() => table.numbers('n')).toThrow(/column "n" at row 2, received "x"/);
  expect(() => table.take([3])).toThrow(/received 3/);
  const file = new Table(['a'], [['x']], { file: 'f.csv', lines: [7] });
  expect(() => file.numbers('a')).toThrow(/f.csv line 7/);
});

test('tables that cannot be are refused', () => {
  expect(() => new Table(['a'], [])).toThrow(/1 names and 0 arrays/);
  expect(() => new Table(['a', 'b'], [['1'], []])).toThrow(/1 values in column "b", received 0/);
  expect(() => new Table(['a', 'a'], [['1'], ['2']])).toThrow(/"a" twice/);
});

test('numbers as text', () => {
  expect(['1', '-.5', '2.', '+1e3', ' 7 '].map(toNumber)).toEqual([1, -0.5, 2, 1000, 7]);
  for (const text of ['1,5', '0x10', 'Infinity', '', '1 2', 'NaN']) expect(toNumber(text)).toBeNaN();
  expect([true, false, 3].map(toNumber)).toEqual([1, 0, 3]);
});

test('columns that are made when asked for are made once', () => {
  const made: number[] = [];
  const lazy = new Table(['a', 'b'], { rows: 2, column: (i) => (made.push(i), [`${i}0`, `${i}1`]) });
  expect(lazy.rows).toBe(2);
  const second = lazy.take([1]);
  expect(made).toEqual([]);
  expect([second.column('b'), lazy.strings('b'), lazy.column('b')]).toEqual([['11'], ['10', '11'], ['10', '11']]);
  expect(made).toEqual([1]);
  expect(lazy.data).toEqual([
    ['00', '01'],
    ['10', '11'],
  ]);
  expect(made).toEqual([1, 0]);
});
