import { describe, expect, test } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { input, layers, StandaloneContext, type SymbolicTensor } from '../../src/layers/index.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectClose, exact, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { blobs, sameBits } from '../helpers/toy-data.js';

const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

/** Mean squared error of a model by hand, for central differences. */
function lossOf(model: Model, x: Tensor[], y: Tensor): number {
  const [p] = model.predictOnBatch(x) as [Tensor];
  return Array.from(p.data()).reduce((sum, v, i) => sum + (v - (y.data()[i] as number)) ** 2, 0) / p.size;
}

describe('functional models', () => {
  test('several inputs and outputs, each with loss, weight and metrics of its own', async () => {
    setSeed(1);
    const [a, b] = [input({ shape: [4], name: 'left' }), input({ shape: [2], name: 'right' })];
    const h = one(layers.concatenate().apply([a, b]));
    const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(h);
    const score = layers.dense({ units: 1, name: 'score' }).apply(h);
    const model = new Model({ inputs: [a, b], outputs: [kind, score] });
    model.compile({
      optimizer: 'adam',
      loss: { kind: 'sparseCategoricalCrossentropy', score: 'mse' },
      lossWeights: { score: 0.25 },
      metrics: { kind: ['accuracy'], score: ['mae'] },
    });
    const { x, y } = blobs(40);
    const right = randomTensor([40, 2]);
    const history = await model.fit([x, right], [y, randomTensor([40, 1], 3)], { epochs: 2, verbose: 0 });
    expect(Object.keys(history.history)).toEqual(['loss', 'kind_loss', 'kind_accuracy', 'score_loss', 'score_mae']);
    const at = (name: string): number => history.history[name]?.[1] as number;
    expect(at('loss')).toBeCloseTo(at('kind_loss') + 0.25 * at('score_loss'), 10);
    const outputs = await model.predictAll([x, right]);
    expect(outputs.map((t) => t.shape)).toEqual([
      [40, 3],
      [40, 1],
    ]);
    await expectRejection(model.predict([x, right]), 'ERR_STATE', 'kind, score', 'predictAll');
    expect(model.summary({ print: null })).toContain('left, right');
  });

  test('gradients of shared layers, tensors used twice and nested models follow central differences', () => {
    setSeed(5);
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })];
    const shared = layers.dense({ units: 4, activation: 'tanh' });
    const twice = layers.dense({ units: 4, activation: 'tanh' });
    const block = new Sequential([layers.dense({ units: 4, activation: 'tanh', inputShape: [4] }), twice, twice]);
    const [u, v] = [shared.apply(a), shared.apply(b)];
    const s = one(layers.add().apply([one(block.apply(u)), one(block.apply(v)), u]));
    const out = layers.dense({ units: 2 }).apply(one(layers.concatenate().apply([s, v])));
    const model = new Model({ inputs: [a, b], outputs: out });
    const x = [randomTensor([5, 3], 1), randomTensor([5, 3], 2)];
    const y = randomTensor([5, 2], 3);
    const start = model.getWeights();
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    model.optimizer.learningRate = 1;
    model.trainOnBatch(x, y);
    const gradients = model.getWeights().map((w, i) => Array.from(w.data(), (after, k) => (start[i]?.data()[k] as number) - after));
    model.setWeights(start);
    model.weights.forEach((w, i) => {
      const values = w.value.data();
      const numeric = Array.from(values, (v, k) => {
        const h = 1e-2;
        values[k] = v + h;
        const up = lossOf(model, x, y);
        values[k] = v - h;
        const down = lossOf(model, x, y);
        values[k] = v;
        return (up - down) / (2 * h);
      });
      expectClose(gradients[i] as number[], numeric, within(2e-3), `gradient of ${w.name}`);
    });
    expect(model.countParams()).toBe(16 + 20 + 20 + 18);
  });

  test('a nested model computes what its layers compute', async () => {
    setSeed(2);
    const inner = new Sequential([layers.dense({ units: 4, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })]);
    const x = input({ shape: [4] });
    const model = new Model({ inputs: x, outputs: inner.apply(x) });
    const data = blobs(20);
    expectClose(await model.predict(data.x), await inner.predict(data.x), exact());
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const direct = new Sequential([...inner.layers]);
    direct.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const start = model.getWeights();
    await model.fit(data.x, data.y, { epochs: 2, verbose: 0, seed: 9 });
    const nested = model.getWeights();
    model.setWeights(start);
    await direct.fit(data.x, data.y, { epochs: 2, verbose: 0, seed: 9 });
    expect(sameBits(nested, direct.getWeights())).toBe(true);
  });

  test('an output that nothing is lost on does not change its layer', async () => {
    setSeed(2);
    const x = input({ shape: [4] });
    const h = layers.dense({ units: 3, name: 'body' }).apply(x);
    const model = new Model({
      inputs: x,
      outputs: [layers.dense({ units: 1, name: 'a' }).apply(h), layers.dense({ units: 1, name: 'b' }).apply(h)],
    });
    model.compile({ optimizer: 'sgd', loss: 'mse', lossWeights: [1, 0] });
    const before = model.getLayer('b').weights.map((w) => w.value.clone());
    const data = blobs(10);
    await model.fit(data.x, [randomTensor([10, 1]), randomTensor([10, 1])], { verbose: 0 });
    expect(
      sameBits(
        before,
        model.getLayer('b').weights.map((w) => w.value),
      ),
    ).toBe(true);
  });

  test('a model is a layer: forward and backward in a context', () => {
    const inner = new Sequential([layers.dense({ units: 2, inputShape: [3] })]);
    const ctx = new StandaloneContext();
    const [y] = inner.forward([randomTensor([4, 3])], ctx) as [Tensor];
    const [dx] = inner.backward([randomTensor([4, 2])], ctx);
    expect([y.shape, dx?.shape]).toEqual([
      [4, 2],
      [4, 3],
    ]);
    expect(ctx.gradients.size).toBe(2);
    expectError(() => inner.backward([y], new StandaloneContext()), 'ERR_STATE', 'forward');
  });

  test('graphs that cannot be are refused', () => {
    const [a, b] = [input({ shape: [3], name: 'a' }), input({ shape: [3], name: 'b' })];
    const y = layers.dense({ units: 2, name: 'same' }).apply(a);
    expectError(() => new Model({ inputs: b, outputs: y }), 'ERR_ARG', 'needs a', 'add it to inputs');
    expectError(() => new Model({ inputs: [a, b], outputs: y }), 'ERR_ARG', 'b does not');
    expectError(() => new Model({ inputs: [a, a], outputs: y }), 'ERR_ARG', 'twice');
    expectError(() => new Model({ inputs: a, outputs: layers.dense({ units: 2, name: 'same' }).apply(y) }), 'ERR_ARG', 'same twice');
    const two = new Model({ inputs: a, outputs: [y, layers.dense({ units: 1, name: 'other' }).apply(y)] });
    expectError(() => two.compile({ optimizer: 'sgd', loss: { same: 'mse' } }), 'ERR_ARG', 'other has none');
    expectError(() => two.compile({ optimizer: 'sgd', loss: ['mse'] }), 'ERR_ARG', '2 outputs', '1');
    expectError(() => two.compile({ optimizer: 'sgd', loss: { same: 'mse', other: 'mse', third: 'mse' } }), 'ERR_ARG', 'third');
    expectError(() => two.compile({ optimizer: 'sgd', loss: 'mse', metrics: { third: [] } }), 'ERR_ARG', 'third');
  });

  test('a deep chain needs no deep stack', async () => {
    let x = input({ shape: [2] });
    const first = x;
    for (let i = 0; i < 3000; i++) x = one(layers.activation({ activation: 'linear' }).apply(x));
    const model = new Model({ inputs: first, outputs: x });
    expectClose(await model.predict(tensor([[1, 2]])), [1, 2], exact());
  });
});
