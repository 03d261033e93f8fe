import { expect, test } from 'vitest';
import { layers, StandaloneContext, type GroupQueryAttentionOptions } from '../../src/layers/index.js';
import { sizeOf, tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

// Without biases: the gradient of a key's bias is 0 but for rounding, which no relative error suits.
layerSuite('groupQueryAttention of one input', {
  make: () => layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, useBias: false }),
  inputShapes: [[2, 4, 5]],
  outputShapes: [[2, 4, 5]],
  weights: { 'query/kernel': [5, 4, 3], 'key/kernel': [5, 2, 3], 'value/kernel': [5, 2, 3], 'attention_output/kernel': [4, 3, 5] },
  crossings: [3, 3],
});
layerSuite('groupQueryAttention with one head of keys, three inputs, masks and scores', {
  make: () =>
    layers.groupQueryAttention({ headDim: 2, numQueryHeads: 3, numKeyValueHeads: 1, useBias: false, returnAttentionScores: true }),
  inputShapes: [
    [2, 3, 5],
    [2, 4, 5],
    [2, 4, 3],
  ],
  outputShapes: [
    [2, 3, 5],
    [2, 3, 3, 4],
  ],
  weights: { 'query/kernel': [5, 3, 2], 'key/kernel': [3, 1, 2], 'value/kernel': [5, 1, 2], 'attention_output/kernel': [3, 2, 5] },
  masks: [null, mask([[1, 1, 1, 0], [1, 1, 0, 0]])], // prettier-ignore
  outputMasks: [null, [[[[1, 1, 1, 0]]], [[[1, 1, 0, 0]]]] as unknown as number[][]],
  crossings: [3, 3],
});

const A: GroupQueryAttentionOptions = { headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2 };

function built(options: GroupQueryAttentionOptions, ...features: number[]) {
  const layer = layers.groupQueryAttention(options);
  layer.build(features.map((d) => [null, null, d]), 'float32'); // prettier-ignore
  return layer;
}

/** Quarters in a fixed disorder, as the script that asked Keras made them. */
const ramp = (shape: Shape, step: number, modulus = 23, scale = 0.25): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * step) % modulus) - 11) * scale),
    shape,
  );

const MASKS = [mask([[1, 0], [1, 1]]), mask([[1, 1, 0], [0, 0, 0]])]; // prettier-ignore

// What Keras 3.15.1 gives.
const TRUTH: [string, GroupQueryAttentionOptions, Shape[], Tensor[], number[][]][] = [
  ['two inputs', A, [[1, 2, 3], [1, 3, 3]], [], [[-2.758674, 1.50063, 0.828754, -2.784264, 1.539041, 0.805727]]],
  ['causal', { ...A, useCausalMask: true }, [[1, 3, 2], [1, 3, 2]], [], [[-2.293945, 0.067383, -0.160303, 0.255679, -1.253397, 0.265389]]],
  [
    'three inputs and scores',
    { ...A, numKeyValueHeads: 1, useBias: false, returnAttentionScores: true },
    [[1, 2, 3], [1, 2, 3], [1, 2, 2]],
    [],
    [
      [-3.607042, 0.271859, -0.335406, -3.166723, 0.229408, -0.261781],
      [0.76304, 0.23696, 0.27405, 0.72595, 0.822745, 0.177255, 0.49042, 0.50958, 0.787561, 0.212439, 0.478391, 0.521609, 0.747537, 0.252463, 0.466387, 0.533613],
    ],
  ],
  [
    'masked steps',
    A,
    [[2, 2, 3], [2, 3, 3]],
    MASKS,
    [[-2.816213, 1.420537, 0.72871, -2.799805, 1.509766, 0.772461, -0.779622, 0.542969, 0.356445, -0.779622, 0.542969, 0.356445]],
  ],
  [
    'masked steps on the path of dropout',
    { ...A, dropout: 0.5 },
    [[2, 2, 3], [2, 3, 3]],
    MASKS,
    [[-2.816213, 1.420537, 0.72871, -0.6875, 0.375, 0.25, -0.6875, 0.375, 0.25, -0.6875, 0.375, 0.25]],
  ],
]; // prettier-ignore

test.each(TRUTH)("Keras' numbers: %s", (_, options, inputs, masks, expected) => {
  const layer = built(options, ...inputs.map((shape) => shape[2] as number));
  for (const [i, { value }] of layer.weights.entries()) value.data().set(ramp(value.shape, 29 + i, 19, 1 / 16).data());
  const ctx = new StandaloneContext({ masks, training: false });
  const outputs = layer.forward(inputs.map((shape, i) => ramp(shape, 37 + 2 * i)), ctx); // prettier-ignore
  for (const [i, values] of expected.entries()) expectClose(outputs[i] as Tensor, values, within(2e-6));
});

test('is multi-head attention whose heads of keys and values are the same in groups, to the bit, biases too', () => {
  const [x, dy] = [randomTensor([2, 5, 4]), randomTensor([2, 5, 4], 2)];
  const grouped = built(A, 4, 4);
  const whole = layers.multiHeadAttention({ numHeads: 4, keyDim: 2 });
  whole.build([[null, null, 4], [null, null, 4]], 'float32'); // prettier-ignore
  const wide = (values: ArrayLike<number>): number[] =>
    Array.from({ length: values.length * 2 }, (_, i) => values[Math.floor(i / 4) * 2 + (i % 2)] as number);
  const shared = [2, 3, 4, 5];
  for (const [i, { value }] of grouped.weights.entries()) {
    value.data().set(randomTensor(value.shape, 10 + i).data());
    whole.weights[i]?.value.data().set(shared.includes(i) ? wide(value.data()) : value.data());
  }
  const [a, b] = [new StandaloneContext(), new StandaloneContext()];
  expectClose(grouped.forward([x, x], a)[0] as Tensor, whole.forward([x, x], b)[0] as Tensor, exact());
  expectClose(grouped.backward([dy], a)[0] as Tensor, whole.backward([dy], b)[0] as Tensor, exact());
  for (const [i, weight] of grouped.weights.entries()) {
    const [own, other] = [a.gradient(weight), b.gradient(whole.weights[i] as never)].map((t) => (t as Tensor).data());
    const of = other as ArrayLike<number>;
    const first = (j: number): number => Math.floor(j / 2) * 4 + (j % 2);
    const sums = shared.includes(i)
      ? Array.from(own as ArrayLike<number>, (_, j) => Math.fround((of[first(j)] as number) + (of[first(j) + 2] as number)))
      : of;
    expectClose(own as ArrayLike<number>, sums, exact());
  }
});

test('errors', () => {
  expectError(() => layers.groupQueryAttention({ ...A, numKeyValueHeads: 3 }), 'ERR_ARG', 'multiple of numKeyValueHeads', '4 and 3');
  expectError(() => layers.groupQueryAttention({ ...A, headDim: 0 }), 'ERR_ARG', '[groupQueryAttention]', 'headDim');
  expectError(() => layers.groupQueryAttention({ ...A, slidingWindow: 3 } as never), 'ERR_ARG', 'received slidingWindow');
  expectError(() => layers.groupQueryAttention({ ...A, dropout: 1 }), 'ERR_ARG', 'dropout in [0,1)');
  expectError(() => built(A, 5, 6), 'ERR_SHAPE', 'as many features', '(?,?,5)', '(?,?,6)');
  const layer = layers.groupQueryAttention(A);
  expectError(() => layer.forward([randomTensor([1, 2, 3])], new StandaloneContext()), 'ERR_STATE', 'built');
  expect(layer.getConfig()).toMatchObject({ ...A, useBias: true, dropout: 0 });
});
