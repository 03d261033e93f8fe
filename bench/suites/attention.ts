import { drawn, type LayerInputs, type Pass } from './layer-inputs.js';
import { ReferenceSelfAttention } from './reference/self-attention.js';
import type { Outputs, Shape, Suite } from './suite.js';
import file from '../shapes/attention.json' with { type: 'json' };

/** N batch, T time, U width, heads. */
interface Sizes extends Shape {
  readonly N: number;
  readonly T: number;
  readonly U: number;
  readonly heads: number;
}

export interface AttentionShape extends Sizes {
  readonly pass: Pass;
}

/**
 * Self-attention: queries, keys and values of x, softmax(q·kᵀ/√d)·v per head, and a last product. Weights are kernel (U,U) and
 * bias (U) of query, key, value and output.
 */
export type AttentionInputs = LayerInputs<AttentionShape>;

const PASSES: readonly Pass[] = ['infer', 'train'];
const shapes = (file as readonly Sizes[]).flatMap((sizes) =>
  PASSES.map((pass): AttentionShape => ({ ...sizes, name: `${sizes.name}-${pass}`, pass })),
);

export const attention: Suite<AttentionShape, AttentionInputs> = {
  name: 'attention',
  title: 'Multi-head self-attention; training adds the gradients of input and weights',
  shapes,
  // Backward multiplies twice for each product forward.
  flops: ({ N, T, U, pass }) => (pass === 'train' ? 3 : 1) * 2 * N * T * (4 * U * U + 2 * T * U),
  bytes: ({ N, T, U, pass }) => (pass === 'train' ? 2 : 1) * 4 * (2 * N * T * U + 4 * U * U),
  inputs(shape) {
    const { N, T, U, pass } = shape;
    return {
      shape,
      x: drawn('x', [N, T, U], 1),
      weights: ['query', 'key', 'value', 'output'].flatMap((name, i) => [
        drawn(`${name}.w`, [U, U], 10 + i, Math.sqrt(3 / U)),
        drawn(`${name}.b`, [U], 20 + i, 0.1),
      ]),
      dy: pass === 'train' ? drawn('dy', [N, T, U], 4, 0.01) : null,
    };
  },
  reference({ shape: { N, T, U, heads }, x, weights, dy }): Outputs {
    const inDouble = weights.map((w) => Float64Array.from(w.values));
    const layer = new ReferenceSelfAttention(inDouble, { N, T, U, heads, keyDim: U / heads });
    const y = layer.forward(Float64Array.from(x.values));
    if (dy === null) return { y };
    const { dx, weights: found } = layer.backward(Float64Array.from(dy.values));
    // The bias of the keys adds the same number to all scores of a query: its gradient is 0 but for rounding.
    const compared = weights.flatMap(({ name }, i) => (name === 'key.b' ? [] : [[`d${name}`, found[i] as Float64Array] as const]));
    return { dx, ...Object.fromEntries(compared) };
  },
  // A bias gradient sums N·T terms that cancel.
  tolerance: { y: 1e-5, dx: 1e-4, dquery: 1e-4, dkey: 1e-4, dvalue: 1e-4, doutput: 1e-4 },
};
