import type { LoadOptions } from './load.js';
import type { Model } from './model.js';

/** A way to write models that is not saraf's own folder. */
export interface ModelFormat {
  /** For messages. */
  readonly name: string;
  /** Whether a file of this name is of this format. */
  recognises(path: string): boolean;
  load(path: string, options: LoadOptions): Promise<Model>;
  save(model: Model, path: string): Promise<void>;
  /** Only the weights, into a model of the same architecture. */
  loadWeights(model: Model, path: string): Promise<void>;
  saveWeights(model: Model, path: string): Promise<void>;
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
