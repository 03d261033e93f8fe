import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { InputLayer, input } from '../../src/layers/input-layer.js';
import { Model, Sequential } from '../../src/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const STEPS = mask([
  [1, 1, 1, 0],
  [1, 1, 0, 0],
]);

// Without biases: the gradient of a key's bias is 0 but for rounding, which no relative error suits. Those of the others are checked
// with Keras' numbers and in test/native.
layerSuite('multiHeadAttention of one input', {
  make: () => layers.multiHeadAttention({ numHeads: 2, keyDim: 3, useBias: false }),
  inputShapes: [[2, 4, 5]],
  outputShapes: [[2, 4, 5]],
  weights: { 'query/kernel': [5, 2, 3], 'key/kernel': [5, 2, 3], 'value/kernel': [5, 2, 3], 'attention_output/kernel': [2, 3, 5] },
});
layerSuite('multiHeadAttention of query and value, masked, with scores', {
  make: () =>
    layers.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, outputShape: 7, useBias: false, returnAttentionScores: true }),
  inputShapes: [
    [2, 3, 5],
    [2, 4, 6],
  ],
  outputShapes: [
    [2, 3, 7],
    [2, 2, 3, 4],
  ],
  weights: { 'query/kernel': [5, 2, 3], 'key/kernel': [6, 2, 3], 'value/kernel': [6, 2, 2], 'attention_output/kernel': [2, 2, 7] },
  masks: [null, STEPS],
  outputMasks: [null, [[[[1, 1, 1, 0]]], [[[1, 1, 0, 0]]]] as unknown as number[][]],
});
layerSuite('multiHeadAttention with three inputs and dropout, causal', {
  make: () => layers.multiHeadAttention({ numHeads: 1, keyDim: 3, dropout: 0.5, useCausalMask: true, useBias: false, seed: 3 }),
  inputShapes: [
    [2, 4, 5],
    [2, 4, 6],
    [2, 4, 3],
  ],
  outputShapes: [[2, 4, 5]],
  weights: { 'query/kernel': [5, 1, 3], 'key/kernel': [3, 1, 3], 'value/kernel': [6, 1, 3], 'attention_output/kernel': [1, 3, 5] },
  drops: true,
});

test('biases stand behind their kernels', () => {
  expect(built({ numHeads: 2, keyDim: 3, valueDim: 4 }, 5, 6).weights.map((w) => [w.name, w.value.shape])).toEqual([
    ['query/kernel', [5, 2, 3]],
    ['query/bias', [2, 3]],
    ['key/kernel', [6, 2, 3]],
    ['key/bias', [2, 3]],
    ['value/kernel', [6, 2, 4]],
    ['value/bias', [2, 4]],
    ['attention_output/kernel', [2, 4, 5]],
    ['attention_output/bias', [5]],
  ]);
});

function built(options: Parameters<typeof layers.multiHeadAttention>[0], ...features: number[]) {
  const layer = layers.multiHeadAttention({ seed: 1, ...options });
  layer.build(features.map((d) => [null, null, d]), 'float32'); // prettier-ignore
  return layer;
}

test('one input gives what the same array twice or thrice gives, and its gradient is the sum of theirs', () => {
  const x = randomTensor([2, 5, 4]);
  const dy = randomTensor([2, 5, 4], 2);
  const run = (copies: number, own: boolean): { y: Tensor; dx: Float64Array } => {
    const layer = built({ numHeads: 2, keyDim: 3 }, ...Array.from({ length: copies }, () => 4));
    const ctx = new StandaloneContext({ poison: true });
    const inputs = Array.from({ length: copies }, () => (own ? x.clone() : x));
    const y = layer.forward(inputs, ctx)[0] as Tensor;
    const parts = layer.backward([dy], ctx);
    expect(parts).toHaveLength(copies);
    expect(parts.filter((part) => part !== null)).toHaveLength(own ? Math.min(copies, 3) : 1);
    return { y, dx: Float64Array.from(x.data(), (_, i) => parts.reduce((sum, part) => sum + (part ? (part.data()[i] as number) : 0), 0)) };
  };
  const one = run(1, false);
  for (const [copies, own] of [
    [2, false],
    [3, false],
    [2, true],
    [3, true],
  ] as const) {
    const other = run(copies, own);
    expectClose(other.y, one.y, exact());
    expectClose(tensor(Float32Array.from(other.dx)), tensor(Float32Array.from(one.dx)), own ? within(1e-5) : exact());
  }
});

test('an attention mask says who may look where', () => {
  const layer = built({ numHeads: 1, keyDim: 2, useAttentionMask: true, returnAttentionScores: true }, 3, 3, 2);
  const x = randomTensor([1, 2, 3]);
  const open = tensor(Uint8Array.of(0, 1, 1, 0), [1, 2, 2]);
  const ctx = new StandaloneContext({ poison: true });
  const [, scores] = layer.forward([x, x, open], ctx);
  expectClose(scores as Tensor, [0, 1, 1, 0], exact());
  expect(layer.backward([randomTensor([1, 2, 3]), randomTensor([1, 1, 2, 2])], ctx).map((g) => g !== null)).toEqual([true, false, false]);
  expect(layer.computeMask([x, x, open], ctx)[1]?.toArray()).toEqual([[[[0, 1], [1, 0]]]]); // prettier-ignore
  expectError(() => layer.forward([x, x, randomTensor([1, 2, 2])], ctx), 'ERR_DTYPE', 'uint8');
});

