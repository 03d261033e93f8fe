import { SarafError } from '../errors.js';
import { loadAddon } from './native.js';

/** As kMaxThreads of the addon. */
const MOST_THREADS = 1024;

/**
 * Sets the number of threads that kernels use. It changes speed only: results are the same bits for any number.
 *
 * Throws: ERR_ARG unless n is a whole number from 1 to 1024.
 * Example: setThreads(2)
 */
export function setThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > MOST_THREADS)
    throw new SarafError('ERR_ARG', 'setThreads', `expected a whole number from 1 to ${MOST_THREADS}, received ${String(n)}`);
  loadAddon().native.setThreads(n);
}

/** Number of threads that kernels use. */
export function getThreads(): number {
  return loadAddon().native.threads();
}
