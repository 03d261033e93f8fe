import { join } from 'node:path';
import { SarafError } from '../errors.js';
// Loading the index registers saraf's own layers.
import { isLayerClassName, layerClassNames, layerFromConfig } from '../layers/index.js';
import { withoutInitializers } from '../layers/layer.js';
import { lossFromConfig } from '../losses/index.js';
import { optimizerFromConfig } from '../optimizers/index.js';
import { modelFormat } from './formats.js';
import './from-config.js';
import { unknownLayers } from './graph-config.js';
import { Model } from './model.js';
import { assignByName } from './assign.js';
import { findFolder, readModelFile, readPreprocessing, readTensors } from './model-folder.js';
import { readingFile } from './reading-file.js';
import { metricFromSaved } from './metric-plan.js';
import { restoreOptimizer } from './restore.js';
import { MODEL_FILE, namedWeights, WEIGHTS_FILE, type ModelFile } from './save.js';

export interface LoadOptions {
  /** Restores optimizer, losses and metrics as well, to go on training. Default true. */
  compile?: boolean;
  /**
   * Of a `.keras` file: leave out the TextVectorization layers that the model begins with; its inputs are what they give, and
   * `loadTextVectorization` reads them. Default false.
   */
  afterText?: boolean;
}

/**
 * Reads a model: the folder that `save` wrote, or a file of Keras, by its name: `.keras`, `.h5`, TensorFlow.js' `model.json`.
 *
 * The same predictions (of a folder bit for bit), and training goes on where it stopped.
 * Throws: ERR_FORMAT if a file is damaged or of a later version; everything that saraf does not have is listed at once.
 * Example: const model = await loadModel('models/sentiment'); await model.fit(x, y, { epochs: 20, initialEpoch: 10 })
 */
export async function loadModel(directory: string, options: LoadOptions = {}): Promise<Model> {
  const format = modelFormat(directory);
  return format ? format.load(directory, options) : readingFile(directory, () => loadFolder(findFolder(directory), options));
}

function loadFolder(folder: string, options: LoadOptions): Model {
  const file = readModelFile(join(folder, MODEL_FILE));
  checkLayers(file, folder);
  const weights = readTensors(folder, WEIGHTS_FILE);
  // A model that does not fit its weights is told by their names; only one that asks for far more is not even made.
  const numbers = [...weights.values()].reduce((sum, t) => sum + t.size, 0);
  const model = build(file, folder, Math.max(2 ** 22, 4 * numbers));
  const named = namedWeights(model.layers);
  assignByName(
    join(folder, WEIGHTS_FILE),
    named.map(([name, w]) => [name, w.value]),
    weights,
  );
  if (file.compile && (options.compile ?? true)) compile(model, file.compile, folder);
  Object.assign(model.training, file.training);
  model.preprocessing = readPreprocessing(folder);
  return model;
}

/** Names all layers that are not known at once. */
function checkLayers(file: ModelFile, folder: string): void {
  const unknown = [...new Set([...(isLayerClassName(file.className) ? [] : [file.className]), ...unknownLayers(file.config)])];
  if (unknown.length > 0) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected layers among ${layerClassNames().join(', ')}, ${folder} needs ${unknown.join(', ')}; call registerLayer for classes of your own before loading`,
    );
  }
}

/** The model without its weights, which may take no more than so many numbers. */
function build(file: ModelFile, folder: string, numbers: number): Model {
  const model = withoutInitializers(numbers, () => layerFromConfig({ className: file.className, config: file.config }));
  if (!(model instanceof Model))
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected a model in ${folder}, received a ${file.className}`);
  return model;
}

function compile(model: Model, saved: NonNullable<ModelFile['compile']>, folder: string): void {
  const optimizer = optimizerFromConfig(saved.optimizer.className, saved.optimizer.config);
  model.compile({
    optimizer,
    loss: saved.outputs.map((o) => lossFromConfig(o.loss.className, o.loss.config)),
    lossWeights: saved.outputs.map((o) => o.lossWeight),
    metrics: saved.outputs.map((o) => o.metrics.map(metricFromSaved)),
    weightedMetrics: saved.outputs.map((o) => (o.weightedMetrics ?? []).map(metricFromSaved)),
    ...(saved.precision === undefined ? {} : { precision: saved.precision }),
  });
  restoreOptimizer(model, saved.optimizer.iterations, folder);
}
