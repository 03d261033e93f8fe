import { describe, expect, it } from 'vitest';
import { SarafError } from '../../src/errors.js';
import { cpuBackend } from '../../src/backend/cpu.js';
import { loadAddon } from '../../src/backend/native.js';
import type { DType, HostArray } from '../../src/backend/backend.js';

const DTYPES: readonly (readonly [DType, number])[] = [
  ['float32', 4],
  ['float64', 8],
  ['int32', 4],
  ['uint8', 1],
];

describe('allocate', () => {
  it.each(DTYPES)('gives a large array of %s zeros, exactly as long as asked for, that begins with a cache line', (dtype, width) => {
    const length = (4 << 20) / width + 3;
    const arrays = Array.from({ length: 3 }, () => cpuBackend().allocate(dtype, length) as HostArray);
    for (const values of arrays) {
      expect(values.length).toBe(length);
      expect((values as Float32Array).every((v) => v === 0)).toBe(true);
      expect(loadAddon().native.adviseHuge(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))).toBe(0);
    }
    expect(new Set(arrays.map((values) => values.byteOffset % 4096)).size).toBe(3);
  });

  it('keeps what was written apart from its neighbours', () => {
    const [a, b] = [cpuBackend().allocate('float32', 2 << 20), cpuBackend().allocate('float32', 2 << 20)] as [Float32Array, Float32Array];
    a.fill(1);
    expect(b[0]).toBe(0);
    expect(b[b.length - 1]).toBe(0);
  });

  it('says that there is no room', () => {
    try {
      cpuBackend().allocate('float32', 2 ** 52);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SarafError);
      expect((error as SarafError).code).toBe('ERR_MEMORY');
    }
  });
});

describe('adviseHuge', () => {
  it('takes arrays without a huge page inside, and leaves values as they are', () => {
    const values = Uint8Array.of(1, 2, 3);
    expect(loadAddon().native.adviseHuge(values)).toBeLessThan(64);
    expect([...values]).toEqual([1, 2, 3]);
    expect(loadAddon().native.adviseHuge(new Uint8Array(0))).toBeGreaterThanOrEqual(0);
  });

  it('refuses what is no array of bytes', () => {
    expect(() => loadAddon().native.adviseHuge(new Float32Array(4) as unknown as Uint8Array)).toThrow(SarafError);
    expect(() => loadAddon().native.adviseHuge(7 as unknown as Uint8Array)).toThrow(SarafError);
  });
});
