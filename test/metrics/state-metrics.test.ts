import { describe, expect, test } from 'vitest';
import * as metrics from '../../src/metrics/index.js';
import { getMetric, metricFromConfig, type AnyMetric } from '../../src/metrics/identifier.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

/** The result after one batch. */
function after(metric: AnyMetric, yTrue: Tensor, yPred: Tensor, weight: metrics.SampleWeight | null = null): metrics.MetricResult {
  metric.update(yTrue, yPred, weight);
  return metric.result();
}

const truth = tensor([[0], [0], [1], [1]]);
const scores = tensor([[0.1], [0.6], [0.4], [0.9]]);
const oneHot = tensor([
  [0, 1, 0],
  [1, 0, 0],
]);
const rows = tensor([
  [0.2, 0.5, 0.3],
  [0.1, 0.3, 0.6],
]);

describe('precision, recall and counts', () => {
  test('by hand, weighted, and over batches', () => {
    expect(after(metrics.precision(), truth, scores)).toBe(0.5);
    expect(after(metrics.recall(), truth, scores, [1, 1, 3, 1])).toBe(0.25);
    const counts = [metrics.truePositives(), metrics.falsePositives(), metrics.trueNegatives(), metrics.falseNegatives()];
    expect(counts.map((m) => after(m, truth, scores, [1, 2, 4, 8]))).toEqual([8, 2, 1, 4]);
    expect(counts.map((m) => after(m, truth, scores))).toEqual([9, 3, 2, 5]);
    for (const m of counts) m.reset();
    expect(counts.map((m) => m.result())).toEqual([0, 0, 0, 0]);
  });

  test('several thresholds, in the order given, each have a result', () => {
    expect(after(metrics.recall({ thresholds: [0.95, 0.3, 0.5] }), truth, scores)).toEqual([0, 1, 0.5]);
    expect(after(metrics.truePositives({ thresholds: [0, 0.5, 1] }), tensor([[1], [1]]), tensor([[0], [1]]))).toEqual([1, 1, 0]);
    expect(after(metrics.precision({ thresholds: [0.5] }), truth, scores)).toBe(0.5);
  });

  test('topK and classId choose among the columns of a row', () => {
    expect(after(metrics.precision({ topK: 1 }), oneHot, rows)).toBe(0.5);
    expect(after(metrics.recall({ topK: 2 }), oneHot, rows)).toBe(0.5);
    expect(after(metrics.recall({ topK: 2, classId: 1 }), oneHot, rows)).toBe(1);
    expect(after(metrics.precision({ classId: 2 }), oneHot, rows)).toBe(0);
    const ties = tensor([[0.5, 0.5, 0.5]]);
    expect(after(metrics.recall({ topK: 1 }), tensor([[1, 0, 0]]), ties)).toBe(1);
    expect(after(metrics.recall({ topK: 1 }), tensor([[0, 1, 0]]), ties)).toBe(0);
  });

  test('called with labels and predictions they are the scores of those', () => {
    expect(metrics.precision([0, 1, 1], [0, 1, 0], { average: 'micro' })).toBeCloseTo(2 / 3, 12);
    expect(metrics.accuracy([1, 0], [1, 1])).toBe(0.5);
  });

  test('the best under a constraint', () => {
    const best = [
      metrics.sensitivityAtSpecificity({ specificity: 0.5 }),
      metrics.specificityAtSensitivity({ sensitivity: 0.5 }),
      metrics.precisionAtRecall({ recall: 1 }),
      metrics.recallAtPrecision({ precision: 0.9 }),
    ];
    expectClose(
      best.map((m) => after(m, truth, scores) as number),
      [1, 1, 2 / 3, 0.5],
      within(1e-12),
    );
    expect(after(metrics.recallAtPrecision({ precision: 1, numThresholds: 1 }), truth, scores)).toBe(0);
  });
});

