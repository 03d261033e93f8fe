import { SarafError } from '../errors.js';

/** A whole number >= `least`. */
export function checkedWhole(op: string, name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least)
    throw new SarafError('ERR_ARG', op, `expected ${name} to be a whole number >= ${least}, received ${String(value)}`);
  return value;
}

/** A batch size; 32 if none was given. */
export function checkedBatchSize(op: string, name: string, value: number | undefined): number {
  return checkedWhole(op, name, value ?? 32, 1);
}

/** A number of batches, if one was given. */
export function checkedSteps(op: string, name: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : checkedWhole(op, name, value, 1);
}
