import { describe, expect, it } from 'vitest';
import { MERGES } from '../../src/backend/backend.js';
import { mergeLayout, moveLayout, permuteLayout, reduceLayout, type MoveAxis } from '../../src/layers/strides.js';
import {
  accum,
  dot,
  expectClose,
  expectError,
  expectGradient,
  expectSameBitsEverywhere,
  native,
  output,
  outputDouble,
  randomFloats,
  toDouble,
} from './helpers.js';

describe('moves', () => {
  const moved = (x: Float32Array, size: number, layout: Int32Array, clear = false): Float32Array =>
    expectSameBitsEverywhere('move', () => {
      const y = output(size);
      native.move(x, y, layout, clear);
      return { y };
    }).y;

  it('permutes', () => {
    const [a, b, c] = [37, 5, 19];
    const x = randomFloats(a * b * c, 1);
    for (const order of [[0, 1, 2], [2, 0, 1], [1, 0, 2], [0, 2, 1], [2, 1, 0]]) {
      const y = moved(x, x.length, permuteLayout([a, b, c], order));
      const sizes = order.map((axis) => [a, b, c][axis] as number) as [number, number, number];
      const expected = Float32Array.from({ length: x.length }, (_, i) => {
        const at = [Math.floor(i / (sizes[1] * sizes[2])), Math.floor(i / sizes[2]) % sizes[1], i % sizes[2]];
        const from = [0, 1, 2].map((axis) => at[order.indexOf(axis)] as number) as [number, number, number];
        return x[(from[0] * b + from[1]) * c + from[2]] as number;
      });
      expect(y).toEqual(expected);
    }
  });

  it('repeats, and sums what was repeated', () => {
    const x = randomFloats(6 * 20, 2);
    const axes: MoveAxis[] = [
      { length: 6, x: 20, y: 60 },
      { length: 3, x: 0, y: 20 },
      { length: 20, x: 1, y: 1 },
    ];
    const y = moved(x, 360, moveLayout(axes));
    for (let i = 0; i < 360; i++) expect(y[i]).toBe(x[Math.floor(i / 60) * 20 + (i % 20)]);
    const back = moved(y, 120, moveLayout(axes.map((axis) => ({ length: axis.length, x: axis.y, y: axis.x, reduced: axis.x === 0 }))));
    expectClose(back, x.map((v) => 3 * v), accum(3), 'sums');
  });

  it('pads with zeros where asked to, and leaves the rest alone', () => {
    const x = randomFloats(8, 3);
    const y = moved(x, 30, moveLayout([{ length: 2, x: 4, y: 10 }, { length: 4, x: 1, y: 1 }], 0, 13), true);
    expect([...y].map((v, i) => (v === 0 ? '' : i)).filter((i) => i !== '')).toEqual([13, 14, 15, 16, 23, 24, 25, 26]);
  });

  it('sums long axes in chunks, with dense and with scattered results', () => {
    for (const [from, to] of [[[700, 3, 40], [1, 3, 40]], [[4, 900], [4, 1]], [[40, 20, 7], [1, 1, 1]], [[3, 50, 6], [3, 1, 6]]] as const) {
      const size = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);
      const x = randomFloats(size(from), 4);
      const y = moved(x, size(to), reduceLayout(from, to));
      const exact = outputDouble(size(to));
      native.move(toDouble(x), exact, reduceLayout(from, to), false);
      expectClose(y, exact, accum(size(from) / size(to)), 'sums', 30);
    }
  });

  it('refuses layouts that reach outside', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.move(f(5), f(6), moveLayout([{ length: 6, x: 1, y: 1 }]), false), 'ERR_SHAPE', /x to reach to 5/);
    expectError(() => native.move(f(6), f(6), moveLayout([{ length: 6, x: 1, y: 1 }], 0, 1), false), 'ERR_SHAPE', /y to reach to 6/);
    expectError(() => native.move(f(6), f(6), Int32Array.of(1, 0, 0, 0, 6, -1, 1), false), 'ERR_ARG', /strides of x/);
    expectError(() => native.move(f(6), f(6), Int32Array.of(1, 0, 0), false), 'ERR_ARG', /1 to 8 axes/);
  });
});

