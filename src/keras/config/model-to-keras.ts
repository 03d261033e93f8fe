import { SarafError } from '../../errors.js';
import { HeadedAttention } from '../../layers/headed-attention.js';
import { InputLayer } from '../../layers/input-layer.js';
import type { Layer, SymbolicShape, SymbolicTensor } from '../../layers/layer.js';
import type { GraphStep } from '../../models/graph.js';
import { Model } from '../../models/model.js';
import { Sequential } from '../../models/sequential.js';
import { isKerasLayer } from './keras-layers.js';
import { CALL_OPTIONS } from './model-from-keras.js';
import { camel, isRecord, snake, snakeValue, type Json } from './names.js';

/** Options of saraf's layers that Keras does not have; none changes what the layer computes. */
const SARAF_ONLY = new Set(['winograd', 'randomKey', 'seed', 'inputShape', 'useAttentionMask']);
/** Written only where they differ from Keras' default, which older versions do not know. */
const UNLESS_FALSE = new Set(['zero_output_for_mask']);

/** Options of every layer here that some of Keras' refuse. */
const UNTRAINED = ['trainable', 'activity_regularizer'];
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  Discretization: UNTRAINED,
  SpatialDropout1D: UNTRAINED,
  SpatialDropout2D: UNTRAINED,
  SpatialDropout3D: UNTRAINED,
};

/** Said though they are the defaults here: TensorFlow.js and old versions of Keras have others. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  SimpleRNN: { activation: 'tanh' },
  LSTM: { activation: 'tanh', recurrent_activation: 'sigmoid' },
  GRU: { activation: 'tanh', recurrent_activation: 'sigmoid' },
};

/** Texts that are no words of saraf's. */
const AS_IT_IS = new Set(['name', 'bias_axes']);

const POLICY = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };

/** An object as Keras 3 writes it. */
export const kerasObject = (module: string, className: string, config: Json): Json => ({
  module,
  class_name: className,
  config,
  registered_name: null,
});

const isConfig = (value: unknown): value is { className: string; config: Json } =>
  isRecord(value) && typeof value['className'] === 'string' && isRecord(value['config']);

/** The input tensors' layers and the others, in the order in which Keras lists the layers of such a graph. */
export function kerasOrder(model: Model): Layer[] {
  if (model instanceof Sequential) return [...model.layers];
  const { graph } = model;
  interface Node {
    readonly layer: Layer;
    readonly parents: readonly number[];
  }
  // Places of tensors stand for the calls that make them.
  const maker = new Map<number, Node>();
  for (const at of graph.inputs) maker.set(at, { layer: (graph.tensors[at] as SymbolicTensor).layer, parents: [] });
  for (const step of graph.steps) {
    const node = { layer: step.layer, parents: step.inputs };
    for (const at of step.outputs) maker.set(at, node);
  }
  // Depth first from the outputs: the order in which layers are met breaks ties of depth.
  const met = new Map<Layer, number>();
  const finished = new Set<Node>();
  const ordered: Node[] = [];
  const stack = graph.outputs.toReversed().map((at) => ({ node: maker.get(at) as Node, next: 0 }));
  while (stack.length > 0) {
    const top = stack.at(-1) as { node: Node; next: number };
    if (top.next === 0) {
      if (finished.has(top.node)) {
        stack.pop();
        continue;
      }
      if (!met.has(top.node.layer)) met.set(top.node.layer, met.size);
    }
    const parent = top.node.parents[top.next++];
    if (parent !== undefined) stack.push({ node: maker.get(parent) as Node, next: 0 });
    else {
      stack.pop();
      if (!finished.has(top.node)) ordered.push(top.node);
      finished.add(top.node);
    }
  }
  // Depth: the number of calls between a layer and the outputs.
  const nodeDepth = new Map<Node, number>();
  const layerDepth = new Map<Layer, number>();
  for (const node of ordered.toReversed()) {
    const depth = Math.max(nodeDepth.get(node) ?? 0, layerDepth.get(node.layer) ?? 0);
    layerDepth.set(node.layer, depth);
    nodeDepth.set(node, depth);
    for (const at of node.parents) {
      const parent = maker.get(at) as Node;
      nodeDepth.set(parent, Math.max(depth + 1, nodeDepth.get(parent) ?? 0));
    }
  }
  return [...met.keys()].sort(
    (a, b) => (layerDepth.get(b) as number) - (layerDepth.get(a) as number) || (met.get(a) as number) - (met.get(b) as number),
  );
}

