import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, BINARY, type Storage } from '../../src/backend/backend.js';
import {
  type AnyArray,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  guardedCopy,
  native,
  output,
  outputDouble,
  outputLike,
  randomFloats,
  randomInts,
  toDouble,
} from './helpers.js';

const LENGTHS = [0, 1, 15, 16, 17, 33, 1000, 70_001];
const SPECIALS = Float32Array.of(0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -149, -(2 ** -149), 3.4e38, -3.4e38, 0.5, 2 ** -126);

describe('activations', () => {
  for (const n of LENGTHS) {
    it(`${n} values`, () => {
      const x = randomFloats(n, 1, 4);
      SPECIALS.forEach((v, i) => i < n && (x[(i * 5) % n] = v));
      const dy = randomFloats(n, 2);
      for (const activation of Object.values(ACTIVATIONS)) {
        const got = expectSameBitsEverywhere(`activation ${activation}`, () => {
          const y = output(n);
          const dx = output(n);
          native.activationForward(x, y, activation);
          native.activationBackward(y, dy, dx, activation);
          const inPlace = guardedCopy(x);
          native.activationForward(inPlace, inPlace, activation);
          const overDy = guardedCopy(dy);
          native.activationBackward(y, overDy, overDy, activation);
          return { y, dx, inPlace, overDy };
        });
        expectBits(got.inPlace, got.y, 'in place');
        expectBits(got.overDy, got.dx, 'dx over dy');
        const y = outputDouble(n);
        const dx = outputDouble(n);
        native.activationForward(toDouble(x), y, activation);
        native.activationBackward(toDouble(got.y), toDouble(dy), dx, activation);
        expectClose(got.y, y, 1e-6, 'y');
        expectClose(got.dx, dx, 1e-6, 'dx');
      }
    });
  }
  for (const activation of Object.values(ACTIVATIONS)) {
    it(`double backward of ${activation} is the gradient`, () => {
      const x = toDouble(randomFloats(50, 3, 2));
      const dy = toDouble(randomFloats(50, 4));
      const y = new Float64Array(50);
      const dx = new Float64Array(50);
      const loss = (): number => (native.activationForward(x, y, activation), dot(y, dy));
      loss();
      native.activationBackward(y.slice(), dy, dx, activation);
      expectGradient(loss, x, dx, `activation ${activation}`);
    });
  }
});

describe('binary, affine, bytesToFloat', () => {
  for (const n of LENGTHS) {
    it(`${n} values`, () => {
      const a = randomFloats(n, 5);
      const b = randomFloats(n, 6);
      SPECIALS.forEach((v, i) => {
        if (i < n) a[(i * 3) % n] = v;
        if (i < n) b[(i * 7) % n] = v;
      });
      const bytes = Uint8Array.from(randomInts(n, 7, 256));
      const apply = { add: (u: number, v: number) => u + v, subtract: (u: number, v: number) => u - v, multiply: (u: number, v: number) => u * v };
      for (const name of ['add', 'subtract', 'multiply'] as const) {
        const got = expectSameBitsEverywhere(name, () => {
          const y = output(n);
          native.binary(a, b, y, BINARY[name]);
          const overA = guardedCopy(a);
          native.binary(overA, b, overA, BINARY[name]);
          const overB = guardedCopy(b);
          native.binary(a, overB, overB, BINARY[name]);
          return { y, overA, overB };
        });
        expectBits(got.y, a.map((v, i) => apply[name](v, b[i] as number)), name);
        expectBits(got.overA, got.y, 'y over a');
        expectBits(got.overB, got.y, 'y over b');
        const y = outputDouble(n);
        native.binary(toDouble(a), toDouble(b), y, BINARY[name]);
        expectBits(y, toDouble(a).map((v, i) => apply[name](v, b[i] as number)), `${name} in double`);
      }
      const got = expectSameBitsEverywhere('affine', () => {
        const y = output(n);
        native.affine(a, y, 1 / 3, -0.7);
        const inPlace = guardedCopy(a);
        native.affine(inPlace, inPlace, 1 / 3, -0.7);
        const pixels = output(n);
        native.bytesToFloat(bytes, pixels, 1 / 255);
        return { y, inPlace, pixels };
      });
      expectBits(got.inPlace, got.y, 'affine in place');
      const y = outputDouble(n);
      native.affine(toDouble(a), y, 1 / 3, -0.7);
      expectClose(got.y, y, 2e-7, 'affine');
      const factor = Math.fround(1 / 255);
      expectBits(got.pixels, Float32Array.from(bytes, (v) => v * factor), 'pixels');
      const pixels = outputDouble(n);
      native.bytesToFloat(bytes, pixels, 1 / 255);
      expectBits(pixels, Float64Array.from(bytes, (v) => v * (1 / 255)), 'pixels in double');
    });
  }
  it('refuses wrong lengths, types and operations', () => {
    const f = new Float32Array(4);
    expectError(() => native.binary(f, new Float32Array(3), f, 0), 'ERR_SHAPE', /\[binary\] expected b of 4 values, received 3/);
    expectError(() => native.binary(f, f, new Float64Array(4), 0), 'ERR_DTYPE', /y to be float32/);
    expectError(() => native.binary(f, f, f, 3 as 0), 'ERR_ARG', /op to be 0/);
    expectError(() => native.affine(f, new Float32Array(5), 1, 0), 'ERR_SHAPE', /y of 4/);
    expectError(() => native.affine(f, f, 'x' as unknown as number, 0), 'ERR_ARG', /factor to be a number/);
    expectError(() => native.bytesToFloat(f, f, 1), 'ERR_DTYPE', /x to be uint8, received float32/);
    expectError(() => native.bytesToFloat(new Uint8Array(4), new Int32Array(4), 1), 'ERR_DTYPE', /y to be float32/);
  });
});