test('a causal query looks at no later step', () => {
  const layer = built({ numHeads: 2, keyDim: 4, useCausalMask: true }, 3);
  const x = randomTensor([1, 6, 3]);
  const later = x.clone();
  later.data().fill(9, 4 * 3);
  const run = (input_: Tensor): number[] => Array.from((layer.forward([input_], new StandaloneContext())[0] as Tensor).data());
  expect(run(later).slice(0, 12)).toEqual(run(x).slice(0, 12));
  expect(run(later).slice(12)).not.toEqual(run(x).slice(12));
});

test('dropout draws anew at every step and call, the same for the same seed', () => {
  const x = randomTensor([2, 8, 4]);
  const run = (step: number, call: number, training = true): Tensor =>
    built({ numHeads: 2, keyDim: 3, dropout: 0.4, seed: 5 }, 4).forward([x], new StandaloneContext({ step, call, training }))[0] as Tensor;
  expectClose(run(1, 0), run(1, 0), exact());
  expect(run(2, 0).toArray()).not.toEqual(run(1, 0).toArray());
  expect(run(1, 1).toArray()).not.toEqual(run(1, 0).toArray());
  expectClose(run(1, 0, false), run(2, 0, false), exact());
});

test('in models: Sequential with masks, functional with two inputs', () => {
  const ids = tensor(Int32Array.of(3, 1, 0, 0, 2, 2, 4, 0), [2, 4]);
  const model = new Sequential([
    layers.embedding({ inputDim: 5, outputDim: 6, maskZero: true, inputShape: [4] }),
    layers.multiHeadAttention({ numHeads: 2, keyDim: 3, dropout: 0.1 }),
    layers.layerNormalization(),
    layers.globalAveragePooling1d(),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const y = tensor(Int32Array.of(0, 1), [2]);
  const first = model.trainOnBatch(ids, y);
  for (let i = 0; i < 60; i++) model.trainOnBatch(ids, y);
  expect(JSON.stringify(model.trainOnBatch(ids, y))).not.toBe(JSON.stringify(first));

  const query = input({ shape: [3, 4] });
  const value = input({ shape: [5, 2] });
  expect(query.layer).toBeInstanceOf(InputLayer);
  const [out, scores] = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, returnAttentionScores: true }).apply([query, value]) as [
    typeof query,
    typeof query,
  ];
  expect([out.shape, scores.shape]).toEqual([[null, 3, 4], [null, 2, 3, 5]]); // prettier-ignore
  const pair = new Model({ inputs: [query, value], outputs: [out, scores] });
  const found = pair.predictOnBatch([randomTensor([2, 3, 4]), randomTensor([2, 5, 2])]);
  expect(found.map((t) => t.shape)).toEqual([[2, 3, 4], [2, 2, 3, 5]]); // prettier-ignore
});

test('errors', () => {
  const make = layers.multiHeadAttention;
  expectError(() => make({ numHeads: 0, keyDim: 2 }), 'ERR_ARG', 'numHeads');
  expectError(() => make({ numHeads: 1, keyDim: 1.5 }), 'ERR_ARG', 'keyDim');
  expectError(() => make({ numHeads: 1, keyDim: 2, dropout: 1 }), 'ERR_ARG', 'dropout');
  expectError(() => make({ numHeads: 1, keyDim: 2, attentionAxes: [2] as unknown as [1] }), 'ERR_ARG', 'attentionAxes');
  expectError(() => make({ numHeads: 1, keyDim: 2, outputShape: [2, 3] as unknown as [number] }), 'ERR_ARG', 'outputShape');
  const layer = built({ numHeads: 1, keyDim: 2 }, 3, 4);
  const run = (...shapes: number[][]) => () => layer.forward(shapes.map((shape) => randomTensor(shape)), new StandaloneContext()); // prettier-ignore
  expectError(run([2, 3], [2, 3, 4]), 'ERR_SHAPE', '(N,T,D)', 'time axis');
  expectError(run([2, 3, 3], [1, 3, 4]), 'ERR_SHAPE', 'one batch');
  expectError(run([2, 3, 3], [2, 3, 4], [2, 4, 4]), 'ERR_SHAPE', 'one length');
  expectError(run([2, 3, 5], [2, 3, 4]), 'ERR_SHAPE', 'expected query', '(N,T,3)');
  expectError(run([2, 3, 3], [2, 3, 4], [2, 3, 4], [2, 3, 4]), 'ERR_ARG', '1 to 3 inputs');
  expectError(() => make({ numHeads: 1, keyDim: 2 }).forward([randomTensor([1, 2, 3])], new StandaloneContext()), 'ERR_STATE', 'built');
});
