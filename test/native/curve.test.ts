import { describe, expect, it } from 'vitest';
import { CURVES } from '../../src/backend/backend.js';
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

/** Numbers that each curve is tested with: those of Keras' defaults, or others that differ from each other. */
const PARAMS: Record<keyof typeof CURVES, [number, number, number, number]> = {
  relu: [0.1, 0.5, 2, 0],
  leakyRelu: [0.2, 0, 0, 0],
  elu: [0.7, 1.05, 1.3, 0.7],
  exponential: [0, 0, 0, 0],
  gelu: [0, 0, 0, 0],
  geluTanh: [0, 0, 0, 0],
  hardShrink: [0.5, 0, 0, 0],
  hardSigmoid: [1 / 6, 0.5, 0, 0],
  hardSilu: [1 / 6, 0.5, 0, 0],
  clip: [-1, 1, 0, 0],
  softplus: [-1, 0, 0, 0],
  mish: [0, 0, 0, 0],
  silu: [0, 0, 0, 0],
  softShrink: [0.5, 0, 0, 0],
  softsign: [0, 0, 0, 0],
  sparsePlus: [0, 0, 0, 0],
  squareplus: [4, 0, 0, 0],
  tanhShrink: [0, 0, 0, 0],
  threshold: [0.5, -0.25, 0, 0],
  sparseSigmoid: [0, 0, 0, 0],
};

describe('curves', () => {
  for (const [name, code] of Object.entries(CURVES) as [keyof typeof CURVES, (typeof CURVES)[keyof typeof CURVES]][]) {
    const params = PARAMS[name];
    it(`${name}: the same bits everywhere, close to double, a NaN stays one`, () => {
      for (const n of [0, 1, 37, 40000]) {
        const x = randomFloats(n, 1, 6);
        const dy = randomFloats(n, 2);
        const got = expectSameBitsEverywhere(name, () => {
          const [y, dx] = [output(n), output(n)];
          native.curveForward(x, y, code, ...params);
          native.curveBackward(x, dy, dx, code, ...params);
          const [inPlace, overDy] = [guardedCopy(x), guardedCopy(dy)];
          native.curveForward(inPlace, inPlace, code, ...params);
          native.curveBackward(x, overDy, overDy, code, ...params);
          return { y, dx, inPlace, overDy };
        });
        expectBits(got.inPlace, got.y, 'in place');
        expectBits(got.overDy, got.dx, 'dx over dy');
        const [y, dx] = [outputDouble(n), outputDouble(n)];
        native.curveForward(toDouble(x), y, code, ...params);
        native.curveBackward(toDouble(x), toDouble(dy), dx, code, ...params);
        expectClose(got.y, y, 2e-6, 'y');
        expectClose(got.dx, dx, 4e-6, 'dx');
      }
      const edges = Float32Array.of(NaN, 0, -0, 3, -3, 100, -100, 1e-20, -1e-20);
      const { y } = expectSameBitsEverywhere(name, () => {
        const y = output(9);
        native.curveForward(edges, y, code, ...params);
        return { y };
      });
      expect([...y].map(Number.isNaN)).toEqual([true, ...Array.from({ length: 8 }, () => false)]);
    });

    it(`${name}: double backward is the gradient of double forward`, () => {
      const x = toDouble(randomFloats(40, 3, 3));
      const dy = toDouble(randomFloats(40, 4));
      const [y, dx] = [new Float64Array(40), new Float64Array(40)];
      native.curveBackward(x, dy, dx, code, ...params);
      expectGradient(() => (native.curveForward(x, y, code, ...params), dot(y, dy)), x, dx, name);
    });
  }

  it('refuses an unknown curve and wrong lengths', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.curveForward(f(3), f(3), 99 as 0, 0, 0, 0, 0), 'ERR_ARG', /curve in \[0, 20\)/);
    expectError(() => native.curveForward(f(3), f(2), 0, 0, 0, 0, 0), 'ERR_SHAPE', /y of 3/);
  });
});

describe('log-softmax and gated linear units', () => {
  for (const [rows, cols] of [[0, 3], [1, 1], [5, 3], [33, 16], [300, 44], [3, 1027]] as const) {
    it(`${rows}x${cols}: the same bits everywhere, close to double`, () => {
      const n = rows * cols;
      const x = randomFloats(2 * n, 1, 5);
      const one = x.slice(0, n);
      const dy = randomFloats(n, 2);
      const got = expectSameBitsEverywhere('rows', () => {
        const [y, dx, glu, dglu] = [output(n), output(n), output(n), output(2 * n)];
        native.logSoftmaxForward(one, y, rows, cols);
        native.logSoftmaxBackward(y, dy, dx, rows, cols);
        native.gluForward(x, glu, rows, cols);
        native.gluBackward(x, dy, dglu, rows, cols);
        return { y, dx, glu, dglu };
      });
      const [y, dx, glu, dglu] = [outputDouble(n), outputDouble(n), outputDouble(n), outputDouble(2 * n)];
      const [one64, x64, dy64] = [toDouble(one), toDouble(x), toDouble(dy)];
      native.logSoftmaxForward(one64, y, rows, cols);
      native.logSoftmaxBackward(y, dy64, dx, rows, cols);
      native.gluForward(x64, glu, rows, cols);
      native.gluBackward(x64, dy64, dglu, rows, cols);
      expectClose(got.y, y, accum(cols), 'y', 10);
      expectClose(got.dx, dx, accum(cols), 'dx', 10);
      expectClose(got.glu, glu, 1e-6, 'glu', 5);
      expectClose(got.dglu, dglu, 1e-6, 'dglu', 5);
      if (rows !== 5) return;
      expectGradient(() => (native.logSoftmaxForward(one64, y, rows, cols), dot(y, dy64)), one64, dx, 'log-softmax');
      expectGradient(() => (native.gluForward(x64, glu, rows, cols), dot(glu, dy64)), x64, dglu, 'glu');
    });
  }
});
