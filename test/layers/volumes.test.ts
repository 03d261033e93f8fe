import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext, type Layer } from '../../src/layers/index.js';
import { sizeOf, tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

layerSuite('conv3d', {
  make: () => layers.conv3d({ filters: 4, kernelSize: 3 }),
  inputShapes: [[2, 4, 5, 6, 3]],
  outputShapes: [[2, 2, 3, 4, 4]],
  weights: { kernel: [3, 3, 3, 3, 4], bias: [4] },
});
layerSuite('conv3d same, strides, relu', {
  make: () => layers.conv3d({ filters: 5, kernelSize: [3, 2, 1], strides: [2, 3, 1], padding: 'same', activation: 'relu' }),
  inputShapes: [[2, 5, 7, 3, 2]],
  outputShapes: [[2, 3, 3, 3, 5]],
  weights: { kernel: [3, 2, 1, 2, 5], bias: [5] },
});
layerSuite('conv3d dilated, grouped, without bias', {
  make: () => layers.conv3d({ filters: 6, kernelSize: 2, dilationRate: [2, 1, 2], groups: 2, padding: 'same', useBias: false }),
  inputShapes: [[1, 5, 3, 4, 4]],
  outputShapes: [[1, 5, 3, 4, 6]],
  weights: { kernel: [2, 2, 2, 2, 6] },
});
layerSuite('conv3d of single planes with silu after the kernel', {
  make: () => layers.conv3d({ filters: 3, kernelSize: [1, 2, 2], activation: 'silu' }),
  inputShapes: [[2, 3, 4, 3, 2]],
  outputShapes: [[2, 3, 3, 2, 3]],
  weights: { kernel: [1, 2, 2, 2, 3], bias: [3] },
  crossings: [2, 2],
});
layerSuite('conv3dTranspose', {
  make: () => layers.conv3dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
  inputShapes: [[2, 2, 3, 2, 3]],
  outputShapes: [[2, 4, 6, 4, 4]],
  weights: { kernel: [3, 3, 3, 4, 3], bias: [4] },
});
layerSuite('conv3dTranspose valid, larger strides than windows', {
  make: () => layers.conv3dTranspose({ filters: 2, kernelSize: [2, 1, 2], strides: [3, 2, 1], useBias: false }),
  inputShapes: [[1, 2, 3, 2, 3]],
  outputShapes: [[1, 6, 6, 3, 2]],
  weights: { kernel: [2, 1, 2, 2, 3] },
});
for (const kind of ['maxPooling', 'averagePooling'] as const) {
  layerSuite(`${kind}3d`, {
    make: () => layers[`${kind}3d`](),
    inputShapes: [[2, 5, 4, 6, 3]],
    outputShapes: [[2, 2, 2, 3, 3]],
    crossings: [2, 2],
  });
  layerSuite(`${kind}3d same, overlapping`, {
    make: () => layers[`${kind}3d`]({ poolSize: [3, 2, 2], strides: [2, 1, 1], padding: 'same' }),
    inputShapes: [[2, 5, 3, 4, 2]],
    outputShapes: [[2, 3, 3, 4, 2]],
    crossings: [2, 2],
  });
}
layerSuite('globalMaxPooling3d', {
  make: () => layers.globalMaxPooling3d(),
  inputShapes: [[2, 3, 2, 4, 5]],
  outputShapes: [[2, 5]],
});
layerSuite('globalAveragePooling3d', {
  make: () => layers.globalAveragePooling3d({ keepdims: true }),
  inputShapes: [[2, 3, 2, 4, 5]],
  outputShapes: [[2, 1, 1, 1, 5]],
});
layerSuite('zeroPadding3d', {
  make: () => layers.zeroPadding3d({ padding: [[1, 0], [2, 1], [0, 3]] }), // prettier-ignore
  inputShapes: [[2, 2, 3, 2, 3]],
  outputShapes: [[2, 3, 6, 5, 3]],
});
layerSuite('cropping3d', {
  make: () => layers.cropping3d({ cropping: [1, 0, 1] }),
  inputShapes: [[2, 4, 3, 3, 2]],
  outputShapes: [[2, 2, 3, 1, 2]],
});
layerSuite('upSampling3d', {
  make: () => layers.upSampling3d({ size: [2, 3, 1] }),
  inputShapes: [[2, 2, 2, 3, 2]],
  outputShapes: [[2, 4, 6, 3, 2]],
});
layerSuite('spatialDropout3d', {
  make: () => layers.spatialDropout3d({ rate: 0.4, seed: 3 }),
  inputShapes: [[3, 2, 2, 3, 5]],
  outputShapes: [[3, 2, 2, 3, 5]],
  drops: true,
  crossings: [2, 1],
});

/** Quarters from −11 to 11 in a fixed disorder. */
const ramp = (shape: Shape, step = 37, modulus = 23, scale = 0.25): Tensor =>
  tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * step) % modulus) - 11) * scale),
    shape,
  );

