import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext, type Recurrent, type RecurrentOptions } from '../../src/layers/index.js';
import { type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite, type LayerCase } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const [N, T, D, U] = [3, 5, 4, 6];
const MIXED = [
  [1, 1, 1, 0, 0],
  [0, 1, 0, 1, 1],
  [0, 0, 0, 0, 0],
];
type Make = (options: Partial<RecurrentOptions>) => Recurrent;

const weights = (gates: number, bias: Shape = [gates * U]): Record<string, Shape> => ({
  kernel: [D, gates * U],
  recurrent_kernel: [U, gates * U],
  bias,
});
const FAMILIES: Record<string, [Make, Record<string, Shape>]> = {
  'simpleRnn softsign': [(o) => layers.simpleRnn({ units: U, activation: 'softsign', ...o }), weights(1)],
  'lstm, linear with hard gates': [
    (o) => layers.lstm({ units: U, activation: 'linear', recurrentActivation: 'hardSigmoid', ...o }),
    weights(4),
  ],
  'gru, softsign with tanh gates': [
    (o) => layers.gru({ units: U, activation: 'softsign', recurrentActivation: 'tanh', ...o }),
    weights(3, [2, 3 * U]),
  ],
  'lstm, gelu with hard silu gates': [
    (o) => layers.lstm({ units: U, activation: 'gelu', recurrentActivation: 'hardSilu', ...o }),
    weights(4),
  ],
  'simpleRnn elu': [(o) => layers.simpleRnn({ units: U, activation: 'elu', ...o }), weights(1)],
  'gru, sigmoid, reset before': [(o) => layers.gru({ units: U, activation: 'sigmoid', resetAfter: false, ...o }), weights(3)],
  "gru, sigmoid with tanh gates, the textbook's form": [
    (o) => layers.gru({ units: U, activation: 'sigmoid', recurrentActivation: 'tanh', form: 'textbook', ...o }),
    weights(3),
  ],
};

for (const [name, [make, shapes]] of Object.entries(FAMILIES)) {
  const base = { inputShapes: [[N, T, D]], weights: shapes };
  const masked = { masks: [mask(MIXED)], outputMasks: [MIXED], outputShapes: [[N, T, U]] };
  const cases: Record<string, LayerCase> = {
    'last output': { ...base, make: () => make({}), outputShapes: [[N, U]] },
    'masked sequences': { ...base, ...masked, make: () => make({ returnSequences: true }) },
    'recurrent dropout, backwards': {
      ...base,
      ...masked,
      make: () => make({ returnSequences: true, recurrentDropout: 0.4, goBackwards: true }),
      crossings: [3, 2],
      drops: true,
    },
  };
  describe(name, () => {
    for (const [title, c] of Object.entries(cases)) layerSuite(title, c);
  });
}
layerSuite('in both directions', {
  make: () => layers.bidirectional({ layer: layers.lstm({ units: U, activation: 'relu', returnSequences: true }) }),
  inputShapes: [[N, T, D]],
  outputShapes: [[N, T, 2 * U]],
  weights: Object.fromEntries(
    ['forward', 'backward'].flatMap((direction) => Object.entries(weights(4)).map(([name, shape]) => [`${direction}/${name}`, shape])),
  ),
  crossings: [2, 2],
});

describe('recurrent dropout', () => {
  const x = randomTensor([N, T, D]);
  const output = (options: { step?: number; training?: boolean }, recurrentDropout = 0.5): number[] => {
    const layer = layers.lstm({ units: U, recurrentDropout, seed: 3 });
    layer.build([[null, null, D]], 'float32');
    return Array.from((layer.forward([x], new StandaloneContext(options))[0] as Tensor).data());
  };

  test('draws anew at each step and not at all in inference', () => {
    expect(output({ step: 1 })).toEqual(output({ step: 1 }));
    expect(output({ step: 1 })).not.toEqual(output({ step: 2 }));
    expect(output({ training: false })).toEqual(output({ training: false }, 0));
  });

  test('drops none of the inputs', () => {
    const layer = layers.gru({ units: U, recurrentDropout: 0.9, seed: 3 });
    layer.build([[null, null, D]], 'float32');
    const once = randomTensor([N, 1, D]);
    const outputs = [true, false].map((training) => layer.forward([once], new StandaloneContext({ training }))[0]?.toArray());
    // With no state yet there is nothing to drop.
    for (const [i, v] of (outputs[0] as number[][]).flat().entries())
      expect(v).toBeCloseTo((outputs[1] as number[][]).flat()[i] as number, 6);
  });
});

test("takes Keras' second names", () => {
  expect(layers.lstm({ units: 2, activation: 'swish' as 'silu' }).getConfig()['activation']).toBe('silu');
});

test('errors', () => {
  expectError(() => layers.lstm({ units: 4, activation: 'softmax' as 'tanh' }), 'ERR_ARG', '[lstm]', 'activation', 'softmax');
  expectError(
    () => layers.gru({ units: 4, recurrentActivation: 'softmax' as 'tanh' }),
    'ERR_ARG',
    '[gru]',
    'recurrentActivation',
    'softmax',
  );
  expectError(() => layers.simpleRnn({ units: 4, activation: 'unknown' as 'tanh' }), 'ERR_ARG', '[simpleRnn]', 'unknown');
});
