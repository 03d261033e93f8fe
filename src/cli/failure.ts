import { SarafError } from '../errors.js';

/** Exit codes: as shells and make know them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, leaks: 3, interrupted: 130 } as const;

/** What a person needs of an error: one clear message; the stack only when asked for. */
export function describeFailure(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  const known = error instanceof SarafError || 'code' in error;
  if (verbose) return error.stack ?? error.message;
  const code = error instanceof SarafError ? ` (${error.code})` : '';
  const hint = known ? '' : '\nThis is a defect of saraf; run again with --verbose and report what it prints.';
  return `saraf: ${error.message}${code}${hint}`;
}

/** Whether an error only says that someone pressed Ctrl-C. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (error as { code?: unknown }).code === 'ABORT_ERR');
}
