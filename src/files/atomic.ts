import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { SarafError } from '../errors.js';
import { makeFolder } from './make-folder.js';

let count = 0;

/** Brings a rename to the disk; not every system lets a folder be opened. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Windows: the rename itself is as safe as it gets.
  }
}

function writeSynced(path: string, parts: readonly Uint8Array[]): void {
  const file = openSync(path, 'w');
  try {
    for (const bytes of parts) for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The system does not say which file it could not write: `ENOSPC: no space left on device, write`. */
function withPath(error: unknown, path: string): unknown {
  if (error instanceof Error && 'code' in error && !('path' in error)) error.message += ` '${path}'`;
  return error;
}

const encode = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? Buffer.from(content, 'utf8') : content);

/**
 * Writes a file so that a reader sees the old one or the new one, never half of it: temporary name, sync, rename.
 *
 * Example: writeFileAtomic('results.json', JSON.stringify(results))
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.${count++}.tmp`;
  try {
    writeSynced(temporary, [encode(content)]);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw withPath(error, path);
  }
}

/** Where the former version of a folder waits while the new one takes its name. */
export const previousFolder = (path: string): string => `${path}.previous`;

/**
 * Writes files as one folder, all or nothing. Should the process die between the two renames, the former version is in
 * `previousFolder(path)`, where `loadModel` finds it.
 *
 * Throws: ERR_ARG if the path is a folder that `owner` did not write: nothing of others is replaced.
 */
export function writeFolderAtomic(path: string, files: Readonly<Record<string, readonly Uint8Array[] | string>>, owner: string): void {
  const target = resolve(path);
  if (existsSync(target) && !existsSync(join(target, owner)) && readdirSync(target).length > 0) {
    throw new SarafError(
      'ERR_ARG',
      'save',
      `expected a new or empty folder or one with ${owner}, received ${path} with other files; choose another folder`,
    );
  }
  makeFolder(dirname(target));
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${count++}.tmp`);
  const previous = previousFolder(target);
  try {
    mkdirSync(temporary);
    for (const [name, content] of Object.entries(files))
      writeSynced(join(temporary, name), typeof content === 'string' ? [encode(content)] : content);
    syncFolder(temporary);
    if (existsSync(target)) {
      rmSync(previous, { recursive: true, force: true });
      renameSync(target, previous);
    }
    renameSync(temporary, target);
    syncFolder(dirname(target));
    rmSync(previous, { recursive: true, force: true });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw withPath(error, path);
  }
}
