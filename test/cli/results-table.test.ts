import { describe, expect, it } from 'vitest';
import { resultsTable } from '../../src/cli/results-table.js';
import { syntheticResults } from '../reports/synthetic.js';

describe('the results in a terminal', () => {
  const { results } = syntheticResults();

  it('name the leaks of each protocol that has any', () => {
    const out = resultsTable(results);
    expect(out).toContain('Leaks, published: exact-duplicate (L1.4) 12 of 400 test rows.');
    expect(out).not.toContain('Leaks, leak-free');
  });

  it('name the cells where one protocol has several preparations', () => {
    const [first, ...others] = results.audits ?? [];
    if (!first) throw new Error('expected an audit');
    const out = resultsTable({
      ...results,
      audits: [first, { ...first, cells: ['a', 'b', 'c', 'd', 'e'].map((v) => `split: ${v}`) }, ...others],
    });
    expect(out).toContain('Leaks, published, direction: uni, direction: bi: exact-duplicate');
    expect(out).toContain('Leaks, published, split: a, split: b, split: c and 2 more: exact-duplicate');
  });

  it('say which cells are stand-ins where not all are', () => {
    const cells = results.cells.map((c) => (c.variant === 'uni' ? { ...c, comparable: 'stand-in' as const, standIn: 'other rows.' } : c));
    expect(resultsTable({ ...results, cells })).toContain('Stand-in, uni: other rows.');
    expect(resultsTable(results)).not.toContain('Stand-in');
  });

  it('say nothing of leaks where results are from before there was an audit', () => {
    const { audits, ...older } = results;
    expect(audits).toBeDefined();
    expect(resultsTable(older)).not.toContain('Leaks');
  });
});
