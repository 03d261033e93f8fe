import { backend } from '../../src/backend/current.js';
import { fill } from './fill.js';
import type { Shape, Suite } from './suite.js';
import shapes from '../shapes/gemm.json' with { type: 'json' };

export interface GemmShape extends Shape {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export interface GemmInputs {
  readonly shape: GemmShape;
  /** (M,K) and (K,N). */
  readonly a: Float32Array;
  readonly b: Float32Array;
}

export const gemm: Suite<GemmShape, GemmInputs> = {
  name: 'gemm',
  title: 'Matrix product y (M,N) = a (M,K) · b (K,N)',
  shapes,
  flops: ({ M, N, K }) => 2 * M * N * K,
  bytes: ({ M, N, K }) => 4 * (M * K + K * N + M * N),
  inputs: (shape) => ({ shape, a: fill(shape.M * shape.K, 1), b: fill(shape.K * shape.N, 2) }),
  reference({ shape: { M, N, K }, a, b }) {
    const y = new Float64Array(M * N);
    backend().matmul(Float64Array.from(a), Float64Array.from(b), y, M, N, K, false, false);
    return { y };
  },
  tolerance: { y: 1e-5 },
};
