import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of reference cases written by Keras; tests that walk it are skipped, with that reason, where it is not given. */
export const fixtures = process.env['SARAF_FIXTURES'];
export const whyNoFixtures = 'SARAF_FIXTURES is not set';

export interface FixtureArray {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: string;
}

/** Values of an array as fixtures write it: base64 of little-endian bytes. */
export function valuesOf(array: FixtureArray): number[] {
  const bytes = Buffer.from(array.data, 'base64');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return Array.from(array.dtype === 'float32' ? new Float32Array(buffer) : new Int32Array(buffer));
}

/** All cases of one folder, by name. */
export function cases<T>(...folder: string[]): [string, T][] {
  if (!fixtures) return [];
  const path = join(fixtures, ...folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(path, name), 'utf8')) as T]);
}
