import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { input, layers, loadModel, Model, registerLayer, Sequential, setSeed, StandaloneContext, tensor, type SymbolicTensor, type Tensor } from '../../src/index.js'; // prettier-ignore
import { BINARY } from '../../src/backend/backend.js';
import { backend } from '../../src/backend/current.js';
import { getInitializer } from '../../src/initializers/index.js';
import { RNNCell, type Layer, type LayerContext, type RNN, type SymbolicShape, type Weight } from '../../src/layers/index.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { layerSuite } from '../helpers/layer-suite.js';
import { randomTensor } from '../helpers/random-tensor.js';

/** h = x·kernel + ½·h₋₁, and the sum of all h as a second state. */
class Leaky extends RNNCell {
  readonly className = 'Leaky';
  readonly units: number;
  readonly stateSizes: readonly number[];
  private kernel!: Weight;

  constructor({ units, ...options }: { units: number; name?: string }) {
    super('Leaky', options);
    this.units = units;
    this.stateSizes = [units, units];
  }

  override build([x]: readonly SymbolicShape[], dtype: 'float32' | 'float64'): void {
    this.kernel = this.addWeight('kernel', [(x as number[])[1] as number, this.units], getInitializer('leaky', 'glorotUniform'), dtype);
    this.built = true;
  }

  override computeOutputShape([x]: readonly SymbolicShape[]): SymbolicShape[] {
    const batch = (x as SymbolicShape)[0] as number | null;
    return [1, 2, 3].map(() => [batch, this.units]);
  }

  override forward([x, h, s]: readonly [Tensor, Tensor, Tensor], ctx: LayerContext): Tensor[] {
    const [N, D] = x.shape as [number, number];
    const [y, sum] = [ctx.buffer('y', h.shape), ctx.buffer('sum', h.shape)];
    backend().affine(h.storage, y.storage, 0.5, 0);
    backend().matmul(x.storage, this.kernel.value.storage, sum.storage, N, this.units, D, false, false);
    backend().binary(y.storage, sum.storage, y.storage, BINARY.add);
    backend().binary(y.storage, s.storage, sum.storage, BINARY.add);
    this.remember(ctx, { x });
    return [y, y, sum];
  }

  override backward([dy, dh, ds]: readonly [Tensor, Tensor, Tensor], ctx: LayerContext): (Tensor | null)[] {
    const { x } = this.recall<{ x: Tensor }>(ctx);
    const [N, D] = x.shape as [number, number];
    const [d, dh0] = [ctx.buffer('d', dy.shape), ctx.buffer('dh0', dy.shape)];
    backend().binary(dy.storage, dh.storage, d.storage, BINARY.add);
    backend().binary(d.storage, ds.storage, d.storage, BINARY.add);
    backend().affine(d.storage, dh0.storage, 0.5, 0);
    const dw = ctx.gradient(this.kernel);
    if (dw) backend().matmul(x.storage, d.storage, dw.storage, D, this.units, N, true, false);
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    if (dx) backend().matmul(d.storage, this.kernel.value.storage, dx.storage, N, D, this.units, false, true);
    return [dx, dh0, ds];
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, units: this.units };
  }
}
registerLayer('Leaky', (config) => new Leaky(config as { units: number }));

const folder = mkdtempSync(join(tmpdir(), 'saraf-rnn-'));
afterAll(() => rmSync(folder, { recursive: true }));
const mask = tensor([1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0], [3, 4], 'uint8');
const rows = [[1, 1, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0]]; // prettier-ignore

for (const [name, cell, weights] of [
  ['simpleRnnCell', () => layers.simpleRnnCell({ units: 3 }), { kernel: [2, 3], recurrent_kernel: [3, 3], bias: [3] }],
  ['lstmCell', () => layers.lstmCell({ units: 3 }), { kernel: [2, 12], recurrent_kernel: [3, 12], bias: [12] }],
  ['gruCell', () => layers.gruCell({ units: 3 }), { kernel: [2, 9], recurrent_kernel: [3, 9], bias: [2, 9] }],
] as const) {
  const states = name === 'lstmCell' ? 2 : 1;
  layerSuite(name, {
    make: cell,
    inputShapes: [[4, 2], ...Array.from({ length: states }, () => [4, 3])],
    outputShapes: Array.from({ length: 1 + states }, () => [4, 3]),
    weights: weights as unknown as Record<string, number[]>,
    // One more to add the gradients of the output and of the state, which are one tensor.
    crossings: [1, 2],
  });
  layerSuite(`rnn of ${name}`, {
    make: () => layers.rnn({ cell: cell(), returnSequences: true, returnState: true }),
    inputShapes: [[3, 4, 2]],
    outputShapes: [[3, 4, 3], ...Array.from({ length: states }, () => [3, 3])],
    weights: weights as unknown as Record<string, number[]>,
    masks: [mask],
    outputMasks: [rows],
  });
}

