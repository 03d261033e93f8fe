import { SarafError } from '../errors.js';
import { sha256 } from './hash.js';
import { CIFAR10_BATCHES, type Cifar10Batch } from './sets/cifar-10.js';
import { tarFiles } from './tar.js';

/** Throws ERR_DATA unless a batch has the hash expected of it. */
export function checkBatch(what: string, expected: string, bytes: Uint8Array): void {
  const received = sha256(bytes);
  if (received !== expected) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${what} to have SHA-256 ${expected}, received ${received}; delete the file: it will be made again`,
    );
  }
}

/**
 * The batches of the official archive, each checked against its hash.
 *
 * Throws: ERR_DATA if the archive is broken, or a batch is missing or another than expected.
 */
export async function* archiveBatches(
  path: string,
  hashes: Readonly<Record<Cifar10Batch, string>>,
  signal?: AbortSignal,
): AsyncGenerator<{ batch: Cifar10Batch; bytes: Uint8Array }, void, undefined> {
  const missing = new Set<string>(CIFAR10_BATCHES);
  const batchOf = (entry: string): string => entry.replace(/^.*\//, '').replace(/\.bin$/, '');
  for await (const { name, bytes } of tarFiles(path, (entry) => missing.has(batchOf(entry)), signal)) {
    const batch = batchOf(name) as Cifar10Batch;
    checkBatch(`${path} (${name})`, hashes[batch], bytes);
    missing.delete(batch);
    yield { batch, bytes };
  }
  if (missing.size > 0) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${[...missing].join(', ')} in ${path}, received an archive without; delete it and fetch it again`,
    );
  }
}
