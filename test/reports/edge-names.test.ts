import { expect, test } from 'vitest';
import { parallelCoordinates } from '../../src/reports/charts/parallel-coordinates.js';
import { latexOf } from '../../src/reports/tables/latex.js';
import { SearchResult } from '../../src/search/search-result.js';

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