describe('area under a curve', () => {
  test('is the share of pairs in the right order', () => {
    expect(after(metrics.auc(), truth, scores) as number).toBeCloseTo(0.75, 12);
    expect(after(metrics.auc(), truth, tensor([[0.1], [0.2], [0.8], [0.9]])) as number).toBeCloseTo(1, 12);
    const logits = tensor([[-2.2], [0.4], [-0.4], [2.2]]);
    expect(after(metrics.auc({ fromLogits: true }), truth, logits) as number).toBeCloseTo(0.75, 12);
    expect(after(metrics.auc(), truth, scores, [1, 1, 0, 1]) as number).toBeCloseTo(1, 12);
  });

  test('thresholds of your own cut the curve; sums from above and below bracket it', () => {
    const coarse = (summationMethod: 'interpolation' | 'majoring' | 'minoring'): number =>
      after(metrics.auc({ thresholds: [0.5], summationMethod }), truth, scores) as number;
    expect([coarse('minoring'), coarse('interpolation'), coarse('majoring')]).toEqual([0.25, 0.5, 0.75]);
    for (const curve of ['PR', 'PRGAIN'] as const) {
      const area = after(metrics.auc({ curve }), truth, tensor([[0.1], [0.2], [0.8], [0.9]])) as number;
      expect(area).toBeGreaterThan(0.99);
    }
  });

  test('a curve for each column, weighted', () => {
    const [t, p] = [
      tensor(Float32Array.of(0, 1, 0, 0, 1, 1, 1, 0), [4, 2]),
      tensor(Float32Array.of(0.1, 0.9, 0.6, 0.2, 0.4, 0.8, 0.9, 0.1), [4, 2]),
    ];
    expect(after(metrics.auc({ multiLabel: true }), t, p) as number).toBeCloseTo((0.75 + 1) / 2, 12);
    expect(after(metrics.auc({ multiLabel: true, labelWeights: [3, 1] }), t, p) as number).toBeCloseTo((3 * 0.75 + 1) / 4, 12);
    expect(after(metrics.auc({ labelWeights: [1, 0] }), t, p) as number).toBeCloseTo(0.75, 12);
  });

  test('is 0 before the first batch and after reset', () => {
    const auc = metrics.auc();
    expect(auc.result()).toBe(0);
    after(auc, truth, scores);
    auc.reset();
    expect(auc.result()).toBe(0);
    expect(metrics.auc({ multiLabel: true }).result()).toBe(0);
  });
});

describe('F, intersection over union, R²', () => {
  test('F per class and averaged over all classes, as Keras does', () => {
    expectClose(after(metrics.f1Score(), oneHot, rows) as number[], [0, 1, 0], within(1e-6));
    expect(after(metrics.f1Score({ average: 'macro' }), oneHot, rows) as number).toBeCloseTo(1 / 3, 6);
    expect(after(metrics.f1Score({ average: 'micro' }), oneHot, rows) as number).toBeCloseTo(0.5, 6);
    expect(after(metrics.f1Score({ average: 'weighted' }), oneHot, rows, [3, 1]) as number).toBeCloseTo(0.75, 6);
    expectClose(after(metrics.f1Score({ threshold: 0.25 }), oneHot, rows) as number[], [0, 2 / 3, 0], within(1e-6));
    // Precision 1/2, recall 1 of class 1.
    expectClose(after(metrics.fBetaScore({ beta: 2, threshold: 0.25 }), oneHot, rows) as number[], [0, 2.5 / 3, 0], within(1e-6));
    expect(metrics.f1Score().result()).toEqual([]);
    expect(metrics.f1Score({ average: 'macro' }).result()).toBe(0);
  });

  test('intersections over unions; numbers that are no class do not count', () => {
    const [t, p] = [tensor(Int32Array.of(0, 0, 1, 1, 7)), tensor(Int32Array.of(0, 1, 0, 1, 0))];
    expect(after(metrics.meanIoU({ numClasses: 2 }), t, p) as number).toBeCloseTo(1 / 3, 6);
    expect(after(metrics.iou({ numClasses: 2, targetClassIds: [0] }), t, p, [3, 1, 1, 1, 1]) as number).toBeCloseTo(0.6, 6);
    expect(after(metrics.meanIoU({ numClasses: 3, ignoreClass: 0 }), t, p) as number).toBeCloseTo(1 / 4, 6);
    expect(after(metrics.meanIoU({ numClasses: 2 }), t, p, [1.9, 1.9, 1.9, 1.9, 1]) as number).toBeCloseTo(1 / 3, 6);
    expect(after(metrics.binaryIoU({ targetClassIds: [1], threshold: 0.4 }), truth, scores) as number).toBeCloseTo(2 / 3, 6);
    expect(after(metrics.oneHotMeanIoU({ numClasses: 3 }), oneHot, rows) as number).toBeCloseTo(1 / 3, 6);
    expect(after(metrics.oneHotIoU({ numClasses: 3, targetClassIds: [1] }), oneHot, rows) as number).toBeCloseTo(1, 6);
    expect(metrics.meanIoU({ numClasses: 2 }).result()).toBe(0);
  });

  test('R² over all batches', () => {
    const score = metrics.r2Score();
    score.update(tensor([[1], [2]]), tensor([[1], [2]]));
    score.update(tensor([[3]]), tensor([[4]]));
    expect(score.result()).toBeCloseTo(0.5, 12);
    expect(after(metrics.r2Score({ numRegressors: 1 }), tensor([[1], [2], [3]]), tensor([[1], [2], [4]])) as number).toBeCloseTo(0, 12);
    const several = metrics.r2Score({ classAggregation: 'none' });
    expect(several.result()).toEqual([]);
    expectClose(
      after(
        several,
        tensor([
          [1, 0],
          [3, 4],
        ]),
        tensor([
          [1, 2],
          [3, 2],
        ]),
      ) as number[],
      [1, 0],
      within(1e-12),
    );
    several.reset();
    expect(several.result()).toEqual([0, 0]);
  });

  test('correlations of rows', () => {
    const [t, p] = [tensor([[1, 2, 3]]), tensor([[2, 4, 6]])];
    expect(after(metrics.pearsonCorrelation(), t, p) as number).toBeCloseTo(1, 12);
    expect(after(metrics.concordanceCorrelation(), t, p) as number).toBeCloseTo((2 * (4 / 3)) / (2 / 3 + 8 / 3 + 4), 6);
    expect(after(metrics.pearsonCorrelation({ axis: 0 }), tensor([[1], [2]]), tensor([[5], [3]])) as number).toBeCloseTo(-1, 12);
  });
});

