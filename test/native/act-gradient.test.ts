import { describe, it } from 'vitest';
import { ACTIVATIONS } from '../../src/backend/backend.js';
import { geometryOf, inputLength, kernelLength, outputLength, windowCase, type WindowCase } from './geometry.js';
import { checkCanaries, expectBits, expectSameBitsEverywhere, native, outputLike, randomFloats } from './helpers.js';

const cases: WindowCase[] = [
  windowCase([2, 6, 8, 3], { kernel: 3, filters: 5, padding: 'same' }),
  windowCase([17, 16, 17, 3], { kernel: 3, filters: 35, padding: 'same' }), // groups without rows
  windowCase([12, 16, 16, 3], { kernel: 4, filters: 32, padding: 'same' }), // chunks made in L1
  windowCase([5, 15, 15, 20], { kernel: 2, filters: 40 }), // many channels: dz is written
  windowCase([3, 15, 15, 20], { kernel: 2, filters: 101 }), // strips of it by four, by two, and a part of one
];

describe('the gradient behind an activation, its sum and dw in one pass', () => {
  for (const [name, activation] of Object.entries(ACTIVATIONS)) {
    it.each(cases.map((c) => [c.label, c] as const))(`%s, ${name}: the bits of the separate kernels, with and without dx`, (label, c) => {
      const x = randomFloats(inputLength(c), 1);
      const w = randomFloats(kernelLength(c), 2);
      const y = randomFloats(outputLength(c), 3).map((v) => (activation === ACTIVATIONS.relu ? Math.max(0, v) : v));
      const dy = randomFloats(outputLength(c), 4);
      const g = geometryOf(c);
      const buffers = (): { dz: Float32Array; dx: Float32Array; dw: Float32Array; db: Float32Array } => ({
        dz: outputLike(x, outputLength(c), 'dz'),
        dx: outputLike(x, inputLength(c), 'dx'),
        dw: outputLike(x, kernelLength(c), 'dw'),
        db: outputLike(x, c.F, 'db'),
      });
      const apart = buffers();
      native.activationBackward(y, dy, apart.dz, activation);
      native.convBackward(x, w, y, apart.dz, apart.dz, apart.dx, apart.dw, apart.db, g, ACTIVATIONS.linear);
      for (const wants of [true, false]) {
        const got = expectSameBitsEverywhere(label, () => {
          const { dz, dx, dw, db } = buffers();
          native.convBackward(x, w, y, dy, dz, wants ? dx : null, dw, db, g, activation);
          return wants ? { dx, dw, db } : { dw, db };
        });
        for (const key of ['dx', 'dw', 'db'] as const) if (key in got) expectBits(got[key] as Float32Array, apart[key], `${label}: ${key}`);
      }
      checkCanaries();
    });
  }
});
