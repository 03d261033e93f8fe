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

layerSuite('layerNormalization along axis 1', {
  make: () => layers.layerNormalization({ axis: 1 }),
  inputShapes: [[2, 4, 3]],
  outputShapes: [[2, 4, 3]],
  weights: { gamma: [4], beta: [4] },
  crossings: [3, 3],
});
layerSuite('rmsNormalization', {
  make: () => layers.rmsNormalization(),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 3, 5]],
  weights: { scale: [5] },
});
layerSuite('rmsNormalization along axis 1', {
  make: () => layers.rmsNormalization({ axis: [1], epsilon: 1e-3 }),
  inputShapes: [[2, 4, 3]],
  outputShapes: [[2, 4, 3]],
  weights: { scale: [4] },
  crossings: [3, 3],
});
layerSuite('groupNormalization', {
  make: () => layers.groupNormalization({ groups: 2 }),
  inputShapes: [[2, 3, 4]],
  outputShapes: [[2, 3, 4]],
  weights: { gamma: [4], beta: [4] },
  crossings: [5, 7],
});
layerSuite('groupNormalization of each channel, along axis 1', {
  make: () => layers.groupNormalization({ groups: -1, axis: 1, center: false }),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 3, 5]],
  weights: { gamma: [3] },
  crossings: [2, 4],
});
layerSuite('groupNormalization without weights', {
  make: () => layers.groupNormalization({ groups: 1, center: false, scale: false }),
  inputShapes: [[2, 3, 4]],
  outputShapes: [[2, 3, 4]],
  crossings: [3, 3],
});

test('groups and axes that do not fit', () => {
  expectError(() => layers.groupNormalization({ groups: 0 }), 'ERR_ARG', 'groups');
  expectError(() => layers.groupNormalization({ epsilon: -1 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.groupNormalization({ groups: 4 }).build([[null, 6]], 'float32'), 'ERR_SHAPE', 'multiple of 4');
  expectError(() => layers.groupNormalization({ axis: 0 }).build([[null, 6]], 'float32'), 'ERR_ARG', 'batch axis');
  const group = layers.groupNormalization({ groups: 2 });
  group.build([[null, 4]], 'float32');
  expectError(() => group.forward([randomTensor([2, 6])], new StandaloneContext()), 'ERR_SHAPE', '4 channels');
  expectError(() => layers.rmsNormalization({ epsilon: 0 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.rmsNormalization({ axis: 3 }).build([[null, 3]], 'float32'), 'ERR_ARG', 'axis');
  const rms = layers.rmsNormalization();
  rms.build([[null, 4]], 'float32');
  expectError(() => rms.forward([randomTensor([2, 6])], new StandaloneContext()), 'ERR_SHAPE', '(4)', '(2,6)');
});

test('a constant row becomes beta', () => {
  const layer = layers.layerNormalization();
  layer.build([[null, 3]], 'float32');
  layer.weights[1]?.value.data().set([1, 2, 3]);
  expectClose(layer.forward([tensor([[4, 4, 4]])], new StandaloneContext())[0] as Tensor, [1, 2, 3], exact());
});

test('errors', () => {
  expectError(() => layers.layerNormalization({ epsilon: 0 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.layerNormalization({ axis: [0, 1] }).build([[null, 3, 4]], 'float32'), 'ERR_ARG', 'batch axis');
  expectError(() => layers.layerNormalization({ axis: [1, -2] }).build([[null, 3, 4]], 'float32'), 'ERR_ARG', 'once');
  expectError(() => layers.layerNormalization().build([[null, null]], 'float32'), 'ERR_SHAPE', 'known');
  const layer = layers.layerNormalization();
  layer.build([[null, 3]], 'float32');
  expectError(() => layer.forward([randomTensor([2, 4])], new StandaloneContext()), 'ERR_SHAPE', '(3)', '(2,4)');
  expect(layer.weights.map((w) => w.name)).toEqual(['gamma', 'beta']);
});
