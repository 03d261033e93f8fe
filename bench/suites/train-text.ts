import { fill, fillIntegers } from './fill.js';
import { attentionReferenceTrain } from './reference/attention-text.js';
import { convolutionReferenceTrain } from './reference/convolution-text.js';
import { referenceTrain } from './reference/train-text.js';
import { ADAM, type AdamOptions } from './reference/adam.js';
import { drawn } from './layer-inputs.js';
import type { NamedArray, Shape, Suite } from './suite.js';
import file from '../shapes/train-text.json' with { type: 'json' };

/** N batch, T time, V vocabulary, D embedding, U units or filters, K classes. */
export interface TextShape extends Shape {
  readonly N: number;
  readonly T: number;
  readonly V: number;
  readonly D: number;
  readonly U: number;
  readonly K: number;
  /** Tokens per row, the others being padding that a mask leaves out. Absent: all of them, no mask. */
  readonly lengths?: readonly number[];
  /** Neither this nor `kernel`: the sentiment model. */
  readonly attention?: AttentionPart;
  /** Words that a filter of the model with a convolution sees. */
  readonly kernel?: number;
}

/** What stands between LSTM and classes in the model with attention. */
export interface AttentionPart {
  readonly heads: number;
  readonly keyDim: number;
  /** Units of the dense layer with ReLU, and of the one after it. */
  readonly inner: number;
  readonly outer: number;
}

/**
 * The sentiment model: embedding (V,D) → bidirectional LSTM (U) → dense (K), softmax. Or the one with attention: embedding → LSTM
 * that returns sequences → multi-head self-attention → layer normalization → dense, ReLU → dense → mean over time → dense (K),
 * softmax; its dropout is left out, for no two draw alike. Or the one with a convolution (Kim 2014): embedding → convolution (U filters of
 * `kernel` words), ReLU → maximum over time → dense (K), softmax. Weights in Keras' order and layouts.
 */
export interface TextInputs {
  readonly shape: TextShape;
  /** (N,T), in [0,V); 0 is padding where there are lengths, and there alone. */
  readonly ids: Int32Array;
  /** (N), in [0,K). */
  readonly labels: Int32Array;
  readonly weights: readonly NamedArray[];
  readonly adam: AdamOptions;
}

export function textInputs(shape: TextShape): TextInputs {
  const { N, T, V, D, U, K, lengths, attention, kernel } = shape;
  const lstm = (direction: string, seed: number) => [
    drawn(`${direction}.kernel`, [D, 4 * U], seed, Math.sqrt(6 / (D + 4 * U))),
    drawn(`${direction}.recurrent`, [U, 4 * U], seed + 1, Math.sqrt(6 / (5 * U))),
    drawn(`${direction}.bias`, [4 * U], seed + 2, 0.1),
  ];
  const ids = fillIntegers(N * T, 1, lengths ? 1 : 0, V);
  lengths?.forEach((length, n) => ids.fill(0, n * T + length, (n + 1) * T));
  const denseOf = (name: string, from: number, to: number, seed: number) => [
    drawn(`${name}.kernel`, [from, to], seed, Math.sqrt(6 / (from + to))),
    drawn(`${name}.bias`, [to], seed + 1, 0.1),
  ];
  // Wider than Keras' ±0.05, so that the gates leave the linear middle and an error in them shows.
  const embedding = { name: 'embedding', shape: [V, D], values: fill(V * D, 3, 0.5) };
  const convolution = (words: number) => [
    drawn('convolution.kernel', [words, D, U], 80, Math.sqrt(6 / (words * (D + U)))),
    drawn('convolution.bias', [U], 81, 0.1),
    ...denseOf('dense', U, K, 30),
  ];
  if (kernel !== undefined)
    return { shape, ids, labels: fillIntegers(N, 2, 0, K), weights: [embedding, ...convolution(kernel)], adam: ADAM };
  return {
    shape,
    ids,
    labels: fillIntegers(N, 2, 0, K),
    weights: [
      embedding,
      ...(attention
        ? [...lstm('lstm', 10), ...attentionWeights(U, attention), ...denseOf('inner', U, attention.inner, 50)]
        : [...lstm('forward', 10), ...lstm('backward', 20)]),
      ...(attention ? [...denseOf('outer', attention.inner, attention.outer, 60), ...denseOf('dense', attention.outer, K, 30)] : []),
      ...(attention ? [] : denseOf('dense', 2 * U, K, 30)),
    ],
    adam: ADAM,
  };
}

