import { SarafError } from '../errors.js';

/** A whole number >= 0. */
export function checkCount(op: string, name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0)
    throw new SarafError('ERR_ARG', op, `expected ${name} to be a whole number >= 0, received ${value}`);
  return value;
}
