import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  accum,
  checkCanaries,
  expectClose,
  expectError,
  expectSameBitsEverywhere,
  type FloatArray,
  native,
  outputLike,
  randomFloats,
  randomSource,
  toDouble,
  withSetting,
} from './helpers.js';

const k3 = (shape: [number, number, number, number], filters: number, padding: 'same' | 'valid' = 'same'): WindowCase =>
  windowCase(shape, { kernel: 3, filters, padding });

// Tails of channels, filters, tiles and chunks; blocks of tiles; sums over tiles of one, two and many chunks of 64.
const cases: WindowCase[] = [
  k3([8, 6, 6, 16], 16),
  k3([9, 6, 7, 17], 19),
  k3([8, 8, 8, 16], 33),
  k3([4, 12, 13, 37], 16, 'valid'),
  k3([8, 8, 8, 18], 21, 'valid'), // y 6×6 from 8×8
  k3([3, 9, 13, 97], 47), // 97 channels: chunks of 64 and 33
  k3([4, 7, 16, 96], 16), // 96: one chunk
  k3([6, 16, 16, 31], 35), // 96 tiles: one chunk
  k3([7, 15, 14, 20], 64), // 112 tiles: 64 and 48
  k3([21, 16, 16, 16], 17), // 336 tiles: 256 and 80
  k3([5, 32, 32, 64], 32), // 320 tiles
  k3([21, 16, 16, 97], 33), // 336 tiles; the weight gradient takes 256 of them, then 80
  k3([9, 16, 16, 32], 64), // threads part the filters of the weight gradient
  k3([9, 15, 16, 64], 128), // so finely that even one thread takes two shares
  k3([8, 8, 8, 300], 130), // many channels: small blocks
  { ...k3([8, 8, 8, 16], 16), pt: 2, pl: 0, label: 'padded before the lines, not before the columns' },
];

interface Data<T extends FloatArray> {
  x: T;
  w: T;
  b: T;
  dy: T;
}
function uniform(c: WindowCase): Data<Float32Array> {
  return {
    x: randomFloats(inputLength(c), 1),
    w: randomFloats(kernelLength(c), 2, Math.sqrt(6 / (9 * (c.C + c.F)))),
    b: randomFloats(c.F, 3),
    dy: randomFloats(outputLength(c), 4),
  };
}
/** Activations after ReLU: none negative, a long tail; gradients that half of the units let through. */
function afterRelu(c: WindowCase): Data<Float32Array> {
  const next = randomSource(9);
  const normal = (): number => 1.41 * (next() + next() + next() + next() + next() + next() - 3);
  return {
    ...uniform(c),
    x: Float32Array.from({ length: inputLength(c) }, () => Math.max(normal(), 0)),
    dy: Float32Array.from({ length: outputLength(c) }, () => (next() < 0.5 ? 0 : normal())),
  };
}
function doubled(d: Data<Float32Array>): Data<Float64Array> {
  return { x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) };
}

type Passes<T> = Record<'y' | 'dx' | 'dw', T>;
function run<T extends FloatArray>(c: WindowCase, d: Data<T>, winograd = true): Passes<T> {
  const y = outputLike(d.x, outputLength(c), 'y');
  const dx = outputLike(d.x, inputLength(c), 'dx');
  const dw = outputLike(d.x, kernelLength(c), 'dw');
  const g = geometryOf(c, winograd);
  native.convForward(d.x, d.w, d.b, y, g, ACTIVATIONS.linear);
  native.convBackward(d.x, d.w, y, d.dy, d.dy.slice(), dx, dw, null, g, ACTIVATIONS.linear);
  return { y, dx, dw };
}

function ran(isa: string, c: WindowCase, winograd = true): string[] {
  native.resetKernelsRun();
  withSetting(isa, 1, () => run(c, uniform(c), winograd));
  return Object.keys(native.kernelsRun()).filter((name) => name.includes('winograd'));
}
const variants = (isa: string): string[] => ['fwd', 'bwd_data', 'bwd_weights'].map((pass) => `f32_winograd_${pass}__${isa}`);

