import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

layerSuite('conv2d with silu after the kernel', {
  make: () => layers.conv2d({ filters: 3, kernelSize: 3, activation: 'silu' }),
  inputShapes: [[2, 5, 4, 2]],
  outputShapes: [[2, 3, 2, 3]],
  weights: { kernel: [3, 3, 2, 3], bias: [3] },
  crossings: [2, 2],
});
layerSuite('conv1d with softmax', {
  make: () => layers.conv1d({ filters: 3, kernelSize: 2, activation: 'softmax' }),
  inputShapes: [[2, 5, 2]],
  outputShapes: [[2, 4, 3]],
  weights: { kernel: [2, 2, 3], bias: [3] },
  crossings: [2, 2],
});
layerSuite('conv2d', {
  make: () => layers.conv2d({ filters: 4, kernelSize: 3 }),
  inputShapes: [[2, 6, 7, 3]],
  outputShapes: [[2, 4, 5, 4]],
  weights: { kernel: [3, 3, 3, 4], bias: [4] },
});
layerSuite('conv2d same, strides, relu', {
  make: () => layers.conv2d({ filters: 5, kernelSize: [3, 2], strides: [2, 3], padding: 'same', activation: 'relu' }),
  inputShapes: [[2, 7, 8, 2]],
  outputShapes: [[2, 4, 3, 5]],
  weights: { kernel: [3, 2, 2, 5], bias: [5] },
});
layerSuite('conv2d dilated, grouped, without bias', {
  make: () =>
    layers.conv2d({ filters: 6, kernelSize: 3, dilationRate: [1, 2], groups: 2, padding: 'same', useBias: false, activation: 'tanh' }),
  inputShapes: [[1, 6, 7, 4]],
  outputShapes: [[1, 6, 7, 6]],
  weights: { kernel: [3, 3, 2, 6] },
});
layerSuite('conv2d, sums longer than a chunk', {
  make: () => layers.conv2d({ filters: 3, kernelSize: 5, activation: 'sigmoid', padding: 'same' }),
  inputShapes: [[1, 6, 5, 13]],
  outputShapes: [[1, 6, 5, 3]],
  weights: { kernel: [5, 5, 13, 3], bias: [3] },
});
layerSuite('conv1d', {
  make: () => layers.conv1d({ filters: 4, kernelSize: 3, activation: 'relu' }),
  inputShapes: [[3, 9, 5]],
  outputShapes: [[3, 7, 4]],
  weights: { kernel: [3, 5, 4], bias: [4] },
});
layerSuite('conv1d causal, dilated', {
  make: () => layers.conv1d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'causal' }),
  inputShapes: [[2, 7, 3]],
  outputShapes: [[2, 7, 2]],
  weights: { kernel: [3, 3, 2], bias: [2] },
});

layerSuite('conv2d by Winograd’s algorithm', {
  make: () => layers.conv2d({ filters: 17, kernelSize: 3, padding: 'same' }),
  inputShapes: [[8, 8, 7, 16]],
  outputShapes: [[8, 8, 7, 17]],
  weights: { kernel: [3, 3, 16, 17], bias: [17] },
});

test('winograd: false takes the direct kernel, and is part of the config', () => {
  const [direct, fast] = [false, true].map((winograd) => layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', winograd }));
  if (!direct || !fast) throw new Error('two layers');
  const x = randomTensor([1, 8, 8, 16]);
  const run = (layer: typeof direct): Float32Array => {
    layer.build([x.shape], 'float32');
    layer.weights[0]?.value.data().set(randomTensor([3, 3, 16, 16]).data());
    return (layer.forward([x], new StandaloneContext())[0] as Tensor).data().slice() as Float32Array;
  };
  const [a, b] = [run(direct), run(fast)];
  expect(a).not.toEqual(b);
  for (let i = 0; i < a.length; i++) expect(Math.abs((a[i] as number) - (b[i] as number))).toBeLessThan(1e-4);
  expect(direct.getConfig()['winograd']).toBe(false);
  expect(layers.conv2d({ filters: 16, kernelSize: 3 }).getConfig()['winograd']).toBe(true);
  for (const make of [layers.conv1d, layers.conv2d]) {
    const config = make({ filters: 2, kernelSize: 3, winograd: false }).getConfig();
    expect(make(config as unknown as Parameters<typeof make>[0]).winograd).toBe(false);
  }
});

describe('conv1d', () => {
  test('causal outputs see no future', () => {
    const layer = layers.conv1d({ filters: 1, kernelSize: 2, padding: 'causal', useBias: false });
    layer.build([[null, 3, 1]], 'float32');
    layer.weights[0]?.value.data().set([10, 1]);
    const [y] = layer.forward([tensor([1, 2, 3]).reshape([1, 3, 1])], new StandaloneContext()) as [Tensor];
    expectClose(y, [1, 12, 23], exact());
  });

  test('an open time axis is known at the call', () => {
    const layer = layers.conv1d({ filters: 1, kernelSize: 3 });
    expect(layer.computeOutputShape([[null, null, 4]])).toEqual([[null, null, 1]]);
  });
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.conv2d({ filters: 3, kernelSize: [3, 3, 3] }), 'ERR_ARG', '[conv2d]', 'kernelSize', '2 of them');
  expectError(() => layers.conv2d({ filters: 3, kernelSize: 3, padding: 'causal' }), 'ERR_ARG', 'valid, same', 'causal');
  expectError(() => layers.conv2d({ filters: 3, kernelSize: 3, groups: 2 }), 'ERR_ARG', 'multiple of groups');
  expectError(() => layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, dilationRate: 2 }), 'ERR_ARG', 'dilationRate');
  const layer = layers.conv2d({ filters: 4, kernelSize: 3, groups: 2 });
  expectError(() => layer.build([[null, 8, 8, 3]], 'float32'), 'ERR_ARG', 'input channels', '3 and 2');
  layer.build([[null, 8, 8, 2]], 'float32');
  expectError(() => layer.forward([randomTensor([1, 8, 8])], ctx), 'ERR_SHAPE', '(N,H,W,C)', 'expandDims(-1)');
  expectError(() => layer.forward([randomTensor([1, 8, 8, 3])], ctx), 'ERR_SHAPE', '2 channels');
  expectError(() => layer.forward([randomTensor([1, 2, 8, 2])], ctx), 'ERR_SHAPE', 'axis 1', 'at least 3', "padding: 'same'");
});
