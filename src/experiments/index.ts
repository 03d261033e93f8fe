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
  PreprocessingStep,
  Protocol,
  ProtocolDeclaration,
  PublishedRepeat,
  Scale,
  ScaleDeclaration,
  Statement,
  TrainingConfig,
  Variant,
} from './experiment.js';
export { keepMask } from './catalog/keep.js';
export { preparedBaselines, textBaselines, type LabelledTexts } from './baselines.js';
export {
  bestFinding,
  historyValue,
  historyValues,
  orderFinding,
  ranCells,
  saturationFinding,
  scoreValues,
  settingValues,
  type Ordered,
} from './claims.js';
export { evaluateClasses } from './evaluate.js';
export { experiments, findExperiment } from './registry.js';
export { reproduce, type Reproduced, type ReproduceListener, type ReproduceOptions } from './reproduce.js';
export { packRuns, type Packed } from './packed-runs.js';
export { readExperimentFile, type DeclaredExperiment } from './experiment-file.js';
export type { TableClaim, TableDocument } from './table-document.js';
export {
  TABLE_MODELS,
  tableExperiment,
  type TableBalance,
  type TableExperimentOptions,
  type TableModel,
  type TableSetting,
} from './table-experiment.js';
export type {
  MeansResult,
  Printed,
  PrintedClass,
  PrintedClasses,
  PrintedMeans,
  PrintedResult,
  PrintedScores,
  QuotedFigure,
} from './printed.js';
export type { ClassCurve } from './class-curves.js';
export type { ClassWords, TrainingWords } from './training-words.js';
export type { WrongRow } from './wrong-rows.js';
export type { Estimate } from './estimate.js';
export type { CellJobs, Job, ReadyExperiment } from './jobs.js';
export { planExperiment, type Plan, type PlannedCell, type Selection } from './plan.js';
export type { SetParameter, Setting, Settings } from './settings.js';
export type {
  BaselineResult,
  CellResult,
  CellRun,
  Choice,
  DataSource,
  Evaluation,
  Finding,
  HistoryRecord,
  Machine,
  PerClass,
  ProtocolAudit,
  Results,
  RunRecord,
  Trained,
  Versions,
} from './results.js';
export { equationFindings, exampleAgreement, gradientNorms, workedExamples } from './equations/index.js';
export type {
  EquationFinding,
  EquationTopic,
  GradientNorms,
  GradientNormsOptions,
  RecurrentCell,
  WorkedExample,
} from './equations/index.js';
