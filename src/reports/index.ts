export * as charts from './charts/index.js';
export { Chart } from './charts/chart.js';
export type { ConfusionMatrixOptions } from './charts/confusion-matrix.js';
export type { HistoryLike } from './charts/index.js';
export type { LossCurvesOptions } from './charts/loss-curves.js';
export type { ChartSpec } from './charts/spec.js';
export type { PlacedChart } from './page/document.js';
export { buildReport, writeReport, type Report } from './report.js';
