import { Activation, type ActivationOptions } from './activation.js';
import { ActivityRegularization, type ActivityRegularizationOptions } from './activity-regularization.js';
import { Add, type AddOptions } from './add.js';
import { AdditiveAttention, type AdditiveAttentionOptions } from './additive-attention.js';
import { Attention, type AttentionOptions } from './attention.js';
import { AveragePooling1D } from './average-pooling1d.js';
import { AveragePooling2D } from './average-pooling2d.js';
import { AveragePooling3D } from './average-pooling3d.js';
import { Bidirectional, type BidirectionalOptions } from './bidirectional.js';
import { CategoryEncoding, type CategoryEncodingOptions } from './category-encoding.js';
import { Concatenate, type ConcatenateOptions } from './concatenate.js';
import { Conv1D, type Conv1DOptions } from './conv1d.js';
import { Conv1DTranspose, type Conv1DTransposeOptions } from './conv1d-transpose.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { Conv2DTranspose, type Conv2DTransposeOptions } from './conv2d-transpose.js';
import { Conv3D, type Conv3DOptions } from './conv3d.js';
import { Conv3DTranspose, type Conv3DTransposeOptions } from './conv3d-transpose.js';
import { Dense, type DenseOptions } from './dense.js';
import { DepthwiseConv1D, type DepthwiseConv1DOptions } from './depthwise-conv1d.js';
import { DepthwiseConv2D, type DepthwiseConv2DOptions } from './depthwise-conv2d.js';
import { Discretization, type DiscretizationOptions } from './discretization.js';
import { IntegerLookup, type IntegerLookupOptions } from './integer-lookup.js';
import { Dropout, type DropoutOptions } from './dropout.js';
import { EinsumDense, type EinsumDenseOptions } from './einsum-dense.js';
import { Embedding, type EmbeddingOptions } from './embedding.js';
import { Flatten, type FlattenOptions } from './flatten.js';
import { GlobalAveragePooling1D } from './global-average-pooling1d.js';
import { GlobalAveragePooling2D } from './global-average-pooling2d.js';
import { GlobalAveragePooling3D } from './global-average-pooling3d.js';
import { GlobalMaxPooling1D } from './global-max-pooling1d.js';
import { GlobalMaxPooling2D } from './global-max-pooling2d.js';
import { GlobalMaxPooling3D } from './global-max-pooling3d.js';
import { GRU, type GRUOptions } from './gru.js';
import { InputLayer, type InputOptions } from './input-layer.js';
import { LayerNormalization, type LayerNormalizationOptions } from './layer-normalization.js';
import { LSTM, type LSTMOptions } from './lstm.js';
import { Masking, type MaskingOptions } from './masking.js';
import { MaxPooling1D } from './max-pooling1d.js';
import { MaxPooling2D } from './max-pooling2d.js';
import { MaxPooling3D } from './max-pooling3d.js';
import { MultiHeadAttention, type MultiHeadAttentionOptions } from './multi-head-attention.js';
import { GroupQueryAttention, type GroupQueryAttentionOptions } from './group-query-attention.js';
import { PositionEmbedding, type PositionEmbeddingOptions } from './position-embedding.js';
import { RandomCrop, type RandomCropOptions } from './random-crop.js';
import { RandomFlip, type RandomFlipOptions } from './random-flip.js';
import { RandomTranslation, type RandomTranslationOptions } from './random-translation.js';
import { AlphaDropout, type AlphaDropoutOptions } from './alpha-dropout.js';
import { Average, type AverageOptions } from './average.js';
import { BatchNormalization, type BatchNormalizationOptions } from './batch-normalization.js';
import { Cropping1D, type Cropping1DOptions } from './cropping1d.js';
import { Cropping2D, type Cropping2DOptions } from './cropping2d.js';
import { Cropping3D, type Cropping3DOptions } from './cropping3d.js';
import { Dot, type DotOptions } from './dot.js';
import { ELU, type ELUOptions } from './elu.js';
import { GaussianDropout, type GaussianDropoutOptions } from './gaussian-dropout.js';
import { GaussianNoise, type GaussianNoiseOptions } from './gaussian-noise.js';
import { Identity, type IdentityOptions } from './identity.js';
import { LeakyReLU, type LeakyReLUOptions } from './leaky-relu.js';
import { Maximum, type MaximumOptions } from './maximum.js';
import { Minimum, type MinimumOptions } from './minimum.js';
import { Multiply, type MultiplyOptions } from './multiply.js';
import { Permute, type PermuteOptions } from './permute.js';
import { PReLU, type PReLUOptions } from './p-relu.js';
import { ReLU, type ReLUOptions } from './relu.js';
import { RepeatVector, type RepeatVectorOptions } from './repeat-vector.js';
import { SpatialDropout1D } from './spatial-dropout1d.js';
import { SpatialDropout2D } from './spatial-dropout2d.js';
import { SpatialDropout3D } from './spatial-dropout3d.js';
import { Subtract, type SubtractOptions } from './subtract.js';
import { TimeDistributed, type TimeDistributedOptions } from './time-distributed.js';
import { GroupNormalization, type GroupNormalizationOptions } from './group-normalization.js';
import { Normalization, type NormalizationOptions } from './normalization.js';
import { RMSNormalization, type RMSNormalizationOptions } from './rms-normalization.js';
import { UnitNormalization, type UnitNormalizationOptions } from './unit-normalization.js';
import { UpSampling1D, type UpSampling1DOptions } from './up-sampling1d.js';
import { UpSampling2D, type UpSampling2DOptions } from './up-sampling2d.js';
import { UpSampling3D, type UpSampling3DOptions } from './up-sampling3d.js';
import { ZeroPadding1D, type ZeroPadding1DOptions } from './zero-padding1d.js';
import { ZeroPadding2D, type ZeroPadding2DOptions } from './zero-padding2d.js';
import { ZeroPadding3D, type ZeroPadding3DOptions } from './zero-padding3d.js';
import type { SpatialDropoutOptions } from './spatial-dropout.js';
import { GRUCell, type GRUCellOptions } from './gru-cell.js';
import { LSTMCell, type LSTMCellOptions } from './lstm-cell.js';
import { RNN, type RNNOptions } from './rnn.js';
import { SimpleRNNCell, type SimpleRNNCellOptions } from './simple-rnn-cell.js';
import { StackedRNNCells, type StackedRNNCellsOptions } from './stacked-rnn-cells.js';
import { registerLayer } from './registry.js';
import { Rescaling, type RescalingOptions } from './rescaling.js';
import { Reshape, type ReshapeOptions } from './reshape.js';
import { SeparableConv1D, type SeparableConv1DOptions } from './separable-conv1d.js';
import { SeparableConv2D, type SeparableConv2DOptions } from './separable-conv2d.js';
import { SimpleRNN, type SimpleRNNOptions } from './simple-rnn.js';
import { SinePositionEncoding, type SinePositionEncodingOptions } from './sine-position-encoding.js';
import { Softmax, type SoftmaxOptions } from './softmax.js';
import type { Layer } from './layer.js';
import type { GlobalPoolingOptions } from './global-pooling.js';
import type { PoolingOptions } from './pooling.js';

