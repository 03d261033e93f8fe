import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

for (const kind of ['maxPooling', 'averagePooling'] as const) {
  layerSuite(`${kind}2d`, { make: () => layers[`${kind}2d`](), inputShapes: [[2, 5, 6, 3]], outputShapes: [[2, 2, 3, 3]] });
  layerSuite(`${kind}2d same, overlapping`, {
    make: () => layers[`${kind}2d`]({ poolSize: [3, 2], strides: [2, 1], padding: 'same' }),
    inputShapes: [[2, 5, 6, 3]],
    outputShapes: [[2, 3, 6, 3]],
  });
  layerSuite(`${kind}1d`, {
    make: () => layers[`${kind}1d`]({ poolSize: 3, strides: 2 }),
    inputShapes: [[2, 7, 17]],
    outputShapes: [[2, 3, 17]],
  });
}

describe('maxPooling1d', () => {
  test('the first of equal maxima gets the gradient', () => {
    const layer = layers.maxPooling1d();
    const ctx = new StandaloneContext();
    const [y] = layer.forward([tensor([5, 5, 1, 2]).reshape([1, 4, 1])], ctx) as [Tensor];
    expectClose(y, [5, 2], exact());
    expectClose(layer.backward([tensor([7, 8]).reshape([1, 2, 1])], ctx)[0] as Tensor, [7, 0, 0, 8], exact());
  });

  test('padding never wins', () => {
    const [y] = layers
      .maxPooling1d({ poolSize: 3, strides: 1, padding: 'same' })
      .forward([tensor([-5, -6]).reshape([1, 2, 1])], new StandaloneContext()) as [Tensor];
    expectClose(y, [-5, -5], exact());
  });
});

test('the mean counts real cells only', () => {
  const layer = layers.averagePooling1d({ poolSize: 2, padding: 'same' });
  const [y] = layer.forward([tensor([1, 3, 5]).reshape([1, 3, 1])], new StandaloneContext()) as [Tensor];
  expectClose(y, [2, 5], exact());
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.maxPooling2d({ poolSize: 0 }), 'ERR_ARG', '[maxPooling2d]', 'poolSize');
  expectError(() => layers.averagePooling1d({ padding: 'causal' as never }), 'ERR_ARG', '[averagePooling1d]', 'causal');
  expectError(() => layers.maxPooling2d().forward([randomTensor([2, 4, 4])], ctx), 'ERR_SHAPE', '(N,H,W,C)', '(2,4,4)');
  expectError(() => layers.maxPooling2d().forward([randomTensor([2, 1, 4, 1])], ctx), 'ERR_SHAPE', 'axis 1');
  expect(layers.maxPooling2d({ poolSize: 3 }).getConfig()).toMatchObject({ poolSize: [3, 3], strides: [3, 3], padding: 'valid' });
});
