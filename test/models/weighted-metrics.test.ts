import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import '../../src/keras/index.js';
import { setSeed } from '../../src/initializers/seed.js';
import { input, layers, type SymbolicTensor } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { blobs, tokenRows } from '../helpers/toy-data.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-weighted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { x, y, classes } = blobs(30);
const weights = Float32Array.from({ length: 30 }, (_, i) => (i % 4) / 2);

function classifier(): Sequential {
  setSeed(2);
  const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })]);
  model.compile({
    optimizer: 'sgd',
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    weightedMetrics: ['accuracy', 'sparseCategoricalCrossentropy'],
  });
  return model;
}

/** Share of the weight whose class is right, by hand. */
function weightedAccuracy(model: Sequential, weightOf: (row: number) => number): number {
  const p = (model.predictOnBatch(x)[0] as ReturnType<typeof tensor>).data();
  let [hit, all] = [0, 0];
  for (let r = 0; r < 30; r++) {
    const best = [0, 1, 2].reduce((b, c) => ((p[r * 3 + c] as number) > (p[r * 3 + b] as number) ? c : b), 0);
    all += weightOf(r);
    if (best === classes[r]) hit += weightOf(r);
  }
  return hit / all;
}

describe('weightedMetrics', () => {
  test('count by sample weights, where metrics count rows; a name that both have gets weighted_', async () => {
    const model = classifier();
    const logs = await model.evaluate(x, y, { sampleWeight: tensor(weights), batchSize: 8 });
    expect(Object.keys(logs)).toEqual(['loss', 'accuracy', 'weighted_accuracy', 'sparseCategoricalCrossentropy']);
    expect(logs['accuracy']).toBeCloseTo(
      weightedAccuracy(model, () => 1),
      10,
    );
    expect(logs['weighted_accuracy']).toBeCloseTo(
      weightedAccuracy(model, (r) => weights[r] as number),
      6,
    );
    const total = weights.reduce((a, b) => a + b, 0);
    // The loss divides by the rows, the metric by the weights.
    expect(logs['sparseCategoricalCrossentropy']).toBeCloseTo(((logs['loss'] as number) * 30) / total, 5);
    const plain = await model.evaluate(x, y);
    expect(plain['weighted_accuracy']).toBe(plain['accuracy']);
  });

  test('class weights count in training and not in validation', async () => {
    const model = classifier();
    const classWeight = { 0: 3, 1: 0.5 } as Record<number, number>;
    const expected = weightedAccuracy(model, (r) => (weights[r] as number) * (classWeight[classes[r] as number] ?? 1));
    const history = await model.fit(x, y, { batchSize: 30, classWeight, sampleWeight: weights, validationData: [x, y], verbose: 0 });
    expect(history.history['weighted_accuracy']?.[0]).toBeCloseTo(expected, 6);
    expect(history.history['val_weighted_accuracy']).toEqual(history.history['val_accuracy']);
  });

  test('a mask leaves steps out of both', async () => {
    const { x: ids } = tokenRows(12, 5, 9);
    setSeed(3);
    const model = new Sequential([
      layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true }),
      layers.gru({ units: 4, returnSequences: true }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    const loss = 'sparseCategoricalCrossentropy';
    model.compile({ optimizer: 'sgd', loss, metrics: [loss], weightedMetrics: [loss] });
    const steps = tensor(
      Int32Array.from({ length: 60 }, (_, i) => i % 3),
      [12, 5],
    );
    const logs = await model.evaluate(ids, steps);
    expect(logs[`weighted_${loss}`]).toBeCloseTo(logs[loss] as number, 6);
    const zero = tensor(
      Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? 0 : 1)),
      [12, 5],
    );
    const half = await model.evaluate(ids, steps, { sampleWeight: zero });
    const rest = await model.evaluate(ids.rows(6, 12), steps.rows(6, 12));
    expect(half[`weighted_${loss}`]).toBeCloseTo(rest[loss] as number, 5);
  });

  test('by output, saved and loaded in both kinds of files', async () => {
    setSeed(4);
    const at = input({ shape: [4] });
    const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(at) as SymbolicTensor;
    const score = layers.dense({ units: 1, name: 'score' }).apply(at) as SymbolicTensor;
    const model = new Model({ inputs: at, outputs: [kind, score] });
    const options = {
      optimizer: 'sgd',
      loss: { kind: 'sparseCategoricalCrossentropy', score: 'mse' },
      weightedMetrics: { kind: ['accuracy'], score: ['mae'] },
    } as const;
    model.compile(options);
    const targets = { kind: y, score: tensor(weights, [30, 1]) };
    const sampleWeight = { kind: tensor(weights), score: tensor(Float32Array.from({ length: 30 }, (_, i) => i)) };
    const logs = await model.evaluate(x, targets, { sampleWeight });
    expect(Object.keys(logs)).toEqual(['loss', 'kind_loss', 'kind_accuracy', 'score_loss', 'score_mae']);
    for (const name of ['folder', 'file.keras']) {
      await model.save(join(folder, name));
      expect(await (await loadModel(join(folder, name))).evaluate(x, targets, { sampleWeight })).toEqual(logs);
    }
    expectError(() => model.compile({ ...options, weightedMetrics: { sort: ['mae'] } }), 'ERR_ARG', 'weightedMetrics', 'sort');
  });
});
