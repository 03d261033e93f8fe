import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

layerSuite('flatten', {
  make: () => layers.flatten(),
  inputShapes: [[2, 3, 4]],
  outputShapes: [[2, 12]],
  crossings: [0, 0],
  masks: [
    mask([
      [1, 1, 0],
      [1, 0, 0],
    ]),
  ],
});
layerSuite('reshape', {
  make: () => layers.reshape({ targetShape: [2, -1] }),
  inputShapes: [[3, 8]],
  outputShapes: [[3, 2, 4]],
  crossings: [0, 0],
});
layerSuite('rescaling by channel', {
  make: () => layers.rescaling({ scale: [0.5, 2, 1], offset: [-1, 0, 3] }),
  inputShapes: [[2, 4, 3]],
  outputShapes: [[2, 4, 3]],
  stateless: true,
  crossings: [2, 2],
});
test('rescaling by channel', () => {
  const x = tensor([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  const rescaled = (options: { scale: number | number[]; offset?: number | number[] }): unknown =>
    (layers.rescaling(options).forward([x], new StandaloneContext())[0] as Tensor).toArray();
  expect(rescaled({ scale: [2, 10], offset: 1 })).toEqual([
    [
      [3, 21],
      [7, 41],
    ],
  ]);
  expect(rescaled({ scale: 2, offset: [0, 1] })).toEqual([
    [
      [2, 5],
      [6, 9],
    ],
  ]);
  expectError(() => rescaled({ scale: [1, 2, 3] }), 'ERR_SHAPE', '3 channels');
  expectError(() => rescaled({ scale: [1, NaN] }), 'ERR_ARG', 'finite');
  expectError(() => rescaled({ scale: [] }), 'ERR_ARG', 'finite');
});
layerSuite('rescaling', {
  stateless: true,
  make: () => layers.rescaling({ scale: 0.5, offset: -1 }),
  inputShapes: [[3, 8]],
  outputShapes: [[3, 8]],
});
layerSuite('inputLayer', {
  stateless: true,
  make: () => layers.inputLayer({ shape: [8] }),
  inputShapes: [[3, 8]],
  outputShapes: [[3, 8]],
  crossings: [0, 0],
});
layerSuite('masking', {
  make: () => layers.masking(),
  inputShapes: [[2, 3, 2]],
  outputShapes: [[2, 3, 2]],
  inputs: [
    tensor([
      [
        [1, 2],
        [0, 3],
        [4, 5],
      ],
      [
        [0.5, 1],
        [2, 0],
        [1, 1],
      ],
    ]),
  ],
  outputMasks: [
    [
      [1, 1, 1],
      [1, 1, 1],
    ],
  ],
  crossings: [0, 0],
});
layerSuite('add', {
  make: () => layers.add(),
  inputShapes: [
    [2, 3],
    [2, 3],
  ],
  outputShapes: [[2, 3]],
  crossings: [1, 0],
});
layerSuite('add, three inputs, masks', {
  make: () => layers.add(),
  inputShapes: [
    [1, 3, 2],
    [1, 3, 2],
    [1, 3, 2],
  ],
  outputShapes: [[1, 3, 2]],
  masks: [mask([[1, 0, 0]]), mask([[0, 0, 1]]), mask([[0, 0, 0]])],
  outputMasks: [[[1, 0, 1]]],
  crossings: [2, 0],
});
layerSuite('concatenate', {
  make: () => layers.concatenate(),
  inputShapes: [
    [2, 3, 4],
    [2, 3, 6],
  ],
  outputShapes: [[2, 3, 10]],
});
layerSuite('concatenate, three inputs of coprime widths', {
  make: () => layers.concatenate(),
  inputShapes: [
    [3, 2],
    [3, 3],
    [3, 5],
  ],
  outputShapes: [[3, 10]],
});
layerSuite('concatenate over time', {
  make: () => layers.concatenate({ axis: 1 }),
  inputShapes: [
    [2, 2, 3],
    [2, 1, 3],
  ],
  outputShapes: [[2, 3, 3]],
  masks: [
    mask([
      [1, 0],
      [0, 1],
    ]),
    null,
  ],
  outputMasks: [
    [
      [1, 0, 1],
      [0, 1, 1],
    ],
  ],
});

describe('masking', () => {
  test('steps of the mask value are padding and become 0', () => {
    const layer = layers.masking({ maskValue: 0.1 });
    layer.build([[null, 3, 2]], 'float32');
    const ctx = new StandaloneContext();
    const x = tensor([
      [
        [0.1, 0.1],
        [0.1, 2],
        [3, 0.1],
      ],
    ]);
    const [y] = layer.forward([x], ctx) as [Tensor];
    expectClose(y, Float32Array.of(0, 0, 0.1, 2, 3, 0.1), exact());
    expect(layer.computeMask([x], ctx)[0]?.toArray()).toEqual([[0, 1, 1]]);
    const [dx] = layer.backward(
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
    ) as [Tensor];
    expectClose(dx, [0, 0, 3, 4, 5, 6], exact());
  });

  test('NaN is data, not padding', () => {
    const layer = layers.masking();
    const ctx = new StandaloneContext();
    layer.forward([tensor([[[Number.NaN, 0]]])], ctx);
    expect(layer.computeMask([], ctx)[0]?.toArray()).toEqual([[1]]);
  });
});

describe('concatenate', () => {
  test('joins and splits by the feature', () => {
    const layer = layers.concatenate();
    const ctx = new StandaloneContext();
    const [y] = layer.forward(
      [
        tensor([
          [1, 2],
          [3, 4],
        ]),
        tensor([[5], [6]]),
      ],
      ctx,
    ) as [Tensor];
    expectClose(y, [1, 2, 5, 3, 4, 6], exact());
    const [a, b] = layer.backward(
      [
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ],
      ctx,
    ) as [Tensor, Tensor];
    expect(a.toArray()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(b.toArray()).toEqual([[3], [6]]);
  });

  test('a missing mask counts as all valid', () => {
    const layer = layers.concatenate();
    const ctx = new StandaloneContext({ masks: [mask([[1, 0]]), null] });
    const inputs = [randomTensor([1, 2, 3]), randomTensor([1, 2, 1])];
    layer.forward(inputs, ctx);
    expect(layer.computeMask(inputs, ctx)[0]?.toArray()).toEqual([[1, 1]]);
  });
});

test('errors of layers that move values', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.reshape({ targetShape: [-1, -1] }), 'ERR_ARG', 'at most one -1');
  expectError(() => layers.reshape({ targetShape: [5] }).forward([randomTensor([2, 4])], ctx), 'ERR_SHAPE', 'items of 5 values', '(2,4)');
  expectError(() => layers.masking().forward([randomTensor([2, 4])], ctx), 'ERR_SHAPE', '(N,T,D)');
  expectError(() => layers.add().forward([randomTensor([2, 4])], ctx), 'ERR_ARG', 'at least 2 inputs');
  expectError(() => layers.add().forward([randomTensor([2, 4]), randomTensor([2, 3])], ctx), 'ERR_SHAPE', '(2,4) and (2,3)');
  expectError(() => layers.concatenate({ axis: 0 }).forward([randomTensor([2, 4]), randomTensor([2, 4])], ctx), 'ERR_ARG', 'batch axis');
  expectError(() => layers.concatenate().forward([randomTensor([2, 4]), randomTensor([3, 4])], ctx), 'ERR_SHAPE', '(3,4)');
  expectError(() => layers.concatenate({ axis: 3 }).forward([randomTensor([2, 4]), randomTensor([2, 4])], ctx), 'ERR_ARG', 'axis');
  expectError(() => layers.inputLayer({ shape: [0] }), 'ERR_ARG', 'batch axis');
});
