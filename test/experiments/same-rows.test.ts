import { describe, expect, it } from 'vitest';
import type { AuditPart } from '../../src/data/audit/part.js';
import type { Prepared } from '../../src/experiments/experiment.js';
import { sameTestRows } from '../../src/experiments/same-rows.js';
import { tensor } from '../../src/tensor/tensor.js';

const prepared = (labels: readonly number[], test: AuditPart, fill = 0): Prepared => {
  const part = { x: tensor(new Float32Array(labels.length).fill(fill), [labels.length, 1]), labels: Int32Array.from(labels) };
  return { train: part, validation: part, test: part, audited: { train: { labels }, test }, notes: [], sizes: {} };
};

describe('whether two preparations test the same rows', () => {
  const texts = ['a', 'b', 'c'];

  it('goes by what the rows are, not by what a model is fed with', () => {
    expect(sameTestRows(prepared([0, 1, 0], { texts }), prepared([0, 1, 0], { texts: [...texts] }, 7))).toBe(true);
    expect(sameTestRows(prepared([0, 1, 0], { labels: [0, 1, 0] }), prepared([0, 1, 0], { texts }))).toBe(true);
  });

  it.each<[string, readonly number[], AuditPart]>([
    ['labels', [0, 1, 1], { texts }],
    ['their number', [0, 1], { texts: ['a', 'b'] }],
    ['texts, as a copy has it in the place of its tweet', [0, 1, 0], { texts: ['a', 'b', 'x'] }],
    ['their order', [0, 1, 0], { texts: ['c', 'b', 'a'] }],
  ])('not where they differ in %s', (_, labels, test) => {
    expect(sameTestRows(prepared([0, 1, 0], { texts }), prepared(labels, test))).toBe(false);
  });

  it('nor in the rows that they were drawn from, or in pictures', () => {
    const drawn = (sources: number[]): Prepared => prepared([0, 0], { sources });
    expect(sameTestRows(drawn([3, 4]), drawn([3, 4]))).toBe(true);
    expect(sameTestRows(drawn([3, 4]), drawn([4, 3]))).toBe(false);
    const shown = (...pixels: number[]): Prepared => prepared([0, 0], { images: { images: Uint8Array.from(pixels), rows: 2 } });
    expect(sameTestRows(shown(1, 2), shown(1, 2))).toBe(true);
    expect(sameTestRows(shown(1, 2), shown(1, 3))).toBe(false);
  });
});
