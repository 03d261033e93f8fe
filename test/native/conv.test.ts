import { describe, expect, it } from 'vitest';
import { ACTIVATIONS, type ActivationCode } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  accum,
  checkCanaries,
  dot,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  type FloatArray,
  native,
  outputLike,
  randomFloats,
  toDouble,
  withSetting,
} from './helpers.js';

const cases: WindowCase[] = [
  windowCase([1, 1, 1, 1], { kernel: 1, filters: 1 }),
  windowCase([2, 5, 4, 3], { kernel: 2, filters: 5 }),
  windowCase([2, 7, 5, 4], { kernel: 3, filters: 7, padding: 'same' }),
  windowCase([2, 6, 7, 2], { kernel: 4, filters: 3, padding: 'same' }),
  windowCase([1, 3, 3, 2], { kernel: 5, filters: 4, padding: 'same' }),
  windowCase([2, 4, 4, 1], { kernel: [4, 4], filters: 6 }),
  windowCase([2, 9, 8, 3], { kernel: 3, filters: 4, stride: 2, padding: 'same' }),
  windowCase([2, 9, 8, 5], { kernel: [3, 2], filters: 4, stride: [1, 2] }),
  windowCase([1, 8, 7, 2], { kernel: 2, filters: 3, stride: 3 }),
  windowCase([1, 9, 10, 3], { kernel: 3, filters: 2, dilation: 2, padding: 'same' }),
  windowCase([1, 12, 11, 2], { kernel: 3, filters: 3, dilation: [2, 3], stride: [2, 2], padding: 'same' }),
  windowCase([2, 6, 6, 6], { kernel: 3, filters: 4, groups: 2, padding: 'same' }),
  windowCase([1, 7, 6, 5], { kernel: 3, filters: 10, groups: 5, stride: 2, padding: 'same' }),
  windowCase([2, 1, 13, 6], { kernel: [1, 3], filters: 5, padding: 'causal', dilation: [1, 2] }),
  windowCase([2, 9, 19, 2], { kernel: 3, filters: 3, padding: 'same' }), // narrow: pixels take the lanes, in y and dx
  windowCase([1, 6, 37, 4], { kernel: [2, 4], filters: 1 }),
  windowCase([2, 1, 11, 4], { kernel: [1, 4], filters: 3, stride: [1, 3], padding: 'same' }),
  windowCase([2, 6, 5, 17], { kernel: 1, filters: 33 }),
];

// Longer than a chunk, odd tails, large enough to be threaded and to be cut into several blocks.
const largeCases: WindowCase[] = [
  windowCase([3, 16, 16, 17], { kernel: 3, filters: 35, padding: 'same' }), // K = 153; 768 pixels
  windowCase([2, 9, 13, 66], { kernel: [3, 2], filters: 49, padding: 'same' }), // K = 396
  windowCase([5, 32, 32, 3], { kernel: 3, filters: 32, padding: 'same' }), // 5120 pixels: dw in 5 groups
  windowCase([5, 58, 58, 1], { kernel: 2, filters: 2, padding: 'same' }), // 16820 pixels: of 16 groups of dw two are empty
  windowCase([3, 8, 8, 130], { kernel: 2, filters: 65, padding: 'same' }), // K = 520
  windowCase([2, 17, 19, 40], { kernel: 3, filters: 40, stride: 2, padding: 'same' }),
  windowCase([2, 1, 700, 6], { kernel: [1, 5], filters: 20, padding: 'causal' }), // lines longer than a chunk
  windowCase([1, 1, 1500, 70], { kernel: [1, 3], filters: 18, dilation: [1, 4], padding: 'same' }), // a line is several blocks
  windowCase([2, 10, 40, 3], { kernel: 5, filters: 30, padding: 'same' }), // dx narrow, K = 750
  windowCase([2, 15, 21, 30], { kernel: 4, filters: 3, stride: 2, padding: 'same' }), // y narrow
  windowCase([2, 31, 29, 3], { kernel: 3, filters: 40, stride: 2, padding: 'same' }), // few channels: lines as they lie
  windowCase([1, 5, 29, 3], { kernel: 9, filters: 18, padding: 'same' }), // tap lines that are never all in the image
  windowCase([5, 30, 31, 3], { kernel: 2, filters: 50 }), // all rows of dw at once: 2 tap lines, 3, 3 of one channel
  windowCase([4, 37, 40, 3], { kernel: 3, filters: 72, dilation: [2, 1], padding: 'same' }),
  windowCase([4, 33, 40, 1], { kernel: 3, filters: 33, stride: [2, 1], padding: 'same' }),
  windowCase([1, 70, 60, 32], { kernel: 3, filters: 8, padding: 'same' }), // an image is several blocks
  windowCase([2, 12, 12, 64], { kernel: 3, filters: 64, groups: 2, padding: 'same' }),
  windowCase([2, 17, 23, 40], { kernel: 1, filters: 40, stride: 2 }), // lines and columns that no tap meets
  windowCase([2, 18, 25, 40], { kernel: 2, filters: 33, stride: 3, padding: 'same' }),
  windowCase([2, 10, 40, 24], { kernel: 3, filters: 20, dilation: [1, 3] }), // taps that reach as far as a tile is wide
  windowCase([2, 1, 90, 40], { kernel: [1, 12], filters: 20, padding: 'same' }), // and further: planes
  windowCase([1, 12, 22, 18], { kernel: 3, filters: 20, dilation: [2, 3], stride: [2, 2], padding: 'same' }),
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
    w: randomFloats(kernelLength(c), 2, 1 / Math.sqrt((c.kh * c.kw * c.C) / c.groups)),
    b: randomFloats(c.F, 3),
    dy: randomFloats(outputLength(c), 4),
  };
}
function doubled(d: Data<Float32Array>): Data<Float64Array> {
  return { x: toDouble(d.x), w: toDouble(d.w), b: toDouble(d.b), dy: toDouble(d.dy) };
}

