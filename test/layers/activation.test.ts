import { describe, expect, test } from 'vitest';
import { LAYER_ACTIVATIONS } from '../../src/layers/activations.js';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, ulp } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

for (const activation of ['relu', 'sigmoid', 'tanh', 'softmax'] as const) {
  layerSuite(`activation ${activation}`, { make: () => layers.activation({ activation }), inputShapes: [[3, 5]], outputShapes: [[3, 5]] });
}
layerSuite('activation linear', {
  stateless: true,
  make: () => layers.activation({ activation: 'linear' }),
  inputShapes: [[3, 5]],
  outputShapes: [[3, 5]],
  crossings: [1, 0],
});
layerSuite('softmax', { make: () => layers.softmax(), inputShapes: [[2, 3, 4]], outputShapes: [[2, 3, 4]] });
layerSuite('softmax, masked', {
  make: () => layers.softmax(),
  inputShapes: [[2, 3]],
  outputShapes: [[2, 3]],
  masks: [
    mask([
      [1, 0, 1],
      [1, 1, 1],
    ]),
  ],
  outputMasks: [
    [
      [1, 0, 1],
      [1, 1, 1],
    ],
  ],
});

describe('softmax', () => {
  test('masked positions are 0, a row without valid ones all 0', () => {
    const layer = layers.softmax();
    const [y] = layer.forward(
      [
        tensor([
          [1, 50, 1],
          [1, 2, 3],
        ]),
      ],
      new StandaloneContext({
        masks: [
          mask([
            [1, 0, 1],
            [0, 0, 0],
          ]),
        ],
      }),
    ) as [Tensor];
    expectClose(y, [0.5, 0, 0.5, 0, 0, 0], exact());
  });

  test('masked logits stay far below the others', () => {
    const ctx = new StandaloneContext({ masks: [mask([[1, 0]])], wantsLogits: true });
    const [z] = layers.softmax().forward([tensor([[1, 50]])], ctx) as [Tensor];
    expectClose(z, [1, -1e9], exact());
  });

  test('large logits do not overflow', () => {
    const [y] = layers.softmax().forward([tensor([[1000, 1000, -1000]])], new StandaloneContext()) as [Tensor];
    expectClose(y, [0.5, 0.5, 0], ulp(1));
  });

  test('passes logits on', () => {
    const x = randomTensor([2, 3]);
    const ctx = new StandaloneContext({ wantsLogits: true });
    const layer = layers.softmax();
    expect(layer.forward([x], ctx)[0]).toBe(x);
    expect(layer.backward([x], ctx)[0]).toBe(x);
  });
});

for (const activation of LAYER_ACTIVATIONS.filter((name) => !['linear', 'relu', 'sigmoid', 'tanh', 'softmax'].includes(name))) {
  layerSuite(`activation ${activation}`, {
    make: () => layers.activation({ activation }),
    inputShapes: [[3, 8]],
    outputShapes: [[3, activation === 'glu' ? 4 : 8]],
  });
}
for (const name of ['softmax', 'logSoftmax', 'glu'] as const) {
  layerSuite(`activation ${name} along axis 1`, {
    make: () => layers.activation({ activation: { name, axis: 1 } }),
    inputShapes: [[2, 6, 3]],
    outputShapes: [[2, name === 'glu' ? 3 : 6, 3]],
    crossings: [3, 4],
  });
}
layerSuite('dense ending in mish', {
  make: () => layers.dense({ units: 4, activation: 'mish' }),
  inputShapes: [[5, 3]],
  outputShapes: [[5, 4]],
  weights: { kernel: [3, 4], bias: [4] },
  crossings: [2, 2],
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.activation({ activation: 'selo' as never }), 'ERR_ARG', '[activation]', 'selo');
  expectError(() => layers.activation({ activation: { name: 'elu', beta: 1 } }), 'ERR_ARG', 'beta');
  expectError(() => layers.activation({ activation: { name: 'relu', threshold: -1 } }), 'ERR_ARG', 'threshold');
  expectError(() => layers.activation({ activation: 'glu' }).forward([randomTensor([2, 3])], ctx), 'ERR_SHAPE', 'even');
  expectError(() => layers.dense({ units: 2, activation: 'glu' }), 'ERR_ARG', 'keeps the shape');
  expectError(() => layers.softmax({ axis: 3 }).forward([randomTensor([2, 3, 4])], ctx), 'ERR_ARG', 'axis');
  expectError(() => layers.activation({ activation: 'relu' }).forward([tensor(new Uint8Array(3))], ctx), 'ERR_DTYPE', 'uint8');
});
