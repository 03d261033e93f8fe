import { Bidirectional } from '../../layers/bidirectional.js';
import { HeadedAttention } from '../../layers/headed-attention.js';
import { Layer, snakeCase, type Weight } from '../../layers/layer.js';
import { Recurrent } from '../../layers/recurrent.js';
import { RNN } from '../../layers/rnn.js';
import { Model } from '../../models/model.js';
import type { PlannedLayer } from '../config/model-from-keras.js';

/** Weights that Keras keeps in one group `<path>/vars`, numbered from 0. */
export interface WeightGroup {
  readonly path: string;
  /** Name of the object, which late versions of Keras 3 write beside the weights. */
  readonly name: string;
  readonly weights: readonly Weight[];
}

/** A layer with the class name that its path is made of; nested models with their layers. */
export interface Placed {
  readonly kerasClass: string;
  readonly layer: Layer | null;
  readonly name: string;
  readonly layers?: readonly Placed[];
}

/** Pairs the layers that a file lists with those of the model built from it, nested ones too. */
export function place(plans: readonly PlannedLayer[], model: Model): Placed[] {
  const byName = new Map(model.layers.map((l) => [l.name, l]));
  return plans.map((plan) => {
    const layer = byName.get(plan.name) ?? null;
    return {
      kerasClass: plan.kerasClass,
      layer,
      name: plan.name,
      ...(plan.layers && layer instanceof Model ? { layers: place(plan.layers, layer) } : {}),
    };
  });
}

/** The groups of Keras 3's layout: `layers/<snake_case class>[_n]/…`, n counted per class within one model. */
export function containerGroups(layers: readonly Placed[], prefix: string): WeightGroup[] {
  const places = numbered(layers.map((l) => l.kerasClass));
  const groups: WeightGroup[] = [];
  for (const [i, { layer, name, layers: inner }] of layers.entries()) {
    const path = `${prefix}${places[i] as string}`;
    if (inner) groups.push({ path, name, weights: [] }, ...containerGroups(inner, `${path}/layers/`));
    else if (layer) groups.push(...layerGroups(layer, path));
    else groups.push({ path, name, weights: [] });
  }
  return groups;
}

/** Classes that are called otherwise in Keras' own code, which paths are made of. */
const PYTHON_NAMES: Readonly<Record<string, string>> = { GroupQueryAttention: 'GroupedQueryAttention' };

/** Snake_case class names, from the second of a class on with a number. */
export function numbered(classes: readonly string[]): string[] {
  const uses = new Map<string, number>();
  return classes.map((kerasClass) => {
    const base = snakeCase(PYTHON_NAMES[kerasClass] ?? kerasClass);
    const n = uses.get(base) ?? 0;
    uses.set(base, n + 1);
    return n === 0 ? base : `${base}_${n}`;
  });
}

/** The groups of one layer and of the objects inside it. */
function layerGroups(layer: Layer, path: string): WeightGroup[] {
  const own = (weights: readonly Weight[]): WeightGroup => ({ path, name: layer.name, weights });
  if (layer instanceof Model) {
    const inner = layer.layers.map((l): Placed => ({ kerasClass: l.className, layer: l, name: l.name }));
    return [own([]), ...containerGroups(inner, `${path}/layers/`)];
  }
  if (layer instanceof Recurrent)
    return [own([]), { path: `${path}/cell`, name: `${snakeCase(layer.className)}_cell`, weights: layer.weights }];
  if (layer instanceof RNN) return [own([]), ...cellGroups(layer, `${path}/cell`)];
  if (layer instanceof Bidirectional)
    return [
      own([]),
      ...layerGroups(layer.forwardLayer, `${path}/forward_layer`),
      ...layerGroups(layer.backwardLayer, `${path}/backward_layer`),
    ];
  const wrapped = 'layer' in layer && layer.layer instanceof Layer ? layer.layer : null;
  if (wrapped) return [own([]), ...layerGroups(wrapped, `${path}/layer`)];
  if (layer instanceof HeadedAttention) {
    const mark = layer.className === 'GroupQueryAttention' ? '_' : '';
    const each = layer.weights.length / ATTENTION_PARTS.length;
    return [
      own([]),
      ...ATTENTION_PARTS.map(([part, name], i) => ({
        path: `${path}/${mark}${part}`,
        name,
        weights: layer.weights.slice(i * each, (i + 1) * each),
      })),
    ];
  }
  return [own(layer.weights)];
}

/** The groups of an RNN's cell, or of those that it stacks. */
function cellGroups({ cell, cells, weightsOfCells }: RNN, path: string): WeightGroup[] {
  if (cells[0] === cell) return [{ path, name: cell.name, weights: weightsOfCells[0] as readonly Weight[] }];
  const places = numbered(cells.map((c) => c.className));
  return [
    { path, name: cell.name, weights: [] },
    ...cells.map((c, i) => ({
      path: `${path}/cells/${places[i] as string}`,
      name: c.name,
      weights: weightsOfCells[i] as readonly Weight[],
    })),
  ];
}

const ATTENTION_PARTS = [
  ['query_dense', 'query'],
  ['key_dense', 'key'],
  ['value_dense', 'value'],
  ['output_dense', 'attention_output'],
] as const;

/** Weights as `.h5` files order them: trainable ones first, then the others. */
export function legacyWeights(layer: Layer): Weight[] {
  const trainable = new Set(layer.trainableWeights);
  return [...trainable, ...layer.weights.filter((w) => !trainable.has(w))];
}

/** Trainable weights in Keras' order, that of the file's layers. */
export function trainableInOrder(model: Model, layers: readonly Placed[]): Weight[] {
  if (!model.trainable) return [];
  const walk = (list: readonly Placed[]): Weight[] =>
    list.flatMap(({ layer, layers: inner }) => (inner ? (layer?.trainable ? walk(inner) : []) : [...(layer?.trainableWeights ?? [])]));
  return [...new Set(walk(layers))];
}