function forward<T extends FloatArray>(c: WindowCase, d: Data<T>, activation: ActivationCode, bias = true): T {
  const y = outputLike(d.x, outputLength(c), 'y');
  native.convForward(d.x, d.w, bias ? d.b : null, y, geometryOf(c), activation);
  return y;
}
function backward<T extends FloatArray>(c: WindowCase, d: Data<T>, y: T, activation: ActivationCode): { dx: T; dw: T; db: T; dz: T } {
  const out = {
    dz: outputLike(d.x, outputLength(c), 'dz'),
    dx: outputLike(d.x, inputLength(c), 'dx'),
    dw: outputLike(d.x, kernelLength(c), 'dw'),
    db: outputLike(d.x, c.F, 'db'),
  };
  native.convBackward(d.x, d.w, y, d.dy, out.dz, out.dx, out.dw, out.db, geometryOf(c), activation);
  if (activation === ACTIVATIONS.linear) out.dz.set(d.dy);
  return out;
}

/** The definition, with loops as in a textbook. */
function plainForward(c: WindowCase, d: Data<Float64Array>): Float64Array {
  const y = new Float64Array(outputLength(c));
  const Cg = c.C / c.groups;
  const Fg = c.F / c.groups;
  let at = 0;
  for (let n = 0; n < c.N; n++)
    for (let oy = 0; oy < c.OH; oy++)
      for (let ox = 0; ox < c.OW; ox++)
        for (let f = 0; f < c.F; f++) {
          let sum = d.b[f] as number;
          for (let ky = 0; ky < c.kh; ky++)
            for (let kx = 0; kx < c.kw; kx++) {
              const iy = oy * c.sh - c.pt + ky * c.dh;
              const ix = ox * c.sw - c.pl + kx * c.dw;
              if (iy < 0 || iy >= c.H || ix < 0 || ix >= c.W) continue;
              for (let i = 0; i < Cg; i++) {
                const channel = Math.floor(f / Fg) * Cg + i;
                sum += (d.x[((n * c.H + iy) * c.W + ix) * c.C + channel] as number) * (d.w[((ky * c.kw + kx) * Cg + i) * c.F + f] as number);
              }
            }
          y[at++] = sum;
        }
  return y;
}

