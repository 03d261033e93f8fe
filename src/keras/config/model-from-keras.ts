import { isLayerClassName, type LayerConfig } from '../../layers/registry.js';
import { dtypeOf, kerasClassName, layerFromKeras, type KerasContext } from './layer-from-keras.js';
import { camel, isKerasObject, isRecord, type Json, type KerasObject } from './names.js';
import type { FunctionalConfig, TensorReference } from '../../models/graph-config.js';

/** A layer as the file lists it: the order matters for its weights. */
export interface PlannedLayer {
  /** Keras' class name, which is part of the path of the weights. */
  readonly kerasClass: string;
  readonly name: string;
  readonly config: LayerConfig;
  /** Of a nested model. */
  readonly layers?: readonly PlannedLayer[];
}

/** A model of a file in saraf's configuration. */
export interface ModelPlan extends PlannedLayer {
  readonly layers: readonly PlannedLayer[];
}

const MODELS = new Set(['Sequential', 'Functional', 'Model']);

/** Translates a whole model. Problems are collected; the plan is of use only if there are none. */
export function modelFromKeras(object: KerasObject, context: KerasContext, where = ''): ModelPlan {
  const { problems } = context;
  const className = object.class_name;
  // Before Keras 2.2.3 a Sequential was nothing but the list of its layers.
  const config: Json = Array.isArray(object.config) ? { layers: object.config } : object.config;
  const name = typeof config['name'] === 'string' ? config['name'] : 'model';
  const label = where === '' ? '' : `${where} `;
  if (!MODELS.has(className) && !Array.isArray(config['layers'])) {
    problems.add(`${label}${name} (${className})`, 'expected a Sequential or functional model, received a class of its own');
    return { kerasClass: className, name, config: { className: 'Sequential', config: { layers: [] } }, layers: [] };
  }
  const list = Array.isArray(config['layers']) ? (config['layers'] as unknown[]) : [];
  const layers: { plan: PlannedLayer; entry: Json }[] = [];
  const operations = new Map<string, Json>();
  for (const entry of list) {
    if (!isRecord(entry) || typeof entry['class_name'] !== 'string') {
      problems.add(`${label}${name}`, `expected a list of layers, received ${JSON.stringify(entry)?.slice(0, 80)}`);
      continue;
    }
    if (isOperation(entry)) operations.set(String(entry['name']), entry);
    else layers.push({ plan: planLayer(entry, where, context), entry });
  }
  takeMaskOperations(layers, operations, context.version);
  const dtype = isRecord(config['dtype']) || typeof config['dtype'] === 'string' ? dtypeOf(config) : 'float32';
  if (dtype !== 'float32') problems.add(`${label}${name}`, `dtype ${dtype}`);
  const common = { name, ...(typeof config['trainable'] === 'boolean' ? { trainable: config['trainable'] } : {}) };
  const plans = layers.map((l) => l.plan);
  const own: LayerConfig =
    className === 'Sequential' || !('input_layers' in config)
      ? { className: 'Sequential', config: { ...common, ...sequentialShape(config, layers), layers: plans.map((p) => p.config) } }
      : {
          className: 'Functional',
          config: { ...common, layers: plans.map((p) => p.config), ...graph(config, layers, operations, `${label}${name}`, context) },
        };
  return { kerasClass: className === 'Model' ? 'Functional' : className, name, config: own, layers: plans };
}

/** Masks are joined by operations that bear a layer's name, as Concatenate: those that take operations alone. */
function takeMaskOperations(layers: { plan: PlannedLayer; entry: Json }[], operations: Map<string, Json>, version: number): void {
  const ofMasks = ({ entry }: { entry: Json }): boolean => {
    const from = tensorsIn(entry['inbound_nodes'], version);
    return /(^|\.)ops(\.|$)/.test(String(entry['module'])) && from.length > 0 && from.every(([name]) => operations.has(name));
  };
  for (let at = layers.findIndex(ofMasks); at >= 0; at = layers.findIndex(ofMasks)) {
    const [{ plan, entry }] = layers.splice(at, 1) as [{ plan: PlannedLayer; entry: Json }];
    operations.set(plan.name, entry);
  }
}

/** What a mask says is padding: this tensor where it equals this value. */
const maskedAs = (reference: Reference, value: unknown): string => JSON.stringify([reference.slice(0, 3), Number(value)]);

/** The masks that embeddings and Masking layers of a graph make. */
function masksMade(layers: readonly { plan: PlannedLayer; entry: Json }[], version: number): Set<string> {
  return new Set(
    layers.flatMap(({ plan, entry }) => {
      const { maskZero, maskValue = 0 } = plan.config.config as { maskZero?: unknown; maskValue?: unknown };
      if (!(plan.kerasClass === 'Embedding' && maskZero === true) && plan.kerasClass !== 'Masking') return [];
      return tensorsIn(entry['inbound_nodes'], version).map((r) => maskedAs(r, plan.kerasClass === 'Masking' ? maskValue : 0));
    }),
  );
}

