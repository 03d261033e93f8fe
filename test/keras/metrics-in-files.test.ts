import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { initializers } from '../../src/initializers/index.js';
import { setSeed } from '../../src/initializers/seed.js';
import { compileFromKeras } from '../../src/keras/config/compile-from-keras.js';
import '../../src/keras/index.js';
import { Problems } from '../../src/keras/problems.js';
import { layers } from '../../src/layers/index.js';
import * as losses from '../../src/losses/index.js';
import * as metrics from '../../src/metrics/index.js';
import type { CompileOptions } from '../../src/models/compile.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { describeWithKeras, openInKeras, plain } from './open-in-keras.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-metric-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file's metrics come to here: class and options, or a name. */
function read(config: object, problems: Problems): unknown[] {
  const plan = compileFromKeras({ optimizer: 'adam', loss: 'mse', ...config }, ['out'], problems);
  return [...(plan?.metrics[0] ?? []), ...(plan?.weightedMetrics[0] ?? [])].map((m) =>
    m instanceof metrics.Metric ? { className: m.className, ...m.getConfig() } : m,
  );
}

describe("metrics in Keras' configurations", () => {
  test('by name, by class, as a function, and as Keras 2 wraps a function', () => {
    const problems = new Problems('', '', '');
    const found = read(
      {
        metrics: [
          'accuracy',
          'root_mean_squared_error',
          { class_name: 'AUC', config: { name: 'auc', dtype: 'float32', num_thresholds: 20, curve: 'PR', label_weights: null } },
          { class_name: 'function', config: 'mean_squared_error' },
          { class_name: 'MeanMetricWrapper', config: { name: 'accuracy', dtype: 'float32', fn: 'binary_accuracy', threshold: 0.25 } },
          { class_name: 'CategoricalCrossentropy', config: { name: 'ce', axis: -1, from_logits: true } },
          { class_name: 'R2Score', config: { name: 'r2_score', class_aggregation: null } },
        ],
        weighted_metrics: [{ class_name: 'Precision', config: { name: 'precision_1', thresholds: null, top_k: 2, class_id: null } }],
      },
      problems,
    );
    expect(problems.lines).toEqual([]);
    expect(found).toEqual([
      'accuracy',
      'rootMeanSquaredError',
      {
        className: 'AUC',
        name: 'auc',
        numThresholds: 20,
        curve: 'PR',
        summationMethod: 'interpolation',
        multiLabel: false,
        fromLogits: false,
      },
      'meanSquaredError',
      { className: 'BinaryAccuracy', name: 'accuracy', threshold: 0.25 },
      { className: 'CategoricalCrossentropy', name: 'ce', fromLogits: true, labelSmoothing: 0 },
      { className: 'R2Score', name: 'r2Score', classAggregation: 'none', numRegressors: 0 },
      { className: 'Precision', name: 'precision_1', topK: 2 },
    ]);
  });

  test('everything that saraf does not have is listed at once', () => {
    const problems = new Problems('', '', '');
    read(
      {
        metrics: ['contrast', { class_name: 'Mine', config: {} }, { class_name: 'MeanMetricWrapper', config: { fn: 3 } }],
        weighted_metrics: [{ class_name: 'MeanIoU', config: { num_classes: 2, axis: 1 } }, 7],
      },
      problems,
    );
    for (const piece of ['contrast', 'Mine', 'MeanMetricWrapper', 'axis', '(7)']) expect(problems.lines.join('\n')).toContain(piece);
    expect(problems.count).toBe(5);
  });
});

/** Abbreviations that Keras writes out when it has loaded them. */
const SHORT: Readonly<Record<string, string>> = { mean_squared_error: 'mse', mean_absolute_error: 'mae', binary_crossentropy: 'bce' };

