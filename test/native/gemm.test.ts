import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../../src/backend/backend.js';
import {
  accum,
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
  randomFloats,
  toDouble,
} from './helpers.js';

/** M, N, K: ones, empty sums, tile tails, one chunk, the longest last chunk, several, threaded, long and thin. */
const SHAPES: [number, number, number][] = [
  [1, 1, 1], [3, 5, 0], [0, 4, 3], [1, 17, 33], [13, 31, 7], [14, 32, 256], [15, 33, 257], [29, 47, 384], [7, 9, 385], [5, 3, 1000],
  [130, 70, 300], [64, 520, 65], [257, 19, 129], [2, 600, 700], [41, 1, 515], [1, 1, 5000],
  // More columns than a block of B with rows a multiple of 4096 bytes apart; few rows over several chunks; two panels exactly; a row.
  [31, 805, 1024], [39, 70, 600], [28, 64, 48], [1, 300, 400],
]; // prettier-ignore

describe('matmul', () => {
  for (const [M, N, K] of SHAPES) {
    it(`${M}x${N}x${K}, all four transpositions`, () => {
      const a = randomFloats(M * K, 1);
      const b = randomFloats(K * N, 2);
      for (const [ta, tb] of [[false, false], [false, true], [true, false], [true, true]] as const) {
        const { y } = expectSameBitsEverywhere(`matmul ${ta} ${tb}`, () => {
          const out = output(M * N);
          native.matmul(a, b, out, M, N, K, ta, tb);
          return { y: out };
        });
        const y64 = outputDouble(M * N);
        native.matmul(toDouble(a), toDouble(b), y64, M, N, K, ta, tb);
        expectClose(y, y64, accum(K), 'y', Math.sqrt(K) + 1);
        // A few entries against the sum itself.
        for (let i = 0; i < Math.min(M * N, 20); i++) {
          const at = (i * 7919) % (M * N);
          const m = Math.floor(at / N);
          const n = at % N;
          let s = 0;
          for (let k = 0; k < K; k++) s += (a[ta ? k * M + m : m * K + k] as number) * (b[tb ? n * K + k : k * N + n] as number);
          expect(y64[at]).toBeCloseTo(s, 10);
        }
      }
    });
  }

  it('follows order.h: chunks of 256, each one FMA chain from zero, added in ascending order', () => {
    const K = 700;
    const a = Float32Array.from({ length: K }, (_, k) => (k % 2 ? -1 : 1) * 2 ** (k % 23));
    const b = Float32Array.from({ length: K }, (_, k) => 1 + (k % 5));
    // Products here are exact in double and so is each chain's next sum before rounding: fround is the FMA.
    let total = 0;
    for (let k = 0, first = true; k < K; first = false) {
      const left = K - k;
      const stop = k + (left <= 384 ? left : 256);
      let chain = 0;
      for (; k < stop; k++) chain = Math.fround(chain + (a[k] as number) * (b[k] as number));
      total = first ? chain : Math.fround(total + chain);
    }
    const { y } = expectSameBitsEverywhere('order', () => {
      const out = output(1);
      native.matmul(a, b, out, 1, 1, K, false, false);
      return { y: out };
    });
    expect(y[0]).toBe(total);
  });

  it('NaN and infinities go where they belong', () => {
    const a = Float32Array.of(NaN, 1, Infinity, 0);
    const b = Float32Array.of(1, 0, 0, 1);
    const { y } = expectSameBitsEverywhere('specials', () => {
      const out = output(4);
      native.matmul(a, b, out, 2, 2, 2, false, false);
      return { y: out };
    });
    expect([...y]).toEqual([NaN, NaN, Infinity, NaN]);
  });

  it('refuses wrong lengths and types', () => {
    const x = new Float32Array(6);
    expectError(() => native.matmul(x, x, new Float32Array(4), 2, 2, 4, false, false), 'ERR_SHAPE', /\[matmul\] expected a of 8 values, received 6/);
    expectError(() => native.matmul(x, new Float32Array(5), new Float32Array(4), 2, 2, 3, false, false), 'ERR_SHAPE', /b of 6/);
    expectError(() => native.matmul(x, x, new Float32Array(3), 2, 2, 3, false, false), 'ERR_SHAPE', /y of 4/);
    expectError(() => native.matmul(x, new Float64Array(6), new Float32Array(4), 2, 2, 3, false, false), 'ERR_DTYPE', /b to be float32, received float64/);
    expectError(() => native.matmul(x, x, new Float32Array(4), 2, 2, 1.5, false, false), 'ERR_ARG', /K to be a count/);
    expectError(() => native.matmul(x, x, new Float32Array(4), -2, 2, 3, false, false), 'ERR_ARG', /M to be a count/);
  });
});

