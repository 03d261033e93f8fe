import type { Dense } from '../../layers/dense.js';
import type { EinsumDense } from '../../layers/einsum-dense.js';
import type { Embedding } from '../../layers/embedding.js';
import { addBias, only, weightOf, type Exporter } from '../exporter.js';
import type { SymbolicShape, Weight } from '../../layers/layer.js';
import { activate } from './activations.js';

const dense: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const kernel = weightOf(layer, 'kernel') as Weight;
  const product = graph.op('MatMul', [x.name, graph.weight('kernel', kernel.value)]);
  return [{ name: activate(graph, addBias(graph, layer, product), (layer as Dense).activation, x.shape.length) }];
};

const embedding: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const table = weightOf(layer, 'embeddings') as Weight;
  const ids = x.dtype === 'int32' ? x.name : graph.cast(x.name, 'int32');
  const name = graph.op('Gather', [graph.weight('embeddings', table.value), ids], { axis: 0 });
  return [{ name, mask: (layer as Embedding).maskZero ? { name: graph.cast(ids, 'bool'), shape: x.shape } : null }];
};

const einsum: Exporter = (graph, layer, inputs) => {
  const { equation, activation } = layer as EinsumDense;
  const kernel = weightOf(layer, 'kernel') as Weight;
  const product = graph.op('Einsum', [only(inputs).name, graph.weight('kernel', kernel.value)], { equation });
  const rank = (layer.computeOutputShape(inputs.map((x) => x.shape))[0] as SymbolicShape).length;
  return [{ name: activate(graph, addBias(graph, layer, product), activation, rank) }];
};

export const denseExporters: Readonly<Record<string, Exporter>> = { Dense: dense, EinsumDense: einsum, Embedding: embedding };
