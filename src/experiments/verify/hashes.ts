import { getExact } from '../../backend/exact.js';
import hashes from './hashes.json' with { type: 'json' };
import { fingerprint } from '../fingerprint.js';

/** SHA-256 of the final weights of each fixed network, as recorded by `saraf verify --record`. */
export const RECORDED_HASHES: Readonly<Record<string, string>> = hashes;

/**
 * Names the bits that this version's kernels compute. It changes exactly when the recorded hashes change, so that a run made
 * by other arithmetic is never taken for one of this version. With `exact: false` in force the bits are others: so is the name.
 */
export function kernelVersion(): string {
  const recorded = fingerprint(RECORDED_HASHES).slice(0, 12);
  return getExact() ? recorded : `${recorded}-inexact`;
}
