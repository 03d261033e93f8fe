import { SarafError } from '../errors.js';
import { loadAddon } from './native.js';

/**
 * Sets the number of threads that kernels use. It changes speed only: results are the same bits for any number.
 *
 * Throws: ERR_ARG unless n is a positive integer.
 * Example: setThreads(2)
 */
export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1) throw new SarafError('ERR_ARG', 'setThreads', `expected a positive integer, received ${String(n)}`);
  loadAddon().native.setThreads(n);
}

/** Number of threads that kernels use. */
export function getThreads(): number {
  return loadAddon().native.threads();
}