describe('Winograd’s convolution', () => {
  it.each(cases.map((c) => [c.label, c] as const))('%s: the same bits everywhere, close to double', (label, c) => {
    expect(ran('ref', c).sort()).toEqual(variants('ref').sort());
    const d = uniform(c);
    const got = expectSameBitsEverywhere(label, () => run(c, d));
    const exact = run(c, doubled(d));
    const pixels = c.N * c.OH * c.OW;
    expectClose(got.y, exact.y, 4 * accum(9 * c.C), 'y');
    expectClose(got.dx, exact.dx, 4 * accum(9 * c.F), 'dx');
    expectClose(got.dw, exact.dw, 4 * accum(pixels), 'dw', Math.sqrt(pixels));
  });

  it.each([
    ['uniform values', uniform],
    ['activations after ReLU', afterRelu],
  ] as const)('%s: errors at most 8 times those of the direct kernel', (_, data) => {
    for (const c of [k3([4, 16, 16, 32], 64), k3([4, 8, 8, 64], 128), k3([2, 16, 16, 128], 64), k3([16, 8, 8, 256], 64), k3([4, 9, 9, 17], 19)]) {
      const d = data(c);
      const [fast, direct, exact] = [run(c, d), run(c, d, false), run(c, doubled(d))];
      for (const pass of ['y', 'dx', 'dw'] as const) {
        const errors = (values: Float32Array): { largest: number; square: number } => {
          let [largest, square] = [0, 0];
          for (let i = 0; i < values.length; i++) {
            const e = Math.abs((values[i] as number) - (exact[pass][i] as number));
            largest = Math.max(largest, e);
            square += e * e;
          }
          return { largest, square };
        };
        const [a, b] = [errors(fast[pass]), errors(direct[pass])];
        expect(a.largest / b.largest, `${c.label} ${pass}, largest error`).toBeLessThan(8);
        expect(Math.sqrt(a.square / b.square), `${c.label} ${pass}, mean square error`).toBeLessThan(8);
      }
    }
    checkCanaries();
  });

  it.each(Object.entries(ACTIVATIONS))('activation %s is fused, with and without a bias', (name, activation) => {
    const c = k3([2, 7, 9, 18], 35);
    const d = uniform(c);
    for (const bias of [d.b, null]) {
      const { y } = expectSameBitsEverywhere(name, () => {
        const out = outputLike(d.x, outputLength(c), 'y');
        native.convForward(d.x, d.w, bias, out, geometryOf(c), activation);
        return { y: out };
      });
      const exact = new Float64Array(y.length);
      native.convForward(toDouble(d.x), toDouble(d.w), bias && toDouble(bias), exact, geometryOf(c), activation);
      expectClose(y, exact, 4 * accum(9 * c.C), name);
    }
  });

  it('a row’s outputs and input gradients do not depend on its batch', () => {
    const many = k3([5, 9, 8, 20], 18);
    const one = { ...many, N: 1 };
    const d = uniform(many);
    const all = run(many, d);
    for (let n = 0; n < many.N; n++) {
      const at = (x: Float32Array): Float32Array => x.subarray((n * x.length) / many.N, ((n + 1) * x.length) / many.N);
      const alone = run(one, { ...d, x: at(d.x), dy: at(d.dy) });
      expect(alone.y).toEqual(at(all.y));
      expect(alone.dx).toEqual(at(all.dx));
    }
    checkCanaries();
  });

  it('is taken by shape alone, on every set, and never where winograd is 0', () => {
    for (const isa of native.isas()) {
      const [fwd, data, weights] = variants(isa) as [string, string, string];
      expect(ran(isa, k3([8, 8, 8, 16], 16)).sort()).toEqual([data, weights, fwd].sort());
      expect(ran(isa, k3([7, 8, 8, 16], 16)).sort()).toEqual([data, fwd].sort()); // too few tiles to sum over
      expect(ran(isa, k3([8, 7, 7, 16], 16, 'valid'))).toEqual([data]); // y 5×5, dx 7×7
      const others = [
        k3([8, 8, 8, 15], 16),
        k3([8, 8, 8, 16], 15),
        k3([64, 5, 9, 16], 16),
        k3([64, 9, 5, 16], 16),
        windowCase([8, 12, 12, 16], { kernel: 3, filters: 16, stride: 2, padding: 'same' }),
        windowCase([8, 8, 8, 16], { kernel: 3, filters: 16, dilation: 2, padding: 'same' }),
        windowCase([8, 8, 8, 32], { kernel: 3, filters: 32, groups: 2, padding: 'same' }),
        windowCase([8, 8, 8, 16], { kernel: [3, 2], filters: 16, padding: 'same' }),
        windowCase([8, 1, 64, 16], { kernel: [1, 3], filters: 16, padding: 'same' }),
      ];
      for (const c of others) expect(ran(isa, c), c.label).toEqual([]);
      expect(ran(isa, k3([8, 8, 8, 16], 16), false)).toEqual([]);
    }
  });

  it('carries a NaN and an infinity to the tiles that read them', () => {
    const c = k3([3, 12, 12, 16], 16);
    const d = uniform(c);
    d.x[0] = NaN;
    d.x[(11 * 12 + 11) * 16] = Infinity;
    const { y } = expectSameBitsEverywhere('NaN', () => run(c, d));
    const lost = Array.from({ length: 144 }, (_, i) => (Number.isFinite(y[i * 16]) ? '.' : 'x'));
    expect(Array.from({ length: 12 }, (_, i) => lost.slice(12 * i, 12 * i + 12).join(''))).toEqual([
      ...Array<string>(4).fill('xxxx........'),
      ...Array<string>(4).fill('............'),
      ...Array<string>(4).fill('........xxxx'),
    ]);
  });

  it('refuses a flag that is neither 0 nor 1', () => {
    const c = k3([1, 6, 6, 16], 16);
    const d = uniform(c);
    const g = Int32Array.of(...geometryOf(c), 2);
    expectError(() => native.convForward(d.x, d.w, d.b, d.x.slice(), g, 0), 'ERR_SHAPE', /winograd of the geometry to be 0 or 1, received 2/);
  });
});
