import type { CategoryEncoding } from '../../layers/category-encoding.js';
import type { Discretization } from '../../layers/discretization.js';
import type { CategoryMode } from '../../layers/encode-categories.js';
import type { SymbolicShape } from '../../layers/layer.js';
import { NotInOnnx, only, type Exporter } from '../exporter.js';
import type { OnnxGraph } from '../graph.js';

/** Rows of 0 and 1, or of counts, from numbers; `weights` are what each counts. A number outside gives zeros, where saraf refuses it. */
function encoded(graph: OnnxGraph, ids: string, shape: SymbolicShape, mode: CategoryMode, depth: number, weights?: string): string {
  const alone = mode === 'oneHot' && shape.length > 1 && shape.at(-1) === 1;
  const rows = graph.op('OneHot', [alone ? graph.squeeze(ids, -1) : ids, graph.int(depth), graph.floats('values', [0, 1], [2])], {
    axis: -1,
  });
  if (mode === 'oneHot') return rows;
  if (mode === 'multiHot') return graph.reduce('ReduceMax', rows, [1], false);
  return graph.reduce('ReduceSum', weights ? graph.op('Mul', [rows, graph.unsqueeze(weights, 2)]) : rows, [1], false);
}

const categories: Exporter = (graph, layer, inputs) => {
  const [x, weights] = [only(inputs), inputs[1]];
  const { outputMode, numTokens } = layer as CategoryEncoding;
  const ids = graph.cast(x.name, 'int64');
  return [{ name: encoded(graph, ids, x.shape, outputMode, numTokens, weights?.name), mask: null }];
};

const bins: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { binBoundaries, outputMode } = layer as Discretization;
  if (!binBoundaries) throw new NotInOnnx('it has no boundaries yet; call adapt(data)');
  const below = graph.op('Less', [graph.unsqueeze(x.name, -1), graph.floats('boundaries', binBoundaries, [binBoundaries.length])]);
  const passed = graph.cast(graph.op('Not', [below]), 'int32');
  const ids = graph.reduce('ReduceSum', passed, [-1], false);
  if (outputMode === 'int') return [{ name: ids, dtype: 'int32', mask: null }];
  return [{ name: encoded(graph, graph.cast(ids, 'int64'), x.shape, outputMode, binBoundaries.length + 1), mask: null }];
};

export const categoryExporters: Readonly<Record<string, Exporter>> = { CategoryEncoding: categories, Discretization: bins };