function attentionWeights(U: number, { heads, keyDim }: AttentionPart): NamedArray[] {
  const scale = Math.sqrt(6 / (U + heads * keyDim));
  return [
    ...['query', 'key', 'value'].flatMap((name, i) => [
      drawn(`${name}.kernel`, [U, heads, keyDim], 40 + i, 2 * scale),
      drawn(`${name}.bias`, [heads, keyDim], 45 + i, 0.1),
    ]),
    drawn('output.kernel', [heads, keyDim, U], 43, scale),
    drawn('output.bias', [U], 48, 0.1),
    { name: 'gamma', shape: [U], values: fill(U, 70, 0.2).map((v) => 1 + v) },
    drawn('beta', [U], 71, 0.1),
  ];
}

/** The matrix products of one forward pass over real tokens; gates and updates are left out, as everyone does. */
export function textFlops({ N, T, D, U, K, lengths, attention, kernel }: TextShape): number {
  if (kernel !== undefined) return 2 * N * (T - kernel + 1) * kernel * D * U + 2 * N * U * K;
  if (attention) {
    const { heads, keyDim, inner, outer } = attention;
    const perToken = (D + U) * 4 * U + 4 * U * heads * keyDim + 2 * T * heads * keyDim + U * inner + inner * outer;
    return 2 * N * T * perToken + 2 * N * outer * K;
  }
  const tokens = lengths ? lengths.reduce((a, b) => a + b, 0) : N * T;
  return 2 * tokens * 2 * (D + U) * 4 * U + 2 * N * 2 * U * K;
}

/** Token ids, the embedding's rows that occur, and the other weights. */
export function textBytes({ N, T, V, D, U, K, attention, kernel }: TextShape): number {
  if (kernel !== undefined) return 4 * (N * T + Math.min(V, N * T) * D + kernel * D * U + U * K);
  if (attention) {
    const { heads, keyDim, inner, outer } = attention;
    const weights = (D + U) * 4 * U + 4 * U * heads * keyDim + U * inner + inner * outer + outer * K;
    return 4 * (N * T + Math.min(V, N * T) * D + weights);
  }
  return 4 * (N * T + Math.min(V, N * T) * D + 2 * (D + U + 1) * 4 * U + (2 * U + 1) * K);
}

export const textShapes: readonly TextShape[] = file;

// `hate-attention` is the model with attention, `news-convolution` the one with a convolution; the others are the sentiment model:
// `t256` is the experiment's own, `real-lengths` the same with the mask on. In `tiny` the vocabulary is small enough for plain
// JavaScript to finish: the gradient of an embedding costs TensorFlow.js one pass over all looked-up rows per word.
export const trainText: Suite<TextShape, TextInputs> = {
  name: 'train-text',
  title:
    'One training step of a text classifier: embedding, bidirectional LSTM, dense; embedding, LSTM, attention, dense; or embedding, convolution, maximum, dense; softmax cross-entropy, Adam',
  shapes: textShapes,
  // Backward multiplies twice for each product forward: by the weights and by the inputs. Behind a maximum over time that counts zeros too.
  flops: (shape) => 3 * textFlops(shape),
  // Weights, gradients and both moments are read and written.
  bytes: (shape) => 6 * textBytes(shape),
  inputs: textInputs,
  reference: (inputs) => {
    const { attention, kernel } = inputs.shape;
    if (kernel !== undefined) return convolutionReferenceTrain(inputs, kernel);
    return attention ? attentionReferenceTrain(inputs, attention) : referenceTrain(inputs);
  },
  // Adam's first step is lr·g/(|g|+ε): where a gradient is nearly 0 its last bit decides, which the l2 norm feels a little.
  tolerance: { loss: 1e-5, update: 1e-3 },
};
