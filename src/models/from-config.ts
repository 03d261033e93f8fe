import { SarafError } from '../errors.js';
import { InputLayer } from '../layers/input-layer.js';
import type { Layer, SymbolicTensor } from '../layers/layer.js';
import { layerFromConfig, registerLayer, type LayerConfig } from '../layers/registry.js';
import type { FunctionalConfig, TensorReference } from './graph-config.js';
import { Model } from './model.js';
import { Sequential } from './sequential.js';

function functionalFromConfig(config: Record<string, unknown>): Model {
  const { layers, calls, inputs, outputs } = config as unknown as Partial<FunctionalConfig>;
  if (!layers || !calls || !inputs || !outputs)
    throw new SarafError('ERR_FORMAT', 'loadModel', 'expected a functional model with layers, calls, inputs and outputs');
  const made = new Map<string, Layer>();
  for (const one of layers) {
    const layer = layerFromConfig(one);
    made.set(layer.name, layer);
  }
  const tensors = new Map<string, SymbolicTensor>();
  const find = (reference: TensorReference): SymbolicTensor => {
    const [name, call] = reference;
    const layer = made.get(name);
    const t = layer instanceof InputLayer && call === 0 ? layer.symbolic() : tensors.get(reference.join('/'));
    if (!t)
      throw new SarafError(
        'ERR_FORMAT',
        'loadModel',
        `expected tensor ${reference.join('/')} to be made before it is used; the file is damaged`,
      );
    return t;
  };
  const counts = new Map<string, number>();
  for (const { layer: name, inputs: from } of calls) {
    const layer = made.get(name);
    if (!layer) throw new SarafError('ERR_FORMAT', 'loadModel', `expected a layer named ${name}; the file is damaged`);
    const call = counts.get(name) ?? 0;
    counts.set(name, call + 1);
    const x = from.map(find);
    const shapes = x.map((t) => t.shape);
    if (!layer.built) layer.build(shapes, 'float32');
    const y = layer.apply(x);
    (Array.isArray(y) ? y : [y]).forEach((t, i) => tensors.set([name, call, i].join('/'), t));
  }
  return new Model({
    inputs: inputs.map(find),
    outputs: outputs.map(find),
    ...(typeof config['name'] === 'string' ? { name: config['name'] } : {}),
    ...(typeof config['trainable'] === 'boolean' ? { trainable: config['trainable'] } : {}),
  });
}

function sequentialFromConfig(config: Record<string, unknown>): Sequential {
  const { layers, name, trainable, inputShape, inputDType, shapeFromData } = config;
  if (!Array.isArray(layers)) throw new SarafError('ERR_FORMAT', 'loadModel', 'expected a sequential model with layers');
  const model = new Sequential({
    layers: (layers as LayerConfig[]).map(layerFromConfig),
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof trainable === 'boolean' ? { trainable } : {}),
  });
  if (Array.isArray(inputShape) && !model.built) {
    model.buildFor(inputShape as (number | null)[], inputDType === 'int32' ? 'int32' : 'float32', shapeFromData === true);
  }
  return model;
}

// Models are layers too: nested in files, or given to a wrapper.
registerLayer('Functional', functionalFromConfig);
registerLayer('Sequential', sequentialFromConfig);
