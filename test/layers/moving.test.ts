import { expect, test } from 'vitest';
import { layers, StandaloneContext, type Layer } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite, type LayerCase } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

const CASES: Record<string, LayerCase> = {
  permute: { make: () => layers.permute({ dims: [3, 1, 2] }), inputShapes: [[2, 3, 4, 5]], outputShapes: [[2, 5, 3, 4]] },
  repeatVector: { make: () => layers.repeatVector({ n: 3 }), inputShapes: [[2, 5]], outputShapes: [[2, 3, 5]] },
  zeroPadding1d: { make: () => layers.zeroPadding1d({ padding: [1, 2] }), inputShapes: [[2, 3, 4]], outputShapes: [[2, 6, 4]] },
  zeroPadding2d: {
    make: () => layers.zeroPadding2d({ padding: [[1, 0], [2, 3]] }), // prettier-ignore
    inputShapes: [[2, 3, 4, 2]],
    outputShapes: [[2, 4, 9, 2]],
  },
  cropping1d: { make: () => layers.cropping1d(), inputShapes: [[2, 5, 3]], outputShapes: [[2, 3, 3]] },
  cropping2d: { make: () => layers.cropping2d({ cropping: [1, 0] }), inputShapes: [[2, 4, 3, 2]], outputShapes: [[2, 2, 3, 2]] },
  upSampling1d: { make: () => layers.upSampling1d({ size: 3 }), inputShapes: [[2, 3, 4]], outputShapes: [[2, 9, 4]] },
  'upSampling2d nearest': { make: () => layers.upSampling2d({ size: [2, 3] }), inputShapes: [[2, 3, 2, 4]], outputShapes: [[2, 6, 6, 4]] },
  'upSampling2d bilinear': {
    make: () => layers.upSampling2d({ interpolation: 'bilinear' }),
    inputShapes: [[2, 3, 4, 2]],
    outputShapes: [[2, 6, 8, 2]],
  },
};
for (const [name, one] of Object.entries(CASES)) layerSuite(name, one);

layerSuite('timeDistributed dense', {
  make: () => layers.timeDistributed({ layer: layers.dense({ units: 4, activation: 'tanh', name: 'inner', seed: 5 }) }),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 3, 4]],
  weights: { kernel: [5, 4], bias: [4] },
});
layerSuite('pRelu', {
  make: () => layers.pRelu({ alphaInitializer: { className: 'Constant', config: { value: 0.3 } } }),
  inputShapes: [[3, 4, 5]],
  outputShapes: [[3, 4, 5]],
  weights: { alpha: [4, 5] },
  crossings: [1, 3],
});
layerSuite('pRelu with shared axes', {
  make: () => layers.pRelu({ sharedAxes: [1, 2] }),
  inputShapes: [[2, 3, 4, 5]],
  outputShapes: [[2, 3, 4, 5]],
  weights: { alpha: [1, 1, 5] },
  crossings: [1, 3],
});
layerSuite('relu', {
  make: () => layers.relu({ maxValue: 1.5, negativeSlope: 0.1, threshold: 0.2 }),
  inputShapes: [[3, 8]],
  outputShapes: [[3, 8]],
});
layerSuite('leakyRelu', { make: () => layers.leakyRelu(), inputShapes: [[3, 8]], outputShapes: [[3, 8]] });
layerSuite('elu', { make: () => layers.elu({ alpha: 0.5 }), inputShapes: [[3, 8]], outputShapes: [[3, 8]] });
layerSuite('identity', {
  make: () => layers.identity(),
  inputShapes: [[3, 8]],
  outputShapes: [[3, 8]],
  crossings: [0, 0],
  stateless: true,
});

const NOISES: Record<
  string,
  { make: () => Layer; calls: [number, number]; shape?: readonly [number, number, number, number]; stateless?: boolean }
