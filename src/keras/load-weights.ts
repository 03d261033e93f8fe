import type { LoadWeightsOptions } from '../models/formats.js';
import type { Model } from '../models/model.js';
import { readingFile } from '../models/reading-file.js';
import { openHdf5 } from './hdf5/file.js';
import { readModelBytes } from './load-keras.js';
import { Problems } from './problems.js';
import { placedForKeras } from './save-keras.js';
import { groupedAssignments, legacyAssignments, optimizerArrays } from './weights/hdf5-weights.js';
import { optimizerState } from './weights/optimizer-state.js';
import { trainableInOrder } from './weights/paths.js';
import { assign, checkAssignments } from './weights/stored.js';
import { readZip } from './zip.js';

/** Reads the weights of `.weights.h5`, `.h5` or `.keras` into a model that has the same layers, and its optimizer's; all or none. */
export function loadKerasWeights(model: Model, path: string, options: LoadWeightsOptions = {}): Promise<void> {
  return readingFile(path, async () => {
    let bytes = readModelBytes(path);
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
      const read = (await readZip(bytes, path, 64 * bytes.length + 2 ** 20)).get('model.weights.h5');
      if (read) bytes = await read();
    }
    const root = await openHdf5(bytes, path);
    const problems = new Problems('weights that fit the model', path, 'The file must hold the weights of a model with the same layers.');
    const layers = placedForKeras(model);
    const grouped = root.group('layers') !== null || root.group('_layer_checkpoint_dependencies') !== null;
    const assignments = grouped ? groupedAssignments(root, layers) : legacyAssignments(root, layers, problems);
    checkAssignments(assignments, problems);
    const optimizer = options.optimizer ? model.optimizer : null;
    const arrays = optimizer ? optimizerArrays(root) : [];
    if (optimizer && arrays.length === 0) problems.add('optimizer', 'expected its steps and arrays, the file has none');
    const state = optimizer ? await optimizerState(arrays, optimizer, trainableInOrder(model, layers), problems) : null;
    if (state) checkAssignments(state.assignments, problems);
    problems.throwIfAny();
    await assign([...assignments, ...(state?.assignments ?? [])]);
    if (optimizer && state) {
      // Before its first step there may be no arrays: then it starts anew.
      if (state.assignments.length === 0) optimizer.reset();
      optimizer.iterations = state.iterations;
    }
  });
}