/** Whether a mask that Keras 3 traced into the graph is made of such masks alone: then it is propagated here as there. */
function isPropagated(mask: Reference, operations: ReadonlyMap<string, Json>, made: ReadonlySet<string>, version: number): boolean {
  const operation = operations.get(mask[0]);
  if (!operation) return false;
  const from = tensorsIn(operation['inbound_nodes'], version);
  switch (operation['class_name']) {
    case 'NotEqual': {
      const [node] = operation['inbound_nodes'] as { args?: unknown[] }[];
      return from.length === 1 && made.has(maskedAs(from[0] as Reference, node?.args?.[1]));
    }
    // Of the shape of a layer's output.
    case 'ZerosLike':
    case 'OnesLike':
      return true;
    default:
      return from.length > 0 && from.every((r) => isPropagated(r, operations, made, version));
  }
}

/** Nodes that are no layers: Keras 3 traces what masks need into the graph. Masks are made anew here. */
function isOperation(entry: Json): boolean {
  if (isLayerClassName(String(entry['class_name'])) || MODELS.has(String(entry['class_name']))) return false;
  if (typeof entry['module'] === 'string') return /(^|\.)ops(\.|$)/.test(entry['module']);
  // `.h5` files leave the module out; every layer says whether it is trainable.
  return isRecord(entry['config']) && !('trainable' in entry['config']);
}

function planLayer(entry: Json, where: string, context: KerasContext): PlannedLayer {
  const className = String(entry['class_name']);
  const object = { class_name: className, config: entry['config'] } as KerasObject;
  const inner = isRecord(object.config) ? object.config['name'] : undefined;
  const name = typeof entry['name'] === 'string' ? entry['name'] : typeof inner === 'string' ? inner : '';
  const path = where === '' ? name : `${where}/${name}`;
  if (MODELS.has(object.class_name)) return modelFromKeras(object, context, path);
  if (!isKerasObject(object)) {
    context.problems.add(path, `expected the options of a ${className}`);
    return { kerasClass: className, name, config: { className, config: {} } };
  }
  return { kerasClass: kerasClassName(object.class_name), name, config: layerFromKeras(object, path, context) };
}

/** The input shape of a Sequential that does not begin with an input layer. */
function sequentialShape(config: Json, layers: readonly { plan: PlannedLayer }[]): Json {
  const first = layers[0]?.plan;
  if (!first || first.kerasClass === 'InputLayer') return {};
  const declared = config['build_input_shape'] ?? config['batch_input_shape'];
  const shape = Array.isArray(declared) ? declared.slice(1) : first.config.config['inputShape'];
  const dtype = first.kerasClass === 'Embedding' ? 'int32' : 'float32';
  return Array.isArray(shape) ? { inputShape: shape, inputDType: dtype, shapeFromData: false } : {};
}

type Reference = [layer: string, node: number, tensor: number];

const isReference = (value: unknown): value is Reference =>
  Array.isArray(value) && value.length >= 3 && typeof value[0] === 'string' && Number.isInteger(value[1]) && Number.isInteger(value[2]);

/** All tensors in a value, in order: Keras 3 writes objects, Keras 2 lists. */
function tensorsIn(value: unknown, version: number): Reference[] {
  if (version < 3 && isReference(value)) return [value];
  if (Array.isArray(value)) return value.flatMap((v) => tensorsIn(v, version));
  if (!isRecord(value)) return [];
  if (value['class_name'] === '__keras_tensor__' && isRecord(value['config'])) {
    const history = value['config']['keras_history'];
    return isReference(history) ? [history] : [];
  }
  return Object.values(value).flatMap((v) => tensorsIn(v, version));
}

/** Tensors given by name, in the order in which the layers here take them. */
const TENSOR_ARGUMENTS = ['inputs', 'query', 'value', 'key', 'initial_state', 'count_weights', 'attention_mask'];
/** Arguments that say what is the case anyway. */
const NEUTRAL_ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  training: [false],
  use_causal_mask: [false],
  return_attention_scores: [false],
};

/** Arguments of a call that are options of a layer here. */
export const CALL_OPTIONS = new Set(['use_causal_mask', 'return_attention_scores']);

interface Call {
  readonly layer: string;
  readonly inputs: Reference[];
}

