import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

// A kernel call for each part.
const crossings = [2, 2] as const;

layerSuite('separableConv1d with mish', {
  make: () => layers.separableConv1d({ filters: 3, kernelSize: 2, activation: 'mish' }),
  inputShapes: [[2, 4, 2]],
  outputShapes: [[2, 3, 3]],
  weights: { depthwise_kernel: [2, 2, 1], pointwise_kernel: [1, 2, 3], bias: [3] },
  crossings: [3, 3],
});
layerSuite('separableConv2d', {
  make: () => layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
  inputShapes: [[2, 6, 7, 3]],
  outputShapes: [[2, 6, 7, 4]],
  weights: { depthwise_kernel: [3, 3, 3, 1], pointwise_kernel: [1, 1, 3, 4], bias: [4] },
  crossings,
});
layerSuite('separableConv2d, several filters a channel, strides', {
  make: () => layers.separableConv2d({ filters: 5, kernelSize: [3, 2], strides: [2, 1], depthMultiplier: 2, activation: 'tanh' }),
  inputShapes: [[2, 7, 6, 4]],
  outputShapes: [[2, 3, 5, 5]],
  weights: { depthwise_kernel: [3, 2, 4, 2], pointwise_kernel: [1, 1, 8, 5], bias: [5] },
  crossings,
});
layerSuite('separableConv1d, without bias', {
  make: () => layers.separableConv1d({ filters: 4, kernelSize: 3, dilationRate: 2, padding: 'same', useBias: false }),
  inputShapes: [[2, 9, 3]],
  outputShapes: [[2, 9, 4]],
  weights: { depthwise_kernel: [3, 3, 1], pointwise_kernel: [1, 3, 4] },
  crossings,
});

test('each kernel takes its own penalty and constraint', () => {
  const layer = layers.separableConv1d({ filters: 2, kernelSize: 3, depthwiseRegularizer: 'l2', pointwiseConstraint: 'nonNeg' });
  layer.build([[null, 6, 2]], 'float32');
  expect(layer.weights.map((w) => [w.regularizer?.className, w.constraint?.className])).toEqual([
    ['L2', undefined],
    [undefined, 'NonNeg'],
    [undefined, undefined],
  ]);
});

test('errors', () => {
  expectError(() => layers.separableConv2d({ filters: 0, kernelSize: 3 }), 'ERR_ARG', '[separableConv2d]', 'filters');
  expectError(() => layers.separableConv1d({ filters: 2, kernelSize: 3, padding: 'causal' as 'same' }), 'ERR_ARG', 'valid, same', 'causal');
  const layer = layers.separableConv2d({ filters: 2, kernelSize: 3 });
  expectError(() => layer.forward([randomTensor([1, 8, 8, 2])], new StandaloneContext()), 'ERR_STATE', 'built');
  layer.build([[null, 8, 8, 2]], 'float32');
  expectError(() => layer.forward([randomTensor([1, 8, 8, 3])], new StandaloneContext()), 'ERR_SHAPE', '2 channels');
});
