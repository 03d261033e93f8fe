import { isLayerClassName, layerFromConfig, type LayerConfig } from '../../layers/registry.js';
import type { Problems } from '../problems.js';
import { camel, camelValue, isKerasObject, isRecord, type Json, type KerasObject } from './names.js';
import { reasonOf } from '../../models/reading-file.js';

/** Keras' options that do not change what a layer computes. */
const WITHOUT_EFFECT = new Set([
  'unroll',
  'implementation',
  'seed',
  'input_length',
  'batch_size',
  'module',
  'registered_name',
  'build_config',
  'autocast',
  'renorm_momentum',
  'renorm_clipping',
  'query_shape',
  'key_shape',
  'value_shape',
  'vocabulary_dtype',
  'vocabulary_size',
]);

/** Values that say what saraf does anyway: such an option is left out, another value goes to the layer, which takes or refuses it. */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  data_format: ['channels_last'],
  stateful: [false],
  time_major: [false],
  recurrent_dropout: [0],
  rms_scaling: [false],
  keepdims: [false],
  synchronized: [false],
  renorm: [false],
  use_gate: [false],
  sparse: [false],
  ragged: [false],
  optional: [false],
  fused: [true, false],
  virtual_batch_size: [],
  invert: [false],
  oov_method: ['floormod'],
};

/** Options under another name, in Keras 2 or here. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { alpha: 'negative_slope' },
  Dropout: { p: 'rate' },
};

/** Classes under another name. */
const CLASS_ALIASES: Readonly<Record<string, string>> = {
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  LSTMV1: 'LSTM',
  LSTMV2: 'LSTM',
  GRUV1: 'GRU',
  GRUV2: 'GRU',
  Convolution2D: 'Conv2D',
  Convolution1D: 'Conv1D',
  Convolution3D: 'Conv3D',
  Convolution2DTranspose: 'Conv2DTranspose',
  Convolution3DTranspose: 'Conv3DTranspose',
  SeparableConvolution2D: 'SeparableConv2D',
  SeparableConvolution1D: 'SeparableConv1D',
};

const TEXTS_STAY_OUTSIDE =
  'no texts enter a model here; loadTextVectorization(path) reads this layer, loadModel(path, { afterText: true }) what follows it';

const INPUT_TYPES: Readonly<Record<string, string>> = { float32: 'float32', int32: 'int32', int64: 'int32', uint8: 'uint8' };

/** What surrounds a layer: where it is, and which Keras wrote it. */
export interface KerasContext {
  readonly problems: Problems;
  /** Major version of the Keras that wrote the file. */
  readonly version: number;
}

/** The dtype that a Keras object computes in: a name in Keras 2, a policy in Keras 3. */
export function dtypeOf(config: Json): string {
  const { dtype } = config;
  if (typeof dtype === 'string') return dtype;
  if (isRecord(dtype) && isRecord(dtype['config']) && typeof dtype['config']['name'] === 'string') return dtype['config']['name'];
  return dtype === undefined || dtype === null ? 'float32' : JSON.stringify(dtype);
}

export const kerasClassName = (className: string): string => CLASS_ALIASES[className] ?? className;

/**
 * The configuration of saraf's layer that means the same as Keras'. What saraf does not have is added to the problems, all
 * of it: class, options, dtype.
 */
export function layerFromKeras(object: KerasObject, where: string, context: KerasContext): LayerConfig {
  const className = kerasClassName(object.class_name);
  const label = `${where} (${object.class_name})`;
  const { problems } = context;
  const before = problems.count;
  if (!isLayerClassName(className)) {
    problems.add(label, className === 'TextVectorization' ? TEXTS_STAY_OUTSIDE : 'there is no such layer');
    return { className, config: {} };
  }
  if (className === 'InputLayer') return { className, config: inputOptions(object.config, label, problems) };
  const dtype = dtypeOf(object.config);
  if (dtype !== 'float32') problems.add(label, `dtype ${dtype}`);
  const options: Json = {};
  for (const [key, value] of Object.entries(object.config)) {
    const name = RENAMED[className]?.[key] ?? key;
    if (key === 'dtype' || WITHOUT_EFFECT.has(key) || NEUTRAL[name]?.includes(value)) continue;
    if (key === 'batch_input_shape' || key === 'batch_shape') {
      if (Array.isArray(value)) options['inputShape'] = value.slice(1);
      continue;
    }
    // A direction that is not joined is the only thing that Keras says by null.
    if (value === null && name !== 'merge_mode') continue;
    options[camel(name)] = optionValue(name, value, where, context);
  }
  adapt(className, options);
  const config = { className, config: options };
  if (problems.count > before) return config;
  try {
    layerFromConfig(config);
  } catch (error) {
    problems.add(label, reasonOf(error).replace(/^expected options among .* received /, 'options '));
  }
  return config;
}