/** A layer with its options as Keras 3 writes it. Throws ERR_ARG for a layer that Keras does not have. */
export function layerToKeras(layer: Layer): Json {
  if (layer instanceof Model) return modelToKeras(layer);
  if (layer instanceof InputLayer) return inputLayer(layer.name, [null, ...layer.shape], layer.dtype);
  return configToKeras(layer.className, layer.getConfig());
}

function configToKeras(className: string, config: Json): Json {
  if (!isKerasLayer(className)) {
    throw new SarafError(
      'ERR_ARG',
      'save',
      `expected layers that Keras has, received a ${className}; save the model as a folder: await model.save('my-model')`,
    );
  }
  const options: Json = { dtype: POLICY, ...DEFAULTS[className] };
  for (const [key, value] of Object.entries(config)) {
    const name = snake(key);
    if (
      SARAF_ONLY.has(key) ||
      value === undefined ||
      CALL_OPTIONS.has(name) ||
      REFUSED[className]?.includes(name) ||
      (UNLESS_FALSE.has(name) && value === false)
    )
      continue;
    if (key === 'form')
      throw new SarafError(
        'ERR_ARG',
        'save',
        `expected layers that Keras has, received a ${className} in the ${String(value)}'s form; negate the first units columns of its ` +
          "weights and give them to one in Keras' form with resetAfter false, which computes the same to the bit, or save the model as a " +
          "folder: await model.save('my-model')",
      );
    if (value === 'hardSigmoidKeras2')
      throw new SarafError(
        'ERR_ARG',
        'save',
        `expected activations that Keras 3 has, received ${key} hardSigmoidKeras2; save the model as a folder: await model.save('my-model')`,
      );
    if (name.endsWith('activation') && isRecord(value))
      throw new SarafError(
        'ERR_ARG',
        'save',
        `expected activations that Keras knows by name, received ${key} ${JSON.stringify(value)}; use a layer (softmax, relu, leakyRelu, elu), or save the model as a folder: await model.save('my-model')`,
      );
    options[name] = optionToKeras(name, value);
  }
  return kerasObject('keras.layers', className, options);
}

function optionToKeras(name: string, value: unknown): unknown {
  if (name === 'cells' && Array.isArray(value)) return value.map((cell) => optionToKeras('cell', cell));
  if (!isConfig(value)) return AS_IT_IS.has(name) ? value : snakeValue(value);
  if (name === 'layer' || name === 'backward_layer' || name === 'cell') return configToKeras(value.className, value.config);
  const module = name.endsWith('_initializer')
    ? 'keras.initializers'
    : name.endsWith('_constraint')
      ? 'keras.constraints'
      : 'keras.regularizers';
  return kerasObject(module, value.className, optionsToKeras(value.config));
}

/** Options of an initializer, a loss and the like: names and word values in snake_case. */
export function optionsToKeras(config: Json): Json {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [snake(key), key === 'name' ? value : snakeValue(value)]));
}

function inputLayer(name: string, shape: SymbolicShape, dtype: string): Json {
  return kerasObject('keras.layers', 'InputLayer', { batch_shape: shape, dtype, sparse: false, ragged: false, name });
}

/** A model with its layers, calls, inputs and outputs. */
export function modelToKeras(model: Model): Json {
  return model instanceof Sequential ? sequentialToKeras(model) : functionalToKeras(model);
}

