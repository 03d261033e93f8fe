import { describe, expect, it } from 'vitest';
import { geometryOf, inputLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  checkCanaries,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  type FloatArray,
  native,
  outputInt32,
  outputLike,
  randomFloats,
  randomInts,
  toDouble,
} from './helpers.js';

const cases: WindowCase[] = [
  windowCase([1, 1, 1, 1], { kernel: 1 }),
  windowCase([2, 6, 4, 3], { kernel: 2, stride: 2 }),
  windowCase([2, 7, 5, 17], { kernel: 2, stride: 2 }),
  windowCase([2, 7, 5, 5], { kernel: 2, stride: 2, padding: 'same' }),
  windowCase([1, 8, 9, 33], { kernel: 3, stride: 2, padding: 'same' }),
  windowCase([2, 6, 7, 4], { kernel: [3, 2], stride: [2, 1] }),
  windowCase([2, 5, 5, 16], { kernel: 3, stride: 1, padding: 'same' }),
  windowCase([1, 9, 8, 2], { kernel: 2, stride: 3 }), // cells that no window holds
  windowCase([2, 1, 13, 7], { kernel: [1, 4], stride: [1, 3], padding: 'same' }),
  windowCase([2, 4, 3, 6], { kernel: [4, 3] }),
  windowCase([9, 16, 16, 35], { kernel: 2, stride: 2 }), // threaded
];

// A type, not an interface: it must pass as a record of arrays.
type Result<T extends FloatArray> = {
  y: T;
  argmax: Int32Array;
  dx: T;
};
function maxPool<T extends FloatArray>(c: WindowCase, x: T, dy: T): Result<T> {
  const y = outputLike(x, outputLength(c), 'y');
  const argmax = outputInt32(outputLength(c), 'argmax');
  const dx = outputLike(x, inputLength(c), 'dx');
  native.maxPoolForward(x, y, argmax, geometryOf(c));
  native.maxPoolBackward(dy, argmax, dx, geometryOf(c));
  return { y, argmax, dx };
}
function averagePool<T extends FloatArray>(c: WindowCase, x: T, dy: T): { y: T; dx: T } {
  const y = outputLike(x, outputLength(c), 'y');
  const dx = outputLike(x, inputLength(c), 'dx');
  native.averagePoolForward(x, y, geometryOf(c));
  native.averagePoolBackward(dy, dx, geometryOf(c));
  return { y, dx };
}

/** The definition: every cell of every window, in order. */
function plain(c: WindowCase, x: Float64Array): { max: Float64Array; argmax: Int32Array; average: Float64Array } {
  const max = new Float64Array(outputLength(c));
  const argmax = new Int32Array(outputLength(c));
  const average = new Float64Array(outputLength(c));
  let at = 0;
  for (let n = 0; n < c.N; n++)
    for (let oy = 0; oy < c.OH; oy++)
      for (let ox = 0; ox < c.OW; ox++)
        for (let channel = 0; channel < c.C; channel++) {
          let best = -Infinity;
          let sum = 0;
          let count = 0;
          for (let tap = 0; tap < c.kh * c.kw; tap++) {
            const iy = oy * c.sh - c.pt + Math.floor(tap / c.kw);
            const ix = ox * c.sw - c.pl + (tap % c.kw);
            if (iy < 0 || iy >= c.H || ix < 0 || ix >= c.W) continue;
            const v = x[((n * c.H + iy) * c.W + ix) * c.C + channel] as number;
            if (v > best) {
              best = v;
              argmax[at] = tap;
            }
            sum += v;
            count++;
          }
          max[at] = best;
          average[at++] = sum / count;
        }
  return { max, argmax, average };
}

