import { expect, test, vi } from 'vitest';
import { goodRows } from '../../src/data/good-rows.js';
import { Table } from '../../src/data/table.js';
import { markPart, partOf } from '../../src/tensor/part.js';

const lines = [2, 3, 5, 6, 7];
const table = new Table(
  ['text', 'label'],
  [
    ['baik', ' ', 'buruk', null, 'biasa'],
    ['positive', 'positive', 'negatif', 'negative', 'negative'],
  ],
  { file: 'train.csv', lines },
  [{ file: 'train.csv', line: 4, reason: 'expected 2 fields, received 3' }],
);
const rules = { filled: ['text'], oneOf: { label: ['positive', 'negative'] } };

test('stops at the first row without text, or of an unknown label, and names its line', () => {
  expect(() => goodRows(table, rules)).toThrow(/train\.csv line 3: expected a value in column "text", received none/);
  expect(() => goodRows(table, { oneOf: rules.oneOf })).toThrow(
    /train\.csv line 5: expected one of "positive", "negative" in column "label", received "negatif"; correct it, or pass onBadRow/,
  );
});

test('leaves bad rows out and lists them behind those of the reader', () => {
  const good = goodRows(markPart(table.take([0, 1, 2, 3, 4]), 'test'), { ...rules, onBadRow: 'skip' });
  expect(good.data).toEqual([
    ['baik', 'biasa'],
    ['positive', 'negative'],
  ]);
  expect(good.origin?.lines).toEqual([2, 7]);
  expect(good.badRows.map(({ line }) => line)).toEqual([4, 3, 5, 6]);
  expect(good.badRows.at(-1)).toEqual({ file: 'train.csv', line: 6, reason: 'expected a value in column "text", received none' });
  expect(partOf(good)).toBe('test');
});

test('reports once, with lines, or with rows where there is no file', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  goodRows(table, { ...rules, onBadRow: 'report' });
  const frame = new Table(['n'], [[1, NaN]]);
  goodRows(frame, { filled: ['n'], onBadRow: 'report' });
  goodRows(new Table(['n'], [[1, 2]]), { filled: ['n'], onBadRow: 'report' });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    expect.stringContaining('train.csv: 3 row(s) left out (line 3: expected a value'),
    expect.stringContaining('table: 1 row(s) left out (row 1: expected a value'),
  ]);
  warn.mockRestore();
});

test('a table that is good is the same table', () => {
  const all = new Table(['label'], [[1, 0, 1]]);
  expect(goodRows(all, { filled: ['label'], oneOf: { label: [0, 1] } })).toBe(all);
});

test('columns and options that do not exist are refused', () => {
  expect(() => goodRows(table, { filled: ['teks'] })).toThrow(/expected column "teks" in train\.csv/);
  expect(() => goodRows(table, { oneOf: { label: [] } })).toThrow(/expected the values of column "label"/);
  expect(() => goodRows(table, { onBadRow: 'drop' as 'skip' })).toThrow(/onBadRow "error", "skip" or "report"/);
  expect(() => goodRows(table, { required: ['text'] } as object)).toThrow(/expected options filled, oneOf, onBadRow, received "required"/);
});
