import { SarafError } from '../errors.js';
import { checkedShare } from './checks.js';

/** Keras' epsilon: thresholds just outside [0,1]. */
const EPSILON = 1e-7;

/** One threshold or several, each in [0,1]. Throws ERR_ARG. */
export function checkedThresholds(op: string, given: number | readonly number[] | undefined, usual: number): readonly number[] {
  if (given === undefined) return [usual];
  const list: readonly number[] = Array.isArray(given) ? (given as readonly number[]) : [given as number];
  if (list.length === 0) throw new SarafError('ERR_ARG', op, 'expected at least one threshold, received none');
  for (const t of list) checkedShare(op, 'thresholds', t);
  return list;
}

/** 0, 1/(n−1), …, 1; Keras' 0.5 for n = 1. */
export const evenThresholds = (n: number): number[] => (n === 1 ? [0.5] : Array.from({ length: n }, (_, i) => i / (n - 1)));

/** The same with ends just below 0 and just above 1, so that the first says yes to everything and the last to nothing. */
export const outerThresholds = (inner: readonly number[]): number[] => [-EPSILON, ...inner, 1 + EPSILON];

/** Whether three or more thresholds are 0, 1/(n−1), …, 1 to Keras' tolerance. */
export function areEven(thresholds: readonly number[]): boolean {
  const n = thresholds.length;
  return n > 2 && thresholds.every((t, i) => Math.abs(t - i / (n - 1)) <= EPSILON + (1e-5 * i) / (n - 1));
}