const stacked = {
  'cell_0/kernel': [2, 12],
  'cell_0/recurrent_kernel': [3, 12],
  'cell_0/bias': [12],
  'cell_1/kernel': [3, 12],
  'cell_1/recurrent_kernel': [4, 12],
  'cell_1/bias': [2, 12],
  'cell_2/kernel': [4, 2], // prettier-ignore
};
const cells = (): RNNCell[] => [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 4 }), new Leaky({ units: 2 })];

layerSuite('stackedRnnCells', {
  make: () => layers.stackedRnnCells({ cells: cells() }),
  inputShapes: [[3, 2], [3, 3], [3, 3], [3, 4], [3, 2], [3, 2]], // prettier-ignore
  outputShapes: [[3, 2], [3, 3], [3, 3], [3, 4], [3, 2], [3, 2]], // prettier-ignore
  weights: stacked,
  crossings: [6, 9],
});

layerSuite('rnn of two cells: a call for each', {
  make: () => layers.rnn({ cell: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 4 })], goBackwards: true, returnSequences: true }),
  inputShapes: [[3, 4, 2]],
  outputShapes: [[3, 4, 4]],
  weights: Object.fromEntries(Object.entries(stacked).slice(0, 6)),
  masks: [mask],
  outputMasks: [rows],
  // One more each to turn the sequence round.
  crossings: [3, 3],
});

for (const [name, options] of Object.entries({
  last: {},
  sequences: { returnSequences: true },
  backwards: { returnSequences: true, goBackwards: true },
  zeros: { returnSequences: true, zeroOutputForMask: true, returnState: true },
  states: { returnState: true, goBackwards: true },
}))
  describe(`a cell of one's own, on top of two others: ${name}`, () => {
    for (const given of [undefined, mask]) {
      const shape: number[] = 'returnSequences' in options ? [3, 4, 2] : [3, 2];
      test(given ? 'masked' : 'without a mask', async () => {
        const { gradcheck } = await import('../../src/layers/gradcheck.js');
        const make = (): Layer => layers.rnn({ cell: cells(), ...options });
        expect(make().computeOutputShape([[3, 4, 2]])[0]).toEqual(shape);
        const states = [[3, 3], [3, 3], [3, 4], [3, 2], [3, 2]]; // prettier-ignore
        for (const shapes of [[[3, 4, 2]], [[3, 4, 2], ...states]])
          for (const { relativeError } of gradcheck(make, shapes, given ? { masks: [given] } : {}).entries)
            expect(relativeError).toBeLessThan(1e-6);
      });
    }
  });

test('a cell of one’s own goes step by step as a recurrent layer does', () => {
  const x = randomTensor([3, 4, 2], 1);
  for (const returnSequences of [true, false])
    for (const goBackwards of [true, false])
      for (const zeroOutputForMask of [true, false])
        for (const stateful of [true, false]) {
          const options = { returnSequences, goBackwards, zeroOutputForMask, stateful, returnState: true };
          // The second one is stacked once more, so that it goes step by step.
          const inner = layers.stackedRnnCells({ cells: [layers.stackedRnnCells({ cells: [layers.gruCell({ units: 3 })] })] });
          const [fast, slow] = [layers.rnn({ cell: layers.gruCell({ units: 3 }), ...options }), layers.rnn({ cell: inner, ...options })];
          for (const layer of [fast, slow]) layer.build([[null, 4, 2]], 'float32');
          for (const [i, w] of slow.weights.entries()) w.value.data().set(fast.weights[i]?.value.data() ?? []);
          for (let call = 0; call < 2; call++) {
            const found = [fast, slow].map((layer) => {
              const ctx = new StandaloneContext({ masks: [mask], poison: true });
              const y = layer.forward([x], ctx).map((t) => t.clone());
              const dx = layer.backward(y.map((t, i) => randomTensor(t.shape, 5 + i)), ctx)[0] as Tensor; // prettier-ignore
              return [...y, dx, ...layer.weights.map((w) => ctx.gradient(w) as Tensor)];
            }) as [Tensor[], Tensor[]];
            for (const [i, expected] of found[0].entries()) expectClose(found[1][i] as Tensor, expected, within(1e-5));
          }
        }
});

