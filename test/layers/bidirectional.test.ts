import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { layers, StandaloneContext, type MergeMode, type Weight } from '../../src/layers/index.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
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
const calls: Record<string, readonly [number, number]> = { concat: [2, 2], sum: [2, 1], ave: [3, 2], mul: [2, 3] };

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
  crossings: [1, 1],
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
  crossings: [4, 4],
});
layerSuite('bidirectional with dropped inputs', {
  make: () => layers.bidirectional({ layer: layers.lstm({ units: U, dropout: 0.3 }) }),
  inputShapes: [[N, T, D]],
  outputShapes: [[N, 2 * U]],
  weights: WEIGHTS,
  crossings: [6, 5],
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
  crossings: [2, 2],
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

  describe.each(['simpleRnn', 'lstm', 'gru'] as const)('of %s', (cell) => {
    test.each([
      [1, 1, false],
      [1, 2, false],
      [1, 4, true],
      [5, 2, true],
      [20, 2, false],
      [20, 3, true],
    ])('gives the bits of two layers, one after the other: N %i, %i threads, mask %s', (rows, threads, masked) => {
      const [steps, features, units] = [200, 19, 18];
      const both = layers.bidirectional({ layer: layers[cell]({ units, returnSequences: true, seed: 9 }) });
      both.build([[null, steps, features]], 'float32');
      const x = randomTensor([rows, steps, features]);
      const dy = randomTensor([rows, steps, 2 * units], 4);
      const masks = [
        masked ? mask(Array.from({ length: rows }, (_, n) => Array.from({ length: steps }, (_, t) => ((n + t) % 3 === 0 ? 0 : 1)))) : null,
      ];
      const half = (values: ArrayLike<number>, from: number): Float32Array =>
        Float32Array.from(
          { length: rows * steps * units },
          (_, i) => values[Math.floor(i / units) * 2 * units + from + (i % units)] as number,
        );
      const { native } = loadAddon();
      native.setThreads(threads);
      try {
        const ctx = new StandaloneContext({ masks, poison: true });
        const [y] = both.forward([x], ctx) as [Tensor];
        const [dx] = both.backward([dy], ctx) as [Tensor];
        const dxs = [0, 1].map((direction) => {
          const layer = layers[cell]({ units, returnSequences: true, goBackwards: direction === 1, zeroOutputForMask: true });
          layer.alignedOutput = true;
          layer.build([[null, steps, features]], 'float32');
          const own = both.weights.slice(3 * direction, 3 * direction + 3);
          for (const [i, w] of layer.weights.entries()) w.value.data().set(own[i]?.value.data() ?? []);
          const alone = new StandaloneContext({ masks, poison: true });
          const [out] = layer.forward([x], alone) as [Tensor];
          expect(half(y.data(), direction * units)).toEqual(out.data());
          const [one] = layer.backward([tensor(half(dy.data(), direction * units), [rows, steps, units])], alone) as [Tensor];
          for (const [i, w] of layer.weights.entries()) {
            expect(ctx.gradients.get(own[i] as Weight)?.data()).toEqual(alone.gradients.get(w)?.data());
          }
          return one.data();
        }) as [Float32Array, Float32Array];
        expect(dx.data()).toEqual(dxs[0].map((v, i) => v + (dxs[1][i] as number)));
      } finally {
        native.setThreads(0);
      }
    });
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
