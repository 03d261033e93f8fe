import { crc32, inflateRawSync } from 'node:zlib';
import { SarafError } from '../errors.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const [STORED, DEFLATED] = [0, 8];
/** Deflate cannot do better. */
const MAX_RATIO = 1032;

/**
 * The files of a zip archive in memory: each is unpacked when asked for, after its recorded sizes were checked, and compared with
 * its recorded checksum.
 *
 * `limit` is the most that all files together may take, in bytes. Stored files are views of the archive.
 * Throws: ERR_FORMAT if the archive is damaged or lies about a size.
 * Source: PKWARE APPNOTE 6.3.
 */
export function readZip(bytes: Uint8Array, source: string, limit: number): Map<string, () => Uint8Array> {
  const bad = (what: string): never => {
    throw new SarafError('ERR_FORMAT', 'zip', `${source}: ${what}; the archive is damaged, copy or save it again`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const within = (at: number, length: number): void => {
    if (at < 0 || at + length > bytes.length) bad(`expected ${length} bytes at ${at}, the archive ends at ${bytes.length}`);
  };
  // The end record is the last thing but for a comment.
  let end = bytes.length - 22;
  while (end >= 0 && end >= bytes.length - 22 - 0xffff && view.getUint32(end, true) !== END) end--;
  if (end < 0 || view.getUint32(end, true) !== END) bad('expected the end record of a zip archive');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) bad('expected an archive of less than 4 GB');
  const files = new Map<string, () => Uint8Array>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    within(at, 46);
    if (view.getUint32(at, true) !== CENTRAL) bad(`expected entry ${i} of the directory at ${at}`);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [checksum, packed, size] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    within(at + 46, nameLength + extraLength + commentLength);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString('utf8');
    at += 46 + nameLength + extraLength + commentLength;
    if (files.has(name)) bad(`expected different names, received ${name} twice`);
    if ((flags & 1) !== 0) bad(`expected files without password, ${name} has one`);
    if (method !== STORED && method !== DEFLATED) bad(`expected stored or deflated files, ${name} has method ${method}`);
    if (method === STORED ? packed !== size : size > packed * MAX_RATIO + 64)
      bad(`expected sizes that fit, ${name} claims ${size} in ${packed}`);
    total += size;
    if (total > limit) bad(`expected at most ${limit} bytes in all, the files claim more at ${name}`);
    within(local, 30);
    if (view.getUint32(local, true) !== LOCAL) bad(`expected ${name} at ${local}`);
    const data = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    within(data, packed);
    files.set(name, () => {
      const raw = bytes.subarray(data, data + packed);
      let unpacked: Uint8Array = raw;
      if (method === DEFLATED) {
        try {
          unpacked = inflateRawSync(raw, { maxOutputLength: Math.max(1, size) });
        } catch {
          bad(`expected ${name} to unpack to ${size} bytes`);
        }
      }
      if (unpacked.length !== size) bad(`expected ${name} to unpack to ${size} bytes, received ${unpacked.length}`);
      if (crc32(unpacked) !== checksum) bad(`expected ${name} with its recorded checksum`);
      return unpacked;
    });
  }
  return files;
}

/** 1 January 1980, the earliest that zip knows: the same files give the same bytes. */
const DATE = 0x21;

/** A zip archive of stored (not compressed) files, in parts to be written one after the other. */
export function writeZip(files: readonly (readonly [name: string, content: Uint8Array])[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const label = Buffer.from(name, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(label.length, 22);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(LOCAL);
    parts.push(head, common, label, content);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(CENTRAL, 0);
    entry.writeUInt16LE(20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, label);
    at += 30 + label.length + content.length;
    if (at > 0xffffffff)
      throw new SarafError('ERR_FORMAT', 'save', 'expected a model of less than 4 GB for a zip archive; save it as a folder');
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, p) => sum + p.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return [...parts, ...directory, end];
}
