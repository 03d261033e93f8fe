import { SarafError } from '../errors.js';
import type { Layer, SymbolicShape, SymbolicTensor } from '../layers/layer.js';
import type { TimeDistributed } from '../layers/time-distributed.js';
import type { Graph } from '../models/graph.js';
import { Model } from '../models/model.js';
import { Sequential } from '../models/sequential.js';
import { NotInOnnx, only, type Exporter } from './exporter.js';
import { OnnxGraph, type Value } from './graph.js';
import { activationExporters } from './layers/activations.js';
import { attentionExporters } from './layers/attention.js';
import { categoryExporters } from './layers/categories.js';
import { convolutionExporters } from './layers/convolution.js';
import { denseExporters } from './layers/dense.js';
import { mergingExporters } from './layers/merging.js';
import { normalizationExporters } from './layers/normalization.js';
import { poolingExporters } from './layers/pooling.js';
import { recurrentExporters } from './layers/recurrent.js';
import { shapeExporters } from './layers/shapes.js';
import { MOST_BYTES, type OnnxModel, type OnnxPort, type OnnxType } from './proto.js';

/** All steps at once, as further items of the batch. The inner layer sees no mask. */
const timeDistributed: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { layer: inner } = layer as TimeDistributed;
  const rest = x.shape.slice(2).map((_, i) => [x, i + 2] as const);
  const items = { ...x, name: graph.reshape(x.name, [-1, ...rest]), shape: [null, ...x.shape.slice(2)], mask: null };
  const y = exportLayer(graph, inner, [items])[0] as Value;
  const lengths = y.shape.slice(1).map((_, i) => [y, i + 1] as const);
  return [{ name: graph.reshape(y.name, [[x, 0], [x, 1], ...lengths]) }];
};

const EXPORTERS: ReadonlyMap<string, Exporter> = new Map(
  Object.entries({
    ...activationExporters,
    ...attentionExporters,
    ...categoryExporters,
    ...convolutionExporters,
    ...denseExporters,
    ...mergingExporters,
    ...normalizationExporters,
    ...poolingExporters,
    ...recurrentExporters,
    ...shapeExporters,
    TimeDistributed: timeDistributed,
  }),
);

/** Whether layers of this class can be written, some options aside. */
export const isInOnnx = (className: string): boolean => className === 'InputLayer' || EXPORTERS.has(className);

/** Adds a layer to the graph. Throws `NotInOnnx` if it has no form there. */
export function exportLayer(graph: OnnxGraph, layer: Layer, inputs: readonly Value[]): Value[] {
  if (layer instanceof Model) return graph.within(layer.name, () => exportSteps(graph, layer.graph, inputs, null));
  const exporter = EXPORTERS.get(layer.className);
  if (!exporter) throw new NotInOnnx('saraf has no form of this layer in ONNX');
  const shapes = layer.computeOutputShape(inputs.map((x) => x.shape));
  const made = graph.within(layer.name, () => exporter(graph, layer, inputs));
  return made.map(({ name, dtype = 'float32', mask }, i): Value => {
    const own = mask === undefined ? (i === 0 && layer.supportsMasking ? only(inputs).mask : null) : mask;
    return { name, shape: shapes[i] as SymbolicShape, dtype, mask: own };
  });
}

/**
 * Adds the calls of a graph. With `refused` a layer that has no form is noted there and its outputs go by a name of no node, so that
 * all such layers are found; without, the first one throws.
 */
function exportSteps(
  graph: OnnxGraph,
  { tensors, inputs, outputs, steps }: Graph,
  given: readonly Value[],
  refused: string[] | null,
): Value[] {
  const values: Value[] = [];
  inputs.forEach((at, i) => (values[at] = given[i] as Value));
  for (const { layer, inputs: from, outputs: to } of steps) {
    const x = from.map((at) => values[at] as Value);
    let y: Value[];
    try {
      y = layer instanceof Model && refused ? nested(graph, layer, x, refused) : exportLayer(graph, layer, x);
    } catch (error) {
      if (!(error instanceof NotInOnnx) || !refused) throw error;
      const line = `${layer.name} (${layer.className}): ${error.message}`;
      if (!refused.includes(line)) refused.push(line);
      y = to.map((at) => ({ name: '', shape: (tensors[at] as SymbolicTensor).shape, dtype: 'float32', mask: null }));
    }
    to.forEach((at, i) => (values[at] = y[i] as Value));
  }
  return outputs.map((at) => values[at] as Value);
}

function nested(graph: OnnxGraph, model: Model, inputs: readonly Value[], refused: string[]): Value[] {
  const own: string[] = [];
  const outputs = graph.within(model.name, () => exportSteps(graph, model.graph, inputs, own));
  refused.push(...own.map((line) => `${model.name}/${line}`));
  return outputs;
}

function inputType(model: Model, tensor: SymbolicTensor): OnnxType {
  // Ids, whatever the shape alone makes of them.
  const ids = model instanceof Sequential && model.layers[0]?.className === 'Embedding';
  return ids || tensor.dtype === 'int32' ? 'int32' : 'float32';
}

const port = (name: string, type: OnnxType, shape: SymbolicShape): OnnxPort => ({
  name,
  type,
  dims: shape.map((n, i) => n ?? (i === 0 ? 'N' : `${name}_${i}`)),
});

/**
 * A model as ONNX: inputs and outputs in the model's order, named after their layers, channels last as in Keras.
 *
 * Throws: ERR_ARG listing every layer that has no form in ONNX; ERR_MEMORY above 2 GiB.
 */
export function modelToOnnx(model: Model): OnnxModel {
  if (!model.built)
    throw new SarafError('ERR_STATE', 'save', 'expected a built model; give the first layer inputShape or fit it on data first');
  const { graph: whole } = model;
  const graph = new OnnxGraph();
  const inputs = whole.inputs.map((at): OnnxPort => {
    const tensor = whole.tensors[at] as SymbolicTensor;
    return port(graph.unique(tensor.layer.name), inputType(model, tensor), tensor.shape);
  });
  const names = model.outputNames.map((name) => graph.unique(name));
  const given = inputs.map(({ name, type }, i): Value => {
    const { shape } = whole.tensors[whole.inputs[i] as number] as SymbolicTensor;
    return { name, shape, dtype: type, mask: null };
  });
  const refused: string[] = [];
  const values = exportSteps(graph, whole, given, refused);
  if (refused.length > 0)
    throw new SarafError(
      'ERR_ARG',
      'save',
      `expected layers that ONNX has, received in ${model.name}:\n${refused.map((line) => `  - ${line}`).join('\n')}\nSave the model as .keras or as a folder.`,
    );
  values.forEach((value, i) => graph.named(value.name, names[i] as string));
  const bytes = graph.constants.reduce((sum, c) => sum + c.bytes.length, 0);
  if (bytes > MOST_BYTES)
    throw new SarafError(
      'ERR_MEMORY',
      'save',
      `expected weights of at most 2 GiB, as a file of ONNX holds no more, received ${bytes} bytes`,
    );
  return {
    name: model.name,
    nodes: graph.nodes,
    constants: graph.constants,
    inputs,
    outputs: values.map(({ dtype, shape }, i) => port(names[i] as string, dtype, shape)),
  };
}
