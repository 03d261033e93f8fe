import { describe, it } from 'vitest';
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

const SHAPES: [number, number][] = [
  [0, 3], [1, 1], [5, 3], [33, 16], [300, 44], [900, 3], [2500, 70], [4200, 10], [24, 130],
]; // prettier-ignore

const stepMask = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i % 3 === 1 || (i >= 40 && i < 400) ? 0 : 1));

describe('batch normalisation', () => {
  for (const [rows, cols] of SHAPES) {
    for (const masked of [false, true]) {
      it(`${rows}x${cols}${masked ? ', masked' : ''}: the same bits everywhere, close to double`, () => {
        const x = randomFloats(rows * cols, 1, 2).map((v) => v + 30);
        const dy = randomFloats(rows * cols, 2);
        const mask = masked ? stepMask(rows % 2 === 0 ? rows / 2 : rows) : null;
        const scale = randomFloats(cols, 3);
        const shift = randomFloats(cols, 4);
        const moving = randomFloats(2 * cols, 5).map((v) => v + 2);
        for (const [gamma, beta, training] of [[scale, shift, true], [scale, null, true], [null, shift, false], [null, null, false]] as const) {
          const got = expectSameBitsEverywhere('batch norm', () => {
            const [y, dx] = [output(rows * cols), output(rows * cols)];
            const [mean, rstd, dgamma, dbeta] = [output(cols), output(cols), output(cols), output(cols)];
            const [movingMean, movingVariance] = [guardedCopy(moving.slice(0, cols)), guardedCopy(moving.slice(cols))];
            native.batchNormForward(x, mask, gamma, beta, y, mean, rstd, movingMean, movingVariance, rows, cols, 1e-3, 0.9, training);
            native.batchNormBackward(x, mask, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols, training);
            const inPlace = guardedCopy(x);
            native.batchNormForward(inPlace, mask, gamma, beta, inPlace, mean, rstd, training ? null : movingMean, training ? null : movingVariance, rows, cols, 1e-3, 0.9, training);
            const overDy = guardedCopy(dy);
            native.batchNormBackward(x, mask, gamma, mean, rstd, overDy, overDy, null, null, rows, cols, training);
            return { y, mean, rstd, movingMean, movingVariance, dx, dgamma, dbeta, inPlace, overDy };
          });
          expectBits(got.inPlace, got.y, 'in place');
          expectBits(got.overDy, got.dx, 'dx over dy');
          const x64 = toDouble(x);
          const g64 = gamma && toDouble(gamma);
          const [y, dx] = [outputDouble(rows * cols), outputDouble(rows * cols)];
          const [mean, rstd, dgamma, dbeta] = [outputDouble(cols), outputDouble(cols), outputDouble(cols), outputDouble(cols)];
          const [movingMean, movingVariance] = [toDouble(moving.slice(0, cols)), toDouble(moving.slice(cols))];
          native.batchNormForward(x64, mask, g64, beta && toDouble(beta), y, mean, rstd, movingMean, movingVariance, rows, cols, 1e-3, 0.9, training);
          native.batchNormBackward(x64, mask, g64, mean, rstd, toDouble(dy), dx, dgamma, dbeta, rows, cols, training);
          const size = 1 + 30 * Math.max(1, ...rstd);
          expectClose(got.movingMean, movingMean, accum(rows), 'moving mean', 30);
          expectClose(got.movingVariance, movingVariance, accum(rows), 'moving variance', 30);
          expectClose(got.y, y, accum(rows), 'y', 3 * size);
          expectClose(got.dx, dx, accum(rows), 'dx', 3 * size * size);
          expectClose(got.dgamma, dgamma, accum(rows), 'dgamma', 3 * size * Math.sqrt(rows + 1));
          expectClose(got.dbeta, dbeta, accum(rows), 'dbeta', Math.sqrt(rows + 1));
        }
      });
    }
  }

  it('double backward is the gradient of double forward, masked or not, in training and not', () => {
    const [rows, cols] = [6, 5];
    const x = toDouble(randomFloats(rows * cols, 5));
    const [gamma, beta] = [toDouble(randomFloats(cols, 6)), toDouble(randomFloats(cols, 7))];
    const dy = toDouble(randomFloats(rows * cols, 8));
    const [y, dx] = [new Float64Array(rows * cols), new Float64Array(rows * cols)];
    const [mean, rstd, dgamma, dbeta] = [new Float64Array(cols), new Float64Array(cols), new Float64Array(cols), new Float64Array(cols)];
    for (const [mask, training] of [[null, true], [Uint8Array.of(1, 0, 1), true], [null, false]] as const) {
      const [movingMean, movingVariance] = training ? [null, null] : [new Float64Array(cols).fill(0.3), new Float64Array(cols).fill(2)];
      const loss = (): number => (
        native.batchNormForward(x, mask, gamma, beta, y, mean, rstd, movingMean, movingVariance, rows, cols, 1e-3, 0.9, training),
        dot(y, dy)
      );
      loss();
      native.batchNormBackward(x, mask, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols, training);
      expectGradient(loss, x, dx, 'x');
      expectGradient(loss, gamma, dgamma, 'gamma');
      expectGradient(loss, beta, dbeta, 'beta');
    }
  });

  it('refuses what does not fit', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    const forward = (mask: Uint8Array | null, moving: Float32Array | null, cols: number): void =>
      native.batchNormForward(f(6), mask, null, null, f(6), f(2), f(2), moving, moving, 3, cols, 1e-3, 0.9, false);
    expectError(() => forward(null, null, 2), 'ERR_ARG', /movingMean/);
    expectError(() => forward(new Uint8Array(2), f(2), 2), 'ERR_SHAPE', /divide 3 rows/);
    expectError(() => forward(null, f(3), 2), 'ERR_SHAPE', /movingMean of 2/);
    expectError(() => forward(null, f(2), 0), 'ERR_SHAPE', /at least 1 column/);
  });
});