test('is the layer that its cell stands for, to the bit', () => {
  const options = { returnSequences: true, goBackwards: true };
  setSeed(4);
  const lstm = layers.lstm({ units: 5, dropout: 0.2, recurrentDropout: 0.1, seed: 3, ...options });
  const rnn = layers.rnn({ cell: layers.lstmCell({ units: 5, dropout: 0.2, recurrentDropout: 0.1, seed: 3 }), ...options });
  const x = randomTensor([3, 4, 2], 1);
  const [a, b] = [lstm, rnn].map((layer) => {
    layer.build([[null, 4, 2]], 'float32');
    return layer.forward([x], new StandaloneContext({ masks: [mask] }))[0] as Tensor;
  });
  expectClose(b as Tensor, a as Tensor, exact());
});

test('saved and loaded in every format, it predicts and trains on alike', async () => {
  for (const path of ['rnn.keras', 'rnn.h5', 'rnn']) {
    setSeed(2);
    const x = input({ shape: [4, 2] });
    const [y, h, c, g] = layers
      .rnn({ cell: [layers.lstmCell({ units: 3, dropout: 0.5 }), layers.gruCell({ units: 4 })], returnState: true, returnSequences: true })
      .apply([x]) as [SymbolicTensor, SymbolicTensor, SymbolicTensor, SymbolicTensor];
    const again = layers.rnn({ cell: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 4 })] }).apply([y, h, c, g]);
    const third = layers.dense({ units: 1 }).apply(again as SymbolicTensor);
    const model = new Model({ inputs: x, outputs: third });
    model.compile({ optimizer: 'adam', loss: 'mse' });
    const [data, target] = [randomTensor([6, 4, 2], 1), randomTensor([6, 1], 2)];
    model.trainOnBatch(data, target);
    await model.save(join(folder, path));
    const loaded = await loadModel(join(folder, path));
    expectClose((await loaded.predict(data)) as Tensor, (await model.predict(data)) as Tensor, exact());
    if (path === 'rnn') expect(loaded.trainOnBatch(data, target)).toEqual(model.trainOnBatch(data, target));
  }
});

test('a stateful one goes on where the batch before ended', () => {
  const model = (stateful: boolean): RNN => {
    const layer = layers.rnn({ cell: [new Leaky({ units: 2 }), layers.gruCell({ units: 3 })], stateful });
    layer.build([[null, null, 2]], 'float32');
    return layer;
  };
  const [whole, parts] = [model(false), model(true)];
  for (const [i, w] of parts.weights.entries()) w.value.data().set(whole.weights[i]?.value.data() ?? []);
  const x = randomTensor([2, 6, 2], 1);
  const [expected] = whole.forward([x], new StandaloneContext()) as [Tensor];
  const halves = [0, 3].map((from) => tensor(Float32Array.from({ length: 12 }, (_, i) => x.data()[Math.floor(i / 6) * 12 + from * 2 + (i % 6)] as number), [2, 3, 2])); // prettier-ignore
  const run = (): Tensor => halves.map((half) => parts.forward([half], new StandaloneContext())[0] as Tensor).at(-1) as Tensor;
  expectClose(run(), expected, within(1e-6));
  expectError(() => parts.forward([randomTensor([3, 3, 2])], new StandaloneContext()), 'ERR_SHAPE', 'resetStates');
  parts.resetStates();
  expectClose(run(), expected, within(1e-6));
});

test('errors', () => {
  expectError(() => layers.rnn({ cell: layers.dense({ units: 2 }) as never }), 'ERR_ARG', 'a cell', 'Dense');
  expectError(() => layers.rnn({} as never), 'ERR_ARG', 'a cell', 'undefined');
  expectError(() => layers.rnn({ cell: [] }), 'ERR_ARG', 'list of cells');
  expectError(() => layers.lstmCell({ units: 2, returnSequences: true } as never), 'ERR_ARG', 'returnSequences');
  expectError(() => layers.lstmCell({ units: 2 }).computeOutputShape([[null, 3]]), 'ERR_ARG', '3 inputs');
  expectError(() => layers.gruCell({ units: 2 }).computeOutputShape([[null, 4, 3], [null, 2]]), 'ERR_SHAPE', '(N,D)'); // prettier-ignore
  const own = layers.rnn({ cell: new Leaky({ units: 2 }) });
  expectError(() => own.computeOutputShape([[null, 3]]), 'ERR_SHAPE', '(N,T,D)');
  expectError(() => own.computeOutputShape([[null, 4, 3], [null, 2]]), 'ERR_ARG', '3 inputs'); // prettier-ignore
  const model = new Sequential([layers.rnn({ cell: new Leaky({ units: 2 }), inputShape: [4, 3] })]);
  expect(model.weights.map((w) => w.name)).toEqual(['kernel']);
});
