/** What went wrong, for programs. The message says it for people. */
export type ErrorCode =
  'ERR_SHAPE' | 'ERR_DTYPE' | 'ERR_ARG' | 'ERR_STATE' | 'ERR_MEMORY' | 'ERR_DEVICE' | 'ERR_FORMAT' | 'ERR_DATA' | 'ERR_NATIVE_LOAD';

const BRAND = Symbol.for('saraf.error');

/**
 * The only error class that saraf throws on purpose, from TypeScript and (injected at load) from C++.
 *
 * Message: `[op] expected …, received …; fix`.
 * Example: `throw new SarafError('ERR_SHAPE', 'gru', 'expected x of shape (N,T,D), received (32,64); add a time axis')`
 */
export class SarafError extends Error {
  readonly code: ErrorCode;
  readonly op: string;
  readonly [BRAND] = true;

  /** True across copies of saraf: one process may have loaded both the ESM and the CommonJS build. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  constructor(code: ErrorCode, op: string, message: string, options?: { cause?: unknown }) {
    super(`[${op}] ${message}`, options);
    this.name = 'SarafError';
    this.code = code;
    this.op = op;
  }
}
