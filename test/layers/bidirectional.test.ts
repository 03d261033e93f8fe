import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext, type MergeMode } from '../../src/layers/index.js';
import { type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const [N, T, D, U] = [3, 4, 3, 2];
const MIXED = [
  [1, 1, 0, 0],
  [0, 1, 0, 1],
  [0, 0, 0, 0],
];
const WEIGHTS = {
  'forward/kernel': [D, 4 * U],
  'forward/recurrent_kernel': [U, 4 * U],
  'forward/bias': [4 * U],
  'backward/kernel': [D, 4 * U],
  'backward/recurrent_kernel': [U, 4 * U],
  'backward/bias': [4 * U],
};
const calls: Record<string, readonly [number, number]> = { concat: [3, 3], sum: [3, 2], ave: [4, 3], mul: [3, 4] };

for (const mergeMode of ['concat', 'sum', 'ave', 'mul'] as const) {
  for (const returnSequences of [false, true]) {
    layerSuite(`bidirectional lstm ${mergeMode}${returnSequences ? ' sequences' : ''}`, {
      make: () => layers.bidirectional({ layer: layers.lstm({ units: U, returnSequences }), mergeMode }),
      inputShapes: [[N, T, D]],
      outputShapes: [returnSequences ? [N, T, mergeMode === 'concat' ? 2 * U : U] : [N, mergeMode === 'concat' ? 2 * U : U]],
      weights: WEIGHTS,
      masks: [mask(MIXED)],
      outputMasks: returnSequences ? [MIXED] : [null],
      crossings: calls[mergeMode] as readonly [number, number],
    });
  }
}
layerSuite('bidirectional lstm, separate outputs', {
  make: () => layers.bidirectional({ layer: layers.lstm({ units: U, returnSequences: true }), mergeMode: null }),
  inputShapes: [[N, T, D]],
  outputShapes: [
    [N, T, U],
    [N, T, U],
  ],
  weights: WEIGHTS,
  crossings: [2, 2],
});
layerSuite('bidirectional with states in and out, masked', {
  make: () => layers.bidirectional({ layer: layers.lstm({ units: U, returnState: true }) }),
  inputShapes: [
    [N, T, D],
    [N, U],
    [N, U],
    [N, U],
    [N, U],
  ],
  outputShapes: [
    [N, 2 * U],
    [N, U],
    [N, U],
    [N, U],
    [N, U],
  ],
  weights: WEIGHTS,
  masks: [mask(MIXED)],
  crossings: [5, 5],
});
layerSuite('bidirectional with dropped inputs', {
  make: () => layers.bidirectional({ layer: layers.lstm({ units: U, dropout: 0.3 }) }),
  inputShapes: [[N, T, D]],
  outputShapes: [[N, 2 * U]],
  weights: WEIGHTS,
  crossings: [9, 6],
  drops: true,
});
layerSuite('bidirectional of different layers', {
  make: () =>
    layers.bidirectional({
      layer: layers.gru({ units: 3, returnSequences: true }),
      backwardLayer: layers.simpleRnn({ units: 2, returnSequences: true, goBackwards: true }),
    }),
  inputShapes: [[N, T, D]],
  outputShapes: [[N, T, 5]],
  weights: {
    'forward/kernel': [D, 9],
    'forward/recurrent_kernel': [3, 9],
    'forward/bias': [2, 9],
    'backward/kernel': [D, 2],
    'backward/recurrent_kernel': [2, 2],
    'backward/bias': [2],
  },
  crossings: [3, 3],
});

describe('bidirectional', () => {
  test('joins both directions aligned in time', () => {
    const both = layers.bidirectional({ layer: layers.gru({ units: U, returnSequences: true, seed: 9 }) });
    both.build([[null, T, D]], 'float32');
    const x = randomTensor([N, T, D]);
    const [y] = both.forward([x], new StandaloneContext()) as [Tensor];
    const one = (goBackwards: boolean, from: number): Tensor => {
      const layer = layers.gru({ units: U, returnSequences: true, goBackwards });
      layer.build([[null, T, D]], 'float32');
      for (const [i, w] of layer.weights.entries()) w.value.data().set(both.weights[from + i]?.value.data() ?? []);
      return layer.forward([x], new StandaloneContext())[0] as Tensor;
    };
    const [forward, backward] = [one(false, 0).data(), one(true, 3).data()];
    const expected: number[] = [];
    for (let n = 0; n < N; n++) {
      for (let t = 0; t < T; t++) {
        expected.push(...forward.subarray((n * T + t) * U, (n * T + t + 1) * U));
        expected.push(...backward.subarray((n * T + T - 1 - t) * U, (n * T + T - t) * U));
      }
    }
    expectClose(y, expected, exact());
  });

  test('the two directions start with different weights, also with a seed', () => {
    for (const seed of [undefined, 5]) {
      const layer = layers.bidirectional({ layer: layers.gru({ units: U, ...(seed === undefined ? {} : { seed }) }) });
      layer.build([[null, T, D]], 'float32');
      expect(Array.from(layer.weights[0]?.value.data() ?? [])).not.toEqual(Array.from(layer.weights[3]?.value.data() ?? []));
    }
  });

  test('takes the input shape of its layer', () => {
    expect(layers.bidirectional({ layer: layers.gru({ units: 2, inputShape: [4, 3] }) }).inputShape).toEqual([4, 3]);
  });

  test('errors', () => {
    expectError(() => layers.bidirectional({ layer: layers.dense({ units: 2 }) }), 'ERR_ARG', '[bidirectional]', 'Dense');
    expectError(() => layers.bidirectional({ layer: layers.gru({ units: 2 }), mergeMode: 'max' as MergeMode }), 'ERR_ARG', 'concat', 'max');
    expectError(() => layers.bidirectional({ layer: layers.gru({ units: 2, goBackwards: true }) }), 'ERR_ARG', 'goBackwards');
    expectError(
      () => layers.bidirectional({ layer: layers.gru({ units: 2 }), backwardLayer: layers.gru({ units: 2 }) }),
      'ERR_ARG',
      'goBackwards: true',
    );
    expectError(
      () =>
        layers.bidirectional({
          layer: layers.gru({ units: 2 }),
          backwardLayer: layers.gru({ units: 3, goBackwards: true }),
          mergeMode: 'sum',
        }),
      'ERR_ARG',
      'equal units',
    );
    expectError(
      () =>
        layers.bidirectional({ layer: layers.gru({ units: 2 }) }).computeOutputShape([
          [null, 3, 2],
          [null, 2],
        ]),
      'ERR_ARG',
      'expected 3 inputs, received 2',
    );
  });
});
