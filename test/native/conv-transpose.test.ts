import { describe, it } from 'vitest';
import { ACTIVATIONS, type ActivationCode } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  accum,
  checkCanaries,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  type FloatArray,
  native,
  outputLike,
  randomFloats,
  toDouble,
} from './helpers.js';

// Each is the convolution whose input is the output here.
const cases: WindowCase[] = [
  windowCase([1, 1, 1, 1], { kernel: 1 }),
  windowCase([2, 10, 8, 4], { kernel: 3, stride: 2, filters: 3, padding: 'same' }),
  windowCase([2, 11, 9, 17], { kernel: 3, stride: 2, filters: 5 }),
  windowCase([1, 9, 6, 2], { kernel: 2, stride: 3, filters: 4, padding: 'same' }), // outputs that no window meets
  windowCase([2, 6, 7, 3], { kernel: [3, 2], stride: [2, 1], filters: 33, padding: 'same' }),
  windowCase([2, 1, 12, 6], { kernel: [1, 4], stride: [1, 2], filters: 3, padding: 'same' }),
  windowCase([1, 9, 9, 2], { kernel: 3, dilation: 2, filters: 3 }),
  windowCase([4, 12, 12, 32], { kernel: 3, filters: 32, padding: 'same' }), // by Winograd's algorithm
  windowCase([3, 32, 32, 16], { kernel: 4, stride: 2, filters: 24, padding: 'same' }),
];

interface Data<T extends FloatArray> {
  x: T;
  w: T;
  b: T;
  dy: T;
}
function dataOf(c: WindowCase): Data<Float32Array> {
  return {
    x: randomFloats(outputLength(c), 1),
    w: randomFloats(kernelLength(c), 2, 1 / Math.sqrt(c.kh * c.kw * c.F)),
    b: randomFloats(c.C, 3),
    dy: randomFloats(inputLength(c), 4),
  };
}
function doubled(d: Data<Float32Array>): Data<Float64Array> {
  return { x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) };
}
// A type, not an interface: it must pass as a record of arrays.
type Result<T> = { y: T; dx: T; dw: T; db: T };
function run<T extends FloatArray>(c: WindowCase, d: Data<T>, activation: ActivationCode, bias = true): Result<T> {
  const y = outputLike(d.x, inputLength(c), 'y');
  native.convTransposeForward(d.x, d.w, bias ? d.b : null, y, geometryOf(c), activation);
  const dz = outputLike(d.x, inputLength(c), 'dz');
  const dx = outputLike(d.x, outputLength(c), 'dx');
  const dw = outputLike(d.x, kernelLength(c), 'dw');
  const db = outputLike(d.x, c.C, 'db');
  native.convTransposeBackward(d.x, d.w, y, d.dy, dz, dx, dw, db, geometryOf(c), activation);
  return { y, dx, dw, db };
}

describe('transposed convolution', () => {
  it.each(cases.map((c) => [c.label, c] as const))('%s', (label, c) => {
    const data = dataOf(c);
    for (const activation of Object.values(ACTIVATIONS)) {
      const bias = activation !== ACTIVATIONS.sigmoid;
      const got = expectSameBitsEverywhere(label, () => run(c, data, activation, bias));
      const exact = run(c, doubled(data), activation, bias);
      const pixels = c.N * c.H * c.W;
      if (activation === ACTIVATIONS.relu) continue; // a value near 0 may fall on the other side
      expectClose(got.y, exact.y, 16 * accum(c.kh * c.kw * c.F), 'y');
      expectClose(got.dx, exact.dx, 16 * accum(c.kh * c.kw * c.C), 'dx', Math.sqrt(c.C));
      for (const name of ['dw', 'db'] as const) expectClose(got[name], exact[name], 16 * accum(pixels), name, Math.sqrt(pixels));
    }
    checkCanaries();
  });

  it.each(cases.slice(0, 7).map((c) => [c.label, c] as const))('%s: gradients in double', (_, c) => {
    const d = doubled(dataOf(c));
    const got = run(c, d, ACTIVATIONS.tanh);
    const loss = (): number => dot(run(c, d, ACTIVATIONS.tanh).y, d.dy);
    expectGradient(loss, d.x, got.dx, 'dx');
    expectGradient(loss, d.w, got.dw, 'dw');
    expectGradient(loss, d.b, got.db, 'db');
  });

  it('adds each value of x times the kernel, at its place', () => {
    const c = windowCase([1, 1, 7, 1], { kernel: [1, 3], stride: [1, 2], filters: 1 });
    const y = new Float32Array(7);
    native.convTransposeForward(Float32Array.of(1, 10, 100), Float32Array.of(1, 2, 3), Float32Array.of(0.5), y, geometryOf(c), ACTIVATIONS.linear);
    expectBits(y, Float32Array.of(1.5, 2.5, 13.5, 20.5, 130.5, 200.5, 300.5), 'y');
  });

  it('makes only the gradients that are wanted', () => {
    const c = cases[1] as WindowCase;
    const d = dataOf(c);
    const all = run(c, d, ACTIVATIONS.linear);
    const dx = outputLike(d.x, outputLength(c), 'dx');
    native.convTransposeBackward(d.x, d.w, all.y, d.dy, d.dy, dx, null, null, geometryOf(c), ACTIVATIONS.linear);
    expectBits(dx, all.dx, 'dx alone');
    checkCanaries();
  });

  it('refuses lengths that are not those of the geometry', () => {
    const c = cases[1] as WindowCase;
    const d = dataOf(c);
    const y = new Float32Array(inputLength(c));
    expectError(
      () => native.convTransposeForward(d.x.subarray(1), d.w, d.b, y, geometryOf(c), ACTIVATIONS.linear),
      'ERR_SHAPE',
      /\[convTransposeForward\] expected x of 120 values, received 119/,
    );
    expectError(
      () => native.convTransposeBackward(d.x, d.w, y, d.dy, y, null, d.w.subarray(1), null, geometryOf(c), ACTIVATIONS.tanh),
      'ERR_SHAPE',
      /expected dw of 108 values/,
    );
  });
});
