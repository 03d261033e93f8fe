import { expect, test } from 'vitest';
import { input, layers, Model, StandaloneContext, tensor, type SymbolicTensor, type Tensor } from '../../src/index.js';
import type { CategoryMode } from '../../src/layers/index.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

const ids = tensor(Int32Array.of(0, 1, 1, 3, 3, 0), [2, 3]);

for (const outputMode of ['oneHot', 'multiHot', 'count'] as const)
  layerSuite(`categoryEncoding ${outputMode}`, {
    make: () => layers.categoryEncoding({ numTokens: 4, outputMode }),
    inputShapes: [[2, 3]],
    inputs: [ids],
    outputShapes: [outputMode === 'oneHot' ? [2, 3, 4] : [2, 4]],
    crossings: [0, 0],
  });

layerSuite('categoryEncoding with weights', {
  make: () => layers.categoryEncoding({ numTokens: 4, outputMode: 'count' }),
  inputShapes: [[2, 3], [2, 3]], // prettier-ignore
  inputs: [ids, null],
  outputShapes: [[2, 4]],
  crossings: [0, 0],
});

const encode = (outputMode: CategoryMode, ...inputs: Tensor[]): unknown =>
  layers.categoryEncoding({ numTokens: 4, outputMode }).forward(inputs, new StandaloneContext())[0]?.toArray();

test('categories as rows', () => {
  expect(encode('oneHot', tensor(Int32Array.of(0, 3), [2, 1]))).toEqual([[1, 0, 0, 0], [0, 0, 0, 1]]); // prettier-ignore
  expect(encode('oneHot', tensor([2]))).toEqual([[0, 0, 1, 0]]);
  expect(encode('multiHot', ids)).toEqual([[1, 1, 0, 0], [1, 0, 0, 1]]); // prettier-ignore
  expect(encode('count', ids)).toEqual([[1, 2, 0, 0], [1, 0, 0, 2]]); // prettier-ignore
  expect(encode('count', ids, tensor([[0.5, 1, 2], [1, 2, 3]]))).toEqual([[0.5, 3, 0, 0], [3, 0, 0, 3]]); // prettier-ignore
});

test('errors of categoryEncoding', () => {
  expectError(() => layers.categoryEncoding({ numTokens: 0 }), 'ERR_ARG', 'numTokens');
  expectError(() => layers.categoryEncoding({ numTokens: 2, outputMode: 'binary' as 'count' }), 'ERR_ARG', 'multiHot', 'binary');
  expectError(() => encode('oneHot', tensor(Int32Array.of(1, 4))), 'ERR_DATA', '[0,3]', '4 at position 1');
  expectError(() => encode('oneHot', tensor([0.5])), 'ERR_DTYPE', '0.5', 'discretization');
  expectError(() => encode('count', tensor(Int32Array.of(1))), 'ERR_SHAPE', '(N,S)', '(1)');
  expectError(() => encode('count', ids, randomTensor([2, 2])), 'ERR_SHAPE', '(2,3)', '(2,2)');
  expectError(() => encode('multiHot', ids, randomTensor([2, 3])), 'ERR_ARG', '1 input');
});

for (const outputMode of ['int', 'oneHot', 'multiHot', 'count'] as const)
  layerSuite(`discretization ${outputMode}`, {
    make: () => layers.discretization({ binBoundaries: [-1, 0, 0.5], outputMode }),
    inputShapes: [[2, 3]],
    outputShapes: [outputMode === 'int' ? [2, 3] : outputMode === 'oneHot' ? [2, 3, 4] : [2, 4]],
    crossings: [0, 0],
  });

test('a value at a boundary is in the upper bin', () => {
  const layer = layers.discretization({ binBoundaries: [0.1, 0.5] });
  const [bins] = layer.forward([tensor([-9, 0.1, 0.3, 0.5, 9])], new StandaloneContext()) as [Tensor];
  expect(bins.toArray()).toEqual([0, 1, 1, 2, 2]);
});

test('adapted boundaries are those of Keras 3.15', () => {
  const data = Float32Array.from({ length: 600 }, (_, i) => ((i * 7919) % 1000) / 37 - 5);
  const found = (numBins: number, epsilon: number, count: number): readonly number[] | null => {
    const layer = layers.discretization({ numBins, epsilon });
    layer.adapt(tensor(data.slice(0, count), [count, 1]));
    return layer.binBoundaries;
  };
  expect(found(4, 0.01, 600)).toEqual([1.7837799787521362, 8.54053783416748, 15.243243217468262]);
  expect(found(7, 0.03, 600)).toEqual([-1.2316603660583496, 2.671814441680908, 6.517374038696289, 10.343629837036133, 14.096524238586426, 17.9266414642334]); // prettier-ignore
  expect(found(5, 0.01, 12)).toEqual([-1.1783784627914429, 4.075675964355469, 9.329730033874512, 14.583784103393555]);
  expect(found(5, 0.01, 3)).toEqual([-5, 17.648649215698242]);
});

test('adapted boundaries are part of the configuration', () => {
  const layer = layers.discretization({ numBins: 3, outputMode: 'oneHot' });
  expect(layer.computeOutputShape([[null, 1]])).toEqual([[null, 3]]);
  expectError(() => layer.forward([tensor([[1]])], new StandaloneContext()), 'ERR_STATE', 'adapt');
  layer.adapt(tensor([1, 2, 3, 4, 5, 6]));
  expect(layers.discretization(layer.getConfig()).binBoundaries).toEqual(layer.binBoundaries);
});

test('errors of discretization', () => {
  expectError(() => layers.discretization({}), 'ERR_ARG', 'neither');
  expectError(() => layers.discretization({ binBoundaries: [1, 0] }), 'ERR_ARG', 'ascending');
  expectError(() => layers.discretization({ numBins: 2, epsilon: 0 }), 'ERR_ARG', 'epsilon');
  expectError(() => layers.discretization({ binBoundaries: [1] }).adapt(tensor([1])), 'ERR_STATE', 'numBins');
  expectError(() => layers.discretization({ numBins: 2 }).adapt(tensor(new Float32Array(0), [0])), 'ERR_SHAPE', 'data');
});

test('in a model, before an embedding and beside counts with weights', async () => {
  const [age, words, weights] = [input({ shape: [1] }), input({ shape: [3], dtype: 'int32' }), input({ shape: [3] })];
  const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
  const bins = layers.discretization({ binBoundaries: [20, 40] }).apply(age);
  const a = layers.flatten().apply(layers.embedding({ inputDim: 3, outputDim: 2 }).apply(bins));
  const b = one(layers.categoryEncoding({ numTokens: 4, outputMode: 'count' }).apply([words, weights]));
  const model = new Model({ inputs: [age, words, weights], outputs: layers.dense({ units: 1 }).apply(one(layers.concatenate().apply([a, b]))) }); // prettier-ignore
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const x = [tensor([[5], [25], [70], [30]]), tensor(Int32Array.of(0, 1, 1, 3, 3, 0, 1, 2, 3, 0, 0, 0), [4, 3]), randomTensor([4, 3])];
  const history = await model.fit(x, tensor([[1], [2], [3], [2]]), { epochs: 40, verbose: 0 });
  const losses = history.history['loss'] as number[];
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
});
