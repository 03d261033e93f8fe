import { numbered } from './weights/paths.js';
import { isRecord, type Json } from './config/names.js';

/** Layers that look things up in a vocabulary, and whether it is of numbers. */
const LOOKUPS: Readonly<Record<string, boolean>> = { IntegerLookup: true, StringLookup: false, TextVectorization: false };

/**
 * Puts the vocabularies that layers of an archive learnt into their configuration: Keras writes only given ones there, and learnt ones
 * into files of their own, a line each.
 *
 * `text` gives a file of the archive, null if there is none.
 */
export async function withVocabularies(
  model: Json,
  text: (name: string) => Promise<string | null>,
  prefix = 'assets/layers/',
): Promise<Json> {
  const config = model['config'];
  const layers = isRecord(config) ? config['layers'] : null;
  if (!isRecord(config) || !Array.isArray(layers)) return model;
  const places = numbered(layers.map((layer: unknown) => (isRecord(layer) ? String(layer['class_name']) : '')));
  const filled = layers.map(async (layer: unknown, i): Promise<unknown> => {
    if (!isRecord(layer) || !isRecord(layer['config'])) return layer;
    const folder = `${prefix}${places[i] as string}`;
    const numbers = LOOKUPS[String(layer['class_name'])];
    if (numbers === undefined) return withVocabularies(layer, text, `${folder}/layers/`);
    if (layer['config']['vocabulary'] != null) return layer;
    const found = (await text(`${folder}/vocabulary.txt`)) ?? (await text(`${folder}/_lookup_layer/vocabulary.txt`));
    if (found === null) return layer;
    const lines = found.split(/\r?\n/);
    while (lines.at(-1) === '') lines.pop();
    return { ...layer, config: { ...layer['config'], vocabulary: numbers ? lines.map(Number) : lines } };
  });
  return { ...model, config: { ...config, layers: await Promise.all(filled) } };
}
