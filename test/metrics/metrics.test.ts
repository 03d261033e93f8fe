import { describe, expect, test } from 'vitest';
import * as metrics from '../../src/metrics/index.js';
import { getMetric, type MetricName } from '../../src/metrics/identifier.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

// Worked by hand: rows true, columns predicted: [[2,1,0],[0,1,0],[1,0,0]], class 3 never occurs.
const yTrue = [0, 0, 0, 1, 2];
const yPred = [0, 0, 1, 1, 0];

describe('classification scores', () => {
  test('confusion matrix by hand', () => {
    expect(metrics.confusionMatrix(yTrue, yPred)).toEqual([
      [2, 1, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(metrics.confusionMatrix(yTrue, yPred, { classes: 4 })).toHaveLength(4);
    expect(metrics.confusionMatrix([0, 1], [0, 1], { sampleWeight: [2, 0.5] })).toEqual([
      [2, 0],
      [0, 0.5],
    ]);
  });

  test('precision, recall and F1: per class, macro, weighted, micro', () => {
    expectClose(metrics.precision(yTrue, yPred, { average: 'none' }), [2 / 3, 1 / 2, 0], within(1e-12));
    expectClose(metrics.recall(yTrue, yPred, { average: 'none' }), [2 / 3, 1, 0], within(1e-12));
    expectClose(metrics.f1Score(yTrue, yPred, { average: 'none' }), [2 / 3, 2 / 3, 0], within(1e-12));
    expect(metrics.f1Score(yTrue, yPred)).toBeCloseTo(4 / 9, 12);
    expect(metrics.f1Score(yTrue, yPred, { average: 'weighted' })).toBeCloseTo((3 * (2 / 3) + 2 / 3) / 5, 12);
    expect(metrics.f1Score(yTrue, yPred, { average: 'micro' })).toBeCloseTo(0.6, 12);
    expect(metrics.accuracy(yTrue, yPred)).toBe(0.6);
  });

  test('a macro average counts all classes, those that occur, or those of the labels', () => {
    const over = (over: metrics.MacroOver): number => metrics.f1Score(yTrue, yPred, { over, classes: 4 });
    expect(over('present')).toBeCloseTo(4 / 9, 12);
    expect(over('all')).toBeCloseTo(1 / 3, 12);
    expect(metrics.f1Score([0, 0], [0, 1], { over: 'labels' })).toBeCloseTo(2 / 3, 12);
    expect(metrics.f1Score([0, 0], [0, 1], { over: 'present' })).toBeCloseTo(1 / 3, 12);
  });

  test('a constant prediction scores what the documents print: 151 positive of 400', () => {
    const truth = [...Array<number>(153).fill(0), ...Array<number>(96).fill(1), ...Array<number>(151).fill(2)];
    expect(
      100 *
        metrics.f1Score(
          truth,
          truth.map(() => 2),
        ),
    ).toBeCloseTo(18.27, 2);
    expect(
      100 *
        metrics.f1Score(
          truth,
          truth.map(() => 0),
        ),
    ).toBeCloseTo(18.44, 2);
  });

  test('labels may be scores, columns or probabilities', () => {
    const scores = tensor([
      [0.1, 0.9],
      [0.6, 0.4],
      [0.5, 0.5],
    ]);
    expect(metrics.accuracy(tensor(Int32Array.of(1, 0, 0)), scores)).toBe(1);
    expect(metrics.accuracy(tensor([[1], [0], [0]]), scores)).toBe(1);
    expect(
      metrics.accuracy(
        tensor([
          [0, 1],
          [1, 0],
          [1, 0],
        ]),
        scores,
      ),
    ).toBe(1);
    expect(metrics.accuracy([1, 0], tensor([[0.7], [0.2]]))).toBe(1);
  });

  test('the report holds everything and prints a table', () => {
    const report = metrics.classificationReport(yTrue, yPred, { classNames: ['negative', 'neutral', 'positive'] });
    expect(report.accuracy).toBe(0.6);
    expect(report.perClass.map((c) => [c.name, c.support])).toEqual([
      ['negative', 3],
      ['neutral', 1],
      ['positive', 1],
    ]);
    expect(report.macro.f1).toBeCloseTo(4 / 9, 12);
    const text = String(report);
    for (const piece of ['precision', 'negative', '0.6667', 'macro average', 'weighted average', '0.6000']) expect(text).toContain(piece);
  });

  test('what cannot be is refused', () => {
    expectError(() => metrics.accuracy([], []), 'ERR_DATA', 'at least one row');
    expectError(() => metrics.accuracy([0], [0, 1]), 'ERR_SHAPE', '2 and 1');
    expectError(() => metrics.accuracy([0.5], [0]), 'ERR_DATA', '0.5', 'row 0');
    expectError(() => metrics.accuracy([-1], [0]), 'ERR_DATA', '-1');
    expectError(() => metrics.accuracy([Number.NaN], [0]), 'ERR_DATA', 'NaN');
    // Scores that are no numbers would all be class 0, and a column with one would be taken for probabilities.
    expectError(() => metrics.accuracy([0, 1], tensor([[0.1, 0.9], [Number.NaN, Number.NaN]])), 'ERR_DATA', 'NaN at row 1'); // prettier-ignore
    expectError(() => metrics.confusionMatrix([0, 1, 2], tensor([0, Number.NaN, 2])), 'ERR_DATA', 'NaN at row 1');
    expectError(() => metrics.confusionMatrix([3], [0], { classes: 3 }), 'ERR_DATA', '0 to 2', '3');
    expectError(() => metrics.classificationReport([0], [0], { classNames: [] }), 'ERR_ARG', 'class name');
    expectError(() => metrics.f1Score([0], [0], { average: 'mean' as 'macro' }), 'ERR_ARG', 'macro', 'mean');
    expectError(() => getMetric('f2' as MetricName), 'ERR_ARG', 'macroF1', 'f2');
  });
});

describe('metrics that grow with batches', () => {
  const batches: [Tensor, Tensor][] = [
    [
      tensor(Int32Array.of(0, 0, 0)),
      tensor([
        [0.8, 0.1, 0.1],
        [0.6, 0.2, 0.2],
        [0.1, 0.8, 0.1],
      ]),
    ],
    [
      tensor(Int32Array.of(1, 2)),
      tensor([
        [0.1, 0.8, 0.1],
        [0.9, 0, 0.1],
      ]),
    ],
  ];

  test('equal the scores of all rows together', () => {
    const names: [MetricName, number][] = [
      ['accuracy', metrics.accuracy(yTrue, yPred)],
      ['macroF1', metrics.f1Score(yTrue, yPred)],
      ['weightedF1', metrics.f1Score(yTrue, yPred, { average: 'weighted' })],
      ['macroPrecision', metrics.precision(yTrue, yPred)],
      ['weightedRecall', metrics.recall(yTrue, yPred, { average: 'weighted' })],
    ];
    for (const [name, expected] of names) {
      const metric = getMetric(name);
      for (const [t, p] of batches) metric.update(t, p, null);
      expect(metric.result()).toBeCloseTo(expected, 12);
    }
  });

  test('leave masked rows out', () => {
    const metric = getMetric('accuracy');
    for (const [t, p] of batches) metric.update(t, p, p.shape[0] === 3 ? [1, 1, 0] : [1, 0]);
    expect(metric.result()).toBe(1);
  });

  test('a function of a batch is averaged by rows', () => {
    const metric = getMetric((t: Tensor) => t.size);
    for (const [t, p] of batches) metric.update(t, p, null);
    expect(metric.result()).toBeCloseTo((3 * 3 + 2 * 2) / 5, 12);
  });

  test('refuse targets that do not fit', () => {
    const [, p] = batches[0] as [Tensor, Tensor];
    expectError(() => getMetric('accuracy').update(tensor([1, 2]), p, null), 'ERR_SHAPE', '3', '(2)');
    expectError(() => getMetric('mse').update(tensor([1, 2]), p, null), 'ERR_SHAPE', '(3,3)', '(2)');
  });
});