// What Keras 3.15.1 gives; every value is a small fraction of a power of two, so that each sum is exact.
const TRUTH: Record<string, [Layer, Shape, Shape, number[]]> = {
  'conv3d in groups': [
    layers.conv3d({ filters: 2, kernelSize: [2, 1, 2], strides: [2, 1, 1], padding: 'same', groups: 2 }),
    [1, 3, 2, 2, 2],
    [1, 2, 2, 2, 2],
    [2, 0.109375, 1.609375, -0.046875, -0.703125, 0.0625, -1.515625, -0.046875, -3.4375, 0.046875, -2.578125, -0.03125, 0.828125, -0.109375, -0.34375, 0.171875], // prettier-ignore
  ],
  conv3dTranspose: [
    layers.conv3dTranspose({ filters: 1, kernelSize: [2, 1, 3], strides: [2, 1, 1], padding: 'same' }),
    [1, 2, 1, 3, 2],
    [1, 4, 1, 3, 1],
    [1.9375, 2.171875, 0.4375, 1.65625, 1.375, 0.015625, -2.859375, -1.265625, -0.546875, -2.484375, -1.078125, -0.3125],
  ],
  'conv3dTranspose with outputPadding': [
    layers.conv3dTranspose({ filters: 1, kernelSize: [3, 1, 1], strides: [3, 1, 1], outputPadding: [1, 0, 0] }),
    [1, 2, 1, 1, 2],
    [1, 7, 1, 1, 1],
    [1.15625, 1.03125, 0.90625, 0.21875, 0.25, 0.28125, -0.6875],
  ],
  'maxPooling3d same': [
    layers.maxPooling3d({ poolSize: [2, 2, 3], strides: [1, 2, 2], padding: 'same' }),
    [1, 3, 3, 3, 1],
    [1, 3, 2, 2, 1],
    [2.5, 2.5, 1.5, 2.25, 2.75, 2.5, 1.5, 2, 2.75, 0.5, 0.75, 2],
  ],
  'averagePooling3d same': [
    layers.averagePooling3d({ poolSize: [2, 2, 3], strides: [1, 2, 2], padding: 'same' }),
    [1, 3, 3, 3, 1],
    [1, 3, 2, 2, 1],
    [-0.125, -0.21875, -0.1875, 0.4375, 0.46875, -0.34375, -0.3125, 0.3125, 1.125, -1.125, -0.375, 0.25],
  ],
  averagePooling3d: [layers.averagePooling3d(), [1, 2, 3, 4, 2], [1, 1, 1, 2, 2], [-0.03125, -0.125, -0.40625, 0.21875]],
  globalMaxPooling3d: [layers.globalMaxPooling3d(), [2, 2, 2, 2, 2], [2, 2], [2.25, 2.5, 2.75, 2.25]],
  globalAveragePooling3d: [
    layers.globalAveragePooling3d({ keepdims: true }),
    [2, 2, 2, 2, 2],
    [2, 1, 1, 1, 2],
    [-0.53125, 0.09375, 0.125, 0.03125],
  ],
  zeroPadding3d: [
    layers.zeroPadding3d({ padding: [[1, 0], [0, 1], [0, 0]] }), // prettier-ignore
    [1, 1, 2, 1, 2],
    [1, 2, 3, 1, 2],
    [0, 0, 0, 0, 0, 0, -2.75, 0.75, -1.5, 2, 0, 0],
  ],
  cropping3d: [layers.cropping3d({ cropping: [[1, 0], [0, 1], [1, 1]] }), [1, 2, 2, 3, 2], [1, 1, 1, 1, 2], [0.25, -2]], // prettier-ignore
  upSampling3d: [
    layers.upSampling3d({ size: [2, 1, 2] }),
    [1, 2, 1, 2, 1],
    [1, 4, 1, 4, 1],
    [-2.75, -2.75, 0.75, 0.75, -2.75, -2.75, 0.75, 0.75, -1.5, -1.5, 2, 2, -1.5, -1.5, 2, 2],
  ],
};

