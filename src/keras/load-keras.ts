import { readFileSync, statSync } from 'node:fs';
import { SarafError } from '../errors.js';
import { withoutInitializers } from '../layers/layer.js';
// Loading the index registers saraf's own layers.
import { layerFromConfig } from '../layers/index.js';
import '../models/from-config.js';
import { Model } from '../models/model.js';
import type { LoadOptions } from '../models/load.js';
import { PREPROCESSING_FILE } from '../models/save.js';
import { preprocessingFromText, type Preprocessing } from '../tensor/preprocessing.js';
import { readingFile, reasonOf } from '../models/reading-file.js';
import { compileFromKeras, type CompilePlan } from './config/compile-from-keras.js';
import { modelFromKeras, type ModelPlan } from './config/model-from-keras.js';
import { isKerasObject, isRecord, type Json } from './config/names.js';
import { splitTexts } from './config/text-layers.js';
import { openHdf5, type Hdf5Group } from './hdf5/file.js';
import { Problems } from './problems.js';
import { groupedAssignments, legacyAssignments, optimizerArrays, storedNumbers } from './weights/hdf5-weights.js';
import { optimizerState } from './weights/optimizer-state.js';
import { place, trainableInOrder, type Placed } from './weights/paths.js';
import { assign, checkAssignments, type Assignment, type StoredArray } from './weights/stored.js';
import { withVocabularies } from './vocabularies.js';
import { readZip } from './zip.js';

const CONFIG = 'config.json';
const METADATA = 'metadata.json';
const WEIGHTS = 'model.weights.h5';
/** A configuration larger than this is no configuration. */
export const MAX_CONFIG = 64 * 2 ** 20;
/** The most that a `.keras` archive may unpack to, as a multiple of its size. */
const MAX_UNPACKED = 64;

/** What a file says of a model, before any weight is read. */
export interface KerasSource {
  readonly source: string;
  readonly config: unknown;
  readonly compileConfig: unknown;
  readonly version: number;
  /** How many numbers the file holds. */
  readonly numbers: number;
  /** Where each weight goes; problems with what is there are added. */
  assignments(layers: readonly Placed[], problems: Problems): Assignment[];
  /** The arrays of the optimizer. */
  readonly optimizer: readonly { name: string; stored: StoredArray }[];
  /** What saraf wrote beside the model. Absent: nothing. */
  readonly preprocessing?: Preprocessing | null;
}

