import { describe, it } from 'vitest';
import { ACTIVATIONS } from '../../src/backend/backend.js';
import { convGeometry, type ConvGeometry, type Padding, type Window } from '../../src/layers/geometry.js';
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

type Three = [number, number, number];
interface VolumeCase {
  label: string;
  x: [number, number, number, number, number];
  F: number;
  kernel: Three;
  stride: Three;
  dilation: Three;
  groups: number;
  padding: Padding;
}
interface Options {
  stride?: Three;
  dilation?: Three;
  groups?: number;
  padding?: Padding;
}
function volumeCase(x: VolumeCase['x'], F: number, kernel: Three, options: Options = {}): VolumeCase {
  const { stride = [1, 1, 1], dilation = [1, 1, 1], groups = 1, padding = 'valid' } = options;
  return { label: `(${x.join()}) -> ${F}, k${kernel.join('x')} s${stride.join('x')} d${dilation.join('x')} g${groups} ${padding}`, x, F, kernel, stride, dilation, groups, padding }; // prettier-ignore
}

const cases: VolumeCase[] = [
  volumeCase([1, 1, 1, 1, 1], 1, [1, 1, 1]),
  volumeCase([2, 4, 5, 6, 3], 4, [3, 3, 3]),
  volumeCase([2, 5, 6, 7, 2], 5, [3, 2, 3], { stride: [2, 1, 3], padding: 'same' }),
  volumeCase([1, 7, 4, 5, 4], 6, [2, 3, 1], { dilation: [3, 1, 1], groups: 2, padding: 'same' }),
  volumeCase([2, 3, 8, 8, 16], 17, [3, 3, 3], { padding: 'same' }), // planes by Winograd's algorithm
  volumeCase([3, 4, 3, 5, 6], 3, [1, 2, 2]), // the planes as they lie
  volumeCase([1, 9, 2, 3, 2], 3, [2, 1, 1], { stride: [4, 1, 1] }), // planes that no window meets
  volumeCase([1, 2, 5, 4, 40], 3, [3, 3, 3], { padding: 'same' }), // sums longer than a chunk, windows deeper than the volume
];

function geometryOf(c: VolumeCase): ConvGeometry {
  const windows: Window[] = [0, 1, 2].map((i) => ({ kernel: c.kernel[i] as number, stride: c.stride[i] as number, dilation: c.dilation[i] as number }));
  return convGeometry(c.x, windows, c.padding, c.F, c.groups, {});
}
const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

interface Sizes {
  x: number;
  w: number;
  y: number;
  outputs: Three;
  before: Three;
}
function sizesOf(c: VolumeCase): Sizes {
  const { planes, depth } = geometryOf(c);
  const [N, D] = c.x;
  const OD = (depth as Int32Array)[5] as number;
  const outputs: Three = [OD, planes[13] as number, planes[14] as number];
  const before: Three = [(depth as Int32Array)[4] as number, planes[11] as number, planes[12] as number];
  if ((planes[0] as number) !== N * OD || D !== (depth as Int32Array)[0]) throw new Error('geometry');
  return { x: product(c.x), w: (product(c.kernel) * c.x[4] * c.F) / c.groups, y: N * product(outputs) * c.F, outputs, before };
}

/** The formula as it stands: calls each(x, w, y) for the places of all products. */
function eachProduct(c: VolumeCase, each: (x: number, w: number, y: number) => void): void {
  const [N, D, H, W, C] = c.x;
  const { outputs, before } = sizesOf(c);
  const [perGroup, filters] = [C / c.groups, c.F / c.groups];
  const axes = [D, H, W];
  const visit = (n: number, o: Three, k: Three): void => {
    const at = axes.map((_, i) => (o[i] as number) * (c.stride[i] as number) - (before[i] as number) + (k[i] as number) * (c.dilation[i] as number));
    if (at.some((v, i) => v < 0 || v >= (axes[i] as number))) return;
    const x = (((n * D + (at[0] as number)) * H + (at[1] as number)) * W + (at[2] as number)) * C;
    const y = (((n * outputs[0] + o[0]) * outputs[1] + o[1]) * outputs[2] + o[2]) * c.F;
    const w = ((k[0] * c.kernel[1] + k[1]) * c.kernel[2] + k[2]) * perGroup * c.F;
    for (let f = 0; f < c.F; f++) {
      const first = Math.floor(f / filters) * perGroup;
      for (let i = 0; i < perGroup; i++) each(x + first + i, w + i * c.F + f, y + f);
    }
  };
  const grid = (lengths: Three): Three[] =>
    Array.from({ length: product(lengths) }, (_, i): Three => [Math.floor(i / (lengths[1] * lengths[2])), Math.floor(i / lengths[2]) % lengths[1], i % lengths[2]]);
  for (let n = 0; n < N; n++) for (const o of grid(outputs)) for (const k of grid(c.kernel)) visit(n, o, k);
}