describe('volumes as Keras computes them', () => {
  for (const [name, [layer, input, output, expected]] of Object.entries(TRUTH)) {
    test(name, () => {
      layer.build([input], 'float32');
      for (const [i, { value }] of layer.weights.entries()) value.data().set(ramp(value.shape, 29 + i, 19, 1 / 16).data());
      const [y] = layer.forward([ramp(input)], new StandaloneContext()) as [Tensor];
      expect(y.shape).toEqual(output);
      expectClose(y, expected, exact());
    });
  }

  test('the first of equal maxima in a window, plane by plane, gets the gradient', () => {
    const layer = layers.maxPooling3d();
    const ctx = new StandaloneContext();
    const x = tensor([1, 5, 2, 5, 5, 0, 5, 3], [1, 2, 2, 2, 1]);
    layer.forward([x], ctx);
    expectClose(layer.backward([tensor([7], [1, 1, 1, 1, 1])], ctx)[0] as Tensor, [0, 7, 0, 0, 0, 0, 0, 0], exact());
  });

  test('whole channels of a volume are dropped', () => {
    const layer = layers.spatialDropout3d({ rate: 0.5, seed: 4 });
    layer.build([[null, 2, 2, 2, 6]], 'float32');
    const [y] = layer.forward([tensor(new Float32Array(2 * 8 * 6).fill(1), [2, 2, 2, 2, 6])], new StandaloneContext()) as [Tensor];
    const cells = y.reshape([2, 8, 6]).toArray() as number[][][];
    for (const item of cells) for (const cell of item) expect(cell).toEqual(item[0]);
    expect(new Set(cells.flat(2))).toEqual(new Set([0, 2]));
  });
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.conv3d({ filters: 3, kernelSize: [3, 3] }), 'ERR_ARG', '[conv3d]', 'kernelSize', '3 of them');
  expectError(() => layers.conv3d({ filters: 3, kernelSize: 3, padding: 'causal' }), 'ERR_ARG', 'valid, same', 'causal');
  expectError(() => layers.upSampling3d({ size: 0 }), 'ERR_ARG', '[upSampling3d]', 'size');
  expectError(() => layers.zeroPadding3d({ padding: [1, 2] as never }), 'ERR_ARG', '[zeroPadding3d]', 'one per axis', '[1,2]');
  const layer = layers.conv3d({ filters: 4, kernelSize: 3 });
  layer.build([[null, 8, 8, 8, 2]], 'float32');
  expectError(() => layer.forward([randomTensor([1, 8, 8, 8])], ctx), 'ERR_SHAPE', '(N,D,H,W,C)', 'expandDims(-1)');
  expectError(() => layer.forward([randomTensor([1, 2, 8, 8, 2])], ctx), 'ERR_SHAPE', 'axis 1', 'at least 3', "padding: 'same'");
  const others = [
    layers.maxPooling3d(),
    layers.globalMaxPooling3d(),
    layers.cropping3d({ cropping: 1 }),
    layers.upSampling3d(),
    layers.spatialDropout3d({ rate: 0.5 }),
    layers.conv3dTranspose({ filters: 2, kernelSize: 3 }),
  ];
  for (const other of others) expectError(() => other.computeOutputShape([[2, 4, 4, 4]]), 'ERR_SHAPE', '(N,D,H,W,C)', '(2,4,4,4)');
  expectError(() => layers.maxPooling3d().forward([randomTensor([2, 1, 4, 4, 1])], ctx), 'ERR_SHAPE', 'axis 1', '(2,1,4,4,1)');
});
