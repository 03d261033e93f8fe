import { describe, expect, it } from 'vitest';
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
  [0, 3], [1, 1], [5, 3], [7, 10], [33, 16], [9, 17], [4, 44], [3, 300], [2, 1027], [2500, 10], [1100, 70], [300, 128],
]; // prettier-ignore

describe('layer normalisation', () => {
  for (const [rows, cols] of SHAPES) {
    it(`${rows}x${cols}: the same bits everywhere, close to double`, () => {
      const x = randomFloats(rows * cols, 1, 2).map((v) => v + 3);
      const dy = randomFloats(rows * cols, 2);
      const scale = randomFloats(cols, 3);
      const shift = randomFloats(cols, 4);
      for (const [gamma, beta] of [[scale, shift], [scale, null], [null, shift], [null, null]] as const) {
        const got = expectSameBitsEverywhere('layer norm', () => {
          const y = output(rows * cols);
          const mean = output(rows);
          const rstd = output(rows);
          const dx = output(rows * cols);
          const dgamma = output(cols);
          const dbeta = output(cols);
          native.layerNormForward(x, gamma, beta, y, mean, rstd, rows, cols, 1e-3);
          native.layerNormBackward(x, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols);
          const inPlace = guardedCopy(x);
          native.layerNormForward(inPlace, gamma, beta, inPlace, mean, rstd, rows, cols, 1e-3);
          const overDy = guardedCopy(dy);
          native.layerNormBackward(x, gamma, mean, rstd, overDy, overDy, null, null, rows, cols);
          const overX = guardedCopy(x);
          native.layerNormBackward(overX, gamma, mean, rstd, dy, overX, null, null, rows, cols);
          const dbetaAlone = output(cols);
          native.layerNormBackward(x, gamma, mean, rstd, dy, null, null, dbetaAlone, rows, cols);
          return { y, mean, rstd, dx, dgamma, dbeta, inPlace, overDy, overX, dbetaAlone };
        });
        expectBits(got.inPlace, got.y, 'in place');
        expectBits(got.overDy, got.dx, 'dx over dy');
        expectBits(got.overX, got.dx, 'dx over x');
        expectBits(got.dbetaAlone, got.dbeta, 'dbeta alone');
        const [x64, g64] = [toDouble(x), gamma && toDouble(gamma)];
        const y = outputDouble(rows * cols);
        const mean = outputDouble(rows);
        const rstd = outputDouble(rows);
        const dx = outputDouble(rows * cols);
        const dgamma = outputDouble(cols);
        const dbeta = outputDouble(cols);
        native.layerNormForward(x64, g64, beta && toDouble(beta), y, mean, rstd, rows, cols, 1e-3);
        native.layerNormBackward(x64, g64, mean, rstd, toDouble(dy), dx, dgamma, dbeta, rows, cols);
        // Errors of the mean are amplified by rstd (at most 1/√ε).
        const size = 1 + 4 * Math.max(0, ...rstd);
        expectClose(got.y, y, accum(cols), 'y', 3 * size);
        expectClose(got.dx, dx, accum(cols), 'dx', 3 * size * size);
        expectClose(got.dgamma, dgamma, accum(rows), 'dgamma', 3 * size * Math.sqrt(rows + 1));
        expectClose(got.dbeta, dbeta, accum(rows), 'dbeta', Math.sqrt(rows + 1));
      }
    });
  }

  it('double backward is the gradient of double forward', () => {
    const [rows, cols] = [5, 13];
    const x = toDouble(randomFloats(rows * cols, 5));
    const gamma = toDouble(randomFloats(cols, 6));
    const beta = toDouble(randomFloats(cols, 7));
    const dy = toDouble(randomFloats(rows * cols, 8));
    const y = new Float64Array(rows * cols);
    const [mean, rstd] = [new Float64Array(rows), new Float64Array(rows)];
    const [dx, dgamma, dbeta] = [new Float64Array(rows * cols), new Float64Array(cols), new Float64Array(cols)];
    const loss = (): number => (native.layerNormForward(x, gamma, beta, y, mean, rstd, rows, cols, 1e-3), dot(y, dy));
    loss();
    native.layerNormBackward(x, gamma, mean, rstd, dy, dx, dgamma, dbeta, rows, cols);
    expectGradient(loss, x, dx, 'x');
    expectGradient(loss, gamma, dgamma, 'gamma');
    expectGradient(loss, beta, dbeta, 'beta');
    native.layerNormBackward(x, null, mean, rstd, dy, dx, null, null, rows, cols);
    expectGradient(() => (native.layerNormForward(x, null, null, y, mean, rstd, rows, cols, 1e-3), dot(y, dy)), x, dx, 'x without gamma');
  });

  it('a constant row is 0, a NaN stays in its row', () => {
    const x = Float32Array.of(2, 2, 2, 1, NaN, 3);
    const { y } = expectSameBitsEverywhere('layer norm', () => {
      const out = output(6);
      native.layerNormForward(x, null, null, out, output(2), output(2), 2, 3, 1e-3);
      return { y: out };
    });
    expect([...y]).toEqual([0, 0, 0, NaN, NaN, NaN]);
  });

  it('refuses wrong lengths, types and a negative epsilon', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.layerNormForward(f(6), f(2), null, f(6), f(2), f(2), 2, 3, 1e-3), 'ERR_SHAPE', /gamma of 3 values, received 2/);
    expectError(() => native.layerNormForward(f(6), null, null, f(6), f(3), f(2), 2, 3, 1e-3), 'ERR_SHAPE', /mean of 2/);
    expectError(() => native.layerNormForward(f(6), null, null, f(6), f(2), f(2), 2, 3, -1), 'ERR_ARG', /epsilon >= 0/);
    expectError(() => native.layerNormForward(f(0), null, null, f(0), f(2), f(2), 2, 0, 0), 'ERR_SHAPE', /at least 1 column/);
    expectError(() => native.layerNormBackward(f(6), null, f(2), f(2), new Float64Array(6), f(6), null, null, 2, 3), 'ERR_DTYPE', /dy/);
    expectError(() => native.layerNormBackward(f(6), null, f(2), f(2), f(6), f(6), f(2), null, 2, 3), 'ERR_SHAPE', /dgamma/);
  });
});
