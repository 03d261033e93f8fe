import { describe, expect, test } from 'vitest';
import { layers, StandaloneContext, type Layer, type Recurrent, type Weight } from '../../src/layers/index.js';
import { tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite, type LayerCase } from '../helpers/layer-suite.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';
import type { RecurrentOptions } from '../../src/layers/index.js';

const [N, T, D, U] = [3, 5, 4, 6];
const MIXED = [
  [1, 1, 1, 0, 0],
  [0, 1, 0, 1, 1],
  [0, 0, 0, 0, 0],
];

interface Family {
  make: (options: Partial<RecurrentOptions>) => Recurrent;
  states: number;
  weights: Record<string, Shape>;
}

const FAMILIES: Record<string, Family> = {
  simpleRnn: {
    make: (o) => layers.simpleRnn({ units: U, ...o }),
    states: 1,
    weights: { kernel: [D, U], recurrent_kernel: [U, U], bias: [U] },
  },
  'simpleRnn relu': {
    make: (o) => layers.simpleRnn({ units: U, activation: 'relu', ...o }),
    states: 1,
    weights: { kernel: [D, U], recurrent_kernel: [U, U], bias: [U] },
  },
  lstm: {
    make: (o) => layers.lstm({ units: U, ...o }),
    states: 2,
    weights: { kernel: [D, 4 * U], recurrent_kernel: [U, 4 * U], bias: [4 * U] },
  },
  gru: {
    make: (o) => layers.gru({ units: U, ...o }),
    states: 1,
    weights: { kernel: [D, 3 * U], recurrent_kernel: [U, 3 * U], bias: [2, 3 * U] },
  },
  "gru, the textbook's form": {
    make: (o) => layers.gru({ units: U, form: 'textbook', ...o }),
    states: 1,
    weights: { kernel: [D, 3 * U], recurrent_kernel: [U, 3 * U], bias: [3 * U] },
  },
  'gru, reset before': {
    make: (o) => layers.gru({ units: U, resetAfter: false, ...o }),
    states: 1,
    weights: { kernel: [D, 3 * U], recurrent_kernel: [U, 3 * U], bias: [3 * U] },
  },
};

for (const [name, { make, states, weights }] of Object.entries(FAMILIES)) {
  const stateShapes = Array.from({ length: states }, () => [N, U]);
  const base = { inputShapes: [[N, T, D]], weights };
  const cases: Record<string, LayerCase> = {
    'last output': { ...base, make: () => make({}), outputShapes: [[N, U]] },
    sequences: { ...base, make: () => make({ returnSequences: true }), outputShapes: [[N, T, U]] },
    'without bias': {
      ...base,
      make: () => make({ useBias: false }),
      outputShapes: [[N, U]],
      weights: { kernel: weights['kernel'] as Shape, recurrent_kernel: weights['recurrent_kernel'] as Shape },
    },
    'sequences and states, backwards': {
      ...base,
      make: () => make({ returnSequences: true, returnState: true, goBackwards: true }),
      outputShapes: [[N, T, U], ...stateShapes],
      crossings: [2, 2],
    },
    'last output and states': {
      ...base,
      make: () => make({ returnState: true }),
      outputShapes: [[N, U], ...stateShapes],
      crossings: [1, 2],
    },
    'masked, last output': { ...base, make: () => make({}), outputShapes: [[N, U]], masks: [mask(MIXED)] },
    'masked sequences': {
      ...base,
      make: () => make({ returnSequences: true }),
      outputShapes: [[N, T, U]],
      masks: [mask(MIXED)],
      outputMasks: [MIXED],
    },
    'masked sequences with zeros, backwards': {
      ...base,
      make: () => make({ returnSequences: true, zeroOutputForMask: true, goBackwards: true }),
      outputShapes: [[N, T, U]],
      masks: [mask(MIXED)],
      outputMasks: [MIXED],
      crossings: [2, 2],
    },
    'masked, last output zero': {
      ...base,
      make: () => make({ zeroOutputForMask: true }),
      outputShapes: [[N, U]],
      masks: [mask(MIXED)],
      crossings: [2, 2],
    },
    'dropped inputs, masked': {
      ...base,
      make: () => make({ dropout: 0.4, returnSequences: true }),
      outputShapes: [[N, T, U]],
      masks: [mask(MIXED)],
      outputMasks: [MIXED],
      crossings: [3, 2],
      drops: true,
    },
    'initial states': {
      ...base,
      make: () => make({ returnState: true }),
      inputShapes: [[N, T, D], ...stateShapes],
      outputShapes: [[N, U], ...stateShapes],
      crossings: [1, 2],
    },
    'initial states, masked, backwards': {
      ...base,
      make: () => make({ returnState: true, goBackwards: true }),
      inputShapes: [[N, T, D], ...stateShapes],
      outputShapes: [[N, U], ...stateShapes],
      masks: [mask(MIXED)],
      crossings: [2, 2],
    },
  };
  describe(name, () => {
    for (const [title, c] of Object.entries(cases)) layerSuite(title, c);
  });
}

