import { expect, it } from 'vitest';
import { chiSquarePValue } from '../../../src/data/audit/chi-square.js';

it('gives the closed forms for one, two, three and four degrees of freedom', () => {
  // Q(1, x/2) = e^(−x/2); Q(2, x/2) = e^(−x/2)(1 + x/2).
  for (const x of [0.01, 0.5, 1, 2, 3.9, 4.1, 10, 40, 200]) {
    expect(chiSquarePValue(x, 2) / Math.exp(-x / 2)).toBeCloseTo(1, 10);
    expect(chiSquarePValue(x, 4) / (Math.exp(-x / 2) * (1 + x / 2))).toBeCloseTo(1, 10);
  }
  // The 5 % and 0.1 % points of every table of the distribution.
  expect(chiSquarePValue(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
  expect(chiSquarePValue(7.814727903251179, 3)).toBeCloseTo(0.05, 12);
  expect(chiSquarePValue(10.827566170662733, 1)).toBeCloseTo(0.001, 12);
  expect(chiSquarePValue(124.3421134004099, 100)).toBeCloseTo(0.05, 10);
});

it('is 1 where nothing differs', () => {
  expect(chiSquarePValue(0, 3)).toBe(1);
  expect(chiSquarePValue(0, 0)).toBe(1);
});
