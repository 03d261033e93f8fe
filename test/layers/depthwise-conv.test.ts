import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

layerSuite('depthwiseConv2d with softplus', {
  make: () => layers.depthwiseConv2d({ kernelSize: 2, activation: 'softplus' }),
  inputShapes: [[2, 4, 3, 2]],
  outputShapes: [[2, 3, 2, 2]],
  weights: { kernel: [2, 2, 2, 1], bias: [2] },
  crossings: [2, 2],
});
layerSuite('depthwiseConv2d', {
  make: () => layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'relu' }),
  inputShapes: [[2, 6, 7, 5]],
  outputShapes: [[2, 6, 7, 5]],
  weights: { kernel: [3, 3, 5, 1], bias: [5] },
});
layerSuite('depthwiseConv2d, several filters a channel, strides', {
  make: () => layers.depthwiseConv2d({ kernelSize: [3, 2], strides: [2, 1], depthMultiplier: 3, activation: 'tanh' }),
  inputShapes: [[2, 7, 6, 4]],
  outputShapes: [[2, 3, 5, 12]],
  weights: { kernel: [3, 2, 4, 3], bias: [12] },
});
layerSuite('depthwiseConv2d dilated, without bias', {
  make: () => layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false }),
  inputShapes: [[1, 6, 7, 3]],
  outputShapes: [[1, 6, 7, 3]],
  weights: { kernel: [3, 3, 3, 1] },
});
layerSuite('depthwiseConv1d', {
  make: () => layers.depthwiseConv1d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'sigmoid' }),
  inputShapes: [[2, 9, 3]],
  outputShapes: [[2, 9, 6]],
  weights: { kernel: [3, 3, 2], bias: [6] },
});

test('its kernel takes a penalty and a constraint', () => {
  const layer = layers.depthwiseConv2d({ kernelSize: 3, depthwiseRegularizer: 'l2', depthwiseConstraint: 'nonNeg', biasRegularizer: 'l1' });
  layer.build([[null, 6, 6, 2]], 'float32');
  expect(layer.weights.map((w) => [w.regularizer?.className, w.constraint?.className])).toEqual([
    ['L2', 'NonNeg'],
    ['L1', undefined],
  ]);
});

test('errors', () => {
  expectError(() => layers.depthwiseConv2d({ kernelSize: [3, 3, 3] }), 'ERR_ARG', '[depthwiseConv2d]', 'kernelSize', '2 of them');
  expectError(() => layers.depthwiseConv1d({ kernelSize: 3, padding: 'causal' as 'same' }), 'ERR_ARG', 'valid, same', 'causal');
  expectError(() => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 0 }), 'ERR_ARG', 'depthMultiplier', 'positive integer');
  expectError(() => layers.depthwiseConv2d({ kernelSize: 3, strides: 2, dilationRate: 2 }), 'ERR_ARG', 'dilationRate');
  expectError(() => layers.depthwiseConv2d({ kernelSize: 3, filters: 2 } as { kernelSize: number }), 'ERR_ARG', 'filters');
  const layer = layers.depthwiseConv2d({ kernelSize: 3 });
  expectError(() => layer.forward([randomTensor([1, 8, 8, 2])], new StandaloneContext()), 'ERR_STATE', 'built');
  layer.build([[null, 8, 8, 2]], 'float32');
  const ctx = new StandaloneContext();
  expectError(() => layer.forward([randomTensor([1, 8, 8])], ctx), 'ERR_SHAPE', '(N,H,W,C)', 'expandDims(-1)');
  expectError(() => layer.forward([randomTensor([1, 8, 8, 3])], ctx), 'ERR_SHAPE', '2 channels');
  expectError(() => layer.forward([randomTensor([1, 2, 8, 2])], ctx), 'ERR_SHAPE', 'axis 1', 'at least 3');
});
