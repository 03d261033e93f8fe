import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { Bidirectional } from '../layers/bidirectional.js';
import type { Layer, Weight } from '../layers/layer.js';
import { keepsNoOptimizer, type LoadWeightsOptions } from '../models/formats.js';
import type { LoadOptions } from '../models/load.js';
import { Model } from '../models/model.js';
import { readingFile } from '../models/reading-file.js';
import { modelToTfjs } from './config/model-to-tfjs.js';
import { isRecord, snake, type Json } from './config/names.js';
import { halfToNumber } from './half.js';
import { buildFromKeras, majorVersion, MAX_CONFIG, parseJson, readModelBytes } from './load-keras.js';
import { Problems } from './problems.js';
import { placedForKeras } from './save-keras.js';
import { legacyWeights, type Placed } from './weights/paths.js';
import { assign, checkAssignments, type Assignment, type StoredArray } from './weights/stored.js';

/** Bytes of one number in a shard. */
const WIDTH: Readonly<Record<string, number>> = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 };

type Reader = (bytes: ArrayBuffer) => Float32Array | Int32Array | Uint16Array | Uint8Array;

const READERS: Readonly<Record<string, Reader>> = {
  float32: (bytes) => new Float32Array(bytes),
  int32: (bytes) => new Int32Array(bytes),
  float16: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToNumber),
  uint16: (bytes) => new Uint16Array(bytes),
  uint8: (bytes) => new Uint8Array(bytes),
  bool: (bytes) => new Uint8Array(bytes),
};

interface TfjsArray extends StoredArray {
  readonly name: string;
}

interface Opened {
  readonly json: Json;
  readonly arrays: readonly TfjsArray[];
}

function bad(source: string, what: string): never {
  throw new SarafError('ERR_FORMAT', 'loadModel', `${source}: ${what}; the file is damaged or no model of TensorFlow.js`);
}

/** Reads `model.json` and finds its shards; of the shards only the sizes are looked at. */
function open(path: string): Opened {
  const bytes = readModelBytes(path);
  if (bytes.length > MAX_CONFIG) bad(path, 'expected a model.json of at most 64 MB');
  const json = parseJson(Buffer.from(bytes).toString('utf8'), 'the file', path);
  if (!isRecord(json)) return bad(path, 'expected a JSON object');
  if (json['format'] === 'saraf-model') bad(path, `this is saraf's own format, load its folder ${dirname(path)}`);
  if (json['format'] === 'graph-model')
    bad(
      path,
      'expected a layers model, received a graph model, whose layers are lost; convert it again with output_format=tfjs_layers_model',
    );
  const manifest = json['weightsManifest'];
  if (!Array.isArray(manifest) || !isRecord(json['modelTopology'])) return bad(path, 'expected modelTopology and weightsManifest');
  return { json, arrays: manifest.flatMap((group: unknown) => groupArrays(group, path)) };
}

function groupArrays(group: unknown, path: string): TfjsArray[] {
  if (!isRecord(group) || !Array.isArray(group['paths']) || !Array.isArray(group['weights']))
    return bad(path, 'expected paths and weights in the manifest');
  const shards = (group['paths'] as unknown[]).map((shard): string => {
    // A shard lies beside the file, never somewhere else.
    if (typeof shard !== 'string' || shard === '' || /^([/\\]|[a-z]+:)/i.test(shard) || normalize(shard).startsWith('..'))
      return bad(path, `expected the name of a shard, received ${JSON.stringify(shard)}`);
    return join(dirname(path), shard);
  });
  let at = 0;
  // The optimizer's arrays come along where they were saved; in them are no weights of the model.
  const all = (group['weights'] as unknown[]).map((weight) => {
    if (!isRecord(weight) || typeof weight['name'] !== 'string' || !Array.isArray(weight['shape']))
      return bad(path, 'expected a name and a shape of each weight');
    const shape = weight['shape'] as unknown[];
    if (shape.some((n) => !Number.isSafeInteger(n) || (n as number) < 0))
      bad(path, `expected a shape of ${weight['name']}, received ${JSON.stringify(shape)}`);
    const quantization = isRecord(weight['quantization']) ? weight['quantization'] : null;
    const dtype = String(quantization?.['dtype'] ?? weight['dtype']);
    const size = (shape as number[]).reduce((product, n) => product * n, 1);
    const spec = {
      name: weight['name'],
      shape: shape as number[],
      dtype,
      quantization,
      at,
      size,
      ofModel: weight['group'] !== 'optimizer',
    };
    at += size * (WIDTH[dtype] ?? 0);
    return spec;
  });
  const present = shards.reduce(
    (sum, shard) =>
      sum + (statSync(shard, { throwIfNoEntry: false })?.size ?? bad(path, `expected the shard ${basename(shard)} beside it`)),
    0,
  );
  if (present !== at && all.every((s) => s.dtype in WIDTH)) bad(path, `expected ${at} bytes of weights, the shards hold ${present}`);
  let data: Uint8Array | null = null;
  const read = (): Uint8Array => (data ??= Buffer.concat(shards.map((shard) => readFileSync(shard))));
  const specs = all.filter((s) => s.ofModel);
  return specs.map(({ name, shape, dtype, quantization, at: from, size }): TfjsArray => {
    const [scale, least] = [quantization?.['scale'] ?? 1, quantization?.['min'] ?? 0];
    const isNumeric = dtype in WIDTH && typeof scale === 'number' && typeof least === 'number';
    return {
      name,
      shape,
      description: dtype,
      isNumeric,
      numbers: () => {
        const bytes = read();
        const width = WIDTH[dtype] as number;
        if (from + size * width > bytes.length) bad(path, `expected ${name} within ${bytes.length} bytes`);
        // A copy of its own: a shard's arrays need not be aligned.
        const stored = (READERS[dtype] as Reader)(new Uint8Array(bytes.subarray(from, from + size * width)).buffer);
        return quantization ? Float32Array.from(stored, (v) => v * (scale as number) + (least as number)) : stored;
      },
    };
  });
}

