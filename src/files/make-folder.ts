import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Makes a folder and those above it that are missing, one by one: Node's own `recursive` tries for ever where the system says
 * "no such file" of a folder that is there, as in /proc.
 *
 * Throws: the system's error, such as EACCES, ENOTDIR or ENOENT.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  let at = resolve(path);
  for (; !isFolder(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || !isFolder(folder)) throw error;
    }
  }
}
