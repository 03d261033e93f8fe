import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, type ActivationCode } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type Padding, type WindowCase } from './geometry.js';
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

interface Options {
  kernel: number | [number, number];
  multiplier?: number;
  stride?: number | [number, number];
  dilation?: number | [number, number];
  padding?: Padding;
}
const depthwise = (shape: [number, number, number, number], { multiplier = 1, ...rest }: Options): WindowCase =>
  windowCase(shape, { ...rest, filters: shape[3] * multiplier, groups: shape[3] });

const cases: WindowCase[] = [
  depthwise([1, 1, 1, 1], { kernel: 1 }),
  depthwise([2, 5, 4, 3], { kernel: 2 }),
  depthwise([2, 7, 5, 4], { kernel: 3, padding: 'same' }),
  depthwise([1, 3, 3, 2], { kernel: 5, padding: 'same' }), // no pixel meets all taps
  depthwise([2, 9, 8, 16], { kernel: 3, stride: 2, padding: 'same' }),
  depthwise([2, 9, 8, 17], { kernel: [3, 2], stride: [1, 2] }),
  depthwise([1, 8, 7, 2], { kernel: 2, stride: 3 }), // columns that no window meets
  depthwise([1, 9, 10, 35], { kernel: 3, dilation: 2, padding: 'same' }),
  depthwise([1, 12, 11, 2], { kernel: 3, dilation: [2, 3], stride: [2, 2], padding: 'same' }),
  depthwise([2, 1, 29, 6], { kernel: [1, 4], padding: 'causal' }),
  depthwise([2, 6, 5, 3], { kernel: 3, multiplier: 2, padding: 'same' }),
  depthwise([2, 7, 6, 9], { kernel: 3, multiplier: 3, stride: 2 }), // lanes of a channel in two strips
  depthwise([1, 5, 6, 2], { kernel: [2, 3], multiplier: 17, padding: 'same' }),
  depthwise([2, 1, 11, 4], { kernel: [1, 3], multiplier: 2, stride: [1, 2], padding: 'same' }),
];

// Sums in several chunks and groups, lines longer than a chunk, enough to be threaded.
const largeCases: WindowCase[] = [
  depthwise([3, 28, 31, 33], { kernel: 3, padding: 'same' }),
  depthwise([5, 32, 32, 16], { kernel: 5, padding: 'same' }), // 5120 pixels: dw in 5 groups
  depthwise([5, 58, 58, 2], { kernel: 2 }), // 16 groups of which two are empty
  depthwise([2, 1, 700, 20], { kernel: [1, 5], padding: 'causal' }),
  depthwise([4, 30, 33, 5], { kernel: 3, multiplier: 4, stride: 2, padding: 'same' }),
];

interface Data<T extends FloatArray> {
  x: T;
  w: T;
  b: T;
  dy: T;
}
function dataOf(c: WindowCase): Data<Float32Array> {
  return {
    x: randomFloats(inputLength(c), 1),
    w: randomFloats(kernelLength(c), 2, 1 / Math.sqrt(c.kh * c.kw)),
    b: randomFloats(c.F, 3),
    dy: randomFloats(outputLength(c), 4),
  };
}
function doubled(d: Data<Float32Array>): Data<Float64Array> {
  return { x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) };
}
// A type, not an interface: it must pass as a record of arrays.
type Result<T> = { y: T; dx: T; dw: T; db: T };
function run<T extends FloatArray>(c: WindowCase, d: Data<T>, activation: ActivationCode, bias = true): Result<T> {
  const y = outputLike(d.x, outputLength(c), 'y');
  native.depthwiseForward(d.x, d.w, bias ? d.b : null, y, geometryOf(c), activation);
  const dz = outputLike(d.x, outputLength(c), 'dz');
  const dx = outputLike(d.x, inputLength(c), 'dx');
  const dw = outputLike(d.x, kernelLength(c), 'dw');
  const db = outputLike(d.x, c.F, 'db');
  native.depthwiseBackward(d.x, d.w, y, d.dy, dz, dx, dw, db, geometryOf(c), activation);
  return { y, dx, dw, db };
}

