import { expect, it } from 'vitest';
import { checkCanaries, expectSameBitsEverywhere, native, output, randomFloats } from './helpers.js';

const denormals = (x: Float32Array): number => x.reduce((n, v) => n + (v !== 0 && Math.abs(v) < 2 ** -126 ? 1 : 0), 0);

it('gradients that fade over hundreds of steps end at 0, not among the denormals', () => {
  const [N, T, D, U] = [3, 400, 5, 20];
  const geometry = Int32Array.of(N, T, D, U, 2);
  const x = randomFloats(N * T * D, 1, 0.1);
  const w = randomFloats(D * 4 * U, 2, 0.1);
  const u = randomFloats(U * 4 * U, 3, 0.1);
  // A forget gate of σ(-1): what reaches step t has shrunk by 0.27 per step.
  const b = Float32Array.from({ length: 4 * U }, (_, i) => (i >= U && i < 2 * U ? -1 : 0));
  const { gates, dx } = expectSameBitsEverywhere('fading', () => {
    const y = output(N * T * U, 'y');
    const gates = output(N * T * 4 * U, 'gates');
    const cells = output(N * T * U, 'cells');
    const dx = output(N * T * D, 'dx');
    native.lstmForward(x, w, u, b, null, null, null, y, output(N * U, 'hT'), output(N * U, 'cT'), gates, cells, geometry);
    native.lstmBackward(x, w, u, null, null, null, y, gates, cells, null, new Float32Array(N * U).fill(1), null, dx, null, null, null, null, null, geometry);
    return { y, gates, cells, dx };
  });
  expect(denormals(gates)).toBe(0);
  expect(denormals(dx)).toBe(0);
  expect(gates.subarray(0, 4 * U).every((v) => v === 0)).toBe(true);
  expect(gates.subarray((T - 1) * 4 * U, T * 4 * U).some((v) => v !== 0)).toBe(true);
  checkCanaries();
});

it('the moments of rows that stopped occurring fade to 0', () => {
  const moment = Float32Array.of(1e-3, -1);
  const square = Float32Array.of(1e-6, 1);
  const weight = Float32Array.of(1, 1);
  for (let step = 0; step < 1000; step++) native.adam(weight, new Float32Array(2), moment, square, 1e-3, 0.9, 0.9, 1e-7);
  expect(Array.from(moment)).toEqual([0, 0]);
  expect(Array.from(square)).toEqual([0, 0]);
  const velocity = Float32Array.of(1);
  for (let step = 0; step < 1000; step++) native.sgd(weight.subarray(0, 1), new Float32Array(1), velocity, 0.1, 0.9, false);
  expect(velocity[0]).toBe(0);
});
