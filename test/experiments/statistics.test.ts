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
  type Cell = Parameters<typeof aboveConstant>[0];
  const cell = (...values: number[]): Cell => ({
    runs: values.map((value, seed) => ({ id: String(seed), seed, value, seconds: 1 })),
    largestShares: values.map(() => 0.5),
  });

  it('is yes, no, or not clear', () => {
    expect(aboveConstant(cell(60, 61, 62), 18.44).above).toBe(true);
    expect(aboveConstant(cell(18.3, 18.3, 18.4), 18.5).above).toBe(false);
    expect(aboveConstant(cell(18.3, 18.3, 60), 18.44).above).toBeNull();
  });

  it('says when it rests on one seed', () => {
    const one = aboveConstant({ ...cell(39.5), interval: { low: 36, high: 42.8 } }, 38.8);
    expect(one).toMatchObject({ above: null, interval: [36, 42.8] });
    expect(one.text).toBe('39.5, but 38.8 is in the interval (95 % interval over test rows, of one seed: 36.0 to 42.8)');
    expect(aboveConstant({ ...cell(39.5), interval: { low: 36, high: 42.8 } }, 35).above).toBe(true);
    // In results from before cells had intervals.
    expect(aboveConstant(cell(60), 18.44)).toMatchObject({
      above: null,
      interval: null,
      text: expect.stringContaining('one seed') as string,
    });
  });

  it('goes by test rows and seeds together, not by seeds that happen to agree', () => {
    const cells = { ...cell(20, 20.1, 20.2), interval: { low: 17, high: 23 } };
    expect(aboveConstant(cells, 18.44)).toMatchObject({
      above: null,
      text: expect.stringContaining('over test rows and 3 seeds') as string,
    });
    expect(aboveConstant({ ...cells, interval: { low: 12, high: 18 } }, 18.44).above).toBe(false);
  });

  it('is no for a network that names one class alone, whatever the interval', () => {
    const constant = { ...cell(18.3, 18.4), largestShares: [1, 1], interval: { low: 17, high: 19.3 } };
    expect(aboveConstant(constant, 18.5)).toMatchObject({ above: false, text: expect.stringContaining('constant prediction') as string });
    expect(aboveConstant({ ...constant, largestShares: [1, 0.98] }, 18.5).above).toBeNull();
  });
});
