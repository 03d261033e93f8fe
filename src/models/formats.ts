import { SarafError } from '../errors.js';
import type { LoadOptions } from './load.js';
import type { Model } from './model.js';

export interface LoadWeightsOptions {
  /** Also the steps that the optimizer has taken and what it keeps of each weight, to go on training. Default false. */
  optimizer?: boolean;
}

/** A way to write models that is not saraf's own folder. */
export interface ModelFormat {
  /** For messages. */
  readonly name: string;
  /** Whether a file of this name is of this format. */
  recognises(path: string): boolean;
  load(path: string, options: LoadOptions): Promise<Model>;
  save(model: Model, path: string): Promise<void>;
  /** Whether a file of this name has a place for `model.preprocessing`. Absent: it has none. */
  keepsPreprocessing?(path: string): boolean;
  /** Only the weights, into a model of the same architecture; with `optimizer` what its optimizer knows as well. */
  loadWeights(model: Model, path: string, options: LoadWeightsOptions): Promise<void>;
  saveWeights(model: Model, path: string): Promise<void>;
}

/** The error of a file that was asked for what an optimizer knows. */
export function keepsNoOptimizer(path: string): SarafError {
  return new SarafError(
    'ERR_ARG',
    'loadWeights',
    `expected a file that keeps an optimizer (.keras, .h5, .weights.h5), received ${path}; leave the option optimizer out`,
  );
}

const formats: ModelFormat[] = [];

/** Makes a format known to `loadModel` and `model.save`. The later one wins where two recognise a name. */
export function registerModelFormat(format: ModelFormat): void {
  formats.unshift(format);
}

/** The format of a path, or null for saraf's own folder. */
export function modelFormat(path: string): ModelFormat | null {
  return formats.find((f) => f.recognises(path)) ?? null;
}

/** Writes a model in a format, with a warning for what the format has no place for. */
export async function saveInFormat(format: ModelFormat, model: Model, path: string): Promise<void> {
  if (model.preprocessing && !format.keepsPreprocessing?.(path))
    process.emitWarning(
      `[save] ${path}: a file of ${format.name} has no place for model.preprocessing, predictions from it will need tensors; save to a folder or as .keras to keep it`,
      { code: 'SARAF_PREPROCESSING_LEFT_OUT' },
    );
  await format.save(model, path);
}