export { Activation, type ActivationOptions } from './activation.js';
export type { ActivationOption, ActivationWithOptions, LayerActivation } from './activations.js';
export { RandomCrop, type RandomCropOptions } from './random-crop.js';
export { RandomFlip, type RandomFlipOptions } from './random-flip.js';
export { RandomTranslation, type RandomTranslationOptions } from './random-translation.js';
export { AlphaDropout, type AlphaDropoutOptions } from './alpha-dropout.js';
export { Average as AverageLayer, type AverageOptions as AverageLayerOptions } from './average.js';
export { BatchNormalization, type BatchNormalizationOptions } from './batch-normalization.js';
export { Cropping1D, type Cropping1DOptions } from './cropping1d.js';
export { Cropping2D, type Cropping2DOptions } from './cropping2d.js';
export { Cropping3D, type Cropping3DOptions } from './cropping3d.js';
export { Dot, type DotOptions } from './dot.js';
export { ELU, type ELUOptions } from './elu.js';
export { GaussianDropout, type GaussianDropoutOptions } from './gaussian-dropout.js';
export { GaussianNoise, type GaussianNoiseOptions } from './gaussian-noise.js';
export { Identity as IdentityLayer, type IdentityOptions as IdentityLayerOptions } from './identity.js';
export { LeakyReLU, type LeakyReLUOptions } from './leaky-relu.js';
export { Maximum, type MaximumOptions } from './maximum.js';
export { Minimum, type MinimumOptions } from './minimum.js';
export { Multiply, type MultiplyOptions } from './multiply.js';
export { Permute, type PermuteOptions } from './permute.js';
export { PReLU, type PReLUOptions } from './p-relu.js';
export { ReLU, type ReLUOptions } from './relu.js';
export { RepeatVector, type RepeatVectorOptions } from './repeat-vector.js';
export { SpatialDropout1D } from './spatial-dropout1d.js';
export { SpatialDropout2D } from './spatial-dropout2d.js';
export { SpatialDropout3D } from './spatial-dropout3d.js';
export { Subtract, type SubtractOptions } from './subtract.js';
export { TimeDistributed, type TimeDistributedOptions } from './time-distributed.js';
export { GroupNormalization, type GroupNormalizationOptions } from './group-normalization.js';
export { Normalization, type NormalizationOptions } from './normalization.js';
export { RMSNormalization, type RMSNormalizationOptions } from './rms-normalization.js';
export { UnitNormalization, type UnitNormalizationOptions } from './unit-normalization.js';
export { UpSampling1D, type UpSampling1DOptions } from './up-sampling1d.js';
export { UpSampling2D, type UpSampling2DOptions } from './up-sampling2d.js';
export { UpSampling3D, type UpSampling3DOptions } from './up-sampling3d.js';
export { ZeroPadding1D, type ZeroPadding1DOptions } from './zero-padding1d.js';
export { ZeroPadding2D, type ZeroPadding2DOptions } from './zero-padding2d.js';
export { ZeroPadding3D, type ZeroPadding3DOptions } from './zero-padding3d.js';
export type { SpatialDropoutOptions } from './spatial-dropout.js';
export { ActivityRegularization, type ActivityRegularizationOptions } from './activity-regularization.js';
export { Add, type AddOptions } from './add.js';
export { AdditiveAttention, type AdditiveAttentionOptions } from './additive-attention.js';
export { Attention, type AttentionOptions } from './attention.js';
export { AveragePooling1D } from './average-pooling1d.js';
export { AveragePooling2D } from './average-pooling2d.js';
export { AveragePooling3D } from './average-pooling3d.js';
export { Bidirectional, type BidirectionalOptions, type MergeMode } from './bidirectional.js';
export { CategoryEncoding, type CategoryEncodingOptions } from './category-encoding.js';
export { Concatenate, type ConcatenateOptions } from './concatenate.js';
export { Conv1D, type Conv1DOptions } from './conv1d.js';
export { Conv1DTranspose, type Conv1DTransposeOptions } from './conv1d-transpose.js';
export { Conv2D, type Conv2DOptions } from './conv2d.js';
export { Conv2DTranspose, type Conv2DTransposeOptions } from './conv2d-transpose.js';
export { Conv3D, type Conv3DOptions } from './conv3d.js';
export { Conv3DTranspose, type Conv3DTransposeOptions } from './conv3d-transpose.js';
export type { ForwardWork, GradientsMade, Work } from './cost.js';
export { Dense, type DenseOptions } from './dense.js';
export { DepthwiseConv1D, type DepthwiseConv1DOptions } from './depthwise-conv1d.js';
export { DepthwiseConv2D, type DepthwiseConv2DOptions } from './depthwise-conv2d.js';
export { Discretization, type DiscretizationOptions } from './discretization.js';
export { IntegerLookup, type IntegerLookupOptions } from './integer-lookup.js';
export type { CategoryMode } from './encode-categories.js';
export { Dropout, type DropoutOptions } from './dropout.js';
export { EinsumDense, type EinsumDenseOptions } from './einsum-dense.js';
export { Embedding, type EmbeddingOptions } from './embedding.js';
export { Flatten, type FlattenOptions } from './flatten.js';
export { GlobalAveragePooling1D } from './global-average-pooling1d.js';
export { GlobalAveragePooling2D } from './global-average-pooling2d.js';
export { GlobalAveragePooling3D } from './global-average-pooling3d.js';
export { GlobalMaxPooling1D } from './global-max-pooling1d.js';
export { GlobalMaxPooling2D } from './global-max-pooling2d.js';
export { GlobalMaxPooling3D } from './global-max-pooling3d.js';
export { GRU, type GRUForm, type GRUOptions } from './gru.js';
export { input, InputLayer, type InputOptions } from './input-layer.js';
export {
  Layer,
  resetLayerNames,
  Weight,
  type LayerContext,
  type LayerOptions,
  type Node,
  type SymbolicShape,
  type SymbolicTensor,
} from './layer.js';
export { LayerNormalization, type LayerNormalizationOptions } from './layer-normalization.js';
export { LSTM, type LSTMOptions } from './lstm.js';
export { Masking, type MaskingOptions } from './masking.js';
export { MaxPooling1D } from './max-pooling1d.js';
export { MaxPooling2D } from './max-pooling2d.js';
export { MaxPooling3D } from './max-pooling3d.js';
export type { GlobalPoolingOptions } from './global-pooling.js';
export type { PoolingOptions } from './pooling.js';
export { MultiHeadAttention, type MultiHeadAttentionOptions } from './multi-head-attention.js';
export { GroupQueryAttention, type GroupQueryAttentionOptions } from './group-query-attention.js';
export { PositionEmbedding, type PositionEmbeddingOptions } from './position-embedding.js';
export { GRUCell, type GRUCellOptions } from './gru-cell.js';
export { LSTMCell, type LSTMCellOptions } from './lstm-cell.js';
export { RNN, type RNNOptions } from './rnn.js';
export { SimpleRNNCell, type SimpleRNNCellOptions } from './simple-rnn-cell.js';
export { StackedRNNCells, type StackedRNNCellsOptions } from './stacked-rnn-cells.js';
export { RNNCell } from './rnn-cell.js';
export { Recurrent, type RecurrentOptions } from './recurrent.js';
export { copyLayer, isLayerClassName, layerClassNames, layerConfig, layerFromConfig, registerLayer, type LayerConfig } from './registry.js';
export { Rescaling, type RescalingOptions } from './rescaling.js';
export { Reshape, type ReshapeOptions } from './reshape.js';
export { SeparableConv1D, type SeparableConv1DOptions } from './separable-conv1d.js';
export { SeparableConv2D, type SeparableConv2DOptions } from './separable-conv2d.js';
export { SimpleRNN, type SimpleRNNOptions } from './simple-rnn.js';
export { SinePositionEncoding, type SinePositionEncodingOptions } from './sine-position-encoding.js';
export { Softmax, type SoftmaxOptions } from './softmax.js';
export { StandaloneContext, type StandaloneContextOptions } from './standalone-context.js';

