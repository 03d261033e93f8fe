import { SarafError } from '../errors.js';
import { readingFile, reasonOf } from '../models/reading-file.js';
import { TextVectorization, type TextVectorizationOptions } from '../text/text-vectorization.js';
import { camel, type Json } from './config/names.js';
import { splitTexts } from './config/text-layers.js';
import { readArchive, readModelBytes } from './load-keras.js';

/** What every layer has, and what is looked at by itself. */
const NO_OPTION = new Set(['trainable', 'dtype', 'sparse', 'ragged', 'vocabulary_size', 'encoding']);

/**
 * The TextVectorization that a model in a `.keras` file begins with, with its vocabulary. What follows it is loaded by
 * `loadModel(path, { afterText: true })`.
 *
 * `name` says which, where there are several.
 * Throws: ERR_FORMAT if the file is damaged, has no such layer or more than one and no name is given, or the layer has options that are
 *         not here.
 * Example: const text = await loadTextVectorization('sentiment.keras'); model.predict(text.call(['so good']))
 */
export function loadTextVectorization(path: string, name?: string): Promise<TextVectorization> {
  return readingFile(path, async () => {
    const { config: model, weights } = await readArchive(readModelBytes(path), path);
    const { texts } = splitTexts(model);
    const found = name === undefined ? texts : texts.filter((text) => text.name === name);
    const [text, ...others] = found;
    if (!text || others.length > 0) {
      throw new SarafError(
        'ERR_FORMAT',
        'loadTextVectorization',
        `expected ${name === undefined ? 'one TextVectorization' : `a TextVectorization named ${name}`} in ${path}, received ${texts.map((t) => t.name).join(', ') || 'none'}${others.length > 0 ? '; say which by its name' : ''}`,
      );
    }
    const { config } = text;
    const refuse = (what: string, cause?: unknown): never => {
      throw new SarafError('ERR_FORMAT', 'loadTextVectorization', `${path}: ${text.name} (TextVectorization): ${what}`, { cause });
    };
    for (const option of ['sparse', 'ragged']) if (config[option] === true) refuse(`option ${option}`);
    if ((config['encoding'] ?? 'utf-8') !== 'utf-8') refuse(`encoding ${String(config['encoding'])}`);
    const options: Json = Object.fromEntries(
      Object.entries(config).flatMap(([key, value]) => (NO_OPTION.has(key) || value === null ? [] : [[camel(key), value]])),
    );
    // null says something here: no cleaning, no splitting.
    for (const key of ['standardize', 'split']) if (config[key] === null) options[key] = null;
    if (config['output_mode'] === 'tf_idf' && options['idfWeights'] === undefined) {
      const { root } = await weights();
      const stored = root.dataset(`${text.path}/_lookup_layer/vars/idf_weights`) ?? root.dataset(`${text.path}/vars/idf_weights`);
      options['idfWeights'] = Array.from((await stored?.numbers()) ?? refuse('expected its idf weights in the file'));
    }
    try {
      return new TextVectorization(options as TextVectorizationOptions);
    } catch (cause) {
      return refuse(reasonOf(cause), cause);
    }
  });
}