describe('convolution', () => {
  it.each([...cases, ...largeCases].map((c) => [c.label, c] as const))('%s: the same bits everywhere, close to double', (label, c) => {
    const d = dataOf(c);
    const activation = ACTIVATIONS.relu;
    const y = expectSameBitsEverywhere(label, () => ({ y: forward(c, d, activation) })).y;
    const gradients = expectSameBitsEverywhere(label, () => backward(c, d, y, activation));
    const dd = doubled(d);
    const K = (c.kh * c.kw * c.C) / c.groups;
    expectClose(y, forward(c, dd, activation), accum(K), 'y');
    const exact = backward(c, dd, toDouble(y), activation);
    const pixels = c.N * c.OH * c.OW;
    expectClose(gradients.dx, exact.dx, accum((c.kh * c.kw * c.F) / c.groups), 'dx');
    expectClose(gradients.dw, exact.dw, accum(pixels), 'dw', Math.sqrt(pixels));
    expectClose(gradients.db, exact.db, accum(pixels), 'db', Math.sqrt(pixels));
  });

  it.each(Object.entries(ACTIVATIONS))('activation %s is fused with the same bits, with and without a bias', (name, activation) => {
    for (const shape of [windowCase([2, 6, 7, 5], { kernel: 3, filters: 37, padding: 'same' }), windowCase([2, 5, 5, 4], { kernel: 2, filters: 9 })]) {
      const d = dataOf(shape);
      for (const bias of [true, false]) {
        const { y } = expectSameBitsEverywhere(`${name} ${shape.label}`, () => ({ y: forward(shape, d, activation, bias) }));
        expectClose(y, forward(shape, doubled(d), activation, bias), accum(shape.kh * shape.kw * shape.C), name);
        expectSameBitsEverywhere(`${name} ${shape.label}`, () => backward(shape, d, y, activation));
      }
    }
  });

  it.each(cases.map((c) => [c.label, c] as const))('%s: the double reference is the definition, and its gradients its derivatives', (_, c) => {
    const d = doubled(dataOf(c));
    const y = forward(c, d, ACTIVATIONS.linear);
    expectClose(y, plainForward(c, d), 1e-12, 'y');
    for (const activation of [ACTIVATIONS.linear, ACTIVATIONS.tanh, ACTIVATIONS.sigmoid]) {
      const g = backward(c, d, forward(c, d, activation), activation);
      const loss = (): number => dot(forward(c, d, activation), d.dy);
      expectGradient(loss, d.x, g.dx, 'dx');
      expectGradient(loss, d.w, g.dw, 'dw');
      expectGradient(loss, d.b, g.db, 'db');
    }
    checkCanaries();
  });

  // Enough work that searching dz pays.
  const sparseCases: WindowCase[] = [
    windowCase([4, 1, 90, 40], { kernel: [1, 3], filters: 50 }), // in front of a maximum over a text
    windowCase([1, 1, 1500, 70], { kernel: [1, 3], filters: 18, dilation: [1, 4], padding: 'same' }), // chunks of one sum
    windowCase([2, 1, 400, 30], { kernel: [1, 5], filters: 20, padding: 'causal' }),
    windowCase([2, 17, 19, 40], { kernel: 3, filters: 40, stride: 2, padding: 'same' }),
    windowCase([3, 19, 17, 33], { kernel: [4, 3], filters: 21, stride: [3, 2], padding: 'same' }),
    windowCase([2, 20, 20, 32], { kernel: 4, filters: 32, groups: 2, padding: 'same' }),
    windowCase([5, 58, 58, 10], { kernel: 2, filters: 8 }), // dw in 16 groups
    windowCase([20, 1, 1, 512], { kernel: 1, filters: 120 }), // one pixel an image
    windowCase([1, 2, 3, 512], { kernel: [2, 3], filters: 700 }), // fewer pixels than pieces of the search
  ];
  /** The winners of a maximum over all positions, one per image and filter of those that have any, and a few more. */
  function winners(c: WindowCase, share: number): Float32Array {
    const all = randomFloats(outputLength(c), 4);
    const draw = randomFloats(outputLength(c), 5);
    const threshold = 1 - 2 * share;
    return all.map((v, i) => ((draw[i] as number) > threshold ? v : 0));
  }
  it.each(sparseCases.map((c) => [c.label, c] as const))('%s: leaves out the zeros of a sparse dz, with the same bits', (label, c) => {
    const d = dataOf(c);
    for (const share of [0, 1 / 600, 1 / 40, 1 / 10]) {
      const sparse = { ...d, dy: winners(c, share) };
      native.resetKernelsRun();
      const gradients = expectSameBitsEverywhere(`${label} ${share}`, () => backward(c, sparse, d.dy, ACTIVATIONS.linear));
      const run = native.kernelsRun();
      for (const isa of native.isas().filter((name) => name !== 'ref')) {
        const left = share < 1 / 16;
        expect([run[`f32_conv_sparse_bwd_weights__${isa}`] !== undefined, run[`f32_conv_sparse_bwd_data__${isa}`] !== undefined]).toEqual([left, left]);
      }
      const exact = backward(c, doubled(sparse), toDouble(d.dy), ACTIVATIONS.linear);
      const pixels = c.N * c.OH * c.OW;
      expectClose(gradients.dx, exact.dx, accum((c.kh * c.kw * c.F) / c.groups), 'dx');
      expectClose(gradients.dw, exact.dw, accum(pixels), 'dw', Math.sqrt(pixels));
    }
  });

  it('carries a NaN of a sparse dz to the window that it is in, and no further', () => {
    const c = sparseCases[0] as WindowCase;
    const d = { ...dataOf(c), dy: winners(c, 0) };
    d.dy[(90 - 3) * 50 + 7] = NaN; // last pixel of the first image, filter 7
    const { dx, dw } = expectSameBitsEverywhere('NaN', () => backward(c, d, d.dy, ACTIVATIONS.linear));
    expect(dx.findIndex(Number.isNaN)).toBe(87 * 40);
    expect(dx.filter(Number.isNaN).length).toBe(3 * 40);
    expect([...dw].every((v, i) => Number.isNaN(v) === (i % 50 === 7))).toBe(true);
  });

  it.each(
    [
      windowCase([4, 1, 90, 40], { kernel: [1, 3], filters: 50 }),
      windowCase([5, 1, 61, 20], { kernel: [1, 4], filters: 33, padding: 'same' }),
      windowCase([3, 1, 120, 18], { kernel: [1, 3], filters: 20, padding: 'causal', dilation: [1, 2] }),
      windowCase([4, 1, 80, 24], { kernel: [1, 5], filters: 36, groups: 2 }),
      windowCase([3, 1, 70, 30], { kernel: [1, 3], filters: 3, padding: 'same' }), // narrow
      windowCase([1, 1, 1500, 70], { kernel: [1, 3], filters: 18, padding: 'same' }), // a line is several blocks
      windowCase([4, 1, 90, 17], { kernel: [1, 3], filters: 20, stride: [1, 2] }),
    ].map((c) => [c.label, c] as const),
  )('%s: over the padding of a text, the same bits', (label, c) => {
    const d = dataOf(c);
    // Columns from a place on are alike: from the first in one image, in another only the last two.
    const repeat = (values: Float32Array, columns: number, width: number): void => {
      for (let n = 0; n < c.N; n++) {
        const from = [Math.floor(columns / 3), 0, columns - 2, columns - 25][n % 4] as number;
        for (let x = from + 1; x < columns; x++) values.copyWithin((n * columns + x) * width, (n * columns + from) * width, (n * columns + from + 1) * width);
      }
    };
    repeat(d.x, c.W, c.C);
    repeat(d.dy, c.OW, c.F);
    const { y } = expectSameBitsEverywhere(label, () => ({ y: forward(c, d, ACTIVATIONS.relu) }));
    expectSameBitsEverywhere(label, () => backward(c, d, y, ACTIVATIONS.linear));
    d.x[c.C * (c.W - 1)] = NaN;
    expectSameBitsEverywhere(`${label}, NaN`, () => ({ y: forward(c, d, ACTIVATIONS.linear) }));
  });

  it('writes only what is asked for, and dz may be dy', () => {
    const c = windowCase([2, 5, 6, 3], { kernel: 3, filters: 4, padding: 'same' });
    const d = dataOf(c);
    const y = forward(c, d, ACTIVATIONS.relu);
    const all = backward(c, d, y, ACTIVATIONS.relu);
    const dz = d.dy.slice();
    const dw = outputLike(d.w, kernelLength(c), 'dw');
    native.convBackward(d.x, d.w, y, dz, dz, null, dw, null, geometryOf(c), ACTIVATIONS.relu);
    checkCanaries();
    expect(dw).toEqual(all.dw);
    expect(dz).toEqual(all.dz);
  });

  it('carries NaN and infinity from a pixel to the windows that hold it', () => {
    const c = windowCase([1, 5, 5, 1], { kernel: 3, filters: 1, padding: 'same' });
    const d = { ...dataOf(c), w: new Float32Array(9).fill(1), b: new Float32Array(1) };
    d.x.fill(0);
    d.x[0] = NaN;
    d.x[24] = Infinity;
    const { y } = expectSameBitsEverywhere('NaN', () => ({ y: forward(c, d, ACTIVATIONS.relu) }));
    expect(Array.from(y, (v) => (Number.isNaN(v) ? 'n' : v === Infinity ? 'i' : String(v))).join('')).toBe('nn000nn00000000000ii000ii');
  });

  it('of few channels and a dz nearly all zeros has the same dw on any number of threads, where a term underflows too', () => {
    const c = windowCase([1, 18, 18, 8], { kernel: 3, filters: 64 });
    const d = dataOf(c);
    d.x.fill(1e-30);
    d.dy.fill(0);
    d.dy[d.dy.length - c.F] = -1e-30; // the last pixel: its products are −0
    const y = forward(c, d, ACTIVATIONS.linear);
    const { dw } = expectSameBitsEverywhere('underflow', () => backward(c, d, y, ACTIVATIONS.linear));
    expect(Object.is(dw?.[0], -0)).toBe(true);
  });

  it('counts its variants', () => {
    const c = windowCase([1, 4, 4, 2], { kernel: 2, filters: 2 });
    const d = dataOf(c);
    for (const isa of native.isas()) {
      native.resetKernelsRun();
      const y = withSetting(isa, 1, () => forward(c, d, 0));
      withSetting(isa, 1, () => backward(c, d, y, 0)); // dw and db in one pass
      expect(native.kernelsRun()).toMatchObject({
        [`f32_conv_fwd__${isa}`]: 1,
        [`f32_conv_bwd_data__${isa}`]: 1,
        [`f32_conv_act_bwd_weights__${isa}`]: 1,
      });
      native.resetKernelsRun();
      const dw = new Float32Array(kernelLength(c));
      withSetting(isa, 1, () => native.convBackward(d.x, d.w, y, d.dy, new Float32Array(y.length), null, dw, null, geometryOf(c), 0));
      expect(native.kernelsRun()).toEqual({ [`f32_conv_bwd_weights__${isa}`]: 1 });
    }
  });

  describe('refuses', () => {
    const c = windowCase([2, 5, 6, 4], { kernel: 3, filters: 6, padding: 'same' });
    const d = dataOf(c);
    const call = (change: Partial<WindowCase>): void => {
      native.convForward(d.x, d.w, d.b, new Float32Array(outputLength(c)), geometryOf({ ...c, ...change }), 0);
    };
    it.each<[string, Partial<WindowCase>, RegExp]>([
      ['no rows', { N: 0 }, /expected N of the geometry to be 1 or more, received 0/],
      ['a negative padding', { pt: -1 }, /padTop of the geometry to be 0 or more/],
      ['a stride of 0', { sw: 0 }, /strideW/],
      ['a padding as long as the window', { pl: 3 }, /padding before W to be at most 2/],
      ['outputs that start outside', { OH: 9 }, /last of 9 windows along H to start inside the image of 5/],
      ['groups that do not divide', { groups: 4 }, /groups to divide 4 channels and 6 filters/],
      ['more values than there are', { N: 2 ** 30, H: 2 ** 20 }, /at most 2\^40 values/],
      ['a longer batch than x holds', { N: 3 }, /expected x of 360 values, received 240/],
    ])('%s', (_, change, message) => expectError(() => call(change), 'ERR_SHAPE', message));

    it('arrays of another length or type, by name', () => {
      const y = new Float32Array(outputLength(c));
      const g = geometryOf(c);
      expectError(() => native.convForward(d.x, d.w.subarray(1), d.b, y, g, 0), 'ERR_SHAPE', /\[convForward\] expected w of 216 values, received 215/);
      expectError(() => native.convForward(d.x, d.w, d.b.subarray(1), y, g, 0), 'ERR_SHAPE', /expected b of 6/);
      expectError(() => native.convForward(d.x, d.w, d.b, y.subarray(1), g, 0), 'ERR_SHAPE', /expected y of 360/);
      expectError(() => native.convForward(d.x, toDouble(d.w), d.b, y, g, 0), 'ERR_DTYPE', /expected w to be float32, received float64/);
      expectError(() => native.convForward(d.x, d.w, d.b, y, g.subarray(1), 0), 'ERR_SHAPE', /expected geometry of 16/);
      expectError(() => native.convForward(d.x, d.w, d.b, y, g, 9 as ActivationCode), 'ERR_ARG', /expected activation/);
      const back = (o: { dz?: FloatArray; dx?: FloatArray; dw?: FloatArray; db?: FloatArray }): void =>
        native.convBackward(d.x, d.w, y, y, o.dz ?? y.slice(), o.dx ?? null, o.dw ?? null, o.db ?? null, g, 0);
      expectError(() => back({ dz: y.subarray(1) }), 'ERR_SHAPE', /\[convBackward\] expected dz of 360/);
      expectError(() => back({ dx: y }), 'ERR_SHAPE', /expected dx of 240/);
      expectError(() => back({ dw: y }), 'ERR_SHAPE', /expected dw of 216/);
      expectError(() => back({ db: toDouble(d.b) }), 'ERR_DTYPE', /expected db to be float32/);
    });
  });
});
