import { describe, expect, it } from 'vitest';
import { rocCurve } from '../../src/metrics/index.js';
import { Philox } from '../../src/tensor/random.js';
import { expectError } from '../helpers/expect-error.js';

describe('rocCurve', () => {
  it('is scikit-learn’s on its own example', () => {
    const curve = rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
    expect(curve.falsePositiveRate).toEqual([0, 0, 0.5, 0.5, 1]);
    expect(curve.truePositiveRate).toEqual([0, 0.5, 0.5, 1, 1]);
    expect(curve.thresholds).toEqual([Infinity, 0.8, 0.4, 0.35, 0.1]);
    expect(curve.auc).toBe(0.75);
  });

  it('has as its area the chance that a positive row scores above a negative one, ties counting half', () => {
    const random = new Philox(3);
    const positive = Array.from({ length: 200 }, () => random.integer(2));
    const scores = positive.map((p) => (random.integer(8) + p) / 8);
    let wins = 0;
    let pairs = 0;
    for (const [i, p] of positive.entries())
      for (const [j, q] of positive.entries()) {
        if (p !== 1 || q !== 0) continue;
        pairs++;
        const [a, b] = [scores[i] as number, scores[j] as number];
        wins += a > b ? 1 : a === b ? 0.5 : 0;
      }
    expect(rocCurve(positive, scores).auc).toBeCloseTo(wins / pairs, 12);
    expect(rocCurve(positive, new Float32Array(200)).auc).toBe(0.5);
  });

  it('refuses what has no curve', () => {
    expectError(() => rocCurve([0, 1], [0.5]), 'ERR_SHAPE', '[rocCurve]', '1 and 2');
    expectError(() => rocCurve([1, 1], [0.5, 0.1]), 'ERR_DATA', '2 and 0');
    expectError(() => rocCurve([], []), 'ERR_DATA', '0 and 0');
    expectError(() => rocCurve([0, 1], [NaN, 0.1]), 'ERR_DATA', 'NaN at row 0');
  });
});
