import { readFileSync } from 'node:fs';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { assignByName } from './assign.js';
import { keepsNoOptimizer, modelFormat, type LoadWeightsOptions } from './formats.js';
import type { Model } from './model.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import { namedWeights } from './save.js';
import { notCompiled } from './trainer.js';

/** Writes the weights of a model; see `Model.saveWeights`. */
export async function saveWeights(model: Model, path: string): Promise<void> {
  if (!model.built)
    throw new SarafError('ERR_STATE', 'saveWeights', 'expected a built model; give the first layer inputShape or fit it on data first');
  const format = modelFormat(path);
  if (format) return format.saveWeights(model, path);
  writeFileAtomic(path, Buffer.concat(encodeSafetensors(namedWeights(model.layers).map(([name, w]) => [name, w.value]))));
}

/** Reads weights into a model; see `Model.loadWeights`. */
export async function loadWeights(model: Model, path: string, options: LoadWeightsOptions): Promise<void> {
  if (!model.built)
    throw new SarafError('ERR_STATE', 'loadWeights', 'expected a built model; give the first layer inputShape or fit it on data first');
  if (options.optimizer && !model.compilation) throw notCompiled('loadWeights');
  const format = modelFormat(path);
  if (format) return format.loadWeights(model, path, options);
  if (options.optimizer) throw keepsNoOptimizer(path);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadWeights', `expected a file of weights at ${path}: ${(cause as Error).message}`, { cause });
  }
  assignByName(
    path,
    namedWeights(model.layers).map(([name, w]) => [name, w.value]),
    decodeSafetensors(bytes, path),
  );
}
