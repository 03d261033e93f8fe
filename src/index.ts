// ---- errors, tensors, seeds, threads ----
export { SarafError, type ErrorCode } from './errors.js';
export { Tensor, tensor, zeros, type NestedNumbers, type Shape } from './tensor/tensor.js';
export { registerPreprocessing, type Preprocessing, type Texts } from './tensor/preprocessing.js';
export { Philox } from './tensor/random.js';
export { getSeed, setSeed } from './initializers/seed.js';
export { getThreads, setThreads } from './backend/threads.js';
export { getExact, setExact } from './backend/exact.js';
export type { DType, FloatType } from './backend/backend.js';

// ---- initializers ----
export {
  getInitializer,
  initializers,
  registerInitializer,
  type Initializer,
  type InitializerConfig,
  type InitializerName,
  type InitializerOption,
} from './initializers/index.js';

export { registerRegularizer } from './regularizers/index.js';
export { registerConstraint } from './constraints/index.js';
export * as regularizers from './regularizers/index.js';
export type { Regularizer, RegularizerOption } from './regularizers/index.js';
export * as constraints from './constraints/index.js';
export type { Constraint, ConstraintOption } from './constraints/index.js';

// ---- layers ----
export * from './layers/index.js';
export { gradcheck, type GradcheckEntry, type GradcheckOptions, type GradcheckResult } from './layers/gradcheck.js';

// ---- models ----
export {
  Model,
  type BatchOptions,
  type EvaluateOptions,
  type ModelOptions,
  type PredictOptions,
  type TrainingState,
} from './models/model.js';
export { Sequential, type SequentialOptions } from './models/sequential.js';
export { loadModel, type LoadOptions } from './models/load.js';
export type { LoadWeightsOptions } from './models/formats.js';
export { AbortError, History } from './models/history.js';
export type { Batch, BatchSource, Data } from './models/batch-source.js';
export type { BatchStream, StreamBatch } from './models/batch-stream.js';
export type { RoundOptions } from './models/evaluate.js';
export type { NamedTensors, TensorNames, Tensors } from './models/tensors.js';
export type { CompileOptions } from './models/compile.js';
export type { FitOptions, ValidationData } from './models/fit.js';
export type { ClassWeight } from './models/trainer.js';

// Makes Keras' files and ONNX known to loadModel and model.save.
import './keras/index.js';
import './onnx/index.js';
export { loadTextVectorization } from './keras/load-text.js';

// ---- search: parameters of model and training, by cross-validation ----
export * from './search/index.js';

// ---- losses, metrics, optimizers, callbacks: factories under their names, classes for subclassing ----
export * as losses from './losses/index.js';
export { Loss, type LossCall, type LossOptions, type LossRows, type Reduction } from './losses/loss.js';
export type { LossIdentifier, LossName } from './losses/index.js';
export * as metrics from './metrics/index.js';
export { Metric, type MetricOptions, type MetricResult } from './metrics/metric.js';
export { Mean, Sum } from './metrics/mean.js';
export type { SampleWeight } from './metrics/sample-weight.js';
export type { ClassificationReport, ClassScores, AnyMetric, MetricIdentifier, MetricName } from './metrics/index.js';
export * as optimizers from './optimizers/index.js';
export { Optimizer, type LearningRate, type OptimizerOptions } from './optimizers/optimizer.js';
export type { OptimizerIdentifier, OptimizerName } from './optimizers/index.js';
export * as callbacks from './callbacks/index.js';
export { Callback, type FitParameters, type Logs, type TrainedModel } from './callbacks/callback.js';

// ---- data and text: everyday names here, the rest in the namespaces ----
export * as data from './data/index.js';
export * as text from './text/index.js';
export { columnsToTensor, fromFrame, toFrame } from './data/frame.js';
export { csvBatches, readCsv, streamCsv } from './data/csv.js';
export { encodeLabels } from './data/labels.js';
export { OneHotEncoder } from './data/encode.js';
export { Scaler } from './data/scale.js';
export { groupedSplit, kFold, stratifiedKFold, stratifiedSplit, trainTestSplit } from './data/split.js';
export { resolveDataset } from './data/resolve.js';
export { dataSets as datasets } from './data/registry.js';
export { loadCifar10 } from './data/cifar.js';
export { loadNusax } from './data/nusax.js';
export { Table } from './data/table.js';
export { ImagePipeline } from './data/image-pipeline.js';
export { ImageSource } from './data/image-source.js';
export { cleanText } from './text/clean-text.js';
export { padSequences } from './text/pad-sequences.js';
export { SlangDictionary } from './text/slang.js';
export { TextPipeline } from './text/pipeline/text-pipeline.js';
export { TextVectorization } from './text/text-vectorization.js';
export { Tokenizer } from './text/tokenizer.js';

// ---- word vectors ----
export * from './embeddings/index.js';

// ---- classes behind the factories, for subclassing and for naming ----
export { Adadelta } from './optimizers/adadelta.js';
export { Adagrad } from './optimizers/adagrad.js';
export { Adam } from './optimizers/adam.js';
export { Adamax } from './optimizers/adamax.js';
export { AdamW } from './optimizers/adamw.js';
export { Ftrl } from './optimizers/ftrl.js';
export { Lion } from './optimizers/lion.js';
export { Nadam } from './optimizers/nadam.js';
export { RMSprop } from './optimizers/rmsprop.js';
export { SGD } from './optimizers/sgd.js';
export { BackupAndRestore } from './callbacks/backup-and-restore.js';
export { CSVLogger } from './callbacks/csv-logger.js';
export { EarlyStopping } from './callbacks/early-stopping.js';
export { LambdaCallback } from './callbacks/lambda-callback.js';
export { LearningRateScheduler } from './callbacks/learning-rate-scheduler.js';
export { ModelCheckpoint } from './callbacks/model-checkpoint.js';
export { ProgressBar } from './callbacks/progress-bar.js';
export { ReduceLROnPlateau } from './callbacks/reduce-lr-on-plateau.js';
export { TerminateOnNaN } from './callbacks/terminate-on-nan.js';

export type * from './public-types.js';

// ---- published experiments, their reports, charts ----
export * from './experiments/index.js';
export * from './reports/index.js';
