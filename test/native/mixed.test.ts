import { describe, expect, it } from 'vitest';
import { ACTIVATIONS } from '../../src/backend/backend.js';
import { describeBf16 } from '../helpers/processor.js';
import { onEveryBf16Set, rounded, withEveryBf16Set } from './bfloat16.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import {
  accum,
  expectBits,
  expectClose,
  expectError,
  native,
  output,
  outputDouble,
  outputUint8,
  randomFloats,
  toDouble,
  withSetting,
} from './helpers.js';

const BFLOAT16 = 1;

describe('where bfloat16 is not to be had', () => {
  it('an instruction set below avx512 refuses it with the reason', () => {
    withSetting('ref', 1, () => {
      expect(native.bf16Set()).toBeNull();
      expect(native.bf16Absent()).toMatch(/./);
      const x = randomFloats(4, 1);
      expectError(() => native.matmul(x, x, output(4), 2, 2, 2, false, false, BFLOAT16), 'ERR_DEVICE', /bfloat16.*precision: 'float32'/);
      expectError(() => native.convForward(x, x.subarray(0, 1), null, output(4), Int32Array.of(1, 1, 4, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 4, 1, 1, 1), 0), 'ERR_DEVICE', /bfloat16/);
    });
  });

  it('an unknown precision or set is an error', () => {
    const x = randomFloats(4, 1);
    expectError(() => native.matmul(x, x, output(4), 2, 2, 2, false, false, 2 as never), 'ERR_ARG', /0 \(float32\) or 1 \(bfloat16\), received 2/);
    expectError(() => native.setBf16Set('bf8'), 'ERR_ARG', /received bf8/);
  });
});

describeBf16('products in bfloat16, against the double reference on rounded operands', () => {
  const SHAPES: [number, number, number][] = [
    [1, 1, 1], [3, 5, 0], [1, 17, 33], [13, 31, 7], [16, 32, 32], [17, 33, 65], [32, 64, 256], [47, 16, 513], [130, 70, 600], [33, 530, 1100], [96, 40, 1030], [2, 600, 2100],
  ]; // prettier-ignore
  for (const [M, N, K] of SHAPES) {
    it(`matmul ${M}x${N}x${K}, all four transpositions`, () => {
      const a = randomFloats(M * K, 1);
      const b = randomFloats(K * N, 2);
      for (const [ta, tb] of [[false, false], [false, true], [true, false], [true, true]] as const) {
        const y64 = outputDouble(M * N);
        native.matmul(toDouble(rounded(a)), toDouble(rounded(b)), y64, M, N, K, ta, tb);
        const results = onEveryBf16Set(`matmul ${ta} ${tb}`, () => {
          const y = output(M * N);
          native.matmul(a, b, y, M, N, K, ta, tb, BFLOAT16);
          return { y };
        });
        for (const { y } of results) expectClose(y, y64, accum(K), 'y', Math.sqrt(K) + 1);
      }
    });
  }

  it('the kernels that ran are those of the set', () => {
    const x = randomFloats(4, 1);
    withEveryBf16Set((set) => {
      native.resetKernelsRun();
      native.matmul(x, x, output(4), 2, 2, 2, false, false, BFLOAT16);
      expect(native.kernelsRun()).toEqual({ [`bf16_gemm__${set}`]: 1 });
    });
  });

  it('a dense layer: forward with bias and activation, and all gradients', () => {
    const [M, D, U] = [45, 83, 37];
    const x = randomFloats(M * D, 1);
    const w = randomFloats(D * U, 2);
    const b = randomFloats(U, 3);
    const dy = randomFloats(M * U, 4);
    const none = null;
    for (const { y, dx, dw, db } of onEveryBf16Set('dense', () => {
      const out = { y: output(M * U), dx: output(M * D), dw: output(D * U), db: output(U) };
      native.denseForward(x, w, b, out.y, M, D, U, ACTIVATIONS.relu, BFLOAT16);
      native.denseBackward(x, w, out.y, dy, dy.slice(), out.dx, out.dw, out.db, M, D, U, ACTIVATIONS.linear, BFLOAT16);
      return out;
    })) {
      const y64 = outputDouble(M * U);
      native.denseForward(toDouble(rounded(x)), toDouble(rounded(w)), toDouble(b), y64, M, D, U, ACTIVATIONS.relu);
      expectClose(y, y64, accum(D), 'y', Math.sqrt(D) + 1);
      const dx64 = outputDouble(M * D);
      const dw64 = outputDouble(D * U);
      const g = toDouble(rounded(dy));
      native.denseBackward(toDouble(rounded(x)), toDouble(rounded(w)), y64, g, g.slice(), dx64, dw64, none, M, D, U, ACTIVATIONS.linear);
      expectClose(dx, dx64, accum(U), 'dx', Math.sqrt(U) + 1);
      expectClose(dw, dw64, accum(M), 'dw', Math.sqrt(M) + 1);
      // The bias gradient is no product: float32 as ever.
      const exact = outputDouble(U);
      native.denseBackward(toDouble(x), toDouble(w), y64, toDouble(dy), toDouble(dy), none, none, exact, M, D, U, ACTIVATIONS.linear);
      expectClose(db, exact, accum(M), 'db', Math.sqrt(M) + 1);
    }
  });
});

