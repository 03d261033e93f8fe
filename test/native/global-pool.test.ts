import { describe, expect, it } from 'vitest';
import { accum, dot, expectClose, expectError, expectGradient, expectSameBitsEverywhere, native, output, outputDouble, randomFloats, randomInts, toDouble } from './helpers.js'; // prettier-ignore

const SHAPES: [number, number, number][] = [[1, 1, 1], [3, 7, 5], [2, 40, 128], [5, 9, 33], [64, 40, 128], [0, 3, 4], [2, 300, 17], [3, 50, 101]]; // prettier-ignore

describe('global pooling', () => {
  for (const [N, cells, C] of SHAPES) {
    it(`${N} items of ${cells} cells, ${C} channels`, () => {
      const x = randomFloats(N * cells * C, 1).map((v) => Math.round(4 * v) / 4 + 0); // ties, one zero
      const dy = randomFloats(N * C, 2);
      const mask = Uint8Array.from(randomInts(N * cells, 3, 3), (v) => Math.min(1, v));
      for (let n = 0; n < N; n++) mask[n * cells] = 1;
      for (const m of [null, mask]) {
        const got = expectSameBitsEverywhere('average', () => {
          const [y, dx] = [output(N * C), output(N * cells * C)];
          native.globalAverageForward(x, m, y, N, cells, C);
          native.globalAverageBackward(dy, m, dx, N, cells, C);
          return { y, dx };
        });
        const [y64, dx64, x64] = [outputDouble(N * C), outputDouble(N * cells * C), toDouble(x)];
        const loss = (): number => (native.globalAverageForward(x64, m, y64, N, cells, C), dot(y64, dy));
        loss();
        native.globalAverageBackward(toDouble(dy), m, dx64, N, cells, C);
        expectClose(got.y, y64, accum(cells), 'y');
        expectClose(got.dx, dx64, accum(1), 'dx');
        if (N > 0) expectGradient(loss, x64, dx64, 'x');
      }
      const got = expectSameBitsEverywhere('max', () => {
        const [y, dx] = [output(N * C), output(N * cells * C)];
        native.globalMaxForward(x, y, N, cells, C);
        native.globalMaxBackward(x, y, dy, dx, N, cells, C);
        return { y, dx };
      });
      const [top, share] = [new Float32Array(N * C), new Float32Array(N * cells * C)];
      for (let i = 0; i < N * C; i++) {
        const column = Array.from({ length: cells }, (_, t) => Math.floor(i / C) * cells * C + t * C + (i % C));
        top[i] = Math.max(...column.map((at) => x[at] as number));
        const winners = column.filter((at) => x[at] === top[i]);
        for (const at of winners) share[at] = (dy[i] as number) / winners.length;
      }
      expectClose(got.y, top, 0, 'y');
      expectClose(got.dx, share, 0, 'dx');
      const [y64, dx64] = [outputDouble(N * C), outputDouble(N * cells * C)];
      native.globalMaxForward(toDouble(x), y64, N, cells, C);
      native.globalMaxBackward(toDouble(x), y64, toDouble(dy), dx64, N, cells, C);
      expectClose(got.y, y64, 0);
      expectClose(got.dx, dx64, accum(1));
    });
  }

  it('NaN and infinities', () => {
    for (const times of [1, 34]) {
      const repeat = (...row: number[]): number[] => Array.from({ length: times }, () => row).flat();
      const x = Float32Array.of(...repeat(NaN, -Infinity, 1), ...repeat(Infinity, -Infinity, NaN));
      const { y, dx } = expectSameBitsEverywhere('specials', () => {
        const [top, d] = [output(3 * times), output(6 * times)];
        native.globalMaxForward(x, top, 1, 2, 3 * times);
        native.globalMaxBackward(x, top, Float32Array.of(...repeat(1, 1, 1)), d, 1, 2, 3 * times);
        return { y: top, dx: d };
      });
      expect([...y]).toEqual(repeat(NaN, -Infinity, NaN));
      expect([...dx]).toEqual([...repeat(0, 0.5, 0), ...repeat(0, 0.5, 0)]);
    }
  });

  it('refuses wrong lengths and nothing to pool', () => {
    const f = (n: number): Float32Array => new Float32Array(n);
    expectError(() => native.globalAverageForward(f(6), null, f(3), 1, 3, 2), 'ERR_SHAPE', /y of 2/);
    expectError(() => native.globalAverageForward(f(6), new Uint8Array(2), f(2), 1, 3, 2), 'ERR_SHAPE', /mask of 3/);
    expectError(() => native.globalMaxForward(f(0), f(2), 1, 0, 2), 'ERR_SHAPE', /at least 1 cell/);
    expectError(() => native.globalMaxBackward(f(6), f(2), f(2), f(5), 1, 3, 2), 'ERR_SHAPE', /dx of 6/);
  });
});