describe('unit normalisation', () => {
  for (const [rows, cols] of [[1, 1], [5, 3], [33, 16], [9, 300], [2100, 20]] as const) {
    it(`${rows}x${cols}: the same bits everywhere, close to double`, () => {
      const x = randomFloats(rows * cols, 1);
      const dy = randomFloats(rows * cols, 2);
      const gamma = randomFloats(cols, 3);
      for (const [g, divisor, epsilon, largest] of [[null, 1, 0, 1e12], [gamma, cols, 1e-6, Infinity]] as const) {
        const got = expectSameBitsEverywhere('unit norm', () => {
          const [y, scale, dx, dgamma] = [output(rows * cols), output(rows), output(rows * cols), output(cols)];
          native.unitNormForward(x, g, y, scale, rows, cols, divisor, epsilon, largest);
          native.unitNormBackward(x, g, scale, dy, dx, dgamma, rows, cols, divisor);
          return { y, scale, dx, dgamma };
        });
        const x64 = toDouble(x);
        const g64 = g && toDouble(g);
        const [y, scale, dx, dgamma] = [outputDouble(rows * cols), outputDouble(rows), outputDouble(rows * cols), outputDouble(cols)];
        native.unitNormForward(x64, g64, y, scale, rows, cols, divisor, epsilon, largest);
        native.unitNormBackward(x64, g64, scale, toDouble(dy), dx, dgamma, rows, cols, divisor);
        const size = 1 + Math.max(...scale);
        expectClose(got.y, y, accum(cols), 'y', 3);
        expectClose(got.dx, dx, accum(cols), 'dx', 3 * size * size);
        expectClose(got.dgamma, dgamma, accum(rows), 'dgamma', 3 * Math.sqrt(rows + 1));
        if (rows > 40) continue;
        const upstream = toDouble(dy);
        const loss = (): number => (native.unitNormForward(x64, g64, y, scale, rows, cols, divisor, epsilon, largest), dot(y, upstream));
        if (cols > 1) expectGradient(loss, x64, dx, 'x', 1e-5);
      }
    });
  }

  it('a row of zeros stays zeros; wrong divisors are refused', () => {
    const { y } = expectSameBitsEverywhere('unit norm', () => {
      const y = output(3);
      native.unitNormForward(new Float32Array(3), null, y, output(1), 1, 3, 1, 0, 1e12);
      return { y };
    });
    expectBits(y, new Float32Array(3), 'zeros');
    const f = new Float32Array(3);
    expectError(() => native.unitNormForward(f, null, f, new Float32Array(1), 1, 3, 0, 0, 1), 'ERR_ARG', /divisor > 0/);
  });
});
