import { SarafError } from '../errors.js';
import type { Tensor } from './tensor.js';

/** One text, or many: what a model with preprocessing takes instead of a tensor. For pictures, the names of their files. */
export type Texts = string | readonly string[];

/** What turns raw rows into a model's input. It is saved with the model and repeats itself to the bit. */
export interface Preprocessing {
  readonly className: string;
  /** Shapes: N texts → (N,…); a single text is a batch of one. */
  transform(texts: Texts): Tensor;
  /** Everything that makes it again. */
  toJSON(): Record<string, unknown>;
}

type FromJson = (json: unknown) => Preprocessing;
const classes = new Map<string, FromJson>();

/** Makes a class of preprocessing known to `loadModel`; `fromJSON` is given what `toJSON` wrote and throws ERR_FORMAT for anything else. */
export function registerPreprocessing(className: string, fromJSON: FromJson): void {
  classes.set(className, fromJSON);
}

/** As a file beside a model keeps it. */
export function preprocessingText(preprocessing: Preprocessing): string {
  return JSON.stringify({ className: preprocessing.className, config: preprocessing.toJSON() });
}

/** Reads what `preprocessingText` wrote. Throws ERR_FORMAT naming the file. */
export function preprocessingFromText(text: string, source: string): Preprocessing {
  let file: { className?: unknown; config?: unknown } | null;
  try {
    file = JSON.parse(text) as typeof file;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected JSON in ${source}; the file is damaged, save the model again`, { cause });
  }
  const name = file?.className;
  const fromJSON = typeof name === 'string' ? classes.get(name) : undefined;
  if (!fromJSON)
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected preprocessing of class ${[...classes.keys()].join(', ') || '(none is registered)'} in ${source}, received ${JSON.stringify(name)}; call registerPreprocessing for classes of your own before loading`,
    );
  return fromJSON(file?.config);
}

/** Whether a value is a text or a list of texts. */
export function isTexts(value: unknown): value is Texts {
  return typeof value === 'string' || (Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === 'string'));
}

/** Texts as the tensor that a model's preprocessing makes of them; everything else as it is. Throws ERR_STATE for texts without preprocessing. */
export function inputOf<T>(model: { readonly preprocessing: Preprocessing | null }, op: string, x: T | Texts): T | Tensor {
  if (!isTexts(x)) return x;
  if (!model.preprocessing)
    throw new SarafError(
      'ERR_STATE',
      op,
      'expected tensors, received texts: this model has no preprocessing; set model.preprocessing to a fitted TextPipeline or an ImagePipeline, or call its transform(texts)',
    );
  return model.preprocessing.transform(x);
}
