import { SarafError } from '../errors.js';
import { square } from '../tensor/portable-math.js';

/** Arithmetic mean. Throws ERR_ARG for an empty list. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new SarafError('ERR_ARG', 'mean', 'expected at least one value, received none');
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Sample standard deviation (divides by n − 1); null for a single value, which has none. */
export function sampleStd(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + square(v - centre), 0) / (values.length - 1));
}

/** Largest minus smallest value. */
export function spread(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.max(...values) - Math.min(...values);
}

/**
 * 97.5 % points of Student's t for 1 … 30 degrees of freedom (beyond: 1.96), as any table prints them: with three seeds
 * a normal interval would be far too narrow.
 */
const T975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** 97.5 % point of Student's t; that of the normal law beyond 30 degrees of freedom. */
export const student975 = (degrees: number): number => T975[degrees - 1] ?? 1.96;

/** 95 % confidence interval of the mean by Student's t; null with fewer than two values. */
export function interval95(values: readonly number[]): readonly [number, number] | null {
  const std = sampleStd(values);
  if (std === null) return null;
  const half = (student975(values.length - 1) * std) / Math.sqrt(values.length);
  const centre = mean(values);
  return [centre - half, centre + half];
}