interface Data<T extends FloatArray> {
  x: T;
  w: T;
  b: T;
  dy: T;
}
function dataOf(c: VolumeCase): Data<Float32Array> {
  const sizes = sizesOf(c);
  const scale = 1 / Math.sqrt(sizes.w / c.F);
  return { x: randomFloats(sizes.x, 1), w: randomFloats(sizes.w, 2, scale), b: randomFloats(c.F, 3), dy: randomFloats(sizes.y, 4) };
}
const doubled = (d: Data<Float32Array>): Data<Float64Array> => ({ x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) });

// A type, not an interface: it must pass as a record of arrays.
type Result<T> = { y: T; dx: T; dw: T; db: T };
function run<T extends FloatArray>(c: VolumeCase, d: Data<T>, activation: 0 | 1 | 2 | 3): Result<T> {
  const { planes, depth } = geometryOf(c);
  const y = outputLike(d.x, d.dy.length, 'y');
  native.convForward(d.x, d.w, d.b, y, planes, activation, depth);
  const [dz, dx, dw, db] = [d.dy, d.x, d.w, d.b].map((like, i) => outputLike(d.x, like.length, ['dz', 'dx', 'dw', 'db'][i] as string)) as [T, T, T, T];
  native.convBackward(d.x, d.w, y, d.dy, dz, dx, dw, db, planes, activation, depth);
  return { y, dx, dw, db };
}
/** The transposed convolution with this geometry: from what the convolution gives to what it reads. */
function runTransposed<T extends FloatArray>(c: VolumeCase, d: Data<T>, bias: T, activation: 0 | 1 | 2 | 3): Result<T> {
  const { planes, depth } = geometryOf(c);
  const y = outputLike(d.x, d.x.length, 'y');
  native.convTransposeForward(d.dy, d.w, bias, y, planes, activation, depth);
  const [dz, dx, dw, db] = [d.x, d.dy, d.w, bias].map((like, i) => outputLike(d.x, like.length, ['dz', 'dx', 'dw', 'db'][i] as string)) as [T, T, T, T];
  native.convTransposeBackward(d.dy, d.w, y, d.x, dz, dx, dw, db, planes, activation, depth);
  return { y, dx, dw, db };
}