/** Calls in an order in which they can be made, with the model's inputs and outputs. */
function graph(
  config: Json,
  layers: readonly { plan: PlannedLayer; entry: Json }[],
  operations: ReadonlyMap<string, Json>,
  label: string,
  context: KerasContext,
): Omit<FunctionalConfig, 'layers'> {
  const { problems } = context;
  const masks = { operations, made: masksMade(layers, context.version) };
  const calls = new Map<string, Call[]>();
  for (const { plan, entry } of layers) {
    const nodes = Array.isArray(entry['inbound_nodes']) ? (entry['inbound_nodes'] as unknown[]) : [];
    calls.set(
      plan.name,
      nodes.map((node) => ({ layer: plan.name, inputs: inputsOf(node, `${label}/${plan.name}`, plan, masks, context) })),
    );
  }
  const ends = { inputs: endsOf(config['input_layers']), outputs: endsOf(config['output_layers']) };
  const plans = new Map(layers.map(({ plan }) => [plan.name, plan]));
  // A nested model may count its own graph as call 0: every one in Keras 2; in Keras 3 functional ones, among inputs and outputs.
  const resolve = (end: boolean, [name, node, tensor]: Reference): TensorReference => {
    const plan = plans.get(name);
    const own = plan?.layers && (context.version < 3 || (end && plan.kerasClass !== 'Sequential')) ? 1 : 0;
    return [name, node >= own ? node - own : node, tensor];
  };
  const inputNames = new Set(ends.inputs.map(([name]) => name));
  const made = new Map<string, number>();
  const ready = (end: boolean, reference: Reference): boolean => {
    const [name, call] = resolve(end, reference);
    return (inputNames.has(name) && call === 0) || (made.get(name) ?? 0) > call;
  };
  const ordered: FunctionalConfig['calls'] = [];
  let left = layers.map((l) => l.plan.name).filter((name) => (calls.get(name) as Call[]).length > 0);
  while (left.length > 0) {
    const before = ordered.length;
    left = left.filter((name) => {
      const own = calls.get(name) as Call[];
      for (let i = made.get(name) ?? 0; i < own.length; i++) {
        const { inputs } = own[i] as Call;
        if (!inputs.every((r) => ready(false, r))) return true;
        ordered.push({ layer: name, inputs: inputs.map((r) => resolve(false, r)) });
        made.set(name, i + 1);
      }
      return false;
    });
    if (ordered.length === before) {
      problems.add(
        label,
        `expected calls that follow from the inputs, received a circle or a missing tensor at ${left.slice(0, 5).join(', ')}`,
      );
      break;
    }
  }
  for (const reference of ends.outputs)
    if (!ready(true, reference)) problems.add(label, `expected an output made by a call, received ${reference.join('/')}`);
  const end = (r: Reference): TensorReference => resolve(true, r);
  return { calls: ordered, inputs: ends.inputs.map(end), outputs: ends.outputs.map(end) };
}

/** Nodes of a graph that are no layers, and the masks that its layers make. */
interface Masks {
  readonly operations: ReadonlyMap<string, Json>;
  readonly made: ReadonlySet<string>;
}

function inputsOf(node: unknown, label: string, plan: PlannedLayer, { operations, made }: Masks, context: KerasContext): Reference[] {
  const { problems, version } = context;
  const second = Array.isArray(node);
  const args: unknown = second ? node : isRecord(node) ? node['args'] : null;
  // Keras 2 writes the arguments by name behind the first tensor.
  const first: unknown = second
    ? isReference(node)
      ? (node as unknown[])[3]
      : ((node as unknown[])[0] as unknown[] | undefined)?.[3]
    : null;
  const named: unknown = second ? first : isRecord(node) ? node['kwargs'] : null;
  const form = second ? 2 : Math.max(3, version);
  const inputs = tensorsIn(args, form);
  for (const [key, value] of Object.entries(isRecord(named) ? named : {}).sort(([a], [b]) => order(a) - order(b))) {
    const tensors = tensorsIn(value, form);
    if (value === null || NEUTRAL_ARGUMENTS[key]?.includes(value)) continue;
    if (key === 'mask' && tensors.length > 0 && tensors.every((r) => isPropagated(r, operations, made, form))) continue;
    if (tensors.length > 0 && TENSOR_ARGUMENTS.includes(key)) {
      inputs.push(...tensors);
      if (key === 'attention_mask') plan.config.config['useAttentionMask'] = true;
    }
    // What Keras says at the call, attention layers here are made with.
    else if (value === true && CALL_OPTIONS.has(key) && plan.kerasClass.endsWith('Attention')) plan.config.config[camel(key)] = true;
    else problems.add(label, `the argument ${key} = ${JSON.stringify(value).slice(0, 80)} of a call`);
  }
  for (const [name] of inputs) if (operations.has(name)) problems.add(label, `an input from the operation ${name}, which is no layer`);
  return inputs;
}

const order = (argument: string): number => TENSOR_ARGUMENTS.indexOf(argument);

/** References of inputs or outputs: one, a list, or by name. */
function endsOf(value: unknown): Reference[] {
  if (isReference(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(endsOf);
  return isRecord(value) ? Object.values(value).flatMap(endsOf) : [];
}