/** Factories of the layers, under Keras' names in camelCase. Example: layers.lstm({ units: 64, returnSequences: true }) */
export const layers = {
  activation: (options: ActivationOptions): Activation => new Activation(options),
  activityRegularization: (options?: ActivityRegularizationOptions): ActivityRegularization => new ActivityRegularization(options),
  add: (options?: AddOptions): Add => new Add(options),
  additiveAttention: (options?: AdditiveAttentionOptions): AdditiveAttention => new AdditiveAttention(options),
  attention: (options?: AttentionOptions): Attention => new Attention(options),
  averagePooling1d: (options?: PoolingOptions): AveragePooling1D => new AveragePooling1D(options),
  averagePooling2d: (options?: PoolingOptions): AveragePooling2D => new AveragePooling2D(options),
  averagePooling3d: (options?: PoolingOptions): AveragePooling3D => new AveragePooling3D(options),
  bidirectional: (options: BidirectionalOptions): Bidirectional => new Bidirectional(options),
  categoryEncoding: (options: CategoryEncodingOptions): CategoryEncoding => new CategoryEncoding(options),
  concatenate: (options?: ConcatenateOptions): Concatenate => new Concatenate(options),
  conv1d: (options: Conv1DOptions): Conv1D => new Conv1D(options),
  conv1dTranspose: (options: Conv1DTransposeOptions): Conv1DTranspose => new Conv1DTranspose(options),
  conv2d: (options: Conv2DOptions): Conv2D => new Conv2D(options),
  conv2dTranspose: (options: Conv2DTransposeOptions): Conv2DTranspose => new Conv2DTranspose(options),
  conv3d: (options: Conv3DOptions): Conv3D => new Conv3D(options),
  conv3dTranspose: (options: Conv3DTransposeOptions): Conv3DTranspose => new Conv3DTranspose(options),
  dense: (options: DenseOptions): Dense => new Dense(options),
  depthwiseConv1d: (options: DepthwiseConv1DOptions): DepthwiseConv1D => new DepthwiseConv1D(options),
  depthwiseConv2d: (options: DepthwiseConv2DOptions): DepthwiseConv2D => new DepthwiseConv2D(options),
  discretization: (options: DiscretizationOptions): Discretization => new Discretization(options),
  integerLookup: (options?: IntegerLookupOptions): IntegerLookup => new IntegerLookup(options),
  dropout: (options: DropoutOptions): Dropout => new Dropout(options),
  einsumDense: (options: EinsumDenseOptions): EinsumDense => new EinsumDense(options),
  embedding: (options: EmbeddingOptions): Embedding => new Embedding(options),
  flatten: (options?: FlattenOptions): Flatten => new Flatten(options),
  globalAveragePooling1d: (options?: GlobalPoolingOptions): GlobalAveragePooling1D => new GlobalAveragePooling1D(options),
  globalAveragePooling2d: (options?: GlobalPoolingOptions): GlobalAveragePooling2D => new GlobalAveragePooling2D(options),
  globalAveragePooling3d: (options?: GlobalPoolingOptions): GlobalAveragePooling3D => new GlobalAveragePooling3D(options),
  globalMaxPooling1d: (options?: GlobalPoolingOptions): GlobalMaxPooling1D => new GlobalMaxPooling1D(options),
  globalMaxPooling2d: (options?: GlobalPoolingOptions): GlobalMaxPooling2D => new GlobalMaxPooling2D(options),
  globalMaxPooling3d: (options?: GlobalPoolingOptions): GlobalMaxPooling3D => new GlobalMaxPooling3D(options),
  gru: (options: GRUOptions): GRU => new GRU(options),
  inputLayer: (options: InputOptions): InputLayer => new InputLayer(options),
  layerNormalization: (options?: LayerNormalizationOptions): LayerNormalization => new LayerNormalization(options),
  lstm: (options: LSTMOptions): LSTM => new LSTM(options),
  masking: (options?: MaskingOptions): Masking => new Masking(options),
  maxPooling1d: (options?: PoolingOptions): MaxPooling1D => new MaxPooling1D(options),
  maxPooling2d: (options?: PoolingOptions): MaxPooling2D => new MaxPooling2D(options),
  maxPooling3d: (options?: PoolingOptions): MaxPooling3D => new MaxPooling3D(options),
  multiHeadAttention: (options: MultiHeadAttentionOptions): MultiHeadAttention => new MultiHeadAttention(options),
  groupQueryAttention: (options: GroupQueryAttentionOptions): GroupQueryAttention => new GroupQueryAttention(options),
  positionEmbedding: (options: PositionEmbeddingOptions): PositionEmbedding => new PositionEmbedding(options),
  rnn: (options: RNNOptions): RNN => new RNN(options),
  simpleRnnCell: (options: SimpleRNNCellOptions): SimpleRNNCell => new SimpleRNNCell(options),
  lstmCell: (options: LSTMCellOptions): LSTMCell => new LSTMCell(options),
  gruCell: (options: GRUCellOptions): GRUCell => new GRUCell(options),
  stackedRnnCells: (options: StackedRNNCellsOptions): StackedRNNCells => new StackedRNNCells(options),
  rescaling: (options: RescalingOptions): Rescaling => new Rescaling(options),
  reshape: (options: ReshapeOptions): Reshape => new Reshape(options),
  separableConv1d: (options: SeparableConv1DOptions): SeparableConv1D => new SeparableConv1D(options),
  separableConv2d: (options: SeparableConv2DOptions): SeparableConv2D => new SeparableConv2D(options),
  simpleRnn: (options: SimpleRNNOptions): SimpleRNN => new SimpleRNN(options),
  sinePositionEncoding: (options?: SinePositionEncodingOptions): SinePositionEncoding => new SinePositionEncoding(options),
  softmax: (options?: SoftmaxOptions): Softmax => new Softmax(options),
  randomCrop: (options: RandomCropOptions): RandomCrop => new RandomCrop(options),
  randomFlip: (options?: RandomFlipOptions): RandomFlip => new RandomFlip(options),
  randomTranslation: (options: RandomTranslationOptions): RandomTranslation => new RandomTranslation(options),
  alphaDropout: (options: AlphaDropoutOptions): AlphaDropout => new AlphaDropout(options),
  average: (options?: AverageOptions): Average => new Average(options),
  batchNormalization: (options?: BatchNormalizationOptions): BatchNormalization => new BatchNormalization(options),
  cropping1d: (options?: Cropping1DOptions): Cropping1D => new Cropping1D(options),
  cropping2d: (options?: Cropping2DOptions): Cropping2D => new Cropping2D(options),
  cropping3d: (options?: Cropping3DOptions): Cropping3D => new Cropping3D(options),
  dot: (options: DotOptions): Dot => new Dot(options),
  elu: (options?: ELUOptions): ELU => new ELU(options),
  gaussianDropout: (options: GaussianDropoutOptions): GaussianDropout => new GaussianDropout(options),
  gaussianNoise: (options: GaussianNoiseOptions): GaussianNoise => new GaussianNoise(options),
  identity: (options?: IdentityOptions): Identity => new Identity(options),
  leakyRelu: (options?: LeakyReLUOptions): LeakyReLU => new LeakyReLU(options),
  maximum: (options?: MaximumOptions): Maximum => new Maximum(options),
  minimum: (options?: MinimumOptions): Minimum => new Minimum(options),
  multiply: (options?: MultiplyOptions): Multiply => new Multiply(options),
  permute: (options: PermuteOptions): Permute => new Permute(options),
  pRelu: (options?: PReLUOptions): PReLU => new PReLU(options),
  relu: (options?: ReLUOptions): ReLU => new ReLU(options),
  repeatVector: (options: RepeatVectorOptions): RepeatVector => new RepeatVector(options),
  spatialDropout1d: (options: SpatialDropoutOptions): SpatialDropout1D => new SpatialDropout1D(options),
  spatialDropout2d: (options: SpatialDropoutOptions): SpatialDropout2D => new SpatialDropout2D(options),
  spatialDropout3d: (options: SpatialDropoutOptions): SpatialDropout3D => new SpatialDropout3D(options),
  subtract: (options?: SubtractOptions): Subtract => new Subtract(options),
  timeDistributed: (options: TimeDistributedOptions): TimeDistributed => new TimeDistributed(options),
  groupNormalization: (options?: GroupNormalizationOptions): GroupNormalization => new GroupNormalization(options),
  normalization: (options?: NormalizationOptions): Normalization => new Normalization(options),
  rmsNormalization: (options?: RMSNormalizationOptions): RMSNormalization => new RMSNormalization(options),
  unitNormalization: (options?: UnitNormalizationOptions): UnitNormalization => new UnitNormalization(options),
  upSampling1d: (options?: UpSampling1DOptions): UpSampling1D => new UpSampling1D(options),
  upSampling2d: (options?: UpSampling2DOptions): UpSampling2D => new UpSampling2D(options),
  upSampling3d: (options?: UpSampling3DOptions): UpSampling3D => new UpSampling3D(options),
  zeroPadding1d: (options?: ZeroPadding1DOptions): ZeroPadding1D => new ZeroPadding1D(options),
  zeroPadding2d: (options?: ZeroPadding2DOptions): ZeroPadding2D => new ZeroPadding2D(options),
  zeroPadding3d: (options?: ZeroPadding3DOptions): ZeroPadding3D => new ZeroPadding3D(options),
} as const;