describe('gatherRows', () => {
  const types: [string, (n: number) => AnyArray][] = [
    ['float32', (n) => randomFloats(n, 8)],
    ['float64', (n) => toDouble(randomFloats(n, 9))],
    ['int32', (n) => randomInts(n, 10, 1e9)],
    ['uint8', (n) => Uint8Array.from(randomInts(n, 11, 256))],
  ];
  for (const [dtype, make] of types) {
    for (const [rows, cols, count] of [[1, 1, 1], [5, 3, 0], [7, 33, 20], [300, 70, 2500], [9, 3072, 40]] as const) {
      it(`${dtype}: ${count} of ${rows} rows of ${cols}`, () => {
        const x = make(rows * cols);
        const index = randomInts(count, 12, rows);
        const expected = outputLike(x, count * cols);
        index.forEach((row, i) => expected.set(x.subarray(row * cols, (row + 1) * cols) as never, i * cols));
        const { y } = expectSameBitsEverywhere('gatherRows', () => {
          const out = outputLike(x, count * cols);
          native.gatherRows(x, index, out, cols);
          return { y: out };
        });
        expectBits(y, expected, 'y');
      });
    }
  }
  it('a row out of range is named with its position; nothing is written', () => {
    const y = output(6);
    for (const bad of [5, -1]) {
      expectError(
        () => native.gatherRows(new Float32Array(10), Int32Array.of(0, bad, 1), y, 2),
        'ERR_DATA',
        new RegExp(`row numbers in \\[0,5\\), received ${bad} at position 1`),
      );
    }
    expect(y.every(Number.isNaN)).toBe(true);
  });
  it('refuses broken rows, wrong lengths and types', () => {
    const x = new Float32Array(10);
    const gather = (index: Storage, y: Storage, cols: number) => () => native.gatherRows(x, index, y, cols);
    expectError(gather(Int32Array.of(0), new Float32Array(3), 3), 'ERR_SHAPE', /whole rows of 3 values, received 10/);
    expectError(gather(Int32Array.of(0), new Float32Array(0), 0), 'ERR_SHAPE', /whole rows/);
    expectError(gather(Int32Array.of(0), new Float32Array(3), 2), 'ERR_SHAPE', /y of 2 values, received 3/);
    expectError(gather(new Float32Array(1), new Float32Array(2), 2), 'ERR_DTYPE', /index to be int32/);
    expectError(gather(Int32Array.of(0), new Uint8Array(2), 2), 'ERR_DTYPE', /y to be float32, received uint8/);
  });
});
