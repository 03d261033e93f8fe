import { createHash } from 'node:crypto';
import { SarafError } from '../errors.js';
import type { Prepared } from './experiment.js';

/** JSON with keys in order, so that equal values give equal text. Throws ERR_ARG for what JSON would silently lose. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new SarafError('ERR_ARG', 'fingerprint', `expected finite numbers, received ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`)
      .join(',')}}`;
  }
  throw new SarafError('ERR_ARG', 'fingerprint', `expected a JSON value, received ${typeof value}`);
}

/** SHA-256 of a value's canonical JSON, in hexadecimal. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * SHA-256 of everything in prepared data that a training sees: rows and labels of all parts, the sizes and the embeddings, but not `keep`,
 * which only says what is counted afterwards.
 */
export function fingerprintPrepared(prepared: Prepared): string {
  const hash = createHash('sha256');
  for (const name of ['train', 'validation', 'test'] as const) {
    const { x, labels } = prepared[name];
    hash.update(`${name} ${x.dtype} ${x.shape.join(',')}\n`);
    hash.update(bytesOf(x.data()));
    hash.update(bytesOf(labels));
  }
  hash.update(canonicalJson(prepared.sizes));
  if (prepared.embeddings) hash.update(bytesOf(prepared.embeddings.data()));
  return hash.digest('hex');
}
