import { expect } from 'vitest';
import { SarafError, type ErrorCode } from '../../src/errors.js';

/** Expects a SarafError with this code and every given piece of its message. */
export function expectError(work: () => unknown, code: ErrorCode, ...pieces: string[]): SarafError {
  let caught: unknown;
  try {
    work();
  } catch (error) {
    caught = error;
  }
  expect(caught, `expected ${code}`).toBeInstanceOf(SarafError);
  const error = caught as SarafError;
  expect(error.code).toBe(code);
  for (const piece of pieces) expect(error.message).toContain(piece);
  return error;
}
