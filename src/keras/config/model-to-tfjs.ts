import { SarafError } from '../../errors.js';
import type { Model } from '../../models/model.js';
import { modelToKeras } from './model-to-keras.js';
import { camel, isRecord, type Json } from './names.js';

/**
 * A model in the configuration of Keras 2, which is the one that TensorFlow.js reads.
 *
 * Throws: ERR_ARG listing all layers and options that TensorFlow.js does not have, or reads as something else.
 */
export function modelToTfjs(model: Model): Json {
  const keras = modelToKeras(model);
  const found = [...new Set(misfits(keras))];
  if (found.length > 0)
    throw new SarafError(
      'ERR_ARG',
      'save',
      `expected what TensorFlow.js has, received ${found.join('; ')}; save the model as .keras or as a folder: await model.save('my-model')`,
    );
  return older(keras) as Json;
}

/** Layers that TensorFlow.js 4.22 has and that give the same numbers there (`test/keras/tfjs.test.ts`). */
export const TFJS_LAYERS: ReadonlySet<string> = new Set(
  (
    'Activation Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization Bidirectional Concatenate Conv1D Conv2D ' +
    'Conv2DTranspose Conv3D Conv3DTranspose Cropping2D Dense DepthwiseConv2D Dot Dropout ELU Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise ' +
    'GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking ' +
    'MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum Multiply PReLU Permute RNN ReLU RepeatVector Rescaling Reshape SeparableConv2D SimpleRNN ' +
    'SimpleRNNCell Softmax SpatialDropout1D TimeDistributed UpSampling2D ZeroPadding2D'
  ).split(' '),
);

/** In Keras' names. By `hard_sigmoid` Keras 2 means clip(0.2x + 0.5, 0, 1): the file would load there and answer otherwise. */
export const TFJS_ACTIVATIONS: ReadonlySet<string> = new Set(
  'elu gelu linear log_softmax mish relu relu6 selu sigmoid silu softmax softplus softsign swish tanh'.split(' '),
);

/** Options that TensorFlow.js refuses, or ignores. */
const MISREAD: Readonly<Record<string, (config: Json) => string | null>> = {
  Conv1D: ({ padding }) => (padding === 'causal' ? 'causal padding' : null),
  ELU: ({ alpha }) => (alpha === 1 ? null : `alpha ${String(alpha)}`),
  GRU: ({ reset_after }) => (reset_after === true ? 'resetAfter: true' : null),
  GRUCell: ({ reset_after }) => (reset_after === true ? 'resetAfter: true' : null),
  ReLU: ({ negative_slope, threshold }) => (negative_slope || threshold ? 'a negative slope or a threshold' : null),
  UpSampling2D: ({ interpolation }) => (interpolation === 'nearest' ? null : `${String(interpolation)} interpolation`),
};

function misfits(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(misfits);
  if (!isRecord(value)) return [];
  const { class_name: className, module, config } = value;
  if (module !== 'keras.layers' || typeof className !== 'string' || !isRecord(config)) return Object.values(value).flatMap(misfits);
  const name = `${String(config['name'])} (${className})`;
  if (!TFJS_LAYERS.has(className)) return [name];
  const wrong = MISREAD[className]?.(config);
  const activations = Object.entries(config).filter(
    ([key, v]) => key.endsWith('activation') && typeof v === 'string' && !TFJS_ACTIVATIONS.has(v),
  );
  return [
    ...(wrong ? [`${name} with ${wrong}`] : []),
    ...activations.map(([key, v]) => `${name} with ${key} ${camel(String(v))}`),
    ...Object.values(config).flatMap(misfits),
  ];
}

const MODELS = new Set(['Functional', 'Sequential']);

/** Keras 3's forms in Keras 2's: no modules, dtype as a word, shapes and calls under their older names. */
function older(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(older);
  if (!isRecord(value)) return value;
  const out: Json = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'module' || key === 'registered_name' || key === 'build_input_shape') continue;
    if (key === 'dtype' && isRecord(inner)) out[key] = 'float32';
    else if (key === 'batch_shape') out['batch_input_shape'] = inner;
    else if (key.endsWith('activation') && inner === 'silu') out[key] = 'swish';
    else if (key === 'negative_slope' && !('max_value' in value)) out['alpha'] = inner;
    else out[key] = older(inner);
  }
  const layers = out['layers'];
  if (Array.isArray(layers) && 'output_layers' in out) calls(out, layers as Json[]);
  return out;
}

/** Calls and ends of a functional model: lists of [layer, call, tensor]; a nested model counts its own graph as call 0. */
function calls(config: Json, layers: Json[]): void {
  const models = new Set(layers.filter((l) => MODELS.has(String(l['class_name']))).map((l) => l['name']));
  const reference = ([name, call, tensor]: [string, number, number], own: number): unknown[] => [
    name,
    models.has(name) ? call + own : call,
    tensor,
  ];
  const tensors = (value: unknown): unknown[][] => {
    if (Array.isArray(value)) return value.flatMap(tensors);
    if (!isRecord(value)) return [];
    if (value['class_name'] === '__keras_tensor__')
      return [[...reference((value['config'] as Json)['keras_history'] as [string, number, number], 1), {}]];
    return Object.values(value).flatMap(tensors);
  };
  for (const layer of layers) {
    layer['inbound_nodes'] = (layer['inbound_nodes'] as Json[]).map((node) => [...tensors(node['args']), ...tensors(node['kwargs'])]);
  }
  for (const key of ['input_layers', 'output_layers']) {
    const ends = config[key] as unknown[];
    const list = (typeof ends[0] === 'string' ? [ends] : ends) as [string, number, number][];
    // Among the ends a functional model counts so already.
    config[key] = list.map((end) => reference(end, isSequential(layers, end[0]) ? 1 : 0));
  }
}

const isSequential = (layers: readonly Json[], name: string): boolean =>
  layers.find((l) => l['name'] === name)?.['class_name'] === 'Sequential';