describe('pooling', () => {
  it.each(cases.map((c) => [c.label, c] as const))('%s: max', (label, c) => {
    const x = randomFloats(inputLength(c), 5);
    const dy = randomFloats(outputLength(c), 6);
    const got = expectSameBitsEverywhere(label, () => maxPool(c, x, dy));
    const exact = maxPool(c, toDouble(x), toDouble(dy));
    const definition = plain(c, toDouble(x));
    expectBits(toDouble(got.y), definition.max, 'y');
    expectBits(got.argmax, definition.argmax, 'argmax');
    expectBits(exact.y, definition.max, 'y in double');
    expectClose(got.dx, exact.dx, 2e-7, 'dx');
    // Values so far apart that a step changes no winner.
    const apart = Float64Array.from(x, (_, i) => ((i * 7919) % x.length) / 100);
    const gradient = maxPool(c, apart, toDouble(dy)).dx;
    expectGradient(() => dot(maxPool(c, apart, toDouble(dy)).y, dy), apart, gradient, 'dx', 1e-6, 1e-3);
    checkCanaries();
  });

  it.each(cases.map((c) => [c.label, c] as const))('%s: average', (label, c) => {
    const x = randomFloats(inputLength(c), 7);
    const dy = randomFloats(outputLength(c), 8);
    const got = expectSameBitsEverywhere(label, () => averagePool(c, x, dy));
    const xd = toDouble(x);
    const exact = averagePool(c, xd, toDouble(dy));
    expectClose(exact.y, plain(c, xd).average, 1e-15, 'y in double');
    expectClose(got.y, exact.y, 4e-7, 'y');
    expectClose(got.dx, exact.dx, 4e-7, 'dx');
    expectGradient(() => dot(averagePool(c, xd, toDouble(dy)).y, dy), xd, exact.dx, 'dx');
    checkCanaries();
  });

  it('gives the gradient to the first of equal maxima, and padding never wins', () => {
    const c = windowCase([2, 5, 5, 18], { kernel: 3, stride: 2, padding: 'same' });
    const x = Float32Array.from(randomInts(inputLength(c), 9, 2), (v) => v - 3);
    const dy = randomFloats(outputLength(c), 10);
    const got = expectSameBitsEverywhere('ties', () => maxPool(c, x, dy));
    const definition = plain(c, toDouble(x));
    expectBits(got.argmax, definition.argmax, 'argmax');
    expect(got.y.every((v) => v === -3 || v === -2)).toBe(true);
  });

  it('gives NaN for a window that holds one, and −∞ where all is −∞', () => {
    const c = windowCase([1, 4, 4, 1], { kernel: 2, stride: 2 });
    const x = Float32Array.of(1, NaN, 2, 3, 4, 5, 6, 7, -Infinity, -Infinity, NaN, 1, -Infinity, -Infinity, 2, NaN);
    const { y, argmax } = expectSameBitsEverywhere('NaN', () => maxPool(c, x, new Float32Array(4)));
    expect(Array.from(y)).toEqual([NaN, 7, -Infinity, NaN]);
    expect(Array.from(argmax)).toEqual([1, 3, 0, 3]);
  });

  it('refuses other geometries, lengths and types', () => {
    const c = windowCase([2, 6, 4, 3], { kernel: 2, stride: 2 });
    const x = randomFloats(inputLength(c), 1);
    const y = new Float32Array(outputLength(c));
    const argmax = new Int32Array(outputLength(c));
    const pool = (change: Partial<WindowCase>): void => native.maxPoolForward(x, y, argmax, geometryOf({ ...c, ...change }));
    expectError(() => pool({ F: 6 }), 'ERR_SHAPE', /\[maxPoolForward\] expected the geometry of a pooling/);
    expectError(() => pool({ dh: 2 }), 'ERR_SHAPE', /dilation 2x1/);
    expectError(() => pool({ OW: 4 }), 'ERR_SHAPE', /last of 4 windows along W/);
    expectError(() => native.maxPoolForward(x, y, argmax.subarray(1), geometryOf(c)), 'ERR_SHAPE', /expected argmax of 36 values, received 35/);
    expectError(() => native.maxPoolForward(x, y, y, geometryOf(c)), 'ERR_DTYPE', /expected argmax to be int32, received float32/);
    expectError(() => native.maxPoolBackward(y, argmax, x.subarray(1), geometryOf(c)), 'ERR_SHAPE', /expected dx of 144/);
    expectError(() => native.averagePoolForward(x, toDouble(y), geometryOf(c)), 'ERR_DTYPE', /expected y to be float32/);
    expectError(() => native.averagePoolBackward(y, x.subarray(1), geometryOf(c)), 'ERR_SHAPE', /expected dx of 144/);
  });
});
