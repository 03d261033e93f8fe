import { describe, expect, it } from 'vitest';
import { expectBits, expectError, expectSameBitsEverywhere, native, randomFloats, toDouble } from './helpers.js';

/** The definition, value by value. */
function penalized(w: ArrayLike<number>, g: ArrayLike<number>, l1: number, twiceL2: number): Float32Array {
  return Float32Array.from(w, (v, i) => (g[i] as number) + l1 * Math.sign(v) + twiceL2 * v);
}

function brought(w: ArrayLike<number>, of: (i: number) => number, vectors: number, least: number, most: number, rate: number): Float32Array {
  const squares = new Float64Array(vectors);
  for (let i = 0; i < w.length; i++) squares[of(i)] = (squares[of(i)] as number) + (w[i] as number) ** 2;
  const factor = squares.map((sum) => {
    const norm = Math.sqrt(sum);
    const clipped = Math.min(Math.max(norm, least), most);
    return (rate === 1 ? clipped : rate * clipped + (1 - rate) * norm) / (1e-7 + norm);
  });
  return Float32Array.from(w, (v, i) => v * (factor[of(i)] as number));
}

describe('penalties', () => {
  it.each([0, 1, 33, 70_001])('sums and gradient of %i values: those of the definition', (n) => {
    const [w, g] = [randomFloats(n, 1), randomFloats(n, 2)];
    if (n > 2) w[2] = 0;
    let [sizes, squares] = [0, 0];
    for (const v of w) {
      sizes += Math.abs(v);
      squares += v * v;
    }
    const sums = new Float64Array(2);
    native.penaltySums(w, sums);
    expect([...sums]).toEqual([sizes, squares]);
    native.penaltySums(toDouble(w), sums);
    expect([...sums]).toEqual([sizes, squares]);
    for (const [l1, twice] of [[0, 0.02], [0.01, 0], [0.01, 0.02]] as const) { // prettier-ignore
      const got = expectSameBitsEverywhere('gradient', () => {
        const to = g.slice();
        native.penaltyGradient(w, to, l1, twice);
        return { to };
      });
      expectBits(got.to, penalized(w, g, l1, twice), 'gradient');
    }
  });
});

describe('lengths', () => {
  it.each([[1, 1], [7, 5], [3, 90_000], [300, 17], [2, 513], [4, 0]] as const)('of %i values in each of %i vectors', (length, vectors) => { // prettier-ignore
    const n = length * vectors;
    const w = randomFloats(n, 1);
    for (let i = 0; i < n; i += vectors) w[i] = 0; // a vector without a length stays one
    const turned = Int32Array.from({ length: n }, (_, i) => Math.floor(i / length));
    for (const [least, most, rate] of [[0, 0.5, 1], [1, 1, 1], [0.2, 0.9, 0.25]] as const) { // prettier-ignore
      const got = expectSameBitsEverywhere('lengths', () => {
        const [first, last] = [w.slice(), w.slice()];
        native.bringToLengths(first, null, new Float64Array(vectors), least, most, rate);
        native.bringToLengths(last, turned, new Float64Array(vectors), least, most, rate);
        return { first, last };
      });
      expectBits(got.first, brought(w, (i) => i % vectors, vectors, least, most, rate), 'along the first axis');
      expectBits(got.last, brought(w, (i) => turned[i] as number, vectors, least, most, rate), 'along the last axis');
    }
  });

  it('a NaN stays in its own vector', () => {
    const w = Float32Array.of(NaN, 3, 1, 4);
    native.bringToLengths(w, null, new Float64Array(2), 0, 1, 1);
    expect([w[0], w[2]]).toEqual([NaN, NaN]);
    expect([w[1], w[3]]).toEqual([Math.fround(0.6 / (1 + 1e-7 / 5)), Math.fround(0.8 / (1 + 1e-7 / 5))]);
  });

  it('refuses lengths that do not fit', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.penaltySums(f(3), new Float64Array(1)), 'ERR_SHAPE', /sums of 2/);
    expectError(() => native.penaltyGradient(f(3), f(2), 0, 1), 'ERR_SHAPE', /g of 3/);
    expectError(() => native.bringToLengths(f(5), null, new Float64Array(2), 0, 1, 1), 'ERR_SHAPE', /multiple of 2/);
    expectError(() => native.bringToLengths(f(2), null, new Float64Array(0), 0, 1, 1), 'ERR_SHAPE', /at least 1/);
    expectError(() => native.bringToLengths(f(2), Int32Array.of(0, 2), new Float64Array(2), 0, 1, 1), 'ERR_ARG', /\[0, 2\), received 2/);
    expectError(() => native.bringToLengths(f(2), Int32Array.of(0), new Float64Array(2), 0, 1, 1), 'ERR_SHAPE', /of of 2/);
  });
});