function run(layer: Layer, inputs: readonly Tensor[], masks: readonly (Tensor | null)[] = []): Tensor[] {
  return layer.forward(inputs, new StandaloneContext({ masks, poison: true }));
}

function rows(y: Tensor, n: number): number[][] {
  return (y.rows(n, n + 1).toArray() as number[][][])[0] as number[][];
}

describe('masks of a recurrent layer', () => {
  for (const [name, { make, states }] of Object.entries(FAMILIES)) {
    const build = (options: Partial<RecurrentOptions>): Recurrent => {
      const layer = make({ seed: 4, ...options });
      layer.build([[null, null, D]], 'float32');
      return layer;
    };
    const x = randomTensor([N, T, D]);

    test(`${name}: padding changes nothing`, () => {
      const layer = build({});
      const padded = x.rows(0, 1).clone();
      padded.data().fill(1e6, 3 * D);
      const [short] = run(layer, [x.rows(0, 1).reshape([T, D]).rows(0, 3).reshape([1, 3, D])]) as [Tensor];
      const [long] = run(layer, [padded], [mask([[1, 1, 1, 0, 0]])]) as [Tensor];
      expectClose(long, short, exact());
    });

    test(`${name}: a masked step repeats the output, before the first valid one it is 0`, () => {
      const [y] = run(build({ returnSequences: true }), [x], [mask(MIXED)]) as [Tensor];
      const first = rows(y, 0);
      expect([first[3], first[4]]).toEqual([first[2], first[2]]);
      const second = rows(y, 1);
      expect(second[0]).toEqual(Array.from({ length: U }, () => 0));
      expect(second[2]).toEqual(second[1]);
      expect(
        rows(y, 2)
          .flat()
          .every((v) => v === 0),
      ).toBe(true);
    });

    test(`${name}: with zeroOutputForMask a masked step gives 0 and the state goes on`, () => {
      const [zero] = run(build({ returnSequences: true, zeroOutputForMask: true }), [x], [mask(MIXED)]) as [Tensor];
      const [kept] = run(build({ returnSequences: true }), [x], [mask(MIXED)]) as [Tensor];
      for (const n of [0, 1, 2]) {
        for (const [t, valid] of (MIXED[n] as number[]).entries()) {
          expect(rows(zero, n)[t]).toEqual(valid ? rows(kept, n)[t] : Array.from({ length: U }, () => 0));
        }
      }
    });

    test(`${name}: a row without valid steps keeps its initial state and gives 0`, () => {
      const initial = Array.from({ length: states }, (_, i) => randomTensor([N, U], 50 + i));
      const [y, h] = run(build({ returnState: true }), [x, ...initial], [mask(MIXED)]) as [Tensor, Tensor];
      expectClose(y.rows(2, 3), new Float32Array(U), exact());
      expectClose(h.rows(2, 3), (initial[0] as Tensor).rows(2, 3), exact());
    });

    test(`${name}: backwards reads the reversed sequence`, () => {
      const reversed = randomTensor([N, T, D]);
      const [from, to] = [x.data(), reversed.data()];
      for (let n = 0; n < N; n++) {
        for (let t = 0; t < T; t++) to.set(from.subarray((n * T + t) * D, (n * T + t + 1) * D), (n * T + T - 1 - t) * D);
      }
      const [y] = run(build({ returnSequences: true, goBackwards: true }), [x]) as [Tensor];
      const [expected] = run(build({ returnSequences: true }), [reversed]) as [Tensor];
      expectClose(y, expected, exact());
    });
  }
});

