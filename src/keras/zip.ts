import { crc32 } from 'node:zlib';
import yauzl, { type Entry } from 'yauzl';
import yazl from 'yazl';
import { SarafError } from '../errors.js';
import { reasonOf } from '../models/reading-file.js';

/**
 * The files of a zip archive in memory: each is unpacked when asked for.
 *
 * yauzl reads; it checks the directory and that a file unpacks to its recorded size, no further. Added here: all files together
 * claim at most `limit` bytes, names differ, and what was unpacked has its recorded checksum, which yauzl leaves to its users.
 * Throws: ERR_FORMAT if the archive is damaged or lies about a size.
 */
export async function readZip(bytes: Uint8Array, source: string, limit: number): Promise<Map<string, () => Promise<Uint8Array>>> {
  const bad = (what: string): never => {
    throw new SarafError('ERR_FORMAT', 'zip', `${source}: ${what}; the archive is damaged, copy or save it again`);
  };
  const reading = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof SarafError) throw cause;
      return bad(reasonOf(cause));
    }
  };
  return reading(async () => {
    const zip = await yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { strictFileNames: true });
    const unpack = async (entry: Entry): Promise<Uint8Array> => {
      const { fileName: name, uncompressedSize: size } = entry;
      // Taken at once, and what does not fit is refused.
      const content = new Uint8Array(size);
      let at = 0;
      for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
        if (at + chunk.length > size) bad(`expected ${name} to unpack to ${size} bytes, received more`);
        content.set(chunk, at);
        at += chunk.length;
      }
      if (at !== size) bad(`expected ${name} to unpack to ${size} bytes, received ${at}`);
      if (crc32(content) !== entry.crc32) bad(`expected ${name} with its recorded checksum`);
      return content;
    };
    const files = new Map<string, () => Promise<Uint8Array>>();
    let total = 0;
    for await (const entry of zip.eachEntry()) {
      const { fileName: name } = entry;
      if (files.has(name)) bad(`expected different names, received ${name} twice`);
      if (entry.isEncrypted()) bad(`expected files without password, ${name} has one`);
      total += entry.uncompressedSize;
      if (total > limit) bad(`expected at most ${limit} bytes in all, the files claim more at ${name}`);
      files.set(name, () => reading(() => unpack(entry)));
    }
    return files;
  });
}

/** The earliest date that zip knows: the same files give the same bytes. */
const DATE = new Date(1980, 0, 1);

/** A zip archive of stored (not compressed) files. */
export async function writeZip(files: readonly (readonly [name: string, content: Uint8Array])[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of files) {
    const buffer = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    zip.addBuffer(buffer, name, { mtime: DATE, mode: 0o100664, compress: false, forceDosTimestamp: true });
  }
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