describe('what cannot be is refused', () => {
  test('batches', () => {
    const nan = tensor([[0.1], [Number.NaN], [0.4], [0.9]]);
    for (const metric of [metrics.precision(), metrics.auc(), metrics.f1Score(), metrics.binaryIoU()]) {
      expectError(() => metric.update(truth, nan, null), 'ERR_DATA', 'NaN', 'row 1');
      expectError(() => metric.update(tensor([0, 1]), scores, null), 'ERR_SHAPE', '(2)');
      expectError(() => metric.update(truth, scores, [1, 2]), 'ERR_SHAPE', 'sample weights');
    }
    const classNumbers = tensor(Int32Array.of(1, 0));
    for (const metric of [metrics.recall(), metrics.auc(), metrics.f1Score()])
      expectError(() => metric.update(classNumbers, rows, null), 'ERR_SHAPE', 'one-hot');
    expectError(() => metrics.meanIoU({ numClasses: 3 }).update(classNumbers, rows, null), 'ERR_SHAPE', 'sparseYPred');
    expectError(() => metrics.precision({ classId: 3 }).update(oneHot, rows, null), 'ERR_SHAPE', 'at least 4 columns');
    expectError(() => metrics.precision({ topK: 4 }).update(oneHot, rows, null), 'ERR_SHAPE', 'topK 4');
    expectError(() => metrics.auc({ multiLabel: true, numLabels: 2 }).update(oneHot, rows, null), 'ERR_SHAPE', '2 columns');
    expectError(() => metrics.auc({ labelWeights: [1] }).update(oneHot, rows, null), 'ERR_SHAPE', '1 columns');
    const f1 = metrics.f1Score();
    f1.update(oneHot, rows, null);
    expectError(() => f1.update(truth, scores, null), 'ERR_SHAPE', '3 columns as before');
    const perLabel = metrics.auc({ multiLabel: true });
    perLabel.update(oneHot, rows, null);
    expectError(() => perLabel.update(truth, scores, null), 'ERR_SHAPE', '3 columns');
    const r2 = metrics.r2Score();
    r2.update(oneHot, rows, null);
    expectError(() => r2.update(truth, scores, null), 'ERR_SHAPE', '3 columns as before');
  });

  test('options', () => {
    expectError(() => metrics.precision({ thresholds: 1.5 }), 'ERR_ARG', 'thresholds', '[0,1]', '1.5');
    expectError(() => metrics.recall({ thresholds: [0.5, -0.1] }), 'ERR_ARG', '-0.1');
    expectError(() => metrics.truePositives({ thresholds: [] }), 'ERR_ARG', 'at least one threshold');
    expectError(() => metrics.precision({ topK: 0 }), 'ERR_ARG', 'topK');
    expectError(() => metrics.precision({ classId: -1 }), 'ERR_ARG', 'classId');
    expectError(() => metrics.truePositives({ topK: 2 } as object), 'ERR_ARG', 'topK');
    expectError(() => metrics.auc({ curve: 'roc' as 'ROC' }), 'ERR_ARG', 'PRGAIN', 'roc');
    expectError(() => metrics.auc({ summationMethod: 'middle' as 'majoring' }), 'ERR_ARG', 'middle');
    expectError(() => metrics.auc({ numThresholds: 1 }), 'ERR_ARG', 'numThresholds');
    expectError(() => metrics.auc({ numLabels: 2 }), 'ERR_ARG', 'multiLabel');
    expectError(() => metrics.auc({ labelWeights: [-1] }), 'ERR_ARG', '-1');
    expectError(() => metrics.precisionAtRecall({} as { recall: number }), 'ERR_ARG', 'recall', 'none');
    expectError(() => metrics.precisionAtRecall({ recall: 2 }), 'ERR_ARG', 'recall', '2');
    expectError(() => metrics.f1Score({ threshold: 0 }), 'ERR_ARG', '(0,1]');
    expectError(() => metrics.f1Score({ average: 'mean' as 'micro' }), 'ERR_ARG', 'macro', 'mean');
    expectError(() => metrics.fBetaScore({ beta: 0 }), 'ERR_ARG', 'beta');
    expectError(() => metrics.meanIoU({} as { numClasses: number }), 'ERR_ARG', 'numClasses');
    expectError(() => metrics.iou({ numClasses: 2, targetClassIds: [2] }), 'ERR_ARG', '0 to 1', '2');
    expectError(() => metrics.iou({ numClasses: 2 } as metrics.IoUOptions), 'ERR_ARG', 'targetClassIds');
    expectError(() => metrics.binaryIoU({ threshold: Number.NaN }), 'ERR_ARG', 'threshold');
    expectError(() => metrics.r2Score({ classAggregation: 'mean' as 'none' }), 'ERR_ARG', 'uniformAverage');
    expectError(() => metrics.r2Score({ numRegressors: -1 }), 'ERR_ARG', 'numRegressors');
    expectError(() => metrics.pearsonCorrelation({ axis: 0.5 }), 'ERR_ARG', 'axis');
  });
});