> = {
  gaussianNoise: { make: () => layers.gaussianNoise({ stddev: 0.5, seed: 3 }), calls: [2, 0], stateless: true },
  gaussianDropout: { make: () => layers.gaussianDropout({ rate: 0.3, seed: 3 }), calls: [2, 1] },
  alphaDropout: { make: () => layers.alphaDropout({ rate: 0.3, seed: 3 }), calls: [5, 1] },
  spatialDropout2d: { make: () => layers.spatialDropout2d({ rate: 0.3, seed: 3 }), calls: [2, 1] },
};
for (const [name, { make, calls, stateless }] of Object.entries(NOISES)) {
  layerSuite(name, {
    make,
    inputShapes: [[2, 3, 4, 5]],
    outputShapes: [[2, 3, 4, 5]],
    crossings: calls,
    drops: true,
    ...(stateless ? { stateless } : {}),
  });
}

/** Mean and standard deviation of a layer's values on a large input, in training. */
function moments(layer: Layer, x: Tensor, step = 0): [number, number] {
  layer.build([[null, ...x.shape.slice(1)]], 'float32');
  const values = Array.from((layer.forward([x], new StandaloneContext({ step }))[0] as Tensor).data(), Number);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)];
}

test('noise has the moments that it should have, and is new at every step', () => {
  const ones = tensor(new Float32Array(40000).fill(1), [200, 200]);
  const [mean, deviation] = moments(layers.gaussianNoise({ stddev: 0.5, seed: 1 }), ones);
  expect([mean, deviation]).toEqual([expect.closeTo(1, 1), expect.closeTo(0.5, 2)]);
  expect(moments(layers.gaussianDropout({ rate: 0.2, seed: 1 }), ones)).toEqual([expect.closeTo(1, 1), expect.closeTo(0.5, 2)]);
  const [first, second] = [0, 1].map((step) => moments(layers.gaussianNoise({ stddev: 0.5, seed: 1 }), ones, step)[0]);
  expect(first).not.toBe(second);
  const normal = tensor(randomTensor([200, 200], 4).data().map((v) => v * Math.sqrt(3)), [200, 200]); // prettier-ignore
  const plain = moments(layers.identity(), normal);
  const dropped = moments(layers.alphaDropout({ rate: 0.2, seed: 1 }), tensor(normal.data().map((v) => (v - plain[0]) / plain[1]), [200, 200])); // prettier-ignore
  expect(dropped).toEqual([expect.closeTo(0, 1), expect.closeTo(1, 1)]);
});

test('spatial dropout drops channels as a whole', () => {
  const layer = layers.spatialDropout1d({ rate: 0.5, seed: 2 });
  layer.build([[null, 4, 30]], 'float32');
  const [y] = layer.forward([tensor(new Float32Array(360).fill(1), [3, 4, 30])], new StandaloneContext()) as [Tensor];
  const values = y.toArray() as number[][][];
  for (const item of values) for (const step of item) expect(step).toEqual(item[0]);
  expect(new Set(values.flat(2))).toEqual(new Set([0, 2]));
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.permute({ dims: [1, 3] }), 'ERR_ARG', 'dims');
  expectError(() => layers.permute({ dims: [2, 1] }).forward([randomTensor([2, 3])], ctx), 'ERR_SHAPE', '2 axes');
  expectError(() => layers.repeatVector({ n: 0 }), 'ERR_ARG', 'n to be');
  expectError(() => layers.zeroPadding2d({ padding: [1, -1] }), 'ERR_ARG', 'padding');
  expectError(() => layers.cropping1d({ cropping: 2 }).forward([randomTensor([2, 4, 1])], ctx), 'ERR_SHAPE', 'longer than 4');
  expectError(() => layers.upSampling2d({ interpolation: 'cubic' as never }), 'ERR_ARG', 'interpolation');
  expectError(() => layers.gaussianNoise({ stddev: -1 }), 'ERR_ARG', 'stddev');
  expectError(() => layers.alphaDropout({ rate: 1 }), 'ERR_ARG', 'rate');
  expectError(() => layers.timeDistributed({ layer: layers.flatten() }).forward([randomTensor([2, 3])], ctx), 'ERR_SHAPE', '(N,T,');
  expectError(() => layers.pRelu().build([[null, null, 3]], 'float32'), 'ERR_SHAPE', 'open axes');
  expectError(() => layers.leakyRelu({ negativeSlope: -1 }), 'ERR_ARG', 'negativeSlope');
});
