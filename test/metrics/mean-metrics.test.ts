import { describe, expect, test } from 'vitest';
import { Mean } from '../../src/metrics/mean.js';
import * as metrics from '../../src/metrics/index.js';
import { getMetric, metricFromConfig, type AnyMetric } from '../../src/metrics/identifier.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';

const oneHot = tensor([
  [0, 1, 0],
  [1, 0, 0],
]);
const scores = tensor([
  [0.2, 0.5, 0.3],
  [0.1, 0.3, 0.6],
]);
const classes = tensor(Int32Array.of(1, 0));

/** The result after one batch. */
function after(metric: AnyMetric, yTrue: Tensor, yPred: Tensor, weight: metrics.SampleWeight | null = null): number {
  metric.update(yTrue, yPred, weight);
  return metric.result() as number;
}

describe('means and sums of values', () => {
  test('each sample counts the mean of its values, whatever their number', () => {
    const mean = metrics.mean();
    mean.update(tensor([[1, 3]]));
    mean.update(tensor([[5], [7]]));
    expect(mean.result()).toBeCloseTo((2 + 5 + 7) / 3, 12);
    mean.reset();
    expect(mean.result()).toBe(0);
    mean.update(4);
    expect(mean.result()).toBe(4);
  });

  test('weights are one per sample or one per value; what weighs 0 is left out even where it is NaN', () => {
    const mean = metrics.mean();
    mean.update(
      tensor([
        [1, 3],
        [5, Number.NaN],
      ]),
      [1, 1, 2, 0],
    );
    expect(mean.result()).toBeCloseTo((1 + 3 + 10) / 4, 12);
    const perSample = metrics.mean();
    perSample.update(
      tensor([
        [1, 3],
        [5, 7],
      ]),
      tensor([3, 1]),
    );
    expect(perSample.result()).toBeCloseTo((3 * 2 + 6) / 4, 12);
    const sum = metrics.sum({ name: 'total' });
    sum.update(tensor([1, 3]), [1, 0.5]);
    sum.update(2);
    expect([sum.name, sum.result()]).toEqual(['total', 4.5]);
    sum.reset();
    expect(sum.result()).toBe(0);
  });

  test('a metric of your own may extend Mean; then files leave it out', () => {
    class Largest extends Mean {
      override update(_yTrue: Tensor, yPred: Tensor, sampleWeight: metrics.SampleWeight | null = null): void {
        const [rows = 0, cols = 0] = yPred.shape;
        const p = yPred.data();
        super.update(
          tensor(Float32Array.from({ length: rows }, (_, r) => Math.max(...p.subarray(r * cols, (r + 1) * cols)))),
          sampleWeight,
        );
      }
    }
    const metric = getMetric(new Largest({ name: 'largest' }));
    expect(after(metric, oneHot, scores)).toBeCloseTo(0.55, 6);
    expect(metric.className).toBe(null);
    expect(metrics.mean().className).toBe('Mean');
    expectError(() => getMetric(metrics.mean()), 'ERR_ARG', 'Mean', 'extend');
    expectError(() => getMetric(metrics.sum()), 'ERR_ARG', 'Sum');
  });

  test('weights that do not fit are refused', () => {
    expectError(() => metrics.mean().update(tensor([1, 2, 3]), [1, 2]), 'ERR_SHAPE', '3', 'received 2');
    expectError(() => metrics.mean().update(tensor([[1, 2, 3]]), tensor([1, 2])), 'ERR_SHAPE', '1 or 3', '(2)');
    expectError(() => metrics.sum().update(tensor([1, 2]), [1, Number.NaN]), 'ERR_DATA', 'NaN', 'row 1');
    expectError(() => metrics.mean().update(2, [1, 2]), 'ERR_SHAPE');
  });
});

