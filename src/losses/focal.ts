import { SarafError } from '../errors.js';

/** Keras' defaults of the focal losses. */
export const FOCAL_ALPHA = 0.25;
export const FOCAL_GAMMA = 2;

/** A number in [0, most]. */
export function checkedNumber(op: string, name: string, value: number, most: number): number {
  if (!(typeof value === 'number' && value >= 0 && value <= most && Number.isFinite(value)))
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected ${name} to be a number ${most === Infinity ? '>= 0' : `in [0,${most}]`}, received ${String(value)}`,
    );
  return value;
}
