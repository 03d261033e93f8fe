import { numbered } from '../weights/paths.js';
import { isRecord, type Json } from './names.js';

/** A TextVectorization that a model begins with. */
export interface TextLayer {
  readonly name: string;
  readonly config: Json;
  /** Where its weights lie. */
  readonly path: string;
}

const classOf = (layer: unknown): string => (isRecord(layer) ? String(layer['class_name']) : '');
const nameOf = (layer: Json): string => {
  const config = layer['config'];
  return String(layer['name'] ?? (isRecord(config) ? config['name'] : ''));
};

/** What a TextVectorization gives, as the input of the model behind it. Null if that is no tensor of a known form. */
function asInput({ name, config }: TextLayer): Json | null {
  const vocabulary = config['vocabulary'];
  const rows = config['output_mode'] === 'int';
  if (!Array.isArray(vocabulary) || config['split'] === null || config['sparse'] === true || config['ragged'] === true) return null;
  const length = vocabulary.length + (vocabulary.includes('[UNK]') ? 0 : 1);
  const columns = rows ? config['output_sequence_length'] : config['pad_to_max_tokens'] === true ? config['max_tokens'] : length;
  return {
    class_name: 'InputLayer',
    name,
    inbound_nodes: [],
    config: { name, batch_shape: [null, columns ?? null], dtype: rows ? 'int64' : 'float32' },
  };
}

/** All layers by name that a value's tensors come from: Keras 3 writes objects, Keras 2 lists. */
function sourcesIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && Number.isInteger(value[1]) && Number.isInteger(value[2])) return [value[0]];
    return value.flatMap(sourcesIn);
  }
  return isRecord(value) ? Object.values(value).flatMap(sourcesIn) : [];
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((v) => renamed(v, names));
  return typeof value === 'string' ? (names.get(value) ?? value) : value;
}

/**
 * A model without the TextVectorization layers at its inputs: what they give is its input, under their name. Models whose texts go
 * elsewhere too are left as they are. Vocabularies must be in the configuration.
 */
export function splitTexts(model: Json): { model: Json; texts: TextLayer[] } {
  const config = model['config'];
  const layers = isRecord(config) ? config['layers'] : null;
  if (!isRecord(config) || !Array.isArray(layers)) return { model, texts: [] };
  const all = layers.filter(isRecord);
  const places = numbered(all.map(classOf));
  const textLayers = all.flatMap((layer, i) => {
    const options = layer['config'];
    if (classOf(layer) !== 'TextVectorization' || !isRecord(options)) return [];
    return [{ layer, text: { name: nameOf(layer), config: options, path: `layers/${places[i] as string}` } }];
  });
  const texts = textLayers.map(({ text }) => text);
  if (texts.length === 0) return { model, texts };
  if (!('input_layers' in config)) {
    const at = classOf(all[0]) === 'InputLayer' ? 1 : 0;
    const input = classOf(all[at]) === 'TextVectorization' && texts.length === 1 ? asInput(texts[0] as TextLayer) : null;
    const { build_input_shape: _shape, ...rest } = config;
    return input ? { model: { ...model, config: { ...rest, layers: [input, ...all.slice(at + 1)] } }, texts } : { model, texts };
  }
  const instead = new Map<string, string>();
  const inputs = new Map<string, Json>();
  for (const { layer, text } of textLayers) {
    const sources = sourcesIn(layer['inbound_nodes']);
    const source = sources.length === 1 ? all.find((other) => nameOf(other) === sources[0] && classOf(other) === 'InputLayer') : undefined;
    const users = all.filter((other) => sourcesIn(other['inbound_nodes']).includes(sources[0] as string));
    const input = source && users.length === 1 ? asInput(text) : null;
    if (!source || !input) return { model, texts };
    instead.set(nameOf(source), text.name);
    inputs.set(text.name, input);
  }
  const kept = all.filter((layer) => !instead.has(nameOf(layer))).map((layer) => inputs.get(nameOf(layer)) ?? layer);
  return { model: { ...model, config: { ...config, layers: kept, input_layers: renamed(config['input_layers'], instead) } }, texts };
}
