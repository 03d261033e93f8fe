import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

layerSuite('conv1dTranspose with gelu', {
  make: () => layers.conv1dTranspose({ filters: 3, kernelSize: 2, activation: 'gelu' }),
  inputShapes: [[2, 4, 2]],
  outputShapes: [[2, 5, 3]],
  weights: { kernel: [2, 3, 2], bias: [3] },
  crossings: [2, 2],
});
layerSuite('conv2dTranspose', {
  make: () => layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
  inputShapes: [[2, 5, 4, 3]],
  outputShapes: [[2, 10, 8, 4]],
  weights: { kernel: [3, 3, 4, 3], bias: [4] },
});
layerSuite('conv2dTranspose valid, without bias', {
  make: () => layers.conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides: [3, 1], useBias: false, activation: 'tanh' }),
  inputShapes: [[2, 3, 4, 5]],
  outputShapes: [[2, 9, 6, 2]],
  weights: { kernel: [2, 3, 2, 5] },
});
layerSuite('conv2dTranspose with outputPadding', {
  make: () => layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', outputPadding: 0 }),
  inputShapes: [[1, 4, 3, 2]],
  outputShapes: [[1, 7, 5, 2]],
  weights: { kernel: [3, 3, 2, 2], bias: [2] },
});
layerSuite('conv1dTranspose dilated', {
  make: () => layers.conv1dTranspose({ filters: 4, kernelSize: 3, dilationRate: 2, activation: 'sigmoid' }),
  inputShapes: [[2, 5, 3]],
  outputShapes: [[2, 9, 4]],
  weights: { kernel: [3, 4, 3], bias: [4] },
});

test('an open time axis is known at the call', () => {
  expect(layers.conv1dTranspose({ filters: 1, kernelSize: 3, strides: 2 }).computeOutputShape([[null, null, 4]])).toEqual([
    [null, null, 1],
  ]);
});

test('errors', () => {
  const options = { filters: 2, kernelSize: 3, strides: 2 };
  expectError(() => layers.conv2dTranspose({ ...options, outputPadding: 2 }), 'ERR_ARG', '[conv2dTranspose]', 'outputPadding', '2,2');
  expectError(() => layers.conv2dTranspose({ ...options, outputPadding: [1] }), 'ERR_ARG', 'outputPadding');
  expectError(() => layers.conv2dTranspose({ ...options, padding: 'causal' as 'same' }), 'ERR_ARG', 'valid, same', 'causal');
  expectError(() => layers.conv1dTranspose({ ...options, dilationRate: 2 }), 'ERR_ARG', 'dilationRate');
  const layer = layers.conv2dTranspose(options);
  expectError(() => layer.forward([randomTensor([1, 8, 8, 2])], new StandaloneContext()), 'ERR_STATE', 'built');
  layer.build([[null, 8, 8, 2]], 'float32');
  const ctx = new StandaloneContext();
  expectError(() => layer.forward([randomTensor([1, 8, 8])], ctx), 'ERR_SHAPE', '(N,H,W,C)', 'expandDims(-1)');
  expectError(() => layer.forward([randomTensor([1, 8, 8, 3])], ctx), 'ERR_SHAPE', '2 channels');
});
