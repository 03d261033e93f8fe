import { SarafError } from '../errors.js';
import { loadAddon } from './native.js';

/**
 * Whether kernels give the same bits on every machine, which is the default.
 *
 * A CPU without FMA (before 2013: SSE2, or AVX without AVX2) must emulate each multiply-add to do so. `setExact(false)` lets
 * it multiply and add instead: many times faster, and other bits, the same for any number of threads. Runs made so are named
 * and recorded apart. On a CPU with FMA it changes nothing, since FMA is full speed there. `SARAF_EXACT=0` says the same at start.
 *
 * Returns: whether results now are the bits of every other machine, as `getExact` does.
 * Throws: ERR_ARG unless `exact` is a boolean.
 * Example: setExact(false)
 */
export function setExact(exact: boolean): boolean {
  if (typeof exact !== 'boolean') throw new SarafError('ERR_ARG', 'setExact', `expected true or false, received ${String(exact)}`);
  const { native } = loadAddon();
  native.setExact(exact);
  return native.exact();
}

/** Whether results are the bits of every other machine: false only where `setExact(false)` acts. */
export function getExact(): boolean {
  return loadAddon().native.exact();
}