describe('depthwise convolution', () => {
  it.each([...cases, ...largeCases].map((c) => [c.label, c] as const))('%s', (label, c) => {
    const data = dataOf(c);
    const got = expectSameBitsEverywhere(label, () => run(c, data, ACTIVATIONS.tanh));
    const exact = run(c, doubled(data), ACTIVATIONS.tanh);
    const pixels = c.N * c.OH * c.OW;
    expectClose(got.y, exact.y, accum(c.kh * c.kw), 'y');
    expectClose(got.dx, exact.dx, accum(c.kh * c.kw) * (c.F / c.C), 'dx');
    for (const name of ['dw', 'db'] as const) expectClose(got[name], exact[name], accum(pixels), name, Math.sqrt(pixels));
    checkCanaries();
  });

  it.each(cases.map((c) => [c.label, c] as const))('%s: in double the grouped convolution, with its gradients', (_, c) => {
    const d = doubled(dataOf(c));
    const got = run(c, d, ACTIVATIONS.sigmoid);
    const y = outputLike(d.x, outputLength(c), 'y');
    native.convForward(d.x, d.w, d.b, y, geometryOf(c), ACTIVATIONS.sigmoid);
    expectClose(got.y, y, 1e-14, 'y');
    const loss = (): number => dot(run(c, d, ACTIVATIONS.sigmoid).y, d.dy);
    expectGradient(loss, d.x, got.dx, 'dx');
    expectGradient(loss, d.w, got.dw, 'dw');
    expectGradient(loss, d.b, got.db, 'db');
  });

  it('takes every activation, and no bias', () => {
    const c = depthwise([2, 6, 7, 18], { kernel: 3, padding: 'same' });
    const data = dataOf(c);
    for (const activation of Object.values(ACTIVATIONS)) {
      const got = expectSameBitsEverywhere(`activation ${activation}`, () => run(c, data, activation, activation % 2 === 0));
      const exact = run(c, doubled(data), activation, activation % 2 === 0);
      expectClose(got.y, exact.y, 1e-6, 'y');
      expectClose(got.dw, exact.dw, 1e-5, 'dw');
    }
  });

  it('makes only the gradients that are wanted, and of a linear layer needs no workspace', () => {
    const c = depthwise([2, 6, 7, 5], { kernel: 3, multiplier: 2, padding: 'same' });
    const d = dataOf(c);
    const all = run(c, d, ACTIVATIONS.linear);
    const g = geometryOf(c);
    const dx = outputLike(d.x, inputLength(c), 'dx');
    native.depthwiseBackward(d.x, d.w, all.y, d.dy, d.dy, dx, null, null, g, ACTIVATIONS.linear);
    expectBits(dx, all.dx, 'dx alone');
    const dw = outputLike(d.x, kernelLength(c), 'dw');
    native.depthwiseBackward(d.x, d.w, all.y, d.dy, d.dy, null, dw, null, g, ACTIVATIONS.linear);
    expectBits(dw, all.dw, 'dw alone');
    checkCanaries();
  });

  it('leaves taps outside the image out: a weight that is not a number reaches only pixels that meet it', () => {
    const c = depthwise([1, 3, 3, 1], { kernel: 3, padding: 'same' });
    const w = new Float32Array(9).fill(1);
    w[0] = NaN;
    const y = new Float32Array(9);
    native.depthwiseForward(new Float32Array(9).fill(1), w, null, y, geometryOf(c), ACTIVATIONS.linear);
    expect(Array.from(y)).toEqual([4, 6, 4, 6, NaN, NaN, 4, NaN, NaN]);
  });

  it('refuses other geometries and lengths', () => {
    const c = depthwise([2, 5, 4, 3], { kernel: 2 });
    const d = dataOf(c);
    const y = new Float32Array(outputLength(c));
    const call = (change: Partial<WindowCase>): void =>
      native.depthwiseForward(d.x, d.w, d.b, y, geometryOf({ ...c, ...change }), ACTIVATIONS.linear);
    expectError(() => call({ groups: 1 }), 'ERR_SHAPE', /\[depthwiseForward\] expected the geometry of a depthwise convolution/);
    expectError(() => call({ F: 4 }), 'ERR_SHAPE', /groups to divide/);
    expectError(
      () => native.depthwiseForward(d.x, d.w.subarray(1), d.b, y, geometryOf(c), ACTIVATIONS.linear),
      'ERR_SHAPE',
      /expected w of 12 values, received 11/,
    );
    expectError(
      () => native.depthwiseBackward(d.x, d.w, y, d.dy, d.dy, null, null, d.b.subarray(1), geometryOf(c), ACTIVATIONS.linear),
      'ERR_SHAPE',
      /expected db of 3 values/,
    );
  });
});
