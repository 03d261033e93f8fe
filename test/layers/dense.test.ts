import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, ulp } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

layerSuite('dense', {
  make: () => layers.dense({ units: 4 }),
  inputShapes: [[5, 7]],
  outputShapes: [[5, 4]],
  weights: { kernel: [7, 4], bias: [4] },
});
for (const activation of ['relu', 'sigmoid', 'tanh'] as const) {
  layerSuite(`dense ${activation}`, {
    make: () => layers.dense({ units: 5, activation }),
    inputShapes: [[6, 3]],
    outputShapes: [[6, 5]],
    weights: { kernel: [3, 5], bias: [5] },
  });
}
layerSuite('dense softmax', {
  make: () => layers.dense({ units: 5, activation: 'softmax' }),
  inputShapes: [[6, 3]],
  outputShapes: [[6, 5]],
  weights: { kernel: [3, 5], bias: [5] },
  crossings: [2, 2],
});
layerSuite('dense over time, masked, without bias', {
  make: () => layers.dense({ units: 3, useBias: false }),
  inputShapes: [[2, 3, 4]],
  outputShapes: [[2, 3, 3]],
  weights: { kernel: [4, 3] },
  masks: [
    mask([
      [1, 1, 0],
      [0, 1, 1],
    ]),
  ],
  outputMasks: [
    [
      [1, 1, 0],
      [0, 1, 1],
    ],
  ],
});
layerSuite('dense, sums longer than a chunk', {
  make: () => layers.dense({ units: 3, activation: 'tanh' }),
  inputShapes: [[7, 521]],
  outputShapes: [[7, 3]],
  weights: { kernel: [521, 3], bias: [3] },
});

describe('dense', () => {
  test('computes x·kernel + bias', () => {
    const layer = layers.dense({ units: 2 });
    layer.build([[null, 3]], 'float32');
    layer.weights[0]?.value.data().set([1, 2, 3, 4, 5, 6]);
    layer.weights[1]?.value.data().set([10, 20]);
    const [y] = layer.forward(
      [
        tensor([
          [1, 0, -1],
          [2, 1, 0],
        ]),
      ],
      new StandaloneContext(),
    );
    expectClose(y as Tensor, [6, 16, 15, 28], exact());
  });

  test('leaves its softmax out where a loss wants logits', () => {
    const layer = layers.dense({ units: 3, activation: 'softmax' });
    layer.build([[null, 4]], 'float32');
    const x = randomTensor([2, 4]);
    const [logits] = layer.forward([x], new StandaloneContext({ wantsLogits: true })) as [Tensor];
    const [probabilities] = layer.forward([x], new StandaloneContext()) as [Tensor];
    const z = Array.from(logits.data());
    for (let n = 0; n < 2; n++) {
      const row = z.slice(3 * n, 3 * n + 3).map(Math.exp);
      const total = row.reduce((sum, v) => sum + v, 0);
      expectClose(
        Array.from(probabilities.data()).slice(3 * n, 3 * n + 3),
        row.map((v) => v / total),
        ulp(8),
      );
    }
    expect(layer.finalActivation).toBe('softmax');
    expect(layers.dense({ units: 1, activation: 'tanh' }).finalActivation).toBeNull();
  });

  layerSuite('dense sigmoid as logits', {
    make: () => layers.dense({ units: 2, activation: 'sigmoid' }),
    inputShapes: [[3, 4]],
    outputShapes: [[3, 2]],
    weights: { kernel: [4, 2], bias: [2] },
    gradcheck: { wantsLogits: true },
  });

  test('writes no gradient of a frozen weight', () => {
    const layer = layers.dense({ units: 2 });
    layer.build([[null, 3]], 'float32');
    const [kernel, bias] = layer.weights;
    if (kernel) kernel.trainable = false;
    const ctx = new StandaloneContext();
    layer.forward([randomTensor([2, 3])], ctx);
    layer.backward([randomTensor([2, 2])], ctx);
    expect([...ctx.gradients.keys()]).toEqual([bias]);
  });

  test('an empty batch passes', () => {
    const layer = layers.dense({ units: 2, activation: 'relu' });
    layer.build([[null, 3]], 'float32');
    const ctx = new StandaloneContext();
    const [y] = layer.forward([randomTensor([0, 3])], ctx) as [Tensor];
    expect(y.shape).toEqual([0, 2]);
    expect(layer.backward([y], ctx)[0]?.shape).toEqual([0, 3]);
    expectClose(ctx.gradients.get(layer.weights[0] as never) as Tensor, new Float32Array(6), exact());
  });

  test('NaN in the data reaches the output', () => {
    const layer = layers.dense({ units: 1, activation: 'relu' });
    layer.build([[null, 2]], 'float32');
    const [y] = layer.forward([tensor([[Number.NaN, 1]])], new StandaloneContext()) as [Tensor];
    expect(y.data()[0]).toBeNaN();
  });

  test('errors', () => {
    expectError(() => layers.dense({ units: 0 }), 'ERR_ARG', '[dense]', 'units', '0');
    expectError(() => layers.dense({ units: 2, activation: 'rellu' as never }), 'ERR_ARG', 'softmax', 'rellu');
    expectError(() => layers.dense({ units: 2, unit: 3 } as never), 'ERR_ARG', 'received unit');
    expectError(() => layers.dense({ units: 2, kernelInitializer: 'xavier' as never }), 'ERR_ARG', 'glorotUniform', 'xavier');
    const layer = layers.dense({ units: 2, name: 'head' });
    const ctx = new StandaloneContext();
    expectError(() => layer.forward([randomTensor([2, 3])], ctx), 'ERR_STATE', '[head]', 'build');
    expectError(() => layer.build([[null, null]], 'float32'), 'ERR_SHAPE', '(?,?)');
    layer.build([[null, 3]], 'float32');
    expectError(() => layer.forward([randomTensor([2, 4])], ctx), 'ERR_SHAPE', '(…,3)', '(2,4)');
    expectError(() => layer.forward([randomTensor([3])], ctx), 'ERR_SHAPE', 'expandDims(0)');
    expectError(() => layer.forward([tensor([[1, 2, 3]], [1, 3], 'int32')], ctx), 'ERR_DTYPE', 'float32', 'int32');
    expectError(() => layer.forward([randomTensor([2, 3]), randomTensor([2, 3])], ctx), 'ERR_ARG', 'expected 1 input, received 2');
  });
});
