import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as callbacks from '../../src/callbacks/index.js';
import { setSeed } from '../../src/initializers/seed.js';
import '../../src/keras/index.js';
import { input, layers } from '../../src/layers/index.js';
import * as metrics from '../../src/metrics/index.js';
import type { CompileOptions } from '../../src/models/compile.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, tokenRows } from '../helpers/toy-data.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-metrics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const { x, classes } = blobs(40);
const answers = tensor(
  Float32Array.from(classes, (c) => (c === 0 ? 1 : 0)),
  [40, 1],
);

function yesOrNo(options: Partial<CompileOptions>): Sequential {
  setSeed(1);
  const model = new Sequential([
    layers.dense({ units: 4, activation: 'relu', inputShape: [4] }),
    layers.dense({ units: 1, activation: 'sigmoid', name: 'answer' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', ...options });
  return model;
}

/** Two outputs of one input: a class and a number. */
function twoOutputs(options: Partial<CompileOptions>): Model {
  setSeed(2);
  const from = input({ shape: [4], name: 'from' });
  const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(from);
  const size = layers.dense({ units: 1, name: 'size' }).apply(from);
  const model = new Model({ inputs: from, outputs: [kind, size].flat() });
  model.compile({ optimizer: 'adam', loss: ['sparseCategoricalCrossentropy', 'meanSquaredError'], ...options });
  return model;
}

/** What a metric says of all rows at once. */
async function direct(model: Model, metric: metrics.AnyMetric, y: Tensor, weight: metrics.SampleWeight | null = null): Promise<number> {
  metric.update(y, await model.predict(x), weight);
  return metric.result() as number;
}

describe('metrics of compile', () => {
  test('are those of all rows together, in training, validation and evaluation', async () => {
    const model = yesOrNo({ metrics: ['accuracy', metrics.auc(), metrics.precision({ thresholds: [0.3, 0.6] })] });
    const { history } = await model.fit(x, answers, { epochs: 2, batchSize: 7, validationData: [x, answers], verbose: 0 });
    const names = ['loss', 'accuracy', 'auc', 'precision_0', 'precision_1'];
    expect(Object.keys(history)).toEqual([...names, ...names.map((name) => `val_${name}`)]);
    const found = await model.evaluate(x, answers, { batchSize: 16 });
    expect(found['auc']).toBeCloseTo(await direct(model, metrics.auc(), answers), 12);
    expect(history['val_auc']?.[1]).toBeCloseTo(found['auc'] as number, 12);
    expect(found['accuracy']).toBeCloseTo(await direct(model, metrics.binaryAccuracy(), answers), 12);
  });

  test('a callback may watch one, by its name in the logs', async () => {
    const model = yesOrNo({ metrics: [metrics.auc()] });
    const watch = callbacks.earlyStopping({ monitor: 'val_auc', patience: 1, minDelta: 1 });
    const { history } = await model.fit(x, answers, { epochs: 9, validationSplit: 0.25, callbacks: [watch], verbose: 0 });
    expect(history['val_auc']).toHaveLength(2);
    const wrong = callbacks.earlyStopping({ monitor: 'val_recall' });
    await expectRejection(
      model.fit(x, answers, { validationSplit: 0.25, callbacks: [wrong], verbose: 0 }),
      'ERR_ARG',
      'val_auc',
      'val_recall',
    );
  });

  test('only weighted metrics heed sample weights, and class weights in training', async () => {
    const sampleWeight = tensor(Float32Array.from({ length: 40 }, (_, i) => (i % 5) / 2));
    const model = yesOrNo({
      metrics: ['accuracy', metrics.recall()],
      weightedMetrics: ['accuracy', 'accuracy', metrics.recall(), metrics.meanAbsoluteError({ name: 'distance' })],
    });
    const found = await model.evaluate(x, answers, { batchSize: 16, sampleWeight });
    expect(Object.keys(found)).toEqual([
      'loss',
      'accuracy',
      'recall',
      'weighted_accuracy',
      'weighted_accuracy_1',
      'weighted_recall',
      'distance',
    ]);
    expect(found['recall']).toBeCloseTo(await direct(model, metrics.recall(), answers), 12);
    expect(found['weighted_recall']).toBeCloseTo(await direct(model, metrics.recall(), answers, sampleWeight), 12);
    expect(found['weighted_accuracy']).toBeCloseTo(await direct(model, metrics.binaryAccuracy(), answers, sampleWeight), 12);
    expect(found['distance']).toBeCloseTo(await direct(model, metrics.meanAbsoluteError(), answers, sampleWeight), 6);
    const trained = model.trainOnBatch(x, answers, { classWeight: { 0: 0 } });
    expect(trained['weighted_accuracy']).toBeCloseTo(trained['recall'] as number, 12);
  });

  test('leave out what a mask leaves out', async () => {
    setSeed(3);
    const { x: rows } = tokenRows(8, 5, 6);
    const model = new Sequential([
      layers.embedding({ inputDim: 6, outputDim: 4, maskZero: true, inputShape: [5] }),
      layers.lstm({ units: 3, returnSequences: true }),
      layers.timeDistributed({ layer: layers.dense({ units: 2, activation: 'softmax' }) }),
    ]);
    model.compile({
      optimizer: 'adam',
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy', metrics.sparseTopKCategoricalAccuracy({ k: 1 })],
      weightedMetrics: [metrics.sparseCategoricalAccuracy({ name: 'weighted' })],
    });
    const y = tensor(
      Int32Array.from(rows.data(), (id) => id % 2),
      [8, 5],
    );
    const mask = Array.from(rows.data(), (id) => (id === 0 ? 0 : 1));
    const sampleWeight = tensor(Float32Array.from({ length: 8 }, (_, i) => i));
    const found = await model.evaluate(rows, y, { batchSize: 8, sampleWeight });
    const said = await model.predict(rows);
    const expected = (weight: number[]): number => {
      const metric = metrics.sparseCategoricalAccuracy();
      metric.update(y, said, weight);
      return metric.result();
    };
    expect(found['accuracy']).toBeCloseTo(expected(mask), 12);
    expect(found['sparseTopKCategoricalAccuracy']).toBeCloseTo(expected(mask), 12);
    expect(found['weighted']).toBeCloseTo(expected(mask.map((m, i) => m * Math.floor(i / 5))), 12);
  });

  test('may differ per output: by name or a list each', async () => {
    const y = [tensor(classes), answers];
    const byName = twoOutputs({
      metrics: { kind: 'accuracy', size: [metrics.rootMeanSquaredError({ name: 'rmse' })] },
      weightedMetrics: { size: ['mae'] },
    });
    const found = await byName.evaluate(x, y);
    expect(Object.keys(found)).toEqual(['loss', 'kind_loss', 'kind_accuracy', 'size_loss', 'size_rmse', 'size_mae']);
    expect(found['size_rmse']).toBeCloseTo(Math.sqrt(found['size_loss'] as number), 6);
    const byList = twoOutputs({ metrics: [['accuracy'], ['mae']] });
    expect(Object.keys(await byList.evaluate(x, y))).toEqual(['loss', 'kind_loss', 'kind_accuracy', 'size_loss', 'size_mae']);
  });

  test('accuracy by name fits targets and outputs, one-hot or not', async () => {
    const oneHot = tensor(
      Float32Array.from({ length: 120 }, (_, i) => (classes[Math.floor(i / 3)] === i % 3 ? 1 : 0)),
      [40, 3],
    );
    const make = (loss: 'categoricalCrossentropy' | 'sparseCategoricalCrossentropy'): Sequential => {
      setSeed(4);
      const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })]);
      model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] });
      return model;
    };
    const [hot, sparse] = [make('categoricalCrossentropy'), make('sparseCategoricalCrossentropy')];
    expect((await hot.evaluate(x, oneHot))['accuracy']).toBe((await sparse.evaluate(x, tensor(classes)))['accuracy']);
  });

  test('cross-entropies come from the logits, as the loss does: nothing is clipped', async () => {
    const far = tensor(Float32Array.of(60, -60, 60), [3, 1]);
    const yes = tensor(Float32Array.of(0, 1, 1), [3, 1]);
    const model = new Sequential([layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: 'ones', inputShape: [1] })]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['binaryCrossentropy'] });
    expect(await model.evaluate(far, yes)).toEqual({ loss: 40, binaryCrossentropy: 40 });
  });

  test('what cannot be is refused', () => {
    const auc = metrics.auc();
    expectError(() => twoOutputs({ metrics: [auc] }), 'ERR_ARG', 'auc twice', 'by name');
    expectError(() => yesOrNo({ metrics: [auc], weightedMetrics: [auc] }), 'ERR_ARG', 'auc twice');
    expectError(() => twoOutputs({ metrics: [['accuracy']] }), 'ERR_ARG', '2 outputs', '1 lists');
    expectError(() => twoOutputs({ weightedMetrics: { other: ['mae'] } }), 'ERR_ARG', 'kind, size', 'other');
    expectError(() => yesOrNo({ metrics: auc as never }), 'ERR_ARG', 'as a list');
    expectError(() => yesOrNo({ weightedMetrics: ['contrast' as 'mae'] }), 'ERR_ARG', 'auc', 'contrast');
    expectError(() => yesOrNo({ metrics: ['meanIoU'] }), 'ERR_ARG', 'numClasses');
  });

  test('one whose columns do not fit says so in fit', async () => {
    const model = yesOrNo({ metrics: [metrics.precision({ classId: 2 })] });
    await expectRejection(model.fit(x, answers, { verbose: 0 }), 'ERR_SHAPE', 'classId 2');
  });
});

