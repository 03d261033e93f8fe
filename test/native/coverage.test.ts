import { expect, it } from 'vitest';
import { kernelRows, markedKernels, uncompared } from '../helpers/bit-coverage.js';
import { expectSameBitsEverywhere, native, randomFloats } from './helpers.js';

// That every row was compared on every set is checked after the whole run, by test/helpers/bit-coverage.ts; here, that its
// lists are whole: a kernel without a mark, or outside a list, would escape it.

it('every row of every .inc marks its calls, Winograd’s variants too', () => {
  const [rows, marked] = [kernelRows(), markedKernels()];
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((row) => !marked.includes(row))).toEqual([]);
  for (const pass of ['fwd', 'bwd_data', 'bwd_weights']) expect(marked).toContain(`f32_winograd_${pass}`);
});

it('names what was not compared', () => {
  const compared = new Set(['f32_gemm__ref', 'f32_gemm__avx', 'f32_adam__ref']);
  expect(uncompared(['f32_gemm', 'f32_adam'], ['ref', 'avx'], compared)).toEqual(['f32_adam__avx']);
});

it('a comparison runs the variant of every set of this machine', () => {
  native.resetKernelsRun();
  expectSameBitsEverywhere('product', () => {
    const y = new Float32Array(6);
    native.matmul(randomFloats(8, 1), randomFloats(12, 2), y, 2, 3, 4, false, false);
    return { y };
  });
  expect(Object.keys(native.kernelsRun()).sort()).toEqual(
    native
      .isas()
      .map((isa) => `f32_gemm__${isa}`)
      .sort(),
  );
});
