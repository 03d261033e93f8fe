import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask } from '../helpers/random-tensor.js';

layerSuite('globalAveragePooling1d, masked', {
  make: () => layers.globalAveragePooling1d(),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 5]],
  masks: [
    mask([
      [1, 0, 1],
      [0, 1, 0],
    ]),
  ],
});
layerSuite('globalAveragePooling2d', { make: () => layers.globalAveragePooling2d({ keepdims: true }), inputShapes: [[2, 3, 2, 17]], outputShapes: [[2, 1, 1, 17]] }); // prettier-ignore
layerSuite('globalMaxPooling1d', {
  make: () => layers.globalMaxPooling1d({ keepdims: true }),
  inputShapes: [[2, 3, 5]],
  outputShapes: [[2, 1, 5]],
});
layerSuite('globalMaxPooling2d', { make: () => layers.globalMaxPooling2d(), inputShapes: [[2, 3, 2, 17]], outputShapes: [[2, 17]] });

test('equal maxima share the gradient, a NaN wins and shares nothing', () => {
  const layer = layers.globalMaxPooling1d();
  const ctx = new StandaloneContext({ poison: true });
  const y = layer.forward([tensor(Float32Array.of(3, Infinity, NaN, 3, 1, 0, -1, Infinity, 5), [1, 3, 3])], ctx)[0] as Tensor;
  expectClose(y, [3, Infinity, NaN], exact());
  expectClose(layer.backward([tensor(Float32Array.of(4, 2, 1), [1, 3])], ctx)[0] as Tensor, [2, 1, 0, 2, 0, 0, 0, 1, 0], exact());
});

test('a sequence without a valid step: NaN forward, no gradient', () => {
  const layer = layers.globalAveragePooling1d();
  const ctx = new StandaloneContext({ masks: [mask([[0, 0]])], poison: true });
  expectClose(layer.forward([tensor(Float32Array.of(1, 2), [1, 2, 1])], ctx)[0] as Tensor, [NaN], exact());
  expectClose(layer.backward([tensor(Float32Array.of(1), [1, 1])], ctx)[0] as Tensor, [0, 0], exact());
});

test('errors', () => {
  expectError(() => layers.globalAveragePooling1d().computeOutputShape([[null, 4]]), 'ERR_SHAPE', '(N,T,C)', 'expandDims');
  expectError(() => layers.globalMaxPooling2d().computeOutputShape([[null, 4, 0, 3]]), 'ERR_SHAPE', 'something to pool');
  expect(layers.globalMaxPooling2d({ keepdims: true }).computeOutputShape([[null, null, 4, 3]])).toEqual([[null, 1, 1, 3]]);
});
