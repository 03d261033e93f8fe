export { audit, type Audit, type AuditedSplit, type AuditOptions, type NotChecked } from './audit/audit.js';
export { LEAK_KINDS, LEAK_TYPES, type LeakExample, type LeakFinding, type LeakKind, type LeakType } from './audit/finding.js';
export type { FittedOnTexts } from './audit/fitted-check.js';
export { labelShift, type LabelShift } from './audit/label-shift.js';
export { nearCopies, type NearCopies, type NearCopiesOptions, type NearCopy } from './audit/near-copies.js';
export type { AuditPart } from './audit/part.js';
export { classWeights } from './balance/class-weights.js';
export type { ClassLabels } from './balance/labels.js';
export {
  hybridSample,
  randomOverSample,
  randomUnderSample,
  type HybridOptions,
  type Resampled,
  type SampleOptions,
} from './balance/random-sample.js';
export { hybridSmote, smote, type HybridSmoteOptions, type Smoted, type SmoteOptions } from './balance/smote.js';
export type { SamplingStrategy } from './balance/strategy.js';
export { cacheDir } from './cache.js';
export { loadCifar10, type Cifar10Options, type ImageDataSet, type ImagePart } from './cifar.js';
export { csvBatches, readCsv, streamCsv, type CsvOptions, type CsvRow } from './csv.js';
export type { DataFile, DataSet, Layout, StandIn } from './data-set.js';
export { nearDuplicates, normalizeForComparison, type Duplicate, type Duplicates } from './duplicates.js';
export { columnsToTensor, fromFrame, toFrame, type ColumnsToTensorOptions, type FrameLike } from './frame.js';
export { OneHotEncoder, type OneHotEncoderOptions } from './encode.js';
export { goodRows, type GoodRowsOptions } from './good-rows.js';
export { imageHash, nearDuplicateImages, type ImageBytes, type NearDuplicateImagesOptions } from './image-hash.js';
export { ImagePipeline, type ImagePipelineOptions } from './image-pipeline.js';
export { ImageSource, type ImageSourceOptions } from './image-source.js';
export { inventory, verifyDataset, type FileStatus, type Verdict } from './inventory.js';
export { encodeLabels, type EncodedLabels, type EncodeLabelsOptions } from './labels.js';
export { loadTable, type LoadedTable } from './load-table.js';
export { availableMemory, estimateMemory, formatBytes, requireMemory, type MemoryEstimate, type MemoryNeeds } from './memory.js';
export { loadNusax, type TextDataSet } from './nusax.js';
export type { DataProgress, OnProgress } from './progress.js';
export type { Provenance } from './provenance.js';
export { dataSet, dataSets } from './registry.js';
export { resolveDataset, type ResolvedDataSet, type ResolvedFile, type ResolveOptions, type Source } from './resolve.js';
export { CIFAR10_CLASSES } from './sets/cifar-10.js';
export { NUSAX_LABELS, NUSAX_LANGUAGES, type NusaxLanguage } from './sets/nusax-senti.js';
export { Scaler, type ScalerOptions } from './scale.js';
export { loadSlang } from './slang.js';
export {
  groupedSplit,
  kFold,
  stratifiedKFold,
  stratifiedSplit,
  trainTestSplit,
  type Split,
  type SplitOptions,
  type TrainTestSplitOptions,
} from './split.js';
export { markPart, partOf, type PartName } from '../tensor/part.js';
export { Table, type BadRow, type Cell, type ColumnSource, type TableOrigin } from './table.js';
export { TensorSource } from './tensor-source.js';