describeWithKeras('real Keras opens models with metrics', () => {
  const rows = 24;
  const x = randomTensor([rows, 5], 1);
  const classes = Int32Array.from({ length: rows }, (_, i) => (i * 7) % 3);
  const oneHot = tensor(
    Float32Array.from({ length: rows * 3 }, (_, i) => (classes[Math.floor(i / 3)] === i % 3 ? 1 : 0)),
    [rows, 3],
  );
  const sampleWeight = tensor(Float32Array.from({ length: rows }, (_, i) => (i % 4) / 2));

  const softmax = (compile: Partial<CompileOptions>): Sequential => {
    setSeed(5);
    const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [5] })]);
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...compile });
    return model;
  };
  // Large weights: probabilities of 0 and 1 in float32, and cross-entropies that only logits tell.
  const sigmoid = (compile: Partial<CompileOptions>): Sequential => {
    setSeed(6);
    const kernelInitializer = initializers.randomNormal({ stddev: 40 });
    const model = new Sequential([layers.dense({ units: 3, activation: 'sigmoid', kernelInitializer, inputShape: [5] })]);
    model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', ...compile });
    return model;
  };
  const every = (): metrics.AnyMetric[] => [
    metrics.categoricalAccuracy({ name: 'm1' }),
    metrics.topKCategoricalAccuracy({ k: 2, name: 'm2' }),
    metrics.rootMeanSquaredError({ name: 'm3' }),
    metrics.meanAbsolutePercentageError({ name: 'm4' }),
    metrics.meanSquaredLogarithmicError({ name: 'm5' }),
    metrics.logCoshError({ name: 'm6' }),
    metrics.cosineSimilarity({ name: 'm7' }),
    metrics.klDivergence({ name: 'm8' }),
    metrics.poisson({ name: 'm9' }),
    metrics.categoricalCrossentropy({ name: 'm11', labelSmoothing: 0.1 }),
    metrics.hinge({ name: 'm12' }),
    metrics.squaredHinge({ name: 'm13' }),
    metrics.categoricalHinge({ name: 'm14' }),
    metrics.precision({ thresholds: [0.2, 0.5], name: 'm15' }),
    metrics.recall({ topK: 1, classId: 1, name: 'm16' }),
    metrics.falsePositives({ name: 'm17' }),
    metrics.auc({ name: 'm18' }),
    metrics.auc({ curve: 'PR', multiLabel: true, numLabels: 3, labelWeights: [1, 2, 3], name: 'm19' }),
    metrics.auc({ curve: 'PRGAIN', thresholds: [0.2, 0.3, 0.7], summationMethod: 'majoring', name: 'm20' }),
    metrics.sensitivityAtSpecificity({ specificity: 0.5, name: 'm21' }),
    metrics.specificityAtSensitivity({ sensitivity: 0.5, numThresholds: 20, name: 'm22' }),
    metrics.precisionAtRecall({ recall: 0.5, classId: 0, name: 'm23' }),
    metrics.recallAtPrecision({ precision: 0.3, name: 'm24' }),
    metrics.f1Score({ name: 'm25' }),
    metrics.f1Score({ average: 'weighted', threshold: 0.4, name: 'm26' }),
    metrics.fBetaScore({ average: 'micro', beta: 2, threshold: 1, name: 'm27' }),
    metrics.oneHotMeanIoU({ numClasses: 3, name: 'm28' }),
    metrics.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2], ignoreClass: 1, name: 'm29' }),
    metrics.binaryIoU({ threshold: 0.3, name: 'm30' }),
    metrics.r2Score({ name: 'm31' }),
    metrics.r2Score({ classAggregation: 'none', name: 'm32' }),
    metrics.pearsonCorrelation({ name: 'm33' }),
    metrics.concordanceCorrelation({ name: 'm34' }),
    metrics.accuracy({ name: 'm35' }),
    metrics.meanIoU({ numClasses: 3, sparseYTrue: false, sparseYPred: false, name: 'm36' }),
  ];

  test('and finds the same numbers, with and without weights', { timeout: 180_000 }, async () => {
    const models = [
      softmax({ metrics: [...every(), 'accuracy', 'mse'] }),
      // Keras' BinaryIoU takes no weights with several columns.
      softmax({ weightedMetrics: every().filter((m) => m.className !== 'BinaryIoU') }),
      softmax({ loss: losses.dice({ axis: -1 }), metrics: ['auc', 'mae'] }),
      sigmoid({ metrics: ['accuracy', 'bce', metrics.binaryCrossentropy({ name: 'smooth', labelSmoothing: 0.1 })] }),
      softmax({ loss: losses.tversky({ alpha: 1, beta: 0.5 }) }),
    ];
    const jobs: ({ path: string } & Record<string, unknown>)[] = [];
    const expected: Record<string, number>[] = [];
    for (const [i, model] of models.entries()) {
      const weighted = i === 1;
      const path = join(folder, `metrics-${i}${weighted ? '.h5' : '.keras'}`);
      await model.save(path);
      const weight = weighted ? { sample_weight: [plain(sampleWeight)] } : {};
      jobs.push({ path, inputs: [plain(x)], evaluate: [plain(oneHot)], batch_size: 10, ...weight });
      expected.push(await model.evaluate(x, oneHot, { batchSize: 10, ...(weighted ? { sampleWeight } : {}) }));
    }
    openInKeras(jobs).forEach((opened, i) => {
      expect(opened.error).toBe(undefined);
      const found = Object.entries(opened.evaluation ?? {}).flatMap(([name, value]): [string, number][] =>
        Array.isArray(value) ? value.map((v, k) => [`${name}_${k}`, v]) : [[SHORT[name] ?? name, value]],
      );
      const own = Object.entries(expected[i] ?? {});
      expect(found.map(([name]) => name).toSorted()).toEqual(own.map(([name]) => name).toSorted());
      const byName = new Map(found);
      for (const [name, value] of own) expectClose([value], [byName.get(name) as number], within(2e-5), `${jobs[i]?.path} ${name}`);
    });
  });
});