describe('merges', () => {
  const size = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);
  const SCALAR: Record<keyof typeof MERGES, (a: number, b: number, c: number) => number> = {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    maximum: (a, b) => Math.max(a, b),
    minimum: (a, b) => Math.min(a, b),
    whereNotLess: (a, b, c) => (b > a ? 0 : c),
    whereLess: (a, b, c) => (b > a ? c : 0),
    whereNotMore: (a, b, c) => (b < a ? 0 : c),
    whereMore: (a, b, c) => (b < a ? c : 0),
    prelu: (a, b) => (a > 0 ? a : a * b),
    preluInput: (a, b, c) => (a > 0 ? c : a < 0 ? c * b : 0),
    preluSlope: (a, _b, c) => (a < 0 ? c * a : 0),
  };
  for (const [name, op] of Object.entries(MERGES) as [keyof typeof MERGES, (typeof MERGES)[keyof typeof MERGES]][]) {
    it(`${name} of broadcast shapes`, () => {
      for (const [a, b] of [[[3, 4, 5], [3, 4, 5]], [[70, 4, 21], [70, 1, 21]], [[6, 1, 9], [1, 5, 9]], [[40, 1], [1, 33]], [[5000, 20], [5000, 20]]] as const) {
        const shape = a.map((n, i) => Math.max(n, b[i] as number));
        const [x, y, c] = [randomFloats(size(a), 1), randomFloats(size(b), 2), randomFloats(size(shape), 3)];
        x[0] = 0;
        const got = expectSameBitsEverywhere(name, () => {
          const out = output(size(shape));
          native.merge(x, y, c, out, mergeLayout(shape, a, b), op);
          return { out };
        }).out;
        const at = (i: number, own: readonly number[]): number => {
          let [rest, index, stride] = [i, 0, 1];
          for (let k = shape.length - 1; k >= 0; k--) {
            if (own[k] !== 1) index += (rest % (shape[k] as number)) * stride;
            stride *= own[k] as number;
            rest = Math.floor(rest / (shape[k] as number));
          }
          return index;
        };
        const expected = Float32Array.from(got, (_, i) => SCALAR[name](x[at(i, a)] as number, y[at(i, b)] as number, c[i] as number));
        expectClose(got, expected, 0, name);
      }
    });
  }

  it('refuses what does not fit', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    const layout = mergeLayout([2, 3], [2, 3], [2, 3]);
    expectError(() => native.merge(f(6), f(6), null, f(6), layout, 5), 'ERR_ARG', /expected c/);
    expectError(() => native.merge(f(5), f(6), null, f(6), layout, 0), 'ERR_SHAPE', /a to reach/);
    expectError(() => native.merge(f(6), f(6), null, f(5), layout, 0), 'ERR_SHAPE', /y of 6/);
    expectError(() => native.merge(f(6), f(6), null, f(6), layout, 99 as 0), 'ERR_ARG', /op in/);
  });
});

describe('bilinear upsampling', () => {
  for (const [N, H, W, C, sh, sw] of [[1, 1, 1, 1, 2, 2], [2, 4, 3, 2, 3, 2], [3, 5, 7, 20, 2, 2], [2, 6, 5, 33, 1, 4]] as const) {
    it(`${[N, H, W, C].join('x')} by ${sh}, ${sw}: the same bits everywhere, the gradient of forward`, () => {
      const n = N * H * W * C;
      const x = randomFloats(n, 1);
      const dy = randomFloats(n * sh * sw, 2);
      const got = expectSameBitsEverywhere('bilinear', () => {
        const [y, dx] = [output(n * sh * sw), output(n)];
        native.bilinearForward(x, y, N, H, W, C, sh, sw);
        native.bilinearBackward(dy, dx, N, H, W, C, sh, sw);
        return { y, dx };
      });
      const [x64, dy64, y, dx] = [toDouble(x), toDouble(dy), outputDouble(n * sh * sw), outputDouble(n)];
      native.bilinearForward(x64, y, N, H, W, C, sh, sw);
      native.bilinearBackward(dy64, dx, N, H, W, C, sh, sw);
      expectClose(got.y, y, 1e-6, 'y');
      expectClose(got.dx, dx, 1e-6, 'dx', 4);
      expectGradient(() => (native.bilinearForward(x64, y, N, H, W, C, sh, sw), dot(y, dy64)), x64, dx, 'x');
    });
  }

  it('refuses wrong lengths', () => {
    expectError(() => native.bilinearForward(new Float32Array(4), new Float32Array(15), 1, 2, 2, 1, 2, 2), 'ERR_SHAPE', /y of 16/);
  });
});
