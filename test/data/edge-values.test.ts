import { expect, test } from 'vitest';
import { columnsToTensor } from '../../src/data/frame.js';
import { Scaler } from '../../src/data/scale.js';
import { Table } from '../../src/data/table.js';
import { parallelCoordinates } from '../../src/reports/charts/parallel-coordinates.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import { SearchResult } from '../../src/search/search-result.js';
import { cleanText } from '../../src/text/clean-text.js';
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

test('white space at the ends goes, a long run inside stays', () => {
  const run = ' '.repeat(200_000);
  expect(cleanText(`\u0085 A${run}b\u001c\n`)).toBe(`a${run}b`);
  expect(cleanText(' \t ')).toBe('');
});

test('a row that begins with [ or * is no argument of the line break before it', () => {
  const columns = [
    { head: 'a', kind: 'text' },
    { head: 'b', kind: 'text' },
  ];
  const table = { subject: 's', name: 'n', caption: 'c', columns, rows: [['x', 'y'], ['[UNK]', 'y'], ['*', 'y']] }; // prettier-ignore
  const text = latexOf(table as never);
  expect(text).toContain('    {}[UNK] &');
  expect(text).toContain('    {}* &');
  expect(text).toContain('    x &');
});

test('a parameter may be called as a field of the chart', () => {
  const trials = [0, 1].map((trial) => ({
    trial,
    params: { best: trial === 0, order: 7 + trial },
    epochs: 1,
    scores: [trial],
    seconds: 1,
  }));
  const spec = parallelCoordinates(new SearchResult(trials, { name: 'val_loss', larger: false }));
  const { values } = (spec['layer'] as { data: { values: Record<string, unknown>[] } }[])[1]?.data ?? { values: [] };
  expect(values.filter((v) => v['best'] === true)).toHaveLength(3);
  expect(values.map((v) => v['order'])).toEqual([0, 1, 2, 0, 1, 2]);
  expect(values[0]).toMatchObject({ shown0: 'true', shown1: '7' });
});
