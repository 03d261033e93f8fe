import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { SarafError } from '../errors.js';

/**
 * The files of a gzipped tar archive whose names are wanted, one after the other, in memory; nothing is written.
 *
 * Throws: ERR_DATA if it is no such archive or ends early.
 */
export async function* tarFiles(
  path: string,
  wanted: (name: string) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<{ name: string; bytes: Buffer }, void, undefined> {
  const archive = extract();
  pipeline(createReadStream(path, signal ? { signal } : {}), createGunzip(), archive, () => {});
  try {
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      const keep = entry.header.type === 'file' && wanted(entry.header.name);
      for await (const chunk of entry as AsyncIterable<Buffer>) if (keep) chunks.push(chunk);
      if (keep) yield { name: entry.header.name, bytes: Buffer.concat(chunks) };
    }
  } catch (error) {
    if (error instanceof SarafError || signal?.aborted) throw error;
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${path} to be a complete .tar.gz archive, received ${(error as Error).message}; delete it and fetch it again`,
      { cause: error },
    );
  }
}
