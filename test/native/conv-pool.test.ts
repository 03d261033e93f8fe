import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, type ActivationCode } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  checkCanaries,
  dot,
  expectBits,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  accum,
  type FloatArray,
  native,
  outputInt32,
  outputLike,
  outputUint8,
  randomFloats,
  toDouble,
} from './helpers.js';

const cases: WindowCase[] = [
  windowCase([1, 2, 2, 1], { kernel: 1, filters: 1 }),
  windowCase([2, 6, 8, 3], { kernel: 3, filters: 5, padding: 'same' }),
  windowCase([2, 7, 9, 4], { kernel: 2, filters: 17, padding: 'same' }), // a last line and column without a window
  windowCase([3, 5, 6, 2], { kernel: 4, filters: 33, padding: 'same' }),
  windowCase([2, 9, 9, 6], { kernel: 3, filters: 6, stride: 2, groups: 2 }),
  windowCase([1, 12, 300, 1], { kernel: 3, filters: 16, padding: 'same' }), // lines longer than a chunk
  windowCase([9, 16, 16, 3], { kernel: 3, filters: 32, padding: 'same' }), // threaded, several groups of rows
  windowCase([17, 16, 17, 3], { kernel: 3, filters: 35, padding: 'same' }), // groups without rows
  windowCase([5, 15, 15, 8], { kernel: 3, filters: 40, padding: 'same' }),
  windowCase([12, 16, 16, 3], { kernel: 4, filters: 32, padding: 'same' }),
];

const poolOf = (c: WindowCase): WindowCase => windowCase([c.N, c.OH, c.OW, c.F], { kernel: 2, stride: 2 });
const pooledLength = (c: WindowCase): number => c.N * (c.OH >> 1) * (c.OW >> 1) * c.F;

interface Data<T extends FloatArray> {
  x: T;
  w: T;
  b: T;
  dy: T;
}
function dataOf(c: WindowCase): Data<Float32Array> {
  return {
    x: randomFloats(inputLength(c), 1),
    w: randomFloats(kernelLength(c), 2, 1 / Math.sqrt((c.kh * c.kw * c.C) / c.groups)),
    b: randomFloats(c.F, 3),
    dy: randomFloats(pooledLength(c), 4),
  };
}
function doubled(d: Data<Float32Array>): Data<Float64Array> {
  return { x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) };
}

function joined<T extends FloatArray>(c: WindowCase, d: Data<T>, activation: ActivationCode): { y: T; dx: T; dw: T; db: T } {
  const z = outputLike(d.x, outputLength(c), 'z');
  const y = outputLike(d.x, pooledLength(c), 'y');
  const taps = outputUint8(pooledLength(c), 'taps');
  const out = { dx: outputLike(d.x, inputLength(c), 'dx'), dw: outputLike(d.x, kernelLength(c), 'dw'), db: outputLike(d.x, c.F, 'db') };
  native.convPoolForward(d.x, d.w, d.b, z, y, taps, geometryOf(c), activation);
  z.fill(NaN);
  native.convPoolBackward(d.x, d.w, y, taps, d.dy, z, out.dx, out.dw, out.db, geometryOf(c), activation);
  // Without dx, as in a first layer, another path is taken: its bits are the same.
  const first = { dw: outputLike(d.x, kernelLength(c), 'dw'), db: outputLike(d.x, c.F, 'db') };
  z.fill(NaN);
  native.convPoolBackward(d.x, d.w, y, taps, d.dy, z, null, first.dw, first.db, geometryOf(c), activation);
  expectBits(first.dw, out.dw, `${c.label}: dw without dx`);
  expectBits(first.db, out.db, `${c.label}: db without dx`);
  native.convPoolBackward(d.x, d.w, y, taps, d.dy, z, null, first.dw, null, geometryOf(c), activation);
  expectBits(first.dw, out.dw, `${c.label}: dw alone`);
  return { y, ...out };
}
function apart<T extends FloatArray>(c: WindowCase, d: Data<T>, activation: ActivationCode): { y: T; dx: T; dw: T; db: T } {
  const z = outputLike(d.x, outputLength(c), 'z');
  const dz = outputLike(d.x, outputLength(c), 'dz');
  const y = outputLike(d.x, pooledLength(c), 'y');
  const argmax = outputInt32(pooledLength(c), 'argmax');
  const out = { dx: outputLike(d.x, inputLength(c), 'dx'), dw: outputLike(d.x, kernelLength(c), 'dw'), db: outputLike(d.x, c.F, 'db') };
  const pool = geometryOf(poolOf(c));
  native.convForward(d.x, d.w, d.b, z, geometryOf(c), activation);
  native.maxPoolForward(z, y, argmax, pool);
  const unpooled = outputLike(d.x, outputLength(c), 'unpooled');
  native.maxPoolBackward(d.dy, argmax, unpooled, pool);
  native.convBackward(d.x, d.w, z, unpooled, dz, out.dx, out.dw, out.db, geometryOf(c), activation);
  return { y, ...out };
}

