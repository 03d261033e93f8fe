import { expect, test } from 'vitest';
import { ImageSource } from '../../src/data/image-source.js';
import { TensorSource } from '../../src/data/tensor-source.js';
import { tensor } from '../../src/tensor/tensor.js';

test('batches of tensors: rows in the order named, in memory used again', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const y = tensor(Int32Array.of(7, 8, 9));
  const source = new TensorSource([x, x], y, tensor([0.5, 1, 2]));
  expect(source.rows).toBe(3);
  const batch = source.batch(Int32Array.of(2, 0));
  expect(batch.x.map((t) => t.toArray())).toEqual([
    [
      [5, 6],
      [1, 2],
    ],
    [
      [5, 6],
      [1, 2],
    ],
  ]);
  expect([batch.y?.dtype, batch.y?.toArray()]).toEqual(['int32', [9, 7]]);
  expect(batch.sampleWeight?.toArray()).toEqual([2, 0.5]);
  const next = source.batch(Int32Array.of(1, 1));
  expect(next.x[0]?.storage).toBe(batch.x[0]?.storage);
  expect(next.y?.toArray()).toEqual([8, 8]);
  expect(source.batch(Int32Array.of(1)).x[0]?.shape).toEqual([1, 2]);
  expect(source.batch(new Int32Array(0)).x[0]?.shape).toEqual([0, 2]);
  expect('y' in new TensorSource(x).batch(Int32Array.of(0))).toBe(false);
});

test('images stay bytes until a batch needs them', () => {
  const images = Uint8Array.from({ length: 3 * 2 * 2 * 3 }, (_, i) => i * 7);
  const source = new ImageSource(images, [3, 2, 2, 3], Int32Array.of(0, 1, 2));
  const { x, y } = source.batch(Int32Array.of(2, 1));
  expect([x[0]?.dtype, x[0]?.shape]).toEqual(['float32', [2, 2, 2, 3]]);
  expect(Array.from(x[0]?.data() ?? []).slice(0, 3)).toEqual([24, 25, 26].map((i) => Math.fround(i * 7 * Math.fround(1 / 255))));
  expect(y?.toArray()).toEqual([2, 1]);
  expect(source.batch(Int32Array.of(0, 0)).x[0]?.storage).toBe(x[0]?.storage);
  const part = source.take([1, 2]);
  expect([part.rows, part.batch(Int32Array.of(0)).y?.toArray()]).toEqual([2, [1]]);
  const raw = new ImageSource(tensor(images, [3, 2, 2, 3]), undefined, { factor: 1 }).batch(Int32Array.of(0));
  expect(Array.from(raw.x[0]?.data() ?? []).slice(0, 3)).toEqual([0, 7, 14]);
});

test('what does not fit is refused', () => {
  const x = tensor([[1], [2]]);
  expect(() => new TensorSource(x, tensor(Int32Array.of(1)))).toThrow(/2 rows in y as in x\[0\], received shape \(1\)/);
  expect(() => new TensorSource([])).toThrow(/received a scalar or none/);
  expect(() => new TensorSource(x).batch(Int32Array.of(2))).toThrow(/\[0, 1\], received 2/);
  expect(() => new TensorSource(x).batch(Int32Array.of(-1))).toThrow(/received -1/);
  expect(() => new ImageSource(x)).toThrow(/uint8, received float32/);
  expect(() => new ImageSource(new Uint8Array(4), [2, 2])).toThrow(/\(N,H,W,C\)/);
  expect(() => new ImageSource(new Uint8Array(4), [1, 2, 2, 1], Int32Array.of(1, 2))).toThrow(/labels/);
});
