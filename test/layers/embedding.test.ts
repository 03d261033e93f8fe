import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomIds } from '../helpers/random-tensor.js';

layerSuite('embedding', {
  make: () => layers.embedding({ inputDim: 11, outputDim: 3 }),
  inputShapes: [[4, 6]],
  inputs: [randomIds([4, 6], 11)],
  outputShapes: [[4, 6, 3]],
  weights: { embeddings: [11, 3] },
});
layerSuite('embedding, masked', {
  make: () => layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true }),
  inputShapes: [[2, 3]],
  inputs: [
    tensor(
      [
        [1, 0, 2],
        [4, 4, 0],
      ],
      [2, 3],
      'int32',
    ),
  ],
  outputShapes: [[2, 3, 2]],
  weights: { embeddings: [5, 2] },
  outputMasks: [
    [
      [1, 0, 1],
      [1, 1, 0],
    ],
  ],
});

describe('embedding', () => {
  test('repeated ids add their gradients, row 0 included, absent rows are 0', () => {
    const layer = layers.embedding({ inputDim: 4, outputDim: 2, maskZero: true });
    layer.build([[null, 3]], 'float32');
    const ctx = new StandaloneContext({ poison: true });
    layer.forward([tensor([[1, 0, 1]], [1, 3], 'int32')], ctx);
    expect(
      layer.backward(
        [
          tensor([
            [
              [1, 2],
              [3, 4],
              [5, 6],
            ],
          ]),
        ],
        ctx,
      ),
    ).toEqual([null]);
    expectClose([...ctx.gradients.values()][0] as Tensor, [3, 4, 6, 8, 0, 0, 0, 0], exact());
  });

  test('whole numbers in a float tensor are ids', () => {
    const layer = layers.embedding({ inputDim: 4, outputDim: 1 });
    layer.build([[null, 2]], 'float32');
    layer.weights[0]?.value.data().set([0, 1, 2, 3]);
    const [y] = layer.forward([tensor([[3, 1]])], new StandaloneContext()) as [Tensor];
    expectClose(y, [3, 1], exact());
  });

  test('errors', () => {
    const layer = layers.embedding({ inputDim: 4, outputDim: 1 });
    layer.build([[null, 2]], 'float32');
    const ctx = new StandaloneContext();
    expectError(() => layer.forward([tensor([[0, 4]], [1, 2], 'int32')], ctx), 'ERR_DATA', '4');
    expectError(() => layer.forward([tensor([[0, -1]], [1, 2], 'int32')], ctx), 'ERR_DATA', '-1');
    expectError(() => layer.forward([tensor([[0, 1.5]])], ctx), 'ERR_DTYPE', '1.5', 'position 1');
    expectError(() => layer.forward([tensor([[0, Number.NaN]])], ctx), 'ERR_DTYPE', 'NaN');
    expectError(() => layers.embedding({ inputDim: -1, outputDim: 1 }), 'ERR_ARG', 'inputDim');
  });
});
