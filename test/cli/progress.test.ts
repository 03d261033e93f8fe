import { describe, expect, it } from 'vitest';
import { secondsLeft } from '../../src/cli/progress.js';

describe('secondsLeft', () => {
  it('stays near the estimate while the trainers load and a batch or two are done', () => {
    expect(secondsLeft(20_000, 0, 0)).toBe(20_000);
    const early = secondsLeft(20_000, 0.05, 40); // as one over the other: 4,444 hours
    expect(early).toBeGreaterThan(20_000);
    expect(early).toBeLessThan(2 * 20_000);
  });

  it('follows what was measured as soon as that says more', () => {
    expect(secondsLeft(20_000, 5_000, 10_000) / 30_000).toBeCloseTo(1, 1);
    expect(secondsLeft(20_000, 5_000, 2_500) / 7_500).toBeCloseTo(1, 1);
  });

  it('trusts the estimate of a short selection for a tenth of it at most', () => {
    expect(secondsLeft(60, 30, 60)).toBeGreaterThan(50); // twice as slow as estimated
  });

  it('is nothing at the end, and where nothing is to be done', () => {
    expect(secondsLeft(60, 60, 90)).toBe(0);
    expect(secondsLeft(60, 61, 90)).toBe(0);
    expect(secondsLeft(0, 0, 0)).toBe(0);
  });
});
