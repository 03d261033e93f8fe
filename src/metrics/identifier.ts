import { SarafError } from '../errors.js';
import {
  AccuracyMetric,
  BinaryAccuracyMetric,
  ConfusionMetric,
  ErrorMetric,
  FunctionMetric,
  Metric,
  type MetricFunction,
} from './metric.js';

const factories = {
  accuracy: () => new AccuracyMetric('accuracy'),
  acc: () => new AccuracyMetric('acc'),
  sparseCategoricalAccuracy: () => new AccuracyMetric('sparseCategoricalAccuracy'),
  categoricalAccuracy: () => new AccuracyMetric('categoricalAccuracy'),
  binaryAccuracy: () => new BinaryAccuracyMetric('binaryAccuracy'),
  macroF1: () => new ConfusionMetric('macroF1', 'f1', 'macro'),
  weightedF1: () => new ConfusionMetric('weightedF1', 'f1', 'weighted'),
  microF1: () => new ConfusionMetric('microF1', 'f1', 'micro'),
  macroPrecision: () => new ConfusionMetric('macroPrecision', 'precision', 'macro'),
  macroRecall: () => new ConfusionMetric('macroRecall', 'recall', 'macro'),
  weightedPrecision: () => new ConfusionMetric('weightedPrecision', 'precision', 'weighted'),
  weightedRecall: () => new ConfusionMetric('weightedRecall', 'recall', 'weighted'),
  meanSquaredError: () => new ErrorMetric('meanSquaredError', (e) => e * e),
  meanAbsoluteError: () => new ErrorMetric('meanAbsoluteError', Math.abs),
  mse: () => new ErrorMetric('mse', (e) => e * e),
  mae: () => new ErrorMetric('mae', Math.abs),
} as const;

export type MetricName = keyof typeof factories;
/** What `compile` accepts as a metric: a name, an object, or a function of (yTrue, yPred) that is averaged over rows. */
export type MetricIdentifier = MetricName | Metric | MetricFunction;

/** A fresh metric by name. Throws ERR_ARG with the names that exist. */
export function getMetric(identifier: MetricIdentifier): Metric {
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === 'function') return new FunctionMetric(identifier);
  if (typeof identifier === 'string' && Object.hasOwn(factories, identifier)) return factories[identifier]();
  throw new SarafError(
    'ERR_ARG',
    'compile',
    `expected a metric, one of ${Object.keys(factories).join(', ')}, received ${String(identifier)}`,
  );
}

/** Whether a metric can be written down by its name. */
export function isMetricName(identifier: MetricIdentifier): identifier is MetricName {
  return typeof identifier === 'string';
}
