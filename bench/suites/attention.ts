import { addProduct, addRows } from './reference/matrix.js';
import { drawn } from './layer-inputs.js';
import type { NamedArray, Outputs, Shape, Suite } from './suite.js';
import shapes from '../shapes/attention.json' with { type: 'json' };

/** N batch, T time, U width, heads. */
export interface AttentionShape extends Shape {
  readonly N: number;
  readonly T: number;
  readonly U: number;
  readonly heads: number;
}

/** Self-attention: queries, keys and values of x, softmax(q·kᵀ/√d)·v per head, and a last product. */
export interface AttentionInputs {
  readonly shape: AttentionShape;
  readonly x: NamedArray;
  /** Kernel (U,U) and bias (U) of query, key, value and output. */
  readonly weights: readonly NamedArray[];
}

export const attention: Suite<AttentionShape, AttentionInputs> = {
  name: 'attention',
  title: 'Multi-head self-attention, forward',
  shapes,
  flops: ({ N, T, U }) => 2 * N * T * (4 * U * U + 2 * T * U),
  bytes: ({ N, T, U }) => 4 * (2 * N * T * U + 4 * U * U),
  inputs(shape) {
    const { N, T, U } = shape;
    return {
      shape,
      x: drawn('x', [N, T, U], 1),
      weights: ['query', 'key', 'value', 'output'].flatMap((name, i) => [
        drawn(`${name}.w`, [U, U], 10 + i, Math.sqrt(3 / U)),
        drawn(`${name}.b`, [U], 20 + i, 0.1),
      ]),
    };
  },
  reference({ shape: { N, T, U, heads }, x, weights }): Outputs {
    const double = (i: number) => Float64Array.from((weights[i] as NamedArray).values);
    const dense = (from: Float64Array, i: number): Float64Array => {
      const y = new Float64Array(N * T * U);
      addProduct(from, double(2 * i), y, N * T, U, U);
      addRows(y, double(2 * i + 1));
      return y;
    };
    const from = Float64Array.from(x.values);
    const [q, k, v] = [dense(from, 0), dense(from, 1), dense(from, 2)] as const;
    const mixed = new Float64Array(N * T * U);
    const d = U / heads;
    const at = (n: number, t: number, head: number): number => (n * T + t) * U + head * d;
    for (let n = 0; n < N; n++) {
      for (let head = 0; head < heads; head++) {
        for (let t = 0; t < T; t++) {
          const scores = Float64Array.from({ length: T }, (_, s) => {
            let sum = 0;
            for (let j = 0; j < d; j++) sum += (q[at(n, t, head) + j] as number) * (k[at(n, s, head) + j] as number);
            return sum / Math.sqrt(d);
          });
          const top = scores.reduce((a, b) => Math.max(a, b));
          const shares = scores.map((s) => Math.exp(s - top));
          const total = shares.reduce((a, b) => a + b);
          shares.forEach((share, s) => {
            for (let j = 0; j < d; j++) (mixed[at(n, t, head) + j] as number) += (share / total) * (v[at(n, s, head) + j] as number);
          });
        }
      }
    }
    return { y: dense(mixed, 3) };
  },
  tolerance: { y: 1e-5 },
};
