import { SarafError } from '../errors.js';
import * as accuracies from './accuracy.js';
import { auc } from './auc.js';
import * as confusions from './confusion-metrics.js';
import * as constrained from './constrained-metrics.js';
import * as correlations from './correlation.js';
import { f1Metric, fBetaScore } from './f-score.js';
import { FunctionMetric, type MetricFunction } from './function-metric.js';
import * as ious from './iou.js';
import * as means from './loss-metrics.js';
import { Metric, type MetricResult } from './metric.js';
import { r2Score } from './r2-score.js';
import { ScoreMetric } from './score-metric.js';

/** Any metric, of one number or of several. */
export type AnyMetric = Metric<MetricResult>;

/** Keras' metrics, by the names of their factories. */
const factories = {
  binaryAccuracy: accuracies.binaryAccuracy,
  categoricalAccuracy: accuracies.categoricalAccuracy,
  sparseCategoricalAccuracy: accuracies.sparseCategoricalAccuracy,
  topKCategoricalAccuracy: accuracies.topKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy: accuracies.sparseTopKCategoricalAccuracy,
  meanSquaredError: means.meanSquaredError,
  rootMeanSquaredError: means.rootMeanSquaredError,
  meanAbsoluteError: means.meanAbsoluteError,
  meanAbsolutePercentageError: means.meanAbsolutePercentageError,
  meanSquaredLogarithmicError: means.meanSquaredLogarithmicError,
  logCoshError: means.logCoshError,
  cosineSimilarity: means.cosineSimilarity,
  klDivergence: means.klDivergence,
  poisson: means.poisson,
  binaryCrossentropy: means.binaryCrossentropy,
  categoricalCrossentropy: means.categoricalCrossentropy,
  sparseCategoricalCrossentropy: means.sparseCategoricalCrossentropy,
  hinge: means.hinge,
  squaredHinge: means.squaredHinge,
  categoricalHinge: means.categoricalHinge,
  pearsonCorrelation: correlations.pearsonCorrelation,
  concordanceCorrelation: correlations.concordanceCorrelation,
  r2Score,
  precision: confusions.thresholdPrecision,
  recall: confusions.thresholdRecall,
  truePositives: confusions.truePositives,
  trueNegatives: confusions.trueNegatives,
  falsePositives: confusions.falsePositives,
  falseNegatives: confusions.falseNegatives,
  sensitivityAtSpecificity: constrained.sensitivityAtSpecificity,
  specificityAtSensitivity: constrained.specificityAtSensitivity,
  precisionAtRecall: constrained.precisionAtRecall,
  recallAtPrecision: constrained.recallAtPrecision,
  auc,
  f1Score: f1Metric,
  fBetaScore,
  iou: ious.iou,
  binaryIoU: ious.binaryIoU,
  meanIoU: ious.meanIoU,
  oneHotIoU: ious.oneHotIoU,
  oneHotMeanIoU: ious.oneHotMeanIoU,
} as const;

/** Metrics that have a name and no options. */
const named = {
  accuracy: () => accuracies.fittingAccuracy('accuracy'),
  acc: () => accuracies.fittingAccuracy('acc'),
  macroF1: () => new ScoreMetric('macroF1', 'f1', 'macro'),
  weightedF1: () => new ScoreMetric('weightedF1', 'f1', 'weighted'),
  microF1: () => new ScoreMetric('microF1', 'f1', 'micro'),
  macroPrecision: () => new ScoreMetric('macroPrecision', 'precision', 'macro'),
  macroRecall: () => new ScoreMetric('macroRecall', 'recall', 'macro'),
  weightedPrecision: () => new ScoreMetric('weightedPrecision', 'precision', 'weighted'),
  weightedRecall: () => new ScoreMetric('weightedRecall', 'recall', 'weighted'),
  mse: () => means.meanSquaredError({ name: 'mse' }),
  mae: () => means.meanAbsoluteError({ name: 'mae' }),
  mape: () => means.meanAbsolutePercentageError({ name: 'mape' }),
  msle: () => means.meanSquaredLogarithmicError({ name: 'msle' }),
  bce: () => means.binaryCrossentropy({ name: 'bce' }),
} as const;

export type MetricName = keyof typeof factories | keyof typeof named;
/** What `compile` accepts as a metric: a name, an object, or a function of (yTrue, yPred) that is averaged over rows. */
export type MetricIdentifier = MetricName | AnyMetric | MetricFunction;

type Factory = (options?: object) => AnyMetric;

const byName = new Map<string, [MetricName, Factory]>(
  Object.entries({ ...factories, ...named }).map(([name, factory]) => [plainName(name), [name as MetricName, factory as Factory]]),
);

/** A class name, a factory's name and Keras' snake_case are one: MeanIoU, meanIoU, mean_io_u. */
function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** The name of saraf's for a metric, Keras' spelling accepted; null if there is none. */
export function metricName(name: string): MetricName | null {
  return byName.get(plainName(name))?.[0] ?? null;
}

/** A fresh metric by name. Throws ERR_ARG with the names that exist. */
export function getMetric(identifier: MetricIdentifier): AnyMetric {
  if (identifier instanceof Metric) {
    if (identifier.className === 'Mean' || identifier.className === 'Sum')
      throw new SarafError(
        'ERR_ARG',
        'compile',
        `expected metrics of targets and predictions, received ${identifier.className}, which takes values; extend it, or give a function of (yTrue, yPred)`,
      );
    return identifier;
  }
  if (typeof identifier === 'function') return new FunctionMetric(identifier);
  const found = typeof identifier === 'string' ? byName.get(plainName(identifier)) : undefined;
  if (found) return found[1]();
  throw new SarafError(
    'ERR_ARG',
    'compile',
    `expected a metric, one of ${Object.keys({ ...named, ...factories }).join(', ')}, received ${String(identifier)}`,
  );
}

/**
 * A metric from its class, or Keras' function, and its options, as files have them.
 *
 * Throws: ERR_FORMAT if there is no such class; ERR_ARG for an option that it does not have.
 */
export function metricFromConfig(className: string, config: Record<string, unknown>): AnyMetric {
  // By name `accuracy` means the one that fits the targets; the class is the share of equal numbers.
  const plain = plainName(className);
  const factory = plain === 'accuracy' ? (accuracies.equalAccuracy as Factory) : byName.get(plain)?.[1];
  if (!factory) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected a metric of saraf's, received ${className}; pass your own metric to compile() after loading with { compile: false }`,
    );
  }
  return factory(config);
}
