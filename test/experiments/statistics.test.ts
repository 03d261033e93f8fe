import { describe, expect, it } from 'vitest';
import { interval95, mean, sampleStd, spread } from '../../src/experiments/statistics.js';
import { aboveConstant } from '../../src/experiments/verdict.js';

describe('statistics over seeds', () => {
  it('has the sample standard deviation, dividing by n − 1', () => {
    expect(mean([2, 4, 9])).toBe(5);
    expect(sampleStd([2, 4, 9])).toBeCloseTo(Math.sqrt(13), 12);
    expect(sampleStd([5, 5])).toBe(0);
  });

  it('has no deviation and no interval for a single value, and no mean of none', () => {
    expect(sampleStd([3])).toBeNull();
    expect(interval95([3])).toBeNull();
    expect(() => mean([])).toThrow(expect.objectContaining({ code: 'ERR_ARG' }));
    expect(spread([])).toBe(0);
  });

  it("has Student's interval: 3 seeds mean 4.303 standard errors", () => {
    const [low, high] = interval95([10, 11, 12]) ?? [0, 0];
    expect(high - 11).toBeCloseTo(4.303 / Math.sqrt(3), 9);
    expect(11 - low).toBeCloseTo(high - 11, 12);
  });
});

describe('verdict against a constant prediction', () => {
  const cell = (...values: number[]): { runs: { id: string; seed: number; value: number; seconds: number }[] } => ({
    runs: values.map((value, seed) => ({ id: String(seed), seed, value, seconds: 1 })),
  });

  it('is yes, no, or not clear', () => {
    expect(aboveConstant(cell(60, 61, 62), 18.44).above).toBe(true);
    expect(aboveConstant(cell(18.3, 18.3, 18.4), 18.44).above).toBe(false);
    expect(aboveConstant(cell(18.3, 18.3, 60), 18.44).above).toBeNull();
  });

  it('says when it rests on one seed', () => {
    expect(aboveConstant(cell(60), 18.44)).toMatchObject({ above: true, interval: null });
    expect(aboveConstant(cell(60), 18.44).text).toContain('one seed');
  });
});
