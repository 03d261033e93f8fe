import { describe, expect, test } from 'vitest';
import { layers, Sequential, setSeed, tensor, type Tensor } from '../../src/index.js';
import { gradcheck } from '../../src/layers/gradcheck.js';
import { StandaloneContext, type Layer } from '../../src/layers/index.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

const penalty = { className: 'L1L2', config: { l1: 0.02, l2: 0.03 } };

layerSuite('activityRegularization', {
  make: () => layers.activityRegularization({ l1: 0.02, l2: 0.03 }),
  inputShapes: [[3, 4, 5]],
  outputShapes: [[3, 4, 5]],
  masks: [tensor([1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], [3, 4], 'uint8')],
  outputMasks: [
    [
      [1, 1, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ],
  ],
  crossings: [0, 0],
  stateless: true,
});

describe('a penalty on what a layer gives', () => {
  const makers: Record<string, () => Layer> = {
    dense: () => layers.dense({ units: 3, activation: 'tanh', activityRegularizer: penalty }),
    lstm: () => layers.lstm({ units: 3, returnSequences: true, returnState: true, activityRegularizer: penalty }),
    'bidirectional of gru': () => layers.bidirectional({ layer: layers.gru({ units: 3, activityRegularizer: penalty }) }),
    'timeDistributed of dense': () => layers.timeDistributed({ layer: layers.dense({ units: 3 }), activityRegularizer: penalty }),
    conv1d: () => layers.conv1d({ filters: 2, kernelSize: 2, activityRegularizer: penalty }),
  };
  for (const [name, make] of Object.entries(makers)) {
    test(`${name}: the gradient is that of the loss with the penalty`, () => {
      for (const { relativeError } of gradcheck(make, [[2, 4, 3]]).entries) expect(relativeError).toBeLessThan(1e-6);
    });
  }

  const x = randomTensor([8, 5], 1);
  const y = tensor([0, 1, 2, 0, 1, 2, 0, 1], [8], 'int32');
  const own = (activityRegularizer?: typeof penalty): Sequential => {
    setSeed(1);
    const model = new Sequential([
      layers.dense({ units: 4, activation: 'tanh', inputShape: [5], ...(activityRegularizer ? { activityRegularizer } : {}) }),
      layers.dense({ units: 3, activation: 'softmax', ...(activityRegularizer ? { activityRegularizer } : {}) }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    return model;
  };

  test('is part of the loss in training and evaluation, also of a layer whose activation the loss would take over', async () => {
    const [plain, model] = [own(), own(penalty)];
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((s, v) => s + 0.02 * Math.abs(v) + 0.03 * v * v, 0);
    const first = model.layers[0] as Layer;
    const [hidden] = first.forward([x], new StandaloneContext()) as [Tensor];
    const expected = (sum(hidden.data()) + sum(((await model.predict(x)) as Tensor).data())) / 8;
    const before = (await plain.evaluate(x, y))['loss'] as number;
    expect(((await model.evaluate(x, y, { batchSize: 8 }))['loss'] as number) - before).toBeCloseTo(expected, 6);
    expect((model.trainOnBatch(x, y)['loss'] as number) - before).toBeCloseTo(expected, 6);
  });

  test('of a nested model counts too, and is trained', async () => {
    setSeed(1);
    const inner = new Sequential([layers.dense({ units: 4, inputShape: [5] }), layers.activityRegularization({ l2: 1 })]);
    const model = new Sequential([inner, layers.dense({ units: 3, activation: 'softmax', trainable: false })]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const history = await model.fit(x, y, { epochs: 30, batchSize: 8, verbose: 0 });
    const losses = history.history['loss'] as number[];
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
  });

  test('refuses a regularizer beside its own', () => {
    expect(() => layers.activityRegularization({ activityRegularizer: penalty } as object)).toThrow(/expected l1 and l2/);
  });
});
