import * as losses from '../losses/index.js';
import type { Loss } from '../losses/loss.js';
import { checkedOptions, checkSameSize } from './checks.js';
import { MeanMetric, type ValuesOf } from './mean-metric.js';
import type { Metric, MetricOptions } from './metric.js';
import { square } from '../tensor/portable-math.js';

export interface CrossentropyMetricOptions extends MetricOptions {
  /** Predictions are logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** As of the loss, in [0,1]. Default 0. */
  labelSmoothing?: number;
}

export interface SparseCrossentropyMetricOptions extends MetricOptions {
  /** Predictions are logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Rows of this class count as 0, and with sample weights or a mask not at all. */
  ignoreClass?: number;
}

export interface CosineMetricOptions extends MetricOptions {
  /** The axis that vectors lie along; the batch is axis 0. Default −1. */
  axis?: number;
}

/** What a loss says of each row. */
const rowsOf =
  (loss: Loss): ValuesOf =>
  (_op, yTrue, yPred) =>
    loss.perRow(yTrue, yPred);

/** A cross-entropy, averaged; `make` gives its loss of probabilities or of logits. */
function crossentropy(
  className: string,
  name: string,
  options: { fromLogits: boolean; [option: string]: unknown },
  make: (fromLogits: boolean) => Loss,
): Metric {
  const loss = make(options.fromLogits);
  const { fuses } = loss;
  const ofLogits = fuses === null || options.fromLogits ? {} : { ofLogits: { activation: fuses, of: rowsOf(make(true)) } };
  return new MeanMetric({ className, name, options, of: rowsOf(loss), ...ofLogits });
}

/** A metric that is the mean of a loss without options. */
const plain =
  (className: string, defaultName: string, loss: (options: { name: string }) => Loss) =>
  (options?: MetricOptions): Metric => {
    const { name = defaultName } = checkedOptions(defaultName, options, []);
    return new MeanMetric({ className, name, of: rowsOf(loss({ name })) });
  };

/** Mean squared error; Keras MeanSquaredError. */
export const meanSquaredError = plain('MeanSquaredError', 'meanSquaredError', losses.meanSquaredError);
/** Mean absolute error; Keras MeanAbsoluteError. */
export const meanAbsoluteError = plain('MeanAbsoluteError', 'meanAbsoluteError', losses.meanAbsoluteError);
/** Mean absolute error in percent of the target; Keras MeanAbsolutePercentageError. */
export const meanAbsolutePercentageError = plain(
  'MeanAbsolutePercentageError',
  'meanAbsolutePercentageError',
  losses.meanAbsolutePercentageError,
);
/** Mean squared difference of log(1 + value); Keras MeanSquaredLogarithmicError. */
export const meanSquaredLogarithmicError = plain(
  'MeanSquaredLogarithmicError',
  'meanSquaredLogarithmicError',
  losses.meanSquaredLogarithmicError,
);
/** Mean of log(cosh(error)); Keras LogCoshError. */
export const logCoshError = plain('LogCoshError', 'logCoshError', losses.logCosh);
/** Mean of Σ t·log(t/p), in nats; Keras KLDivergence. */
export const klDivergence = plain('KLDivergence', 'klDivergence', losses.klDivergence);
/** Mean of p − t·log p; Keras Poisson. */
export const poisson = plain('Poisson', 'poisson', losses.poisson);
/** Mean of max(1 − t·p, 0); Keras Hinge. */
export const hinge = plain('Hinge', 'hinge', losses.hinge);
/** Mean of max(1 − t·p, 0)²; Keras SquaredHinge. */
export const squaredHinge = plain('SquaredHinge', 'squaredHinge', losses.squaredHinge);
/** Mean lead that the true class lacks; Keras CategoricalHinge. */
export const categoricalHinge = plain('CategoricalHinge', 'categoricalHinge', losses.categoricalHinge);

/**
 * Square root of the mean squared error over all rows so far.
 *
 * Shapes: yTrue and yPred (N,…); sampleWeight (N), or one per value.
 * Units:  the target's.
 * Source: Keras RootMeanSquaredError.
 */
export function rootMeanSquaredError(options?: MetricOptions): Metric {
  const { name = 'rootMeanSquaredError' } = checkedOptions('rootMeanSquaredError', options, []);
  const of: ValuesOf = (op, yTrue, yPred, scratch) => {
    checkSameSize(op, yTrue, yPred);
    const [t, p, values] = [yTrue.data(), yPred.data(), scratch(yPred.size)];
    for (let i = 0; i < p.length; i++) values[i] = square((p[i] as number) - (t[i] as number));
    return { values, shape: yPred.shape };
  };
  return new MeanMetric({ className: 'RootMeanSquaredError', name, of, finish: Math.sqrt });
}

/**
 * Mean cosine of the angle between prediction and target: 1 where they point the same way.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Source: Keras CosineSimilarity, the metric: the loss has the other sign.
 */
export function cosineSimilarity(options?: CosineMetricOptions): Metric {
  const { name = 'cosineSimilarity', axis = -1 } = checkedOptions('cosineSimilarity', options, ['axis']);
  const loss = losses.cosineSimilarity({ name, axis });
  const of: ValuesOf = (_op, yTrue, yPred) => {
    const rows = loss.perRow(yTrue, yPred);
    return { ...rows, values: rows.values.map((value) => -value) };
  };
  return new MeanMetric({ className: 'CosineSimilarity', name, options: { axis }, of });
}

/** Mean cross-entropy of yes/no targets, in nats; Keras BinaryCrossentropy. */
export function binaryCrossentropy(options?: CrossentropyMetricOptions): Metric {
  const known = ['fromLogits', 'labelSmoothing'];
  const { name = 'binaryCrossentropy', fromLogits = false, labelSmoothing = 0 } = checkedOptions('binaryCrossentropy', options, known);
  const make = (logits: boolean): Loss => losses.binaryCrossentropy({ name, labelSmoothing, fromLogits: logits });
  return crossentropy('BinaryCrossentropy', name, { fromLogits, labelSmoothing }, make);
}

/** Mean cross-entropy with one-hot or soft targets, in nats; Keras CategoricalCrossentropy. */
export function categoricalCrossentropy(options?: CrossentropyMetricOptions): Metric {
  const known = ['fromLogits', 'labelSmoothing'];
  const given = checkedOptions('categoricalCrossentropy', options, known);
  const { name = 'categoricalCrossentropy', fromLogits = false, labelSmoothing = 0 } = given;
  const make = (logits: boolean): Loss => losses.categoricalCrossentropy({ name, labelSmoothing, fromLogits: logits });
  return crossentropy('CategoricalCrossentropy', name, { fromLogits, labelSmoothing }, make);
}

/** Mean cross-entropy with class numbers as targets, in nats; Keras SparseCategoricalCrossentropy. */
export function sparseCategoricalCrossentropy(options?: SparseCrossentropyMetricOptions): Metric {
  const given = checkedOptions('sparseCategoricalCrossentropy', options, ['fromLogits', 'ignoreClass']);
  const { name = 'sparseCategoricalCrossentropy', fromLogits = false, ignoreClass } = given;
  const ignored = ignoreClass === undefined ? {} : { ignoreClass };
  const make = (logits: boolean): Loss => losses.sparseCategoricalCrossentropy({ name, ...ignored, fromLogits: logits });
  return crossentropy('SparseCategoricalCrossentropy', name, { fromLogits, ...ignored }, make);
}