describe('dropout of a recurrent layer', () => {
  const make = (): Recurrent => {
    const layer = layers.gru({ units: U, dropout: 0.5, seed: 3 });
    layer.build([[null, null, 20]], 'float32');
    return layer;
  };
  const x = randomTensor([N, T, 20]);

  test.each([T, 12])('drops the same features at each of %i steps, others in each sequence', (steps) => {
    const ctx = new StandaloneContext();
    const layer = make();
    const [y] = layer.forward([randomTensor([N, steps, 20])], ctx) as [Tensor];
    const dx = (layer.backward([randomTensor(y.shape, 2)], ctx)[0] as Tensor).toArray() as number[][][];
    const dropped = dx.map((steps) => steps.map((step) => step.map((v) => v === 0)));
    for (const steps of dropped) for (const step of steps) expect(step).toEqual(steps[0]);
    expect(dropped[0]?.[0]).not.toEqual(dropped[1]?.[0]);
    expect(new Set(dropped.flat(2))).toEqual(new Set([true, false]));
  });

  test('draws anew at each step and not at all in inference', () => {
    const output = (options: { step?: number; training?: boolean }): number[] =>
      Array.from((make().forward([x], new StandaloneContext(options))[0] as Tensor).data());
    expect(output({ step: 1 })).toEqual(output({ step: 1 }));
    expect(output({ step: 1 })).not.toEqual(output({ step: 2 }));
    const plain = layers.gru({ units: U, seed: 3 });
    plain.build([[null, null, 20]], 'float32');
    expect(output({ training: false })).toEqual(Array.from((plain.forward([x], new StandaloneContext())[0] as Tensor).data()));
  });
});

