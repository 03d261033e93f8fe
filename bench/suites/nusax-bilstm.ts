import { fill, fillIntegers } from './fill.js';
import { referenceInfer, referenceTrain } from './reference/nusax-bilstm.js';
import type { Shape, Suite } from './suite.js';
import shapes from '../shapes/nusax-bilstm.json' with { type: 'json' };

/** N batch, T time, V vocabulary, D embedding, U units, K classes. */
type Dim = 'N' | 'T' | 'V' | 'D' | 'U' | 'K';

/** The E3 model: embedding (V,D) → bidirectional LSTM (U) → dense (K), softmax. Weights in Keras' order and layouts. */
export interface NusaxInputs {
  readonly shape: Shape<Dim>;
  /** (N,T), in [0,V). */
  readonly ids: Int32Array;
  /** (N), in [0,K). */
  readonly labels: Int32Array;
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }[];
  readonly adam: { readonly learningRate: number; readonly beta1: number; readonly beta2: number; readonly epsilon: number };
}

function inputs(shape: Shape<Dim>): NusaxInputs {
  const { N, T, V, D, U, K } = shape;
  const weight = (name: string, dims: readonly number[], seed: number, scale: number) => ({
    name,
    shape: dims,
    values: fill(
      dims.reduce((a, b) => a * b, 1),
      seed,
      scale,
    ),
  });
  const lstm = (direction: string, seed: number) => [
    weight(`${direction}.kernel`, [D, 4 * U], seed, Math.sqrt(6 / (D + 4 * U))),
    weight(`${direction}.recurrent`, [U, 4 * U], seed + 1, Math.sqrt(6 / (5 * U))),
    weight(`${direction}.bias`, [4 * U], seed + 2, 0.1),
  ];
  return {
    shape,
    ids: fillIntegers(N * T, 1, 0, V),
    labels: fillIntegers(N, 2, 0, K),
    weights: [
      // Wider than Keras' ±0.05, so that the gates leave the linear middle and an error in them shows.
      weight('embedding', [V, D], 3, 0.5),
      ...lstm('forward', 10),
      ...lstm('backward', 20),
      weight('dense.kernel', [2 * U, K], 30, Math.sqrt(6 / (2 * U + K))),
      weight('dense.bias', [K], 31, 0.1),
    ],
    adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  };
}

/** The matrix products of one forward pass; gates and updates are left out, as everyone does. */
function forwardFlops({ N, T, D, U, K }: Shape<Dim>): number {
  return 2 * N * T * 2 * (D + U) * 4 * U + 2 * N * 2 * U * K;
}

// `t256` is the experiment's own. In `tiny` the vocabulary is small enough for plain JavaScript to finish: the gradient of
// an embedding costs TensorFlow.js one pass over all looked-up rows per word of the vocabulary.
export const nusaxBilstmTrain: Suite<Dim, NusaxInputs> = {
  name: 'nusax-bilstm-train',
  title: 'One training step of the sentiment model: embedding, bidirectional LSTM, dense; softmax cross-entropy, Adam',
  shapes,
  // Backward multiplies twice for each product forward: by the weights and by the inputs.
  flops: (shape) => 3 * forwardFlops(shape),
  inputs,
  reference: referenceTrain,
  // Adam's first step is lr·g/(|g|+ε): where a gradient is nearly 0 its last bit decides, which the l2 norm feels a little.
  tolerance: { loss: 1e-5, update: 1e-3 },
};

export const nusaxBilstmInfer: Suite<Dim, NusaxInputs> = {
  name: 'nusax-bilstm-infer',
  title: 'One batch through the sentiment model: embedding, bidirectional LSTM, dense, softmax',
  shapes,
  flops: forwardFlops,
  inputs,
  reference: referenceInfer,
  tolerance: { probabilities: 1e-5 },
};