const convolutions: WindowCase[] = [
  windowCase([1, 1, 1, 1], { kernel: 1, filters: 1 }),
  windowCase([2, 7, 5, 4], { kernel: 3, filters: 7, padding: 'same' }),
  windowCase([2, 6, 7, 32], { kernel: 3, filters: 35, padding: 'same' }),
  windowCase([3, 8, 8, 64], { kernel: 3, filters: 32, padding: 'same' }),
  windowCase([2, 9, 8, 33], { kernel: 3, filters: 20, stride: 2, padding: 'same' }),
  windowCase([2, 9, 8, 32], { kernel: [3, 2], filters: 64, stride: [1, 2] }),
  windowCase([1, 8, 7, 2], { kernel: 2, filters: 3, stride: 3 }),
  windowCase([1, 12, 11, 18], { kernel: 3, filters: 3, dilation: [2, 3], stride: [2, 2], padding: 'same' }),
  windowCase([2, 6, 6, 6], { kernel: 3, filters: 4, groups: 2, padding: 'same' }),
  windowCase([2, 6, 6, 64], { kernel: 3, filters: 64, groups: 2, padding: 'same' }),
  windowCase([2, 1, 40, 24], { kernel: [1, 3], filters: 18, padding: 'causal', dilation: [1, 2] }),
  windowCase([5, 16, 16, 17], { kernel: 4, filters: 35, padding: 'same' }), // 1280 pixels: several chunks of dw
];
const field = (c: WindowCase): Int32Array => Int32Array.of(...geometryOf(c), 1, BFLOAT16);

describeBf16('convolution in bfloat16, against the double reference on rounded operands', () => {
  for (const c of convolutions) {
    it(c.label, () => {
      const x = randomFloats(inputLength(c), 1);
      const w = randomFloats(kernelLength(c), 2);
      const b = randomFloats(c.F, 3);
      const dy = randomFloats(outputLength(c), 4);
      const [x64, w64, dy64] = [x, w, dy].map((v) => toDouble(rounded(v))) as [Float64Array, Float64Array, Float64Array];
      const y64 = outputDouble(outputLength(c));
      const dx64 = outputDouble(inputLength(c));
      const dw64 = outputDouble(kernelLength(c));
      native.convForward(x64, w64, toDouble(b), y64, geometryOf(c), ACTIVATIONS.tanh);
      native.convBackward(x64, w64, y64, dy64, dy64.slice(), dx64, dw64, null, geometryOf(c), ACTIVATIONS.linear);
      const taps = (c.kh * c.kw * c.C) / c.groups;
      const back = (c.kh * c.kw * c.F) / c.groups;
      const pixels = c.N * c.OH * c.OW;
      for (const { y, dx, dw } of onEveryBf16Set(c.label, () => {
        const out = { y: output(outputLength(c)), dx: output(inputLength(c)), dw: output(kernelLength(c)), db: output(c.F) };
        native.convForward(x, w, b, out.y, field(c), ACTIVATIONS.tanh);
        native.convBackward(x, w, out.y, dy, dy.slice(), out.dx, out.dw, out.db, field(c), ACTIVATIONS.linear);
        return out;
      })) {
        expectClose(y, y64, accum(taps), 'y', Math.sqrt(taps) + 1);
        expectClose(dx, dx64, accum(back), 'dx', Math.sqrt(back) + 1);
        expectClose(dw, dw64, accum(pixels), 'dw', Math.sqrt(pixels) + 1);
      }
    });
  }

  it('with pooling behind it gives what the two give one after the other', () => {
    const c = windowCase([3, 9, 8, 32], { kernel: 3, filters: 20, padding: 'same' });
    const pooled = c.N * Math.floor(c.OH / 2) * Math.floor(c.OW / 2) * c.F;
    const x = randomFloats(inputLength(c), 1);
    const w = randomFloats(kernelLength(c), 2);
    const b = randomFloats(c.F, 3);
    const dy = randomFloats(pooled, 4);
    onEveryBf16Set('conv and pooling', () => {
      const z = output(outputLength(c));
      const out = { y: output(pooled), taps: outputUint8(pooled), dx: output(inputLength(c)), dw: output(kernelLength(c)), db: output(c.F) };
      native.convPoolForward(x, w, b, z, out.y, out.taps, field(c), ACTIVATIONS.relu);
      native.convPoolBackward(x, w, out.y, out.taps, dy, z, out.dx, out.dw, out.db, field(c), ACTIVATIONS.relu);
      const plain = output(outputLength(c));
      native.convForward(x, w, b, plain, field(c), ACTIVATIONS.relu);
      const highest = (n: number, py: number, px: number, f: number): number =>
        Math.max(...[0, 1, 2, 3].map((t) => plain[((n * c.OH + 2 * py + (t >> 1)) * c.OW + 2 * px + (t & 1)) * c.F + f] as number));
      expect(out.y[0]).toBe(highest(0, 0, 0, 0));
      expect(out.y[pooled - 1]).toBe(highest(c.N - 1, Math.floor(c.OH / 2) - 1, Math.floor(c.OW / 2) - 1, c.F - 1));
      const dx = output(inputLength(c));
      const dw = output(kernelLength(c));
      native.convBackward(x, w, plain, z.slice(), z.slice(), dx, dw, null, field(c), ACTIVATIONS.linear);
      expectBits(out.dx, dx, 'dx');
      expectBits(out.dw, dw, 'dw');
      return out;
    });
  });
});