describe('lstm', () => {
  test('the forget gate starts at 1', () => {
    const bias = (unitForgetBias: boolean): number[] => {
      const layer = layers.lstm({ units: 2, unitForgetBias });
      layer.build([[null, null, 1]], 'float32');
      return Array.from(layer.weights[2]?.value.data() ?? []);
    };
    expect(bias(true)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(bias(false)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('stateful', () => {
  for (const [name, { make, states }] of Object.entries(FAMILIES)) {
    test(`${name}: a sequence in two batches gives what it gives in one`, () => {
      const weightsOf = make({ stateful: true, returnSequences: true, returnState: true });
      const whole = make({ returnSequences: true, returnState: true });
      for (const layer of [weightsOf, whole]) layer.build([[null, null, D]], 'float32');
      for (const [i, { value }] of whole.weights.entries()) value.data().set((weightsOf.weights[i] as Weight).value.data());
      const x = randomTensor([N, 2 * T, D]);
      const part = (from: number): Tensor => {
        const rows = Array.from({ length: N }, (_, n) => [...x.data().subarray((n * 2 * T + from) * D, (n * 2 * T + from + T) * D)]);
        return tensor(rows.flat()).reshape([N, T, D]);
      };
      const ctx = new StandaloneContext();
      const run = (from: number): Tensor[] => weightsOf.forward([part(from)], ctx).map((y) => y.clone());
      const first = run(0);
      const second = run(T);
      const expected = whole.forward([x], new StandaloneContext());
      for (let i = 1; i <= states; i++) expectClose(second[i] as Tensor, expected[i] as Tensor, within(1e-5));
      // The context is the second batch's: its gradient of x is that of a layer given the first one's states.
      const given = make({ returnSequences: true, returnState: true });
      given.build([[null, null, D]], 'float32');
      for (const [i, { value }] of given.weights.entries()) value.data().set((weightsOf.weights[i] as Weight).value.data());
      const other = new StandaloneContext();
      const again = given.forward([part(T), ...first.slice(1)], other);
      for (const [i, y] of again.entries()) expectClose(second[i] as Tensor, y, exact());
      const dy = again.map((y) => randomTensor(y.shape, 8));
      expectClose(weightsOf.backward(dy, ctx)[0] as Tensor, given.backward(dy, other)[0] as Tensor, exact());
      weightsOf.resetStates();
      for (const [i, y] of run(0).entries()) expectClose(y, first[i] as Tensor, exact());
    });
  }

  test('another number of rows needs resetStates', () => {
    const layer = layers.gru({ units: U, stateful: true });
    layer.build([[null, null, D]], 'float32');
    const ctx = new StandaloneContext();
    layer.forward([randomTensor([N, T, D])], ctx);
    expectError(() => layer.forward([randomTensor([2, T, D])], ctx), 'ERR_SHAPE', `${N} rows`, 'received 2', 'resetStates');
    layer.resetStates();
    layer.forward([randomTensor([2, T, D])], ctx);
  });
});

test('errors', () => {
  const ctx = new StandaloneContext();
  const layer = layers.gru({ units: 4, name: 'gru' });
  layer.build([[null, null, 64]], 'float32');
  expectError(
    () => layer.forward([randomTensor([32, 64])], ctx),
    'ERR_SHAPE',
    '[gru] expected x of shape (N,T,D), received (32,64); add a time axis with x.expandDims(1)',
  );
  expectError(() => layer.forward([randomTensor([2, 3, 5])], ctx), 'ERR_SHAPE', '(N,T,64)', '(2,3,5)');
  expectError(() => layer.forward([randomTensor([2, 0, 64])], ctx), 'ERR_SHAPE', 'at least one time step');
  expectError(() => layer.forward([randomTensor([2, 3, 64]), randomTensor([2, 5])], ctx), 'ERR_SHAPE', '(2,4)', '(2,5)');
  expectError(
    () =>
      layers.lstm({ units: 4 }).computeOutputShape([
        [null, 3, 2],
        [null, 4],
      ]),
    'ERR_ARG',
    'expected 3 inputs, received 2',
  );
  expectError(
    () => layer.forward([randomTensor([2, 3, 64])], new StandaloneContext({ masks: [mask([[1, 1]])] })),
    'ERR_SHAPE',
    'mask',
    '(2,3)',
    '(1,2)',
  );
  expectError(() => layers.lstm({ units: 4, dropout: 1 }), 'ERR_ARG', '[lstm]', 'dropout in [0,1)', '1');
  expectError(() => layers.gru({ units: 4, recurrentDropout: 1.2 }), 'ERR_ARG', 'recurrentDropout in [0,1)', '1.2');
  expectError(() => layers.simpleRnn({ units: 4, timeMajor: true } as never), 'ERR_ARG', 'received timeMajor');
});

// Long enough that dropped features are left out of the products.
for (const name of ['simpleRnn', 'lstm', 'gru', 'gru, reset before'] as const) {
  const { make, weights } = FAMILIES[name] as Family;
  layerSuite(`${name}, most inputs dropped at many steps`, {
    make: () => make({ dropout: 0.6, returnSequences: true }),
    inputShapes: [[N, 9, D]],
    outputShapes: [[N, 9, U]],
    weights,
    crossings: [3, 2],
    drops: true,
  });
}
