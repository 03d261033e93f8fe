export * as charts from './charts/index.js';
export { Chart } from './charts/chart.js';
export type { ChartSpec } from './charts/spec.js';
export { buildReport, writeReport, type Report } from './report.js';