test('a configuration makes the same metric again', () => {
  const list: AnyMetric[] = [
    metrics.precision({ thresholds: [0.2, 0.5], topK: 2, classId: 1 }),
    metrics.recall(),
    metrics.falseNegatives({ thresholds: 0.3 }),
    metrics.recallAtPrecision({ precision: 0.8, numThresholds: 50 }),
    metrics.auc({ thresholds: [0.7, 0.2], curve: 'PR', multiLabel: true, labelWeights: [1, 2], name: 'mine' }),
    metrics.auc({ numThresholds: 20, summationMethod: 'minoring' }),
    metrics.f1Score({ average: 'macro' }),
    metrics.fBetaScore({ beta: 2, threshold: 0.5 }),
    metrics.iou({ numClasses: 3, targetClassIds: [0, 2], ignoreClass: 1, sparseYPred: false }),
    metrics.oneHotMeanIoU({ numClasses: 3 }),
    metrics.binaryIoU(),
    metrics.r2Score({ numRegressors: 2 }),
    metrics.concordanceCorrelation({ axis: 1 }),
  ];
  for (const metric of list) {
    const again = metricFromConfig(metric.className as string, JSON.parse(JSON.stringify(metric.getConfig())) as Record<string, unknown>);
    expect([again.className, again.name, again.getConfig()]).toEqual([metric.className, metric.name, metric.getConfig()]);
  }
  expect(metrics.metricName('mean_io_u')).toBe('meanIoU');
  expect(getMetric('auc').name).toBe('auc');
  expect(metrics.metricName('AUC')).toBe('auc');
});