describe('dense', () => {
  const DENSE: [number, number, number][] = [
    [1, 1, 1], [3, 7, 5], [16, 33, 17], [33, 300, 10], [1200, 9, 4], [2100, 20, 33], [64, 128, 100],
  ]; // prettier-ignore
  for (const [M, D, U] of DENSE) {
    for (const activation of Object.values(ACTIVATIONS)) {
      it(`${M}x${D} to ${U}, activation ${activation}`, () => {
        const x = randomFloats(M * D, 1);
        const w = randomFloats(D * U, 2, 0.5);
        const b = randomFloats(U, 3);
        const dy = randomFloats(M * U, 4);
        const got = expectSameBitsEverywhere('dense', () => {
          const y = output(M * U);
          const bare = output(M * U);
          const dz = output(M * U);
          const dx = output(M * D);
          const dw = output(D * U);
          const db = output(U);
          native.denseForward(x, w, b, y, M, D, U, activation);
          native.denseForward(x, w, null, bare, M, D, U, activation);
          native.denseBackward(x, w, y, dy, dz, dx, dw, db, M, D, U, activation);
          const only = output(D * U);
          const dzOverDy = guardedCopy(dy);
          native.denseBackward(x, w, y, dzOverDy, dzOverDy, null, only, null, M, D, U, activation);
          return activation === 0 ? { y, bare, dx, dw, db, only } : { y, bare, dz, dx, dw, db, only };
        });
        expectBits(got.only, got.dw, 'dw alone, dz over dy');
        const y = outputDouble(M * U);
        const dz = outputDouble(M * U);
        const dx = outputDouble(M * D);
        const dw = outputDouble(D * U);
        const db = outputDouble(U);
        const [x64, w64] = [toDouble(x), toDouble(w)];
        native.denseForward(x64, w64, toDouble(b), y, M, D, U, activation);
        expectClose(got.y, y, 4 * accum(D), 'y', Math.sqrt(D));
        // From the float outputs, so that a relu at its kink is not compared.
        native.denseBackward(x64, w64, toDouble(got.y), toDouble(dy), dz, dx, dw, db, M, D, U, activation);
        expectClose(got.dx, dx, 4 * accum(U), 'dx', Math.sqrt(U));
        expectClose(got.dw, dw, 4 * accum(M), 'dw', Math.sqrt(M));
        expectClose(got.db, db, 4 * accum(M), 'db', Math.sqrt(M));
      });
    }
  }

  for (const activation of Object.values(ACTIVATIONS)) {
    it(`double backward is the gradient of double forward, activation ${activation}`, () => {
      const [M, D, U] = [6, 9, 5];
      const x = toDouble(randomFloats(M * D, 5));
      const w = toDouble(randomFloats(D * U, 6));
      const b = toDouble(randomFloats(U, 7));
      const dy = toDouble(randomFloats(M * U, 8));
      const y = new Float64Array(M * U);
      const [dz, dx, dw, db] = [M * U, M * D, D * U, U].map((n) => new Float64Array(n)) as [Float64Array, Float64Array, Float64Array, Float64Array];
      const loss = (): number => (native.denseForward(x, w, b, y, M, D, U, activation), dot(y, dy));
      loss();
      native.denseBackward(x, w, y.slice(), dy, dz, dx, dw, db, M, D, U, activation);
      expectGradient(loss, x, dx, 'x');
      expectGradient(loss, w, dw, 'w');
      expectGradient(loss, b, db, 'b');
    });
  }

  it('refuses wrong lengths, types and activations', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.denseForward(f(6), f(6), f(3), f(4), 2, 3, 2, 0), 'ERR_SHAPE', /b of 2 values, received 3/);
    expectError(() => native.denseForward(f(6), f(6), null, f(5), 2, 3, 2, 0), 'ERR_SHAPE', /y of 4/);
    expectError(() => native.denseForward(f(6), f(6), null, f(4), 2, 3, 2, 9 as 0), 'ERR_ARG', /activation/);
    expectError(() => native.denseBackward(f(6), f(6), f(4), f(4), f(3), null, null, null, 2, 3, 2, 0), 'ERR_SHAPE', /dz/);
    expectError(() => native.denseBackward(f(6), f(6), f(4), f(4), f(4), new Float64Array(6), null, null, 2, 3, 2, 0), 'ERR_DTYPE', /dx/);
  });
});

describe('what ran', () => {
  it('a call is counted, and names the variant of the chosen instruction set', () => {
    for (const isa of native.isas()) {
      native.setIsa(isa);
      native.resetKernelsRun();
      const before = native.crossings();
      native.matmul(new Float32Array(1), new Float32Array(1), new Float32Array(1), 1, 1, 1, false, false);
      expect(native.crossings() - before).toBe(1);
      expect(native.kernelsRun()).toEqual({ [`f32_gemm__${isa}`]: 1 });
    }
    native.setIsa(native.isas().at(-1) as string);
  });
  it('an unknown instruction set is refused, threads follow setThreads', () => {
    expectError(() => native.setIsa('avx1024'), 'ERR_ARG', /expected one of ref/);
    native.setThreads(3);
    expect(native.threads()).toBe(3);
    native.setThreads(0);
    expect(native.threads()).toBeGreaterThan(0);
  });
});