/** The bytes of a file. Throws ERR_FORMAT if there is none. */
export function readModelBytes(path: string): Uint8Array {
  try {
    if (!statSync(path).isFile()) throw new Error(`${path} is a folder`);
    return readFileSync(path);
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected a file at ${path}: ${reasonOf(cause)}`, { cause });
  }
}

export const majorVersion = (version: unknown): number => {
  const major = Number.parseInt(String(version), 10);
  return Number.isInteger(major) ? major : 2;
};

export function parseJson(text: string, what: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `${source}: expected JSON in ${what}; the file is damaged, copy or save it again`, {
      cause,
    });
  }
}

/** What a `.keras` archive holds. */
export interface KerasArchive {
  /** With the vocabularies that layers learnt. */
  readonly config: Json;
  readonly metadata: Json;
  /** What saraf wrote beside the model; null if it did not. */
  readonly preprocessing: Preprocessing | null;
  /** The weights' file: its bytes, and it opened. */
  weights(): Promise<{ bytes: Uint8Array; root: Hdf5Group }>;
}

/** Opens a `.keras` archive. */
export async function readArchive(bytes: Uint8Array, source: string): Promise<KerasArchive> {
  const files = await readZip(bytes, source, MAX_UNPACKED * bytes.length + 2 ** 20);
  const file = (name: string): Promise<Uint8Array> => {
    const read = files.get(name);
    if (!read)
      throw new SarafError(
        'ERR_FORMAT',
        'loadModel',
        `${source}: expected ${name} in the archive, received ${[...files.keys()].slice(0, 8).join(', ')}`,
      );
    return read();
  };
  const text = async (name: string): Promise<string> => {
    const content = await file(name);
    if (content.length > MAX_CONFIG) throw new SarafError('ERR_FORMAT', 'loadModel', `${source}: expected ${name} of at most 64 MB`);
    return Buffer.from(content).toString('utf8');
  };
  const json = async (name: string): Promise<Json> => {
    const value = parseJson(await text(name), name, source);
    if (!isRecord(value)) throw new SarafError('ERR_FORMAT', 'loadModel', `${source}: expected a JSON object in ${name}`);
    return value;
  };
  const config = await withVocabularies(await json(CONFIG), async (name) => {
    const content = await files.get(name)?.();
    return content ? Buffer.from(content).toString('utf8') : null;
  });
  return {
    config,
    metadata: await json(METADATA),
    preprocessing: files.has(PREPROCESSING_FILE)
      ? preprocessingFromText(await text(PREPROCESSING_FILE), `${source}: ${PREPROCESSING_FILE}`)
      : null,
    weights: async () => {
      const content = await file(WEIGHTS);
      return { bytes: content, root: await openHdf5(content, `${source}: ${WEIGHTS}`) };
    },
  };
}

/** The model of a `.keras` archive; with `afterText` what follows the TextVectorization layers at its inputs. */
export async function openKerasArchive(bytes: Uint8Array, source: string, afterText = false): Promise<KerasSource> {
  const { config: whole, metadata, preprocessing, weights } = await readArchive(bytes, source);
  const { bytes: content, root } = await weights();
  return {
    source,
    config: afterText ? splitTexts(whole).model : whole,
    compileConfig: whole['compile_config'],
    version: majorVersion(metadata['keras_version']),
    numbers: storedNumbers(root, content.length),
    assignments: (layers) => groupedAssignments(root, layers),
    optimizer: optimizerArrays(root),
    preprocessing,
  };
}

/** Opens an `.h5` file that holds a whole model. */
export async function openKerasH5(bytes: Uint8Array, source: string): Promise<KerasSource> {
  const root = await openHdf5(bytes, source);
  const text = root.text('model_config');
  if (text === null) {
    const weightsOnly = root.group('layers') !== null || root.attributes.has('layer_names') || root.attributes.has('layer_names0');
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `${source}: expected the attribute model_config${weightsOnly ? ', this file holds weights only; build the model and call model.loadWeights(path)' : '; the file is no Keras model'}`,
    );
  }
  const training = root.text('training_config');
  return {
    source,
    config: parseJson(text, 'model_config', source),
    compileConfig: training === null ? null : parseJson(training, 'training_config', source),
    version: majorVersion(root.text('keras_version') ?? root.group('model_weights')?.text('keras_version')),
    numbers: storedNumbers(root, bytes.length),
    assignments: (layers, problems) => legacyAssignments(root, layers, problems),
    optimizer: optimizerArrays(root),
  };
}

/** What a file is asked to hold. */
export const RUNNABLE = 'a model that saraf can run';
const ADVICE =
  'Layers of your own are made known by registerLayer; optimizer, loss and metrics are left out by loadModel(path, { compile: false }).';

/** Builds the model that a file describes. Nothing of its weights is read before everything else was found to be right. */
export async function buildFromKeras(file: KerasSource, options: LoadOptions): Promise<Model> {
  const { source } = file;
  const problems = new Problems(RUNNABLE, source, ADVICE);
  if (!isKerasObject(file.config) && !(isRecord(file.config) && Array.isArray(file.config['config'])))
    throw new SarafError('ERR_FORMAT', 'loadModel', `${source}: expected the class and configuration of a model`);
  const plan: ModelPlan = modelFromKeras(file.config as Parameters<typeof modelFromKeras>[0], { problems, version: file.version });
  const outputs = plan.config.config['outputs'];
  const names = Array.isArray(outputs) ? (outputs as [string][]).map(([name]) => name) : [plan.layers.at(-1)?.name ?? 'output'];
  const compiled = (options.compile ?? true) ? compileFromKeras(file.compileConfig, names, problems) : null;
  problems.throwIfAny();
  const model = build(plan, file);
  const layers = place(plan.layers, model);
  const misfits = new Problems(
    'weights that fit the model',
    source,
    'The file is damaged or was not written by Keras; save the model again.',
  );
  const assignments = file.assignments(layers, misfits);
  checkAssignments(assignments, misfits);
  if (compiled) compile(model, compiled);
  const state = compiled ? await optimizerState(file.optimizer, compiled.optimizer, trainableInOrder(model, layers), misfits) : null;
  if (state) checkAssignments(state.assignments, misfits);
  misfits.throwIfAny();
  await assign([...assignments, ...(state?.assignments ?? [])]);
  if (compiled && state) {
    compiled.optimizer.iterations = state.iterations;
    model.training.step = state.iterations;
  }
  model.preprocessing = file.preprocessing ?? null;
  return model;
}

function build(plan: ModelPlan, file: KerasSource): Model {
  try {
    const model = withoutInitializers(file.numbers, () => layerFromConfig(plan.config));
    if (!(model instanceof Model) || !model.built) throw new Error('the shape of its input is not known');
    return model;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected a model that can be built in ${file.source}: ${reasonOf(cause)}`, { cause });
  }
}

function compile(model: Model, plan: CompilePlan): void {
  model.compile({
    optimizer: plan.optimizer,
    loss: plan.losses,
    lossWeights: plan.lossWeights,
    metrics: plan.metrics,
    weightedMetrics: plan.weightedMetrics,
  });
}

/** Reads a `.keras` or `.h5` file. */
export function loadKeras(path: string, options: LoadOptions): Promise<Model> {
  return readingFile(path, async () => {
    const bytes = readModelBytes(path);
    const zipped = bytes[0] === 0x50 && bytes[1] === 0x4b;
    return buildFromKeras(await (zipped ? openKerasArchive(bytes, path, options.afterText) : openKerasH5(bytes, path)), options);
  });
}
