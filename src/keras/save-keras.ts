import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { InputLayer } from '../layers/input-layer.js';
import type { Layer } from '../layers/layer.js';
import { Model } from '../models/model.js';
import { PREPROCESSING_FILE } from '../models/save.js';
import { Sequential } from '../models/sequential.js';
import { preprocessingText } from '../tensor/preprocessing.js';
import type { Tensor } from '../tensor/tensor.js';
import { compileToKeras, hasSchedule, optimizerToKeras } from './config/compile-to-keras.js';
import { kerasOrder, modelToKeras } from './config/model-to-keras.js';
import type { Json } from './config/names.js';
import { MOST_TEXTS, writeHdf5, type DatasetTree, type GroupTree } from './hdf5/write.js';
import { containerGroups, legacyWeights, trainableInOrder, type Placed } from './weights/paths.js';
import { scalarsBehind, slotSequence, stateGroups, stateNames } from './weights/slot-order.js';
import { writeZip } from './zip.js';

/** The Keras whose form is written; readers choose by it. */
const KERAS_VERSION = '3.15.1';

/** The layers of a model in Keras' order, nested models with theirs. */
export function placedForKeras(model: Model): Placed[] {
  return kerasOrder(model).map((layer): Placed => {
    // A Sequential inside gets its input layer from its shape, and a tensor in the middle of another graph stands for one.
    const isInput = layer instanceof InputLayer || (!(model instanceof Sequential) && !model.layers.includes(layer));
    return {
      kerasClass: isInput ? 'InputLayer' : layer.className,
      layer: isInput ? null : layer,
      name: layer.name,
      ...(layer instanceof Model && !isInput ? { layers: placedForKeras(layer) } : {}),
    };
  });
}

function dataset(tensor: Tensor): DatasetTree {
  const values = tensor.data();
  if (values instanceof Uint8Array) return { shape: tensor.shape, values: Int32Array.from(values) };
  return { shape: tensor.shape, values };
}

/** The group at a path, made with all those above it. */
function groupAt(root: GroupTree, path: string): GroupTree {
  let here = root;
  for (const name of path.split('/')) {
    here.children[name] ??= { children: {} };
    here = here.children[name] as GroupTree;
  }
  return here;
}

/** A group `vars` with numbered arrays. */
function vars(root: GroupTree, path: string, name: string, arrays: readonly DatasetTree[]): void {
  const group = groupAt(root, path === '' ? 'vars' : `${path}/vars`);
  group.attributes = { name };
  arrays.forEach((array, i) => (group.children[String(i)] = array));
}

/** The optimizer's arrays in Keras' order. Slots that no step has filled yet are zeros. */
function optimizerArrays(model: Model, layers: readonly Placed[]): { names: string[]; arrays: DatasetTree[] } | null {
  const optimizer = model.compilation?.optimizer;
  if (!optimizer) return null;
  const names = ['iteration'];
  const arrays: DatasetTree[] = [{ shape: [], values: BigInt64Array.of(BigInt(optimizer.iterations)) }];
  if (!hasSchedule(optimizer)) {
    names.push('learning_rate');
    arrays.push({ shape: [], values: Float32Array.of(optimizer.learningRate) });
  }
  const weights = trainableInOrder(model, layers);
  const slotNames = stateNames(optimizer);
  for (const { weight, slot } of slotSequence(stateGroups(optimizer), weights.length)) {
    const w = weights[weight] as (typeof weights)[number];
    names.push(`${w.name.replaceAll('/', '_')}_${weight}_${slotNames[slot] as string}`);
    arrays.push(dataset(optimizer.slotsOf(w.value)[slot] as Tensor));
  }
  for (const [name, value] of scalarsBehind(optimizer)) {
    names.push(name);
    arrays.push({ shape: [], values: Float32Array.of(value) });
  }
  return { names, arrays };
}

/** Weights in Keras 3's layout, with the optimizer if the model is compiled. */
function weightsFile(model: Model): Promise<Uint8Array> {
  const root: GroupTree = { children: {} };
  const layers = placedForKeras(model);
  groupAt(root, 'layers');
  for (const { path, name, weights } of containerGroups(layers, 'layers/')) {
    vars(
      root,
      path,
      name,
      weights.map((w) => dataset(w.value)),
    );
  }
  const state = optimizerArrays(model, layers);
  if (state) vars(root, 'optimizer', optimizerToKeras(model.compilation?.optimizer as never).config['name'] as string, state.arrays);
  vars(root, '', model.name, []);
  return writeHdf5(root);
}