describe('convolution with the pooling behind it', () => {
  for (const [name, activation] of [
    ['relu', ACTIVATIONS.relu],
    ['linear', ACTIVATIONS.linear],
  ] as const) {
    it.each(cases.map((c) => [c.label, c] as const))(`%s, ${name}: the same bits everywhere, and those of the two layers`, (label, c) => {
      const d = dataOf(c);
      const got = expectSameBitsEverywhere(label, () => joined(c, d, activation));
      const expected = apart(c, d, activation);
      checkCanaries();
      for (const key of ['y', 'dx', 'dw', 'db'] as const) expectBits(got[key], expected[key], `${label}: ${key}`);
      // Where two cells of a window are equal in float, double may choose the other: y alone is compared.
      expectClose(got.y, joined(c, doubled(d), activation).y, accum((c.kh * c.kw * c.C) / c.groups), 'y');
    });
  }

  it('gradients of the double reference', () => {
    const c = windowCase([2, 5, 6, 2], { kernel: 3, filters: 3, padding: 'same' });
    const d = doubled(dataOf(c));
    const { dx, dw, db } = joined(c, d, ACTIVATIONS.linear);
    const loss = (): number => dot(joined(c, d, ACTIVATIONS.linear).y, d.dy);
    expectGradient(loss, d.x, dx, 'dx');
    expectGradient(loss, d.w, dw, 'dw');
    expectGradient(loss, d.b, db, 'db');
    checkCanaries();
  });

  it('the first of equal cells wins, and a NaN shows', () => {
    const c = windowCase([1, 2, 4, 1], { kernel: 1, filters: 1 });
    const x = Float32Array.of(3, 3, 1, NaN, 3, 3, 2, 7);
    const w = Float32Array.of(1);
    const got = expectSameBitsEverywhere('ties', () => {
      const z = outputLike(x, 8, 'z');
      const y = outputLike(x, 2, 'y');
      const taps = outputUint8(2, 'taps');
      native.convPoolForward(x, w, null, z, y, taps, geometryOf(c), ACTIVATIONS.linear);
      return { y, taps };
    });
    expect([...got.taps]).toEqual([0, 1]);
    expect([...got.y]).toEqual([3, NaN]);
  });

  it('refuses wrong lengths, types, activations and outputs too small to pool, by name', () => {
    const c = windowCase([1, 4, 4, 2], { kernel: 1, filters: 3 });
    const d = dataOf(c);
    const z = new Float32Array(48);
    const y = new Float32Array(12);
    const taps = new Uint8Array(12);
    const g = geometryOf(c);
    const forward = (f: Partial<{ z: Float32Array; y: Float32Array; taps: Uint8Array; act: ActivationCode }>): void =>
      native.convPoolForward(d.x, d.w, d.b, f.z ?? z, f.y ?? y, f.taps ?? taps, g, f.act ?? ACTIVATIONS.relu);
    expectError(() => forward({ z: y }), 'ERR_SHAPE', /z of 48 values, received 12/);
    expectError(() => forward({ y: z }), 'ERR_SHAPE', /y of 12/);
    expectError(() => forward({ taps: new Uint8Array(3) }), 'ERR_SHAPE', /taps of 12/);
    expectError(() => forward({ taps: y as never }), 'ERR_DTYPE', /taps to be uint8/);
    expectError(() => forward({ act: ACTIVATIONS.tanh }), 'ERR_ARG', /linear.*relu/);
    const thin = windowCase([1, 1, 4, 2], { kernel: 1, filters: 3 });
    expectError(
      () => native.convPoolForward(new Float32Array(8), d.w, d.b, y, y, taps, geometryOf(thin), ACTIVATIONS.relu),
      'ERR_SHAPE',
      /at least 2x2/,
    );
    expectError(
      () => native.convPoolBackward(d.x, d.w, y, taps, z, z, null, null, null, g, ACTIVATIONS.relu),
      'ERR_SHAPE',
      /dy of 12 values, received 48/,
    );
  });
});
