import { describe, expect, it } from 'vitest';
import { expectBits, expectError, expectSameBitsEverywhere, native, output, outputDouble, randomFloats, randomInts, toDouble } from './helpers.js';

const SHAPES: [number, number, number][] = [
  [0, 4, 3], [1, 1, 1], [100, 7, 5], [33, 9, 16], [3000, 50, 64], [5000, 1000, 33], [2000, 3, 16], [4096, 2, 1], [700, 40, 300],
]; // prettier-ignore

describe('embedding', () => {
  for (const [count, V, D] of SHAPES) {
    it(`${count} ids of ${V} rows of ${D}`, () => {
      // Half of the ids are 0, as padding is.
      const ids = randomInts(count, 1, V).map((id, i) => (i % 2 ? 0 : id));
      const table = randomFloats(V * D, 2);
      const dy = randomFloats(count * D, 3);
      const got = expectSameBitsEverywhere('embedding', () => {
        const y = output(count * D);
        const dtable = output(V * D);
        native.embeddingForward(ids, table, y, V, D);
        native.embeddingBackward(ids, dy, dtable, V, D);
        return { y, dtable };
      });
      const y = new Float32Array(count * D);
      const dtable = new Float32Array(V * D);
      const dtable64 = new Float64Array(V * D);
      ids.forEach((id, i) => {
        for (let d = 0; d < D; d++) {
          y[i * D + d] = table[id * D + d] as number;
          dtable[id * D + d] = (dtable[id * D + d] as number) + (dy[i * D + d] as number);
          dtable64[id * D + d] = (dtable64[id * D + d] as number) + (dy[i * D + d] as number);
        }
      });
      expectBits(got.y, y, 'y');
      expectBits(got.dtable, dtable, 'dtable');
      const inDouble = outputDouble(V * D);
      native.embeddingBackward(ids, toDouble(dy), inDouble, V, D);
      expectBits(inDouble, dtable64, 'dtable in double');
      const y64 = outputDouble(count * D);
      native.embeddingForward(ids, toDouble(table), y64, V, D);
      expectBits(y64, toDouble(y), 'y in double');
    });
  }

  it('an id out of range is named with its position, and nothing is written', () => {
    const y = output(6);
    for (const bad of [5, -1, 2147483647]) {
      const ids = Int32Array.of(0, 4, bad);
      const message = new RegExp(`ids in \\[0,5\\), received ${bad} at position 2`);
      expectError(() => native.embeddingForward(ids, new Float32Array(10), y, 5, 2), 'ERR_DATA', message);
      expectError(() => native.embeddingBackward(ids, new Float32Array(6), y, 5, 2), 'ERR_DATA', message);
    }
    expect(y.every(Number.isNaN)).toBe(true);
  });

  it('refuses wrong lengths and types', () => {
    const ids = Int32Array.of(0, 1);
    expectError(() => native.embeddingForward(ids, new Float32Array(9), new Float32Array(4), 5, 2), 'ERR_SHAPE', /table of 10 values, received 9/);
    expectError(() => native.embeddingForward(ids, new Float32Array(10), new Float32Array(5), 5, 2), 'ERR_SHAPE', /y of 4 values/);
    expectError(() => native.embeddingForward(new Float32Array(2), new Float32Array(10), new Float32Array(4), 5, 2), 'ERR_DTYPE', /ids to be int32/);
    expectError(() => native.embeddingBackward(ids, new Float32Array(3), new Float32Array(10), 5, 2), 'ERR_SHAPE', /dy of 4 values/);
    expectError(() => native.embeddingBackward(ids, new Float32Array(4), new Float64Array(10), 5, 2), 'ERR_DTYPE', /dtable/);
  });
});
