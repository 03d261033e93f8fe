import { expect } from 'vitest';
import { SarafError, type ErrorCode } from '../../src/errors.js';

/** Expects a promise to reject with a SarafError with this code and every given piece of its message. */
export async function expectRejection(work: Promise<unknown>, code: ErrorCode, ...pieces: string[]): Promise<SarafError> {
  const caught: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(caught, `expected ${code}`).toBeInstanceOf(SarafError);
  const error = caught as SarafError;
  expect(error.code).toBe(code);
  for (const piece of pieces) expect(error.message).toContain(piece);
  return error;
}

/** What a promise rejects with; undefined if it does not. */
export const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