/** Each class under its Keras name, taking the options that its `getConfig` gives. Options from a file are checked by the constructors. */
const CLASSES = {
  Activation,
  ActivityRegularization,
  Add,
  AdditiveAttention,
  Attention,
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  Bidirectional,
  CategoryEncoding,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Conv3D,
  Conv3DTranspose,
  Dense,
  DepthwiseConv1D,
  DepthwiseConv2D,
  Discretization,
  IntegerLookup,
  Dropout,
  EinsumDense,
  Embedding,
  Flatten,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  GRU,
  InputLayer,
  LayerNormalization,
  LSTM,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  MultiHeadAttention,
  GroupQueryAttention,
  PositionEmbedding,
  RNN,
  SimpleRNNCell,
  LSTMCell,
  GRUCell,
  StackedRNNCells,
  RandomCrop,
  RandomFlip,
  RandomTranslation,
  Rescaling,
  Reshape,
  SeparableConv1D,
  SeparableConv2D,
  SimpleRNN,
  SinePositionEncoding,
  Softmax,
  AlphaDropout,
  Average,
  BatchNormalization,
  Cropping1D,
  Cropping2D,
  Cropping3D,
  Dot,
  ELU,
  GaussianDropout,
  GaussianNoise,
  Identity,
  LeakyReLU,
  Maximum,
  Minimum,
  Multiply,
  Permute,
  PReLU,
  ReLU,
  RepeatVector,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  Subtract,
  TimeDistributed,
  GroupNormalization,
  Normalization,
  RMSNormalization,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
} as const;

for (const [className, Class] of Object.entries(CLASSES)) {
  const Unchecked = Class as unknown as new (config: Record<string, unknown>) => Layer;
  registerLayer(className, (config) => new Unchecked(config));
}