describe('files keep the metrics', () => {
  const options = (): Partial<CompileOptions> => ({
    metrics: [
      'accuracy',
      metrics.auc({ numThresholds: 20, curve: 'PR' }),
      metrics.fBetaScore({ beta: 2, threshold: 0.5, average: 'macro' }),
    ],
    weightedMetrics: [metrics.recall({ thresholds: [0.3, 0.6], name: 'found' }), 'mae'],
  });

  test.each(['own', 'model.keras', 'model.h5'])('%s: the same numbers after loading', async (name) => {
    const model = yesOrNo(options());
    await model.save(at(name));
    const again = await loadModel(at(name));
    const sampleWeight = tensor(Float32Array.from({ length: 40 }, (_, i) => i % 3));
    expect(await again.evaluate(x, answers, { sampleWeight })).toEqual(await model.evaluate(x, answers, { sampleWeight }));
    const plans = again.compilation?.outputs[0]?.metrics ?? [];
    expect(plans.map((p) => [p.label, p.weighted, p.metric.className])).toEqual([
      ['accuracy', false, null],
      ['auc', false, 'AUC'],
      ['fBetaScore', false, 'FBetaScore'],
      ['found', true, 'Recall'],
      ['mae', true, 'MeanAbsoluteError'],
    ]);
  });

  test('several outputs keep theirs apart', async () => {
    const model = twoOutputs({ metrics: { size: [metrics.r2Score({ classAggregation: 'none' })] }, weightedMetrics: [['accuracy'], []] });
    for (const name of ['two', 'two.keras']) {
      await model.save(at(name));
      const again = await loadModel(at(name));
      const y = [tensor(classes), answers];
      expect(await again.evaluate(x, y)).toEqual(await model.evaluate(x, y));
    }
  });

  test('functions and classes of your own are left out', async () => {
    class Count extends metrics.Metric {
      private rows = 0;
      update(_yTrue: Tensor, yPred: Tensor): void {
        this.rows += yPred.shape[0] ?? 0;
      }
      result(): number {
        return this.rows;
      }
      reset(): void {
        this.rows = 0;
      }
    }
    const model = yesOrNo({ metrics: [new Count('rows'), (yTrue: Tensor) => yTrue.size, 'mse'] });
    expect(await model.evaluate(x, answers)).toMatchObject({ rows: 40 });
    await model.save(at('own-class'));
    expect(Object.keys(await (await loadModel(at('own-class'))).evaluate(x, answers))).toEqual(['loss', 'mse']);
  });

  test('a damaged metric is one ERR_FORMAT', async () => {
    await yesOrNo(options()).save(at('damaged'));
    const path = join(at('damaged'), 'model.json');
    const text = readFileSync(path, 'utf8');
    for (const [from, to, piece] of [
      ['"AUC"', '"ABC"', 'ABC'],
      ['"PR"', '"QR"', 'QR'],
      ['"accuracy",', '7,', '7'],
    ] as const) {
      writeFileSync(path, text.replace(from, to));
      await expectRejection(loadModel(at('damaged')), 'ERR_FORMAT', piece);
    }
  });
});
