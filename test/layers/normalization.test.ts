import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const shapes = { inputShapes: [[2, 3, 4]], outputShapes: [[2, 3, 4]] };

layerSuite('normalization with given numbers, masked', {
  make: () => layers.normalization({ mean: [1, 2, 3, -4], variance: [1, 0.5, 4, 2] }),
  ...shapes,
  masks: [mask([[1, 0, 1], [1, 1, 0]])], // prettier-ignore
  outputMasks: [[[1, 0, 1], [1, 1, 0]]], // prettier-ignore
  crossings: [2, 1],
});
layerSuite('normalization undone, along axis 1', {
  make: () => layers.normalization({ axis: 1, mean: [1, 2, 3], variance: [1, 0.5, 4], invert: true }),
  ...shapes,
  crossings: [2, 1],
});
layerSuite('normalization of all values', {
  make: () => layers.normalization({ axis: [], mean: 0.5, variance: 2 }),
  ...shapes,
  crossings: [2, 1],
});

test.each([{ axis: -1 }, { axis: 1 }, { axis: [1, 2] }, { axis: [] }])(
  'adapted to data along $axis, its values have mean 0 and variance 1',
  ({ axis }) => {
    const data = randomTensor([50, 3, 4], 3);
    const values = data.data();
    for (let i = 0; i < values.length; i++) values[i] = 3 * (values[i] as number) + (i % 4);
    const [layer, back] = [layers.normalization({ axis }), layers.normalization({ axis, invert: true })];
    layer.adapt(data);
    back.adapt(data);
    expect(layer.weights.map((w) => [w.name, w.trainable])).toEqual([['mean', false], ['variance', false], ['count', false]]); // prettier-ignore
    const ctx = new StandaloneContext();
    const [y] = layer.forward([data], ctx) as [Tensor];
    const again = layers.normalization({ axis });
    again.adapt(y);
    const [mean, variance] = again.weights.map((w) => w.value) as [Tensor, Tensor];
    expectClose(mean, new Float32Array(mean.size), within(1e-6));
    expectClose(variance, new Float32Array(mean.size).fill(1), within(1e-5));
    expectClose(back.forward([y], new StandaloneContext())[0] as Tensor, data, within(1e-5));
  },
);

test('the numbers of a column, also one that never changes', () => {
  const layer = layers.normalization();
  layer.adapt(tensor([[1, 7], [3, 7], [5, 7]])); // prettier-ignore
  const [mean, variance, count] = layer.weights.map((w) => w.value) as [Tensor, Tensor, Tensor];
  expectClose(mean, [3, 7], exact());
  expectClose(variance, [8 / 3, 0], within(1e-6));
  expectClose(count, [3], exact());
  expectClose(layer.forward([tensor([[3, 7]])], new StandaloneContext())[0] as Tensor, [0, 0], exact());
});

test('errors', () => {
  expectError(() => layers.normalization({ mean: 1 }), 'ERR_ARG', 'both or neither');
  expectError(() => layers.normalization({ mean: [1, 2], variance: 1 }), 'ERR_ARG', 'as many');
  expectError(() => layers.normalization({ mean: 1, variance: -1 }), 'ERR_ARG', 'variances');
  expectError(() => layers.normalization({ mean: NaN, variance: 1 }), 'ERR_ARG', 'finite');
  const given = layers.normalization({ mean: [1, 2], variance: [1, 2] });
  expectError(() => given.build([[null, 3]], 'float32'), 'ERR_SHAPE', '1 or 3', '2');
  expectError(() => given.adapt(randomTensor([4, 2])), 'ERR_STATE', 'given');
  const layer = layers.normalization();
  expectError(() => layer.adapt(tensor(new Float32Array(0), [0, 2])), 'ERR_SHAPE', 'data');
  expectError(() => layer.adapt(tensor(new Int32Array(2), [1, 2])), 'ERR_DTYPE', 'int32');
  expectError(() => layer.build([[null, null]], 'float32'), 'ERR_SHAPE', 'known');
  layer.adapt(randomTensor([4, 2]));
  expectError(() => layer.adapt(randomTensor([4, 3])), 'ERR_SHAPE', '(2)', '(4,3)');
  expectError(() => layer.forward([randomTensor([4, 3])], new StandaloneContext()), 'ERR_SHAPE', '(2)');
});
