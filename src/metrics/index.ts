export { accuracy, f1Score, precision, recall } from './classification.js';
export type { AverageOptions } from './classification.js';
export { classificationReport } from './classification-report.js';
export type { ClassificationReport, ClassificationReportOptions } from './classification-report.js';
export { confusionMatrix } from './confusion-matrix.js';
export type { ConfusionMatrixOptions } from './confusion-matrix.js';
export { averageScores, scoresPerClass } from './scores.js';
export type { Average, ClassScores, MacroOver } from './scores.js';
export { argmaxRows } from './labels.js';
export type { Labels } from './labels.js';
export { getMetric, metricFromConfig, metricName } from './identifier.js';
export type { AnyMetric, MetricIdentifier, MetricName } from './identifier.js';
export { Metric } from './metric.js';
export type { MetricOptions, MetricResult } from './metric.js';
export type { MetricFunction } from './function-metric.js';
export type { SampleWeight } from './sample-weight.js';
export { mean, sum } from './mean.js';
export {
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './accuracy.js';
export type { BinaryAccuracyOptions, SparseTopKOptions, TopKOptions } from './accuracy.js';
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  hinge,
  klDivergence,
  logCoshError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  rootMeanSquaredError,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from './loss-metrics.js';
export type { CosineMetricOptions, CrossentropyMetricOptions, SparseCrossentropyMetricOptions } from './loss-metrics.js';
export { concordanceCorrelation, pearsonCorrelation } from './correlation.js';
export type { CorrelationOptions } from './correlation.js';
export { falseNegatives, falsePositives, trueNegatives, truePositives } from './confusion-metrics.js';
export type { PrecisionOptions, ThresholdsOptions } from './confusion-metrics.js';
export { precisionAtRecall, recallAtPrecision, sensitivityAtSpecificity, specificityAtSensitivity } from './constrained-metrics.js';
export type { ConstrainedOptions } from './constrained-metrics.js';
export { auc } from './auc.js';
export type { AUCOptions } from './auc.js';
export { rocCurve } from './roc-curve.js';
export type { RocCurve } from './roc-curve.js';
export { fBetaScore } from './f-score.js';
export type { F1MetricOptions, FBetaOptions } from './f-score.js';
export { binaryIoU, iou, meanIoU, oneHotIoU, oneHotMeanIoU } from './iou.js';
export type { BinaryIoUOptions, IoUOptions, MeanIoUOptions, OneHotIoUOptions, OneHotMeanIoUOptions } from './iou.js';
export { r2Score } from './r2-score.js';
export type { R2Options } from './r2-score.js';
