import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';
import { previousFolder } from '../files/atomic.js';
import { preprocessingFromText, type Preprocessing } from '../tensor/preprocessing.js';
import type { Tensor } from '../tensor/tensor.js';
import { decodeSafetensors } from './safetensors.js';
import { FORMAT, FORMAT_VERSION, MODEL_FILE, PREPROCESSING_FILE, type ModelFile } from './save.js';

/** The folder that holds a saved model: this one, or what it was before a save that was cut off. Throws ERR_FORMAT if there is none. */
export function findFolder(directory: string): string {
  if (existsSync(join(directory, MODEL_FILE))) return directory;
  const previous = previousFolder(directory);
  // The process that saved died between two renames: the former version is whole.
  if (!existsSync(directory) && existsSync(join(previous, MODEL_FILE))) return previous;
  throw new SarafError(
    'ERR_FORMAT',
    'loadModel',
    `expected ${MODEL_FILE} in ${directory}, there is none; give the folder that model.save wrote`,
  );
}

/** `model.json`, checked. Throws ERR_FORMAT. */
export function readModelFile(path: string): ModelFile {
  let file: Partial<ModelFile> | null;
  try {
    file = JSON.parse(readFileSync(path, 'utf8')) as Partial<ModelFile> | null;
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected JSON in ${path}; the file is damaged, save the model again`, { cause });
  }
  if (file?.format !== FORMAT)
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected format ${FORMAT} in ${path}, received ${String(file?.format)}`);
  if (typeof file.formatVersion !== 'number' || file.formatVersion > FORMAT_VERSION) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected format version ${FORMAT_VERSION} or earlier in ${path}, received ${String(file.formatVersion)}; update saraf`,
    );
  }
  const { training } = file;
  if (
    typeof file.className !== 'string' ||
    typeof file.config !== 'object' ||
    file.config === null ||
    !training ||
    file.compile === undefined
  ) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected className, config, compile and training in ${path}; the file is damaged`);
  }
  for (const key of ['epoch', 'step', 'seed'] as const) {
    if (!Number.isSafeInteger(training[key]) || training[key] < 0)
      throw new SarafError(
        'ERR_FORMAT',
        'loadModel',
        `expected training.${key} to be a whole number in ${path}, received ${String(training[key])}`,
      );
  }
  return file as ModelFile;
}

/** The tensors of one of the folder's files, by name. Throws ERR_FORMAT. */
export function readTensors(folder: string, name: string): Map<string, Tensor> {
  const path = join(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected ${name} in ${folder}; copy the whole folder that model.save wrote`, {
      cause,
    });
  }
  return decodeSafetensors(bytes, path);
}

/** The preprocessing that was saved with the model; null if it had none. Throws ERR_FORMAT. */
export function readPreprocessing(folder: string): Preprocessing | null {
  const path = join(folder, PREPROCESSING_FILE);
  return existsSync(path) ? preprocessingFromText(readFileSync(path, 'utf8'), path) : null;
}
