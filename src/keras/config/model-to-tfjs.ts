import { SarafError } from '../../errors.js';
import type { Model } from '../../models/model.js';
import { modelToKeras } from './model-to-keras.js';
import { isRecord, type Json } from './names.js';

/** A model in the configuration of Keras 2, which is the one that TensorFlow.js reads. Throws ERR_ARG for hardSigmoid. */
export function modelToTfjs(model: Model): Json {
  return older(modelToKeras(model)) as Json;
}

const MODELS = new Set(['Functional', 'Sequential']);

/** Keras 3's forms in Keras 2's: no modules, dtype as a word, shapes and calls under their older names. */
function older(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(older);
  if (!isRecord(value)) return value;
  const out: Json = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'module' || key === 'registered_name' || key === 'build_input_shape') continue;
    // By this name Keras 2 means clip(0.2x + 0.5, 0, 1): the file would load there and answer otherwise.
    if (inner === 'hard_sigmoid' && key.endsWith('activation'))
      throw new SarafError(
        'ERR_ARG',
        'save',
        `expected activations that TensorFlow.js has, received ${key} hardSigmoid; save the model as .keras or as a folder`,
      );
    if (key === 'dtype' && isRecord(inner)) out[key] = 'float32';
    else if (key === 'batch_shape') out['batch_input_shape'] = inner;
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
