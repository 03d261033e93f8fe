import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';

/** An array as the Keras fixtures write it. */
export interface FixtureArray {
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  data: string;
}

/** The folder of Keras fixtures, or null when the environment names none. */
export const fixtureFolder = process.env['SARAF_FIXTURES'] ?? null;

export function readFixture<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(fixtureFolder ?? '', ...path), 'utf8')) as T;
}

export function hasFixture(...path: string[]): boolean {
  return fixtureFolder !== null && existsSync(join(fixtureFolder, ...path));
}

export function fixtureTensor(a: FixtureArray): Tensor {
  const bytes = Buffer.from(a.data, 'base64');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return tensor(a.dtype === 'float32' ? new Float32Array(buffer) : new Int32Array(buffer), a.shape);
}