describe('convolution over volumes', () => {
  it.each(cases.map((c) => [c.label, c] as const))('%s: the formula, and the same bits everywhere', (label, c) => {
    const data = dataOf(c);
    const exact = doubled(data);
    const want = { y: new Float64Array(exact.dy.length), dx: new Float64Array(exact.x.length), dw: new Float64Array(exact.w.length) };
    for (let i = 0; i < want.y.length; i++) want.y[i] = exact.b[i % c.F] as number;
    eachProduct(c, (x, w, y) => {
      want.y[y] = (want.y[y] as number) + (exact.x[x] as number) * (exact.w[w] as number);
      want.dx[x] = (want.dx[x] as number) + (exact.w[w] as number) * (exact.dy[y] as number);
      want.dw[w] = (want.dw[w] as number) + (exact.x[x] as number) * (exact.dy[y] as number);
    });
    const inDouble = run(c, exact, ACTIVATIONS.linear);
    for (const name of ['y', 'dx', 'dw'] as const) expectClose(inDouble[name], want[name], 1e-13, `${name} in double`, 10);
    const got = expectSameBitsEverywhere(label, () => run(c, data, ACTIVATIONS.linear));
    const taps = product(c.kernel);
    expectClose(got.y, want.y, 16 * accum(taps * c.x[4]), 'y');
    expectClose(got.dx, want.dx, 16 * accum(taps * c.F), 'dx', Math.sqrt(c.F));
    expectClose(got.dw, want.dw, 16 * accum(want.y.length / c.F), 'dw', Math.sqrt(want.y.length / c.F));
    expectSameBitsEverywhere(`${label} relu`, () => run(c, data, ACTIVATIONS.relu));
    checkCanaries();
  });

  it.each(cases.map((c) => [c.label, c] as const))('%s: transposed, the same bits everywhere and gradients in double', (label, c) => {
    const data = dataOf(c);
    const bias = randomFloats(c.x[4], 5);
    expectSameBitsEverywhere(label, () => runTransposed(c, data, bias, ACTIVATIONS.relu));
    // It is the convolution's gradient, and its own gradient is the convolution.
    const d = doubled(data);
    const none = new Float64Array(c.x[4]);
    const got = runTransposed(c, d, none, ACTIVATIONS.linear);
    const forward = run(c, { ...d, b: new Float64Array(c.F) }, ACTIVATIONS.linear);
    expectBits(got.y, forward.dx, 'y');
    expectBits(got.dx, forward.y, 'dx');
    expectClose(got.dw, forward.dw, 1e-13, 'dw', 10);
    if (c.groups === 1) {
      const smooth = runTransposed(c, d, toDouble(bias), ACTIVATIONS.tanh);
      const loss = (): number => dot(runTransposed(c, d, toDouble(bias), ACTIVATIONS.tanh).y, d.x);
      expectGradient(loss, d.w, smooth.dw, 'dw');
      expectGradient(loss, d.dy, smooth.dx, 'dx');
    }
    checkCanaries();
  });

  it('makes only the gradients that are wanted', () => {
    const c = cases[2] as VolumeCase;
    const d = dataOf(c);
    const { planes, depth } = geometryOf(c);
    const all = run(c, d, ACTIVATIONS.linear);
    const [dx, dw] = [outputLike(d.x, d.x.length, 'dx'), outputLike(d.x, d.w.length, 'dw')];
    native.convBackward(d.x, d.w, all.y, d.dy, d.dy, dx, null, null, planes, ACTIVATIONS.linear, depth);
    native.convBackward(d.x, d.w, all.y, d.dy, d.dy, null, dw, null, planes, ACTIVATIONS.linear, depth);
    expectBits(dx, all.dx, 'dx alone');
    expectBits(dw, all.dw, 'dw alone');
    checkCanaries();
  });

  it('refuses depths and lengths that do not fit', () => {
    const c = cases[1] as VolumeCase;
    const d = dataOf(c);
    const { planes } = geometryOf(c);
    const y = new Float32Array(d.dy.length);
    const call = (...depth: number[]): void => native.convForward(d.x, d.w, d.b, y, planes, 0, Int32Array.from(depth));
    call(4, 3, 1, 1, 0, 2);
    expectError(() => call(4, 3, 1, 1, 0), 'ERR_SHAPE', /expected depth of 6 values, received 5/);
    expectError(() => call(4, 3, 0, 1, 0, 2), 'ERR_SHAPE', /\[convForward\] expected strideD of the depth to be 1 or more, received 0/);
    expectError(() => call(4, 3, 1, 1, -1, 2), 'ERR_SHAPE', /expected padFront of the depth to be 0 or more, received -1/);
    expectError(() => call(4, 3, 1, 1, 0, 3), 'ERR_SHAPE', /expected planes of OD 3 times N images and kd 3 times C channels in 1 groups, received 4 and 9/);
    expectError(() => call(4, 2, 1, 1, 0, 2), 'ERR_SHAPE', /kd 2 times C/);
    expectError(() => call(4, 3, 1, 1, 3, 2), 'ERR_SHAPE', /first and the last of 2 windows along D to meet the volume of 4, received starts of -3 and -2/);
    expectError(() => call(4, 3, 5, 1, 0, 2), 'ERR_SHAPE', /received starts of 0 and 5/);
    expectError(() => call(5, 3, 1, 1, 0, 2), 'ERR_SHAPE', /expected x of 900 values, received 720/);
    expectError(() => call(2147483647, 3, 1, 1, 0, 2), 'ERR_SHAPE', /expected x of/);
  });
});
