export { experiment, PROTOCOLS, SCALES } from './experiment.js';
export type {
  Baseline,
  Experiment,
  ExperimentDeclaration,
  Factor,
  FindingContext,
  Loaded,
  LoadContext,
  MaskSetting,
  Part,
  Prepared,
  Protocol,
  PublishedRepeat,
  Scale,
  Statement,
  TrainingConfig,
  Variant,
} from './experiment.js';
export { experiments, findExperiment } from './registry.js';
export { reproduce, type Reproduced, type ReproduceListener, type ReproduceOptions } from './reproduce.js';
export type { Selection } from './plan.js';
export type { CellResult, Choice, DataSource, Evaluation, Finding, HistoryRecord, Results, RunRecord, Trained } from './results.js';