/** Each weight of the model once, layer by layer as Keras writes it, or all trainable ones first as TensorFlow.js does. */
function orders(layers: readonly Placed[]): Weight[][] {
  const each = [...new Set(layers.flatMap(({ layer }) => (layer ? legacyWeights(layer) : [])))];
  const trainable = new Set(layers.flatMap(({ layer }) => layer?.trainableWeights ?? []));
  return [each, [...trainable, ...each.filter((w) => !trainable.has(w))]];
}

const lastName = (name: string): string => snake(name.split('/').at(-1) ?? '').replace(/(:0|_\d+)$/, '');

/** Pairs by order; names break the tie where shapes fit in more than one way. */
function pair(arrays: readonly TfjsArray[], layers: readonly Placed[], problems: Problems): Assignment[] {
  const candidates = orders(layers);
  const [first] = candidates as [Weight[], ...Weight[][]];
  if (arrays.length !== first.length) {
    problems.add('weightsManifest', `expected ${first.length} weights, received ${arrays.length}`);
    return [];
  }
  const fits = (order: readonly Weight[]): boolean => order.every((w, i) => arrays[i]?.shape.join() === w.value.shape.join());
  const named = (order: readonly Weight[]): boolean => order.every((w, i) => lastName(arrays[i]?.name ?? '') === lastName(w.name));
  const order = candidates.find((o) => fits(o) && named(o)) ?? candidates.find(fits) ?? first;
  return order.map((w, i) => ({ label: arrays[i]?.name ?? w.name, target: w.value, stored: arrays[i] ?? null }));
}

/** Reads TensorFlow.js' `model.json` with its shards (a layers model). */
export function loadTfjs(path: string, options: LoadOptions): Promise<Model> {
  return readingFile(path, () => {
    const { json, arrays } = open(path);
    const topology = json['modelTopology'] as Json;
    // What the converter wrote, and what TensorFlow.js saves itself.
    const config = isRecord(topology['model_config']) ? topology['model_config'] : topology;
    return buildFromKeras(
      {
        source: path,
        config,
        compileConfig: topology['training_config'] ?? json['trainingConfig'],
        version: majorVersion(topology['keras_version']),
        numbers: arrays.reduce((sum, a) => sum + a.shape.reduce((product, n) => product * n, 1), 0),
        assignments: (layers, problems) => pair(arrays, layers, problems),
        optimizer: [],
      },
      options,
    );
  });
}

/** Reads the weights of a `model.json` into a model that has the same layers; all or none. Throws ERR_ARG if asked for an optimizer. */
export function loadTfjsWeights(model: Model, path: string, options: LoadWeightsOptions): Promise<void> {
  if (options.optimizer) throw keepsNoOptimizer(path);
  return readingFile(path, async () => {
    const problems = new Problems('weights that fit the model', path, 'The file must hold the weights of a model with the same layers.');
    const assignments = pair(open(path).arrays, placedForKeras(model), problems);
    checkAssignments(assignments, problems);
    problems.throwIfAny();
    await assign(assignments);
  });
}

/** Each weight under the name that TensorFlow.js gives its variable: models inside do not show in it. */
function namesOf(layer: Layer): [string, Weight][] {
  if (layer instanceof Model) return layer.layers.flatMap(namesOf);
  const last = (w: Weight): string => snake(w.name.split('/').at(-1) as string);
  if (layer instanceof Bidirectional) {
    return [layer.forwardLayer, layer.backwardLayer].flatMap((inner) =>
      inner.weights.map((w): [string, Weight] => [`${layer.name}/${inner.name}/${last(w)}`, w]),
    );
  }
  const named = (w: Weight): string => (layer.className === 'DepthwiseConv2D' && last(w) === 'kernel' ? 'depthwise_kernel' : last(w));
  return layer.weights.map((w) => [`${layer.name}/${named(w)}`, w]);
}

/** Writes `model.json` and one shard beside it, the shard first. */
export function saveTfjs(model: Model, path: string): void {
  if (!model.built)
    throw new SarafError('ERR_STATE', 'save', 'expected a built model; give the first layer inputShape or fit it on data first');
  const modelTopology = { keras_version: '2.15.0', backend: 'tensorflow', model_config: modelToTfjs(model) };
  const names = new Map<Weight, string>();
  const taken = new Set<string>();
  for (const { layer } of placedForKeras(model)) {
    for (const [name, weight] of layer ? namesOf(layer) : []) {
      let own = name;
      for (let n = 1; taken.has(own); n++) own = `${name}_${n}`;
      taken.add(own);
      names.set(weight, own);
    }
  }
  const weights: Json[] = [];
  const data: Uint8Array[] = [];
  for (const { layer } of placedForKeras(model)) {
    for (const weight of layer ? legacyWeights(layer) : []) {
      const values = Float32Array.from(weight.value.data());
      weights.push({ name: names.get(weight), shape: [...weight.value.shape], dtype: 'float32' });
      data.push(new Uint8Array(values.buffer));
    }
  }
  const shard = `${basename(path, '.json')}-weights.bin`;
  writeFileAtomic(join(dirname(path), shard), Buffer.concat(data));
  const file = {
    format: 'layers-model',
    generatedBy: 'saraf',
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: [shard], weights }],
  };
  writeFileAtomic(path, JSON.stringify(file));
}