function optionValue(name: string, value: unknown, where: string, context: KerasContext): unknown {
  if (name === 'layer' || name === 'backward_layer' || name === 'cell')
    return isKerasObject(value) ? layerFromKeras(value, innerName(where, value), context) : value;
  if (name === 'cells' && Array.isArray(value)) return value.map((cell) => optionValue('cell', cell, where, context));
  // A function is written as an object whose configuration is its name.
  if (isRecord(value) && value['class_name'] === 'function' && typeof value['config'] === 'string')
    return functionOf(camelValue(value['config']), context);
  if (isKerasObject(value)) return objectFromKeras(value);
  return name === 'name' ? value : functionOf(camelValue(value), context);
}

/** Keras 2 meant clip(0.2x + 0.5, 0, 1) by hard_sigmoid, Keras 3 means clip(x/6 + 0.5, 0, 1). */
const functionOf = (value: unknown, { version }: KerasContext): unknown =>
  version < 3 && value === 'hardSigmoid' ? 'hardSigmoidKeras2' : value;

const innerName = (where: string, { config }: KerasObject): string =>
  `${where}/${typeof config['name'] === 'string' ? config['name'] : 'layer'}`;

/** An initializer, regularizer, constraint, schedule: class and options in camelCase, nulls left out. */
export function objectFromKeras({ class_name: className, config }: KerasObject): LayerConfig {
  const options: Json = {};
  for (const [key, value] of Object.entries(config)) {
    if (value === null || key === 'dtype') continue;
    options[camel(key)] = isKerasObject(value) ? objectFromKeras(value) : key === 'name' ? value : camelValue(value);
  }
  // Before Keras 2.3, and in TensorFlow.js, the truncated normal was just called normal.
  if (className === 'VarianceScaling' && options['distribution'] === 'normal') options['distribution'] = 'truncatedNormal';
  return { className, config: options };
}

/** Where Keras says the same in another form. */
function adapt(className: string, options: Json): void {
  const { axis } = options;
  // Keras 2 writes the axis of a batch normalisation as a list.
  if (className === 'BatchNormalization' && Array.isArray(axis) && axis.length === 1) options['axis'] = axis[0] as unknown;
  // Keras 2 writes options of the plain convolution, without effect here.
  if (/^(Separable|Depthwise)Conv|^Conv.*Transpose$/.test(className) && options['groups'] === 1) delete options['groups'];
  if (/^(Separable|Depthwise)Conv/.test(className)) delete options['kernelInitializer'];
  // What Keras learns of the kernel's axes when it builds the layer.
  if (className === 'EinsumDense' && isRecord(options['kernelInitializer']) && isRecord(options['kernelInitializer']['config'])) {
    const { inputAxes: _in, outputAxes: _out, ...config } = options['kernelInitializer']['config'];
    options['kernelInitializer'] = { ...options['kernelInitializer'], config };
  }
  if (className === 'Bidirectional' && isRecord(options['layer'])) {
    // Keras 3 writes the name that the wrapper gave; saraf's gives it again.
    const inner = options['layer']['config'];
    if (isRecord(inner) && typeof inner['name'] === 'string') inner['name'] = inner['name'].replace(/^forward_/, '');
  }
}

function inputOptions(config: Json, label: string, problems: Problems): Json {
  const batch = config['batch_shape'] ?? config['batch_input_shape'] ?? config['batchInputShape'];
  const dtype = INPUT_TYPES[dtypeOf(config)];
  if (!Array.isArray(batch)) problems.add(label, `expected the shape of a batch, received ${JSON.stringify(batch) ?? 'none'}`);
  if (dtype === undefined) problems.add(label, `dtype ${dtypeOf(config)}`);
  for (const option of ['sparse', 'ragged']) if (config[option] === true) problems.add(label, `option ${option}`);
  const options = { name: config['name'], shape: Array.isArray(batch) ? batch.slice(1) : [], dtype: dtype ?? 'float32' };
  try {
    layerFromConfig({ className: 'InputLayer', config: options });
  } catch (error) {
    problems.add(label, reasonOf(error));
  }
  return options;
}
