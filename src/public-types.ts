// The types of what public functions take and give. A notebook cell or a library with declarations can only hold a value
// whose type the package exports by name: a test walks every public function and asks for that.

export type { DeviceBuffer, HostArray, Precision, RandomKey, Storage } from './backend/backend.js';
export type { FinalActivation } from './layers/final-activation.js';
export type { LayerFactory } from './layers/registry.js';
export type { RecurrentCall, RecurrentGradients } from './layers/recurrent.js';

export type { Constant, ConstantOptions, Ones, Zeros } from './initializers/constant.js';
export type { RandomInitializer, SeedOptions } from './initializers/draw.js';
export type { Identity, IdentityOptions } from './initializers/identity.js';
export type { Orthogonal, OrthogonalOptions } from './initializers/orthogonal.js';
export type { RandomNormal, RandomNormalOptions, RandomUniform, RandomUniformOptions, TruncatedNormal } from './initializers/random.js';
export type {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
  VarianceScalingOptions,
} from './initializers/variance-scaling.js';

export type { BinaryCrossentropyOptions } from './losses/binary-crossentropy.js';
export type { BinaryFocalCrossentropyOptions } from './losses/binary-focal-crossentropy.js';
export type { CategoricalFocalCrossentropyOptions } from './losses/categorical-focal-crossentropy.js';
export type { CategoricalCrossentropyOptions } from './losses/categorical-crossentropy.js';
export type { CosineSimilarityOptions } from './losses/cosine-similarity.js';
export type { RowValues } from './losses/loss.js';
export type { HuberOptions } from './losses/huber.js';
export type { OverlapOptions } from './losses/overlap.js';
export type { TverskyOptions } from './losses/tversky.js';
export type { SparseCategoricalCrossentropyOptions } from './losses/sparse-categorical-crossentropy.js';
export type { Average, MacroOver } from './metrics/scores.js';
export type { AverageOptions } from './metrics/classification.js';
export type { ClassificationReportOptions } from './metrics/classification-report.js';
export type { Labels } from './metrics/labels.js';
export type { BinaryAccuracyOptions, SparseTopKOptions, TopKOptions } from './metrics/accuracy.js';
export type { AUCOptions } from './metrics/auc.js';
export type { PrecisionOptions, ThresholdsOptions } from './metrics/confusion-metrics.js';
export type { ConstrainedOptions } from './metrics/constrained-metrics.js';
export type { CorrelationOptions } from './metrics/correlation.js';
export type { F1MetricOptions, FBetaOptions } from './metrics/f-score.js';
export type { BinaryIoUOptions, IoUOptions, MeanIoUOptions, OneHotIoUOptions, OneHotMeanIoUOptions } from './metrics/iou.js';
export type { R2Options } from './metrics/r2-score.js';
export type { MetricFunction } from './metrics/function-metric.js';
export type { CosineMetricOptions, CrossentropyMetricOptions, SparseCrossentropyMetricOptions } from './metrics/loss-metrics.js';

export type { MetricsOption } from './models/metric-plan.js';
export type { AdamOptions } from './optimizers/adam.js';
export type { SGDOptions } from './optimizers/sgd.js';
export type { Update } from './optimizers/optimizer.js';
export type {
  CosineDecayOptions,
  ExponentialDecayOptions,
  InverseTimeDecayOptions,
  PiecewiseConstantDecayOptions,
  PolynomialDecayOptions,
  Schedule,
} from './optimizers/schedule.js';

export type { BackupAndRestoreOptions } from './callbacks/backup-and-restore.js';
export type { CSVLoggerOptions } from './callbacks/csv-logger.js';
export type { EarlyStoppingOptions } from './callbacks/early-stopping.js';
export type { LambdaCallbackOptions } from './callbacks/lambda-callback.js';
export type { ModelCheckpointOptions } from './callbacks/model-checkpoint.js';
export type { MonitorOptions } from './callbacks/monitor.js';
export type { ProgressBarOptions } from './callbacks/progress-bar.js';
export type { ReduceLROnPlateauOptions } from './callbacks/reduce-lr-on-plateau.js';

export type { Audit, AuditedSplit, AuditOptions, NotChecked } from './data/audit/audit.js';
export type { LeakExample, LeakFinding, LeakKind, LeakType } from './data/audit/finding.js';
export type { FittedOnTexts } from './data/audit/fitted-check.js';
export type { LabelShift } from './data/audit/label-shift.js';
export type { NearCopies, NearCopiesOptions, NearCopy } from './data/audit/near-copies.js';
export type { AuditPart } from './data/audit/part.js';
export type { ClassLabels } from './data/balance/labels.js';
export type { HybridOptions, Resampled, SampleOptions } from './data/balance/random-sample.js';
export type { HybridSmoteOptions, Smoted, SmoteOptions } from './data/balance/smote.js';
export type { SamplingStrategy } from './data/balance/strategy.js';
export type { Cifar10Options, ImageDataSet, ImagePart } from './data/cifar.js';
export type { CsvOptions } from './data/csv-options.js';
export type { CsvRow } from './data/csv.js';
export type { DataFile, DataSet, Layout, StandIn } from './data/data-set.js';
export type { Duplicate, Duplicates } from './data/duplicates.js';
export type { ColumnsToTensorOptions, FrameLike } from './data/frame.js';
export type { ImageBytes, NearDuplicateImagesOptions } from './data/image-hash.js';
export type { ImagePipelineOptions } from './data/image-pipeline.js';
export type { ImageSourceOptions } from './data/image-source.js';
export type { FileStatus } from './data/inventory.js';
export type { EncodedLabels, EncodeLabelsOptions } from './data/labels.js';
export type { LoadedTable } from './data/load-table.js';
export type { MemoryEstimate, MemoryNeeds } from './data/memory.js';
export type { TextDataSet } from './data/nusax.js';
export type { DataProgress, OnProgress } from './data/progress.js';
export type { Provenance } from './data/provenance.js';
export type { ResolvedDataSet, ResolvedFile, ResolveOptions, Source } from './data/resolve.js';
export type { NusaxLanguage } from './data/sets/nusax-senti.js';
export type { Split, SplitOptions, TrainTestSplitOptions } from './data/split.js';
export type { BadRow, Cell, TableOrigin } from './data/table.js';
export type { TensorSource } from './data/tensor-source.js';
export type { PartName } from './tensor/part.js';

export type { CleanOptions } from './text/clean.js';
export type { CleanTextOptions } from './text/clean-text.js';
export type { PadSequencesOptions } from './text/pad-sequences.js';
export type { SlangEntries } from './text/slang.js';
export type { StopWordOptions } from './text/stop-words.js';
export type { LearningStep, TokenizeStep, VectorizeStep } from './text/pipeline/learners.js';
export type { PublishedSteps } from './text/pipeline/published-steps.js';
export type {
  CaseFoldStep,
  Change,
  CleanStep,
  CleanTextStep,
  SlangStep,
  StemStep,
  StopWordsStep,
  TextStep,
} from './text/pipeline/steps.js';
export type { ExplainedStep, StepStatistics, TextPipelineOptions } from './text/pipeline/text-pipeline.js';
export type { OutputMode, TextVectorizationOptions, TokenNumber } from './text/text-vectorization.js';
export type { Standardize } from './text/tokenize.js';
export type { MatrixMode, TokenizerOptions, TokenizerText } from './text/tokenizer.js';

export type { HistoryLike } from './reports/charts/index.js';
export type { LossCurvesOptions, LossSeries } from './reports/charts/loss-curves.js';
