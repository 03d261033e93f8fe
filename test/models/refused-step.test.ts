import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { input, layers } from '../../src/layers/index.js';
import type { Layer } from '../../src/layers/layer.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { adam, sgd } from '../../src/optimizers/index.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, sameBits } from '../helpers/toy-data.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-refused-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a step whose loss is not finite', () => {
  const good = tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  const bad = tensor([3e38, 3e38, 1, 1, 3e38, 3e38, 1, 1], [2, 2, 2]);
  const y = tensor([[1], [2]]);
  const build = (middle: () => Layer[]): Sequential => {
    const m = new Sequential([
      layers.inputLayer({ shape: [2, 2] }),
      ...middle(),
      layers.flatten(),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ]);
    m.compile({ optimizer: sgd({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
    return m;
  };

  test.each([
    ['BatchNormalization', () => [layers.batchNormalization()]],
    ['BatchNormalization that is used in a nested model', () => [new Sequential([layers.batchNormalization({ inputShape: [2, 2] })])]],
    ['BatchNormalization in timeDistributed', () => [layers.timeDistributed({ layer: layers.batchNormalization() })]],
  ] as const)('leaves moving statistics as they were: %s', (_, middle) => {
    const m = build(() => [layers.dense({ units: 2, kernelInitializer: 'ones' }), ...middle()]);
    m.trainOnBatch(good, y);
    const before = m.getWeights();
    expectError(() => m.trainOnBatch(bad, y), 'ERR_DATA', 'finite');
    expect(sameBits(m.getWeights(), before)).toBe(true);
    expect(Number.isFinite(m.trainOnBatch(good, y)['loss'])).toBe(true);
  });

  test.each([
    ['LSTM', () => [layers.lstm({ units: 2, stateful: true, returnSequences: true, seed: 1 })]],
    ['Bidirectional', () => [layers.bidirectional({ layer: layers.gru({ units: 2, stateful: true, returnSequences: true, seed: 1 }) })]],
    ['RNN', () => [layers.rnn({ cell: [layers.lstmCell({ units: 2, seed: 1 })], stateful: true, returnSequences: true })]],
  ] as const)('leaves carried states as they were: %s', (_, middle) => {
    // The states saturate and stay finite; the sum of the skipped inputs does not.
    const one = (): Model => {
      const x = input({ shape: [2, 2] });
      const [layer] = middle();
      const joined = layers.concatenate().apply([(layer as Layer).apply(x), x] as never);
      const out = layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(layers.flatten().apply(joined));
      const m = new Model({ inputs: x, outputs: out });
      m.compile({ optimizer: sgd({ learningRate: 1e-4 }), loss: 'meanSquaredError' });
      return m;
    };
    const [m, other] = [one(), one()];
    other.setWeights(m.getWeights());
    for (const each of [m, other]) each.trainOnBatch(good, y);
    expectError(() => m.trainOnBatch(bad, y), 'ERR_DATA', 'finite');
    expect(m.trainOnBatch(good, y)).toEqual(other.trainOnBatch(good, y));
  });
});

describe('what one model does at a time', () => {
  const { x, y } = blobs(40);
  const classifier = (optimizer = adam()): Sequential => {
    const m = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: x.shape.slice(1), seed: 3 })]);
    m.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    return m;
  };

  test('two evaluations at once, or beside training, are refused: their means would mix', async () => {
    const m = classifier();
    const alone = await m.evaluate(x, y, { batchSize: 4 });
    const first = m.evaluate(x, y, { batchSize: 4 });
    await expectRejection(m.evaluate(x, y, { batchSize: 4 }), 'ERR_STATE', 'no evaluation under way', 'await evaluate');
    expectError(() => m.testOnBatch(x, y), 'ERR_STATE', 'no evaluation under way');
    expect(await first).toEqual(alone);
    const fitting = m.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0, validationData: [x, y] });
    await expectRejection(m.evaluate(x, y), 'ERR_STATE', 'no epoch under way');
    await fitting;
    const evaluating = m.evaluate(x, y, { batchSize: 4 });
    await expectRejection(m.fit(x, y, { verbose: 0 }), 'ERR_STATE', 'no evaluation under way');
    await evaluating;
    expect(Object.keys(await m.evaluate(x, y))).toEqual(['loss', 'accuracy']);
  });

  test('a snapshot from before training brings the optimizer back to its beginning', async () => {
    const m = classifier();
    const start = join(folder, 'start');
    await m.save(start);
    const runs = [];
    for (let fold = 0; fold < 2; fold++) {
      await m.restore(start);
      await m.fit(x, y, { epochs: 3, verbose: 0 });
      runs.push(m.getWeights());
    }
    expect(sameBits(runs[0] as never, runs[1] as never)).toBe(true);
  });

  test('compile starts an optimizer that was used before anew', async () => {
    const optimizer = adam({ learningRate: 0.05 });
    const [one, two] = [classifier(optimizer), classifier()];
    await one.fit(x, y, { epochs: 2, verbose: 0 });
    two.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
    expect(optimizer.iterations).toBe(0);
    await two.fit(x, y, { epochs: 2, verbose: 0 });
    const again = classifier(adam({ learningRate: 0.05 }));
    await again.fit(x, y, { epochs: 2, verbose: 0 });
    expect(sameBits(two.getWeights(), again.getWeights())).toBe(true);
  });

  test('class weights are for one output', async () => {
    const a = input({ shape: x.shape.slice(1) });
    const outputs = [layers.dense({ units: 3, activation: 'softmax' }).apply(a), layers.dense({ units: 1 }).apply(a)];
    const m = new Model({ inputs: a, outputs: outputs as never });
    m.compile({ optimizer: 'sgd', loss: ['sparseCategoricalCrossentropy', 'meanSquaredError'] as never });
    const targets = [y, tensor(new Float32Array(40), [40, 1])];
    await expectRejection(m.fit(x, targets as never, { verbose: 0, classWeight: { 1: 5 } }), 'ERR_ARG', 'one output', 'sampleWeight');
  });
});