function sequentialToKeras(model: Sequential): Json {
  const { graph } = model;
  const input = graph.tensors[graph.inputs[0] as number] as SymbolicTensor;
  const dtype = model.layers[0]?.className === 'Embedding' ? 'int32' : input.dtype;
  return kerasObject('keras', 'Sequential', {
    name: model.name,
    trainable: model.trainable,
    dtype: POLICY,
    layers: [inputLayer(input.layer.name, input.shape, dtype), ...model.layers.map(layerToKeras)],
    build_input_shape: input.shape,
  });
}

function functionalToKeras(model: Model): Json {
  const { graph } = model;
  const history = new Map<number, [string, number, number]>();
  for (const at of graph.inputs) history.set(at, [(graph.tensors[at] as SymbolicTensor).layer.name, 0, 0]);
  for (const step of graph.steps) step.outputs.forEach((at, i) => history.set(at, [step.layer.name, step.call, i]));
  // Among the outputs a nested functional model counts its own graph as call 0.
  const functional = new Set(graph.layers.filter((l) => l instanceof Model && !(l instanceof Sequential)).map((l) => l.name));
  const tensorAt = (at: number): Json => {
    const { shape, dtype } = graph.tensors[at] as SymbolicTensor;
    return { class_name: '__keras_tensor__', config: { shape, dtype, keras_history: history.get(at) } };
  };
  const ends = (places: readonly number[]): unknown => {
    const list = places.map((at) => {
      const [name, call, tensor] = history.get(at) as [string, number, number];
      return [name, functional.has(name) ? call + 1 : call, tensor];
    });
    return list.length === 1 ? list[0] : list;
  };
  const inputs = new Set(graph.inputs.map((at) => (graph.tensors[at] as SymbolicTensor).layer));
  const layers = kerasOrder(model).map((layer): Json => {
    if (inputs.has(layer)) {
      const t = graph.inputs.map((at) => graph.tensors[at] as SymbolicTensor).find((x) => x.layer === layer) as SymbolicTensor;
      return { ...inputLayer(layer.name, t.shape, t.dtype), name: layer.name, inbound_nodes: [] };
    }
    const calls = graph.steps.filter((s) => s.layer === layer);
    return { ...layerToKeras(layer), name: layer.name, inbound_nodes: calls.map((step) => callToKeras(step, tensorAt)) };
  });
  const config = {
    name: model.name,
    trainable: model.trainable,
    layers,
    input_layers: ends(graph.inputs),
    output_layers: ends(graph.outputs),
  };
  return { ...kerasObject('keras.src.models.functional', 'Functional', config), registered_name: 'Functional' };
}

/** The arguments of a call: tensors one by one, as a list, or as the initial state. */
function callToKeras({ layer, inputs }: GraphStep, tensorAt: (at: number) => Json): Json {
  const tensors = inputs.map(tensorAt);
  if (layer.className.endsWith('Attention')) return attentionCall(layer, tensors);
  if (tensors.length === 1) return { args: tensors, kwargs: {} };
  if (['SimpleRNN', 'LSTM', 'GRU', 'RNN', 'Bidirectional'].includes(layer.className))
    return { args: [tensors[0]], kwargs: { initial_state: tensors.slice(1) } };
  if (layer.className === 'CategoryEncoding') return { args: [tensors[0]], kwargs: { count_weights: tensors[1] } };
  return { args: [tensors], kwargs: {} };
}

/** Attention takes masks and switches as arguments of the call; one input looks at itself. */
function attentionCall(layer: Layer, tensors: readonly Json[]): Json {
  const config = layer.getConfig();
  const kwargs: Json = {};
  for (const name of CALL_OPTIONS) if (config[camel(name)] === true) kwargs[name] = true;
  const given = [...tensors];
  if (config['useAttentionMask'] === true) kwargs['attention_mask'] = given.pop();
  if (given.length === 1) given.push(given[0] as Json);
  return { args: layer instanceof HeadedAttention ? given : [given], kwargs };
}