describe('metrics that average over rows', () => {
  test('accuracies by hand', () => {
    expect(after(metrics.categoricalAccuracy(), oneHot, scores)).toBe(0.5);
    expect(after(metrics.sparseCategoricalAccuracy(), classes, scores, [3, 1])).toBe(0.75);
    expect(after(metrics.topKCategoricalAccuracy({ k: 2 }), oneHot, scores)).toBe(0.5);
    expect(after(metrics.sparseTopKCategoricalAccuracy({ k: 3 }), classes, scores)).toBe(1);
    expect(after(metrics.accuracy(), tensor([1, 2, 3]), tensor([1, 2, 4]))).toBeCloseTo(2 / 3, 12);
    expect(after(metrics.binaryAccuracy({ threshold: 0.25 }), tensor([[1], [0], [1]]), tensor([[0.3], [0.2], [0.25]]))).toBeCloseTo(
      2 / 3,
      12,
    );
    const ids = tensor(Int32Array.of(1, 2, 0, 2, 1, 0), [2, 3]);
    expect(after(metrics.sparseTopKCategoricalAccuracy({ k: 2, fromSortedIds: true }), classes, ids)).toBe(0.5);
  });

  test('accuracy by name fits the form of targets, rows over time too', () => {
    expect(after(getMetric('accuracy'), oneHot, scores)).toBe(0.5);
    expect(after(getMetric('accuracy'), classes, scores)).toBe(0.5);
    expect(after(getMetric('acc'), tensor([[1], [0]]), tensor([[0.7], [0.6]]))).toBe(0.5);
    const overTime = tensor(scores.data(), [1, 2, 3]);
    expect(after(getMetric('accuracy'), classes.reshape([1, 2]), overTime, [0, 1])).toBe(0);
  });

  test('losses as metrics: the mean over all batches, not the mean of means', () => {
    const mse = metrics.meanSquaredError();
    mse.update(tensor([[0], [0], [0]]), tensor([[1], [1], [1]]));
    mse.update(tensor([[0]]), tensor([[3]]));
    expect(mse.result()).toBe(3);
    expect(after(metrics.rootMeanSquaredError(), tensor([[0, 0]]), tensor([[3, 4]]))).toBeCloseTo(Math.sqrt(12.5), 12);
    expect(after(metrics.cosineSimilarity(), tensor([[1, 0]]), tensor([[3, 4]]))).toBeCloseTo(0.6, 12);
    expect(
      after(
        metrics.sparseCategoricalCrossentropy({ fromLogits: true }),
        classes,
        tensor([
          [0, 0, 0],
          [0, 0, 0],
        ]),
      ),
    ).toBeCloseTo(Math.log(3), 6);
    expect(after(metrics.hinge(), tensor([[0, 1]]), tensor([[0.5, 2]]))).toBe(0.75);
  });

  test('a class to ignore counts 0, and with weights not at all', () => {
    const sparse = (): metrics.Metric => metrics.sparseCategoricalCrossentropy({ ignoreClass: 0 });
    const half = tensor([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(after(sparse(), classes, half)).toBeCloseTo(Math.LN2 / 2, 6);
    expect(after(sparse(), classes, half, [1, 1])).toBeCloseTo(Math.LN2, 6);
  });

  test('shapes, weights and numbers that cannot be are refused', () => {
    expectError(() => after(metrics.categoricalAccuracy(), classes, scores), 'ERR_SHAPE', '(2,3)', 'sparseCategoricalAccuracy');
    expectError(() => after(metrics.sparseCategoricalAccuracy(), oneHot, scores), 'ERR_SHAPE', '(2)', 'categoricalAccuracy');
    expectError(() => after(metrics.topKCategoricalAccuracy(), classes, scores), 'ERR_SHAPE', 'sparseTopK');
    expectError(() => after(metrics.sparseTopKCategoricalAccuracy(), oneHot, scores), 'ERR_SHAPE', 'topKCategoricalAccuracy');
    expectError(() => after(metrics.meanSquaredError(), classes, scores), 'ERR_SHAPE', '(2,3)', '(2)');
    expectError(() => after(metrics.categoricalAccuracy(), oneHot, scores, [1]), 'ERR_SHAPE', 'sample weights', 'received 1');
    const nan = tensor([
      [0.2, 0.5, 0.3],
      [0.1, Number.NaN, 0.6],
    ]);
    for (const metric of [metrics.categoricalAccuracy(), getMetric('accuracy'), getMetric('macroF1')])
      expectError(() => after(metric, oneHot, nan), 'ERR_DATA', 'NaN', 'row 1');
    expect(after(metrics.meanSquaredError(), oneHot, nan)).toBeNaN();
  });

  test('options that cannot be are refused', () => {
    expectError(() => metrics.topKCategoricalAccuracy({ k: 0 }), 'ERR_ARG', 'k', '0');
    expectError(() => metrics.binaryAccuracy({ threshold: Number.NaN }), 'ERR_ARG', 'threshold');
    expectError(() => metrics.binaryAccuracy({ limit: 1 } as object), 'ERR_ARG', 'threshold', 'limit');
    expectError(() => metrics.accuracy([1, 0] as object), 'ERR_ARG', 'received 1,0');
    expectError(() => metrics.hinge({ name: '' }), 'ERR_ARG', 'name');
    expectError(() => metrics.binaryCrossentropy({ labelSmoothing: 2 }), 'ERR_ARG', '[0,1]');
    expectError(() => metrics.cosineSimilarity({ axis: 0.5 }), 'ERR_ARG', 'axis');
    expectError(() => after(metrics.cosineSimilarity({ axis: 3 }), oneHot, scores), 'ERR_ARG', 'axis 3', '(2,3)');
  });

  test('a configuration makes the same metric again; class, factory and Keras spell one name', () => {
    const list = [
      metrics.accuracy(),
      metrics.binaryAccuracy({ threshold: 0.25, name: 'mine' }),
      metrics.topKCategoricalAccuracy({ k: 3 }),
      metrics.sparseTopKCategoricalAccuracy({ k: 3, fromSortedIds: true }),
      metrics.logCoshError(),
      metrics.cosineSimilarity({ axis: 1 }),
      metrics.sparseCategoricalCrossentropy({ ignoreClass: 2 }),
    ];
    for (const metric of list) {
      const again = metricFromConfig(metric.className as string, metric.getConfig());
      expect([again.className, again.getConfig()]).toEqual([metric.className, metric.getConfig()]);
    }
    expect(metrics.metricName('kl_divergence')).toBe('klDivergence');
    expect(metrics.metricName('TopKCategoricalAccuracy')).toBe('topKCategoricalAccuracy');
    expect(metrics.metricName('contrast')).toBe(null);
    expectError(() => metricFromConfig('Contrast', {}), 'ERR_FORMAT', 'Contrast');
  });
});