/** JSON in which a number that Keras asks to be a float has a point: of optimizers and F scores. */
const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(/"(beta|threshold|learning_rate|momentum)":(-?\d+)(?=[,}])/g, '"$1":$2.0');
const json = (value: unknown): Uint8Array => Buffer.from(jsonText(value), 'utf8');

function built(model: Model): void {
  if (!model.built)
    throw new SarafError('ERR_STATE', 'save', 'expected a built model; give the first layer inputShape or fit it on data first');
}

/** Writes a `.keras` archive. The same model gives the same bytes. */
export async function saveKerasArchive(model: Model, path: string): Promise<void> {
  built(model);
  const config: Json = modelToKeras(model);
  if (model.compilation) config['compile_config'] = compileToKeras(model.compilation);
  const archive = await writeZip([
    ['metadata.json', json({ keras_version: KERAS_VERSION, date_saved: '1980-01-01@00:00:00' })],
    ['config.json', json(config)],
    ['model.weights.h5', await weightsFile(model)],
    // Keras reads the files that it knows and passes over others.
    ...(model.preprocessing ? [[PREPROCESSING_FILE, Buffer.from(preprocessingText(model.preprocessing), 'utf8')] as const] : []),
  ]);
  writeFileAtomic(path, archive);
}

/** Writes `.weights.h5`. */
export async function saveKerasWeights(model: Model, path: string): Promise<void> {
  built(model);
  writeFileAtomic(path, await weightsFile(model));
}

/** An attribute that lists names; a list too long for one attribute is cut. */
function nameList(name: string, names: readonly string[]): Record<string, readonly string[]> {
  if (names.length <= MOST_TEXTS) return { [name]: names };
  const lists: Record<string, readonly string[]> = {};
  for (let i = 0; i * MOST_TEXTS < names.length; i++) lists[`${name}${i}`] = names.slice(i * MOST_TEXTS, (i + 1) * MOST_TEXTS);
  return lists;
}

/** Writes an `.h5` file with architecture, weights and, if compiled, the optimizer. */
export async function saveKerasH5(model: Model, path: string): Promise<void> {
  built(model);
  const { class_name, config } = modelToKeras(model);
  const layers = placedForKeras(model);
  const about = { keras_version: KERAS_VERSION, backend: 'tensorflow' };
  const children: GroupTree['children'] = { top_level_model_weights: { attributes: { weight_names: [] }, children: {} } };
  for (const { layer, name } of layers) children[name] = layer ? legacyGroup(layer) : { attributes: { weight_names: [] }, children: {} };
  const root: GroupTree = {
    attributes: { ...about, model_config: JSON.stringify({ class_name, config }) },
    children: {
      model_weights: {
        attributes: {
          ...about,
          ...nameList(
            'layer_names',
            layers.map((l) => l.name),
          ),
        },
        children,
      },
    },
  };
  if (model.compilation) {
    const { optimizer: _optimizer, ...rest } = compileToKeras(model.compilation);
    const optimizer_config = optimizerToKeras(model.compilation.optimizer);
    root.attributes = { ...root.attributes, training_config: jsonText({ ...rest, optimizer_config }) };
    const { names, arrays } = optimizerArrays(model, layers) as { names: string[]; arrays: DatasetTree[] };
    const prefix = optimizer_config.config['name'] as string;
    root.children['optimizer_weights'] = {
      attributes: nameList(
        'weight_names',
        names.map((n) => `${prefix}/${n}`),
      ),
      children: { [prefix]: { children: Object.fromEntries(names.map((n, i) => [n, arrays[i] as DatasetTree])) } },
    };
  }
  writeFileAtomic(path, await writeHdf5(root));
}

function legacyGroup(layer: Layer): GroupTree {
  const group: GroupTree = { children: {} };
  const names = new Map<string, DatasetTree>();
  for (const weight of legacyWeights(layer)) {
    // Two layers of a nested model may name their weights alike.
    let name = `${layer.name}/${weight.name}`;
    for (let n = 1; names.has(name); n++) name = `${layer.name}/${weight.name}_${n}`;
    names.set(name, dataset(weight.value));
    const at = name.lastIndexOf('/');
    groupAt(group, name.slice(0, at)).children[name.slice(at + 1)] = names.get(name) as DatasetTree;
  }
  group.attributes = nameList('weight_names', [...names.keys()]);
  return group;
}
