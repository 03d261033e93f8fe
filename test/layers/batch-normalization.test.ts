import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const weights = (n: number): Record<string, [number]> => ({ gamma: [n], beta: [n], moving_mean: [n], moving_variance: [n] });

layerSuite('batchNormalization', {
  make: () => layers.batchNormalization(),
  inputShapes: [[6, 5]],
  outputShapes: [[6, 5]],
  weights: weights(5),
  drops: true,
});
const rows = [[1, 1, 0], [1, 0, 0]]; // prettier-ignore
layerSuite('batchNormalization, masked', {
  make: () => layers.batchNormalization({ epsilon: 1e-2 }),
  inputShapes: [[2, 3, 4]],
  outputShapes: [[2, 3, 4]],
  weights: weights(4),
  masks: [mask(rows)],
  outputMasks: [rows],
  drops: true,
});
layerSuite('batchNormalization along axis 1', {
  make: () => layers.batchNormalization({ axis: 1, momentum: 0.8 }),
  inputShapes: [[3, 4, 5]],
  outputShapes: [[3, 4, 5]],
  weights: weights(4),
  crossings: [3, 3],
  drops: true,
});
layerSuite('unitNormalization', { make: () => layers.unitNormalization(), inputShapes: [[4, 5]], outputShapes: [[4, 5]] });
layerSuite('unitNormalization along axis 1', {
  make: () => layers.unitNormalization({ axis: 1 }),
  inputShapes: [[2, 4, 5]],
  outputShapes: [[2, 4, 5]],
  crossings: [3, 3],
});

test('frozen, it computes as in inference, and moves nothing', () => {
  const layer = layers.batchNormalization({ trainable: false });
  layer.build([[null, 2]], 'float32');
  const x = tensor([[1, 2], [3, 5]]); // prettier-ignore
  const [y] = layer.forward([x], new StandaloneContext()) as [Tensor];
  expectClose(y, x.data().map((v) => v / Math.sqrt(1.001)), within(1e-6)); // prettier-ignore
  expect(Array.from(layer.weights[2]?.value.data() ?? [])).toEqual([0, 0]);
});

test('the moving statistics go towards those of the batch', () => {
  const layer = layers.batchNormalization({ momentum: 0.5 });
  layer.build([[null, 1]], 'float32');
  layer.forward([tensor([[1], [3]])], new StandaloneContext());
  expectClose(layer.weights[2]?.value as Tensor, [1], exact());
  expectClose(layer.weights[3]?.value as Tensor, [1], exact());
  layer.forward([tensor([[1], [5]])], new StandaloneContext());
  expectClose(layer.weights[2]?.value as Tensor, [2], exact());
  expectClose(layer.weights[3]?.value as Tensor, [2.5], exact());
});

test('errors', () => {
  expectError(() => layers.batchNormalization({ epsilon: 0 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.batchNormalization({ momentum: 2 }), 'ERR_ARG', 'momentum');
  const layer = layers.batchNormalization();
  expectError(() => layer.build([[null, null]], 'float32'), 'ERR_SHAPE', 'inputShape');
  layer.build([[null, 3]], 'float32');
  expectError(() => layer.forward([randomTensor([2, 4])], new StandaloneContext()), 'ERR_SHAPE', '3 features');
});
