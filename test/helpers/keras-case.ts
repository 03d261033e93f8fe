import { tensor, type Shape, type Tensor } from '../../src/tensor/tensor.js';
import type { LayerConfig } from '../../src/layers/index.js';

/** An array of a fixture: little-endian, row-major, base64. */
export interface KerasArray {
  name?: string;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  data: string;
}

export interface KerasObject {
  class_name: string;
  config: Record<string, unknown>;
}

/** What Keras computed for one layer. */
export interface KerasLayerCase {
  layer: KerasObject;
  call: { form?: 'single' | 'list' | 'args'; kwargs: Record<string, unknown>; mask_by?: 'argument' | 'tag' };
  training: boolean;
  weights: KerasArray[];
  inputs: KerasArray[];
  mask?: (KerasArray | null)[];
  initial_state?: KerasArray[];
  attention_mask?: KerasArray;
  outputs: KerasArray[];
  output_mask?: (KerasArray | null)[] | null;
  upstream: KerasArray[];
  gradients: { inputs: (KerasArray | null)[]; weights: (KerasArray | null)[]; initial_state?: KerasArray[] };
}

export function kerasTensor(a: KerasArray): Tensor {
  const bytes = Buffer.from(a.data, 'base64');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  if (a.dtype === 'float32') return tensor(new Float32Array(buffer), a.shape as Shape);
  const whole = new Int32Array(buffer);
  return a.dtype === 'bool' ? tensor(Uint8Array.from(whole), a.shape) : tensor(whole, a.shape);
}

/** Thrown for what saraf does not have yet; the reason is shown beside the skipped case. */
export class NotYet extends Error {}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
/** Keys that say nothing about the result. */
const IGNORED = new Set([
  'dtype',
  'module',
  'unroll',
  'seed',
  'data_format',
  'quantization_config',
  'noise_shape',
  'implementation',
  'rms_scaling',
  'time_major',
]);
const ACTIVATIONS: Record<string, readonly string[]> = {
  Dense: ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'],
  Activation: ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'],
  LSTM: ['tanh'],
  GRU: ['tanh'],
};

/** The configuration of saraf's layer that a Keras layer means. Throws NotYet with the reason if there is none. */
export function fromKeras({ class_name: className, config }: KerasObject): LayerConfig {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (IGNORED.has(key) || key.endsWith('_initializer')) continue;
    if (/_(regularizer|constraint)$/.test(key)) {
      if (value !== null) throw new NotYet(key);
    } else if (key === 'stateful' || key === 'recurrent_dropout') {
      if (value !== false && value !== 0) throw new NotYet(key);
    } else if (key === 'use_gate' || key === 'sliding_window') {
      if (value !== false && value !== null) throw new NotYet(`${className} with ${key}`);
    } else if (key === 'activation') {
      if (!(ACTIVATIONS[className] ?? ['linear', 'relu', 'sigmoid', 'tanh']).includes(String(value)))
        throw new NotYet(`${className} with ${JSON.stringify(value)}`);
      options[key] = value;
    } else if (key === 'recurrent_activation') {
      if (value !== 'sigmoid') throw new NotYet(`${className} with recurrent ${JSON.stringify(value)}`);
    } else if (key === 'layer' || key === 'backward_layer') {
      options[camel(key)] = fromKeras(value as KerasObject);
    } else {
      options[camel(key)] = value;
    }
  }
  // Set by the wrapper in saraf as in Keras.
  return { className, config: options };
}
