import { join } from 'node:path';
import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { assignByName } from './assign.js';
import type { Model } from './model.js';
import { findFolder, readModelFile, readTensors } from './model-folder.js';
import { readingFile } from './reading-file.js';
import { MODEL_FILE, namedWeights, OPTIMIZER_FILE, WEIGHTS_FILE } from './save.js';

/** Gives the optimizer of a compiled model the steps and the state that the folder keeps. Throws ERR_FORMAT if they do not fit. */
export function restoreOptimizer(model: Model, iterations: number, folder: string): void {
  const { optimizer } = model;
  if (!Number.isSafeInteger(iterations) || iterations < 0)
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected the optimizer's iterations to be a whole number, received ${String(iterations)}`,
    );
  const trainable = new Set(model.trainableWeights);
  // Before its first step it keeps nothing; the file is there all the same.
  const slots = namedWeights(model.layers)
    .filter(([, w]) => iterations > 0 && trainable.has(w))
    .flatMap(([name, w]) => {
      const state = optimizer.slotsOf(w.value);
      return optimizer.stateNames.map((slot, i): [string, Tensor] => [`${name}:${slot}`, state[i] as Tensor]);
    });
  assignByName(join(folder, OPTIMIZER_FILE), slots, readTensors(folder, OPTIMIZER_FILE));
  if (iterations === 0) optimizer.reset(); // it may have trained meanwhile
  optimizer.iterations = iterations;
}

/** Puts what `save` kept of a run into a model of the same layers; see `Model.restore`. */
export async function restoreModel(model: Model, directory: string): Promise<void> {
  const { compilation } = model;
  if (!model.built || !compilation)
    throw new SarafError('ERR_STATE', 'restore', 'expected a built and compiled model; give the first layer inputShape and call compile');
  await readingFile(directory, () => {
    const folder = findFolder(directory);
    const file = readModelFile(join(folder, MODEL_FILE));
    const saved = file.compile?.optimizer;
    const { optimizer } = compilation;
    if (saved?.className !== optimizer.className)
      throw new SarafError(
        'ERR_FORMAT',
        'restore',
        `expected a model trained with ${optimizer.className} in ${folder}, received ${saved?.className ?? 'one that is not compiled'}`,
      );
    const weights = namedWeights(model.layers).map(([name, w]): [string, Tensor] => [name, w.value]);
    assignByName(join(folder, WEIGHTS_FILE), weights, readTensors(folder, WEIGHTS_FILE));
    restoreOptimizer(model, saved.iterations, folder);
    const rate = saved.config['learningRate'];
    if (typeof rate === 'number') optimizer.learningRate = rate;
    Object.assign(model.training, file.training);
  });
}
