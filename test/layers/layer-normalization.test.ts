import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

layerSuite('layerNormalization', {
  make: () => layers.layerNormalization(),
  inputShapes: [[5, 37]],
  outputShapes: [[5, 37]],
  weights: { gamma: [37], beta: [37] },
});
layerSuite('layerNormalization over two axes, masked', {
  make: () => layers.layerNormalization({ axis: [1, 2], epsilon: 1e-6, center: false }),
  inputShapes: [[2, 2, 5]],
  outputShapes: [[2, 2, 5]],
  weights: { gamma: [2, 5] },
  masks: [
    mask([
      [1, 0],
      [1, 1],
    ]),
  ],
  outputMasks: [
    [
      [1, 0],
      [1, 1],
    ],
  ],
});
layerSuite('layerNormalization without weights', {
  make: () => layers.layerNormalization({ center: false, scale: false }),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 3, 5]],
});

test('a constant row becomes beta', () => {
  const layer = layers.layerNormalization();
  layer.build([[null, 3]], 'float32');
  layer.weights[1]?.value.data().set([1, 2, 3]);
  expectClose(layer.forward([tensor([[4, 4, 4]])], new StandaloneContext())[0] as Tensor, [1, 2, 3], exact());
});

test('errors', () => {
  expectError(() => layers.layerNormalization({ epsilon: 0 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.layerNormalization({ axis: 1 }).build([[null, 3, 4]], 'float32'), 'ERR_ARG', 'last axes');
  expectError(() => layers.layerNormalization().build([[null, null]], 'float32'), 'ERR_SHAPE', 'known');
  const layer = layers.layerNormalization();
  layer.build([[null, 3]], 'float32');
  expectError(() => layer.forward([randomTensor([2, 4])], new StandaloneContext()), 'ERR_SHAPE', '(3)', '(2,4)');
  expect(layer.weights.map((w) => w.name)).toEqual(['gamma', 'beta']);
});
