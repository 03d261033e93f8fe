import { describe, expect, it } from 'vitest';
import { evaluateClasses } from '../../src/experiments/evaluate.js';

const repeat = (n: number, value: number): number[] => Array.from({ length: n }, () => value);
const NAMES = ['negative', 'neutral', 'positive'];

describe('evaluation of predicted classes', () => {
  it('gives a constant prediction the published macro F1 of 18.3', () => {
    const labels = [...repeat(153, 0), ...repeat(96, 1), ...repeat(151, 2)];
    const positive = evaluateClasses(labels, repeat(400, 2), NAMES);
    expect(positive.macroF1).toBeCloseTo(18.27, 2);
    expect(positive).toMatchObject({ largestShare: 1, largestClass: 'positive', rows: 400 });
    expect(evaluateClasses(labels, repeat(400, 0), NAMES).macroF1).toBeCloseTo(18.44, 2);
  });

  it('counts rows of class i predicted as j, with support', () => {
    const e = evaluateClasses([0, 0, 1, 2], [0, 1, 1, 2], NAMES);
    expect(e.confusion).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(e.accuracy).toBe(75);
    expect(e.perClass[0]).toMatchObject({ name: 'negative', precision: 100, recall: 50, support: 2 });
  });

  it('takes the macro F1 over the classes that have a row, also where another one is predicted', () => {
    expect(evaluateClasses([0, 0, 1, 1], [0, 0, 1, 2], NAMES).macroF1).toBeCloseTo((100 + 200 / 3) / 2, 10);
    expect(evaluateClasses([0, 0], [2, 2], NAMES)).toMatchObject({ macroF1: 0, weightedF1: 0, accuracy: 0 });
  });

  it('leaves rows out that do not count', () => {
    expect(evaluateClasses([0, 1, 2], [0, 1, 0], NAMES, Uint8Array.of(1, 1, 0))).toMatchObject({ rows: 2, accuracy: 100 });
  });

  it('refuses lengths that differ, classes out of range, and no rows', () => {
    expect(() => evaluateClasses([0], [0, 1], NAMES)).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
    expect(() => evaluateClasses([0, 1], [0, 1], NAMES, Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
    expect(() => evaluateClasses([3], [0], NAMES)).toThrow(expect.objectContaining({ code: 'ERR_DATA' }));
    expect(() => evaluateClasses([0], [0], NAMES, Uint8Array.of(0))).toThrow(expect.objectContaining({ code: 'ERR_DATA' }));
  });
});
