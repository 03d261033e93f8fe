import type { AdditiveAttention } from '../../layers/additive-attention.js';
import type { Attention } from '../../layers/attention.js';
import type { AttentionCore } from '../../layers/attention-core.js';
import { nameInputs } from '../../layers/attention-inputs.js';
import type { Layer, Weight } from '../../layers/layer.js';
import type { HeadedAttention } from '../../layers/headed-attention.js';
import { weightOf, type Exporter, type Made } from '../exporter.js';
import type { OnnxGraph, Sized, Value } from '../graph.js';

/** Below every score; the softmax of it beside any other is exactly 0. */
const CLOSED = -3e38;

/** All of these, where there are any. */
function both(graph: OnnxGraph, ...masks: readonly (string | null)[]): string | null {
  const given = masks.filter((m) => m !== null);
  return given.length === 0 ? null : given.reduce((joint, mask) => graph.op('And', [joint, mask]));
}

/** (Tq,Tk): query i may look at key j ≤ i. */
function causal(graph: OnnxGraph, query: Value, key: Value): string {
  const steps = (of: Value): string => graph.op('Range', [graph.int(0), graph.squeeze(graph.lengths([[of, 1]]), 0), graph.int(1)]);
  return graph.op('GreaterOrEqual', [graph.unsqueeze(steps(query), 1), graph.unsqueeze(steps(key), 0)]);
}

/**
 * Probabilities of scores (…,Tq,Tk). A query that may look nowhere looks everywhere alike, or with `nowhere` at nothing.
 */
function probabilities(graph: OnnxGraph, scores: string, open: string | null, nowhere: boolean): string {
  const z = open ? graph.op('Where', [open, scores, graph.float(CLOSED)]) : scores;
  const p = graph.op('Softmax', [z], { axis: -1 });
  return open && nowhere ? graph.op('Where', [open, p, graph.float(0)]) : p;
}

/** (N,T,D) and (N,S,D) → (N,T,S,D): the sum of every pair. */
const pairs = (graph: OnnxGraph, q: string, k: string): string => graph.op('Add', [graph.unsqueeze(q, 2), graph.unsqueeze(k, 1)]);

/** Σ w·tanh(q + k); w is a vector, a number or left out. */
function additive(graph: OnnxGraph, q: string, k: string, w: string | null): string {
  const curved = graph.op('Tanh', [pairs(graph, q, k)]);
  return graph.reduce('ReduceSum', w ? graph.op('Mul', [curved, w]) : curved, [3], false);
}

const weight = (graph: OnnxGraph, layer: Layer, name: string): string | null => {
  const found = weightOf(layer, name);
  return found ? graph.weight(name, found.value) : null;
};

const dotScores = (graph: OnnxGraph, q: string, k: string): string => graph.op('MatMul', [q, graph.transpose(k, [0, 2, 1])]);

/** Scores of Attention. */
function scoresOf(graph: OnnxGraph, layer: Layer, query: string, key: string): string {
  const scale = weight(graph, layer, 'scale');
  const scaled = (x: string): string => (scale ? graph.op('Mul', [x, scale]) : x);
  if ((layer as Attention).scoreMode === 'dot') return dotScores(graph, scaled(query), key);
  return additive(graph, scaled(query), scaled(key), weight(graph, layer, 'concat_score_weight'));
}

/** One head without projections: a masked key is closed, a masked query gives 0. */
const core =
  (scores: (graph: OnnxGraph, layer: Layer, query: string, key: string) => string): Exporter =>
  (graph, layer, inputs) => {
    const { useCausalMask, returnAttentionScores } = layer as AttentionCore;
    const { query, value, key } = nameInputs(layer.name, inputs, 2, false);
    const keyMask = (inputs[1] as Value).mask;
    const open = both(graph, keyMask ? graph.unsqueeze(keyMask.name, 1) : null, useCausalMask ? causal(graph, query, value) : null);
    const p = probabilities(graph, scores(graph, layer, query.name, key.name), open, false);
    const mixed = graph.op('MatMul', [p, value.name]);
    const y = query.mask ? graph.op('Where', [graph.unsqueeze(query.mask.name, 2), mixed, graph.float(0)]) : mixed;
    return [{ name: y, mask: query.mask }, ...(returnAttentionScores ? [{ name: p, mask: null }] : [])];
  };

/** Values in blocks of `size`, each block so many times in a row. */
function repeated(values: Float32Array, size: number, times: number): Float32Array {
  const out = new Float32Array(values.length * times);
  for (let i = 0; i < out.length / size; i++) {
    const block = Math.floor(i / times) * size;
    out.set(values.subarray(block, block + size), i * size);
  }
  return out;
}

/** x (N,T,D) through a kernel (D,heads,size), with its bias: (N,heads,T,size), each head so many times in a row. */
function project(graph: OnnxGraph, layer: Layer, part: string, x: Value, times: number): string {
  const kernel = weightOf(layer, `${part}/kernel`) as Weight;
  const [D, heads, size] = kernel.value.shape as [number, number, number];
  const columns = heads * size * times;
  const flat = graph.weight(`${part}/kernel`, kernel.value, 'matrix', (values) => ({
    values: repeated(values, size, times),
    dims: [D, columns],
  }));
  const product = graph.op('MatMul', [x.name, flat]);
  const bias = weightOf(layer, `${part}/bias`);
  const row =
    bias && graph.weight(`${part}/bias`, bias.value, 'vector', (values) => ({ values: repeated(values, size, times), dims: [columns] }));
  const sum = row ? graph.op('Add', [product, row]) : product;
  return graph.transpose(graph.reshape(sum, [[x, 0], [x, 1], heads * times, size]), [0, 2, 1, 3]);
}

/** Who may look where, (N,1,Tq or 1,Tk). */
function openPairs(
  graph: OnnxGraph,
  layer: HeadedAttention,
  inputs: readonly Value[],
  query: Value,
  value: Value,
  mask: Value | null,
): Sized | null {
  const own = inputs.length - (layer.useAttentionMask ? 1 : 0);
  const valueMask = own > 1 ? (inputs[1] as Value).mask : query.mask;
  const keyMask = own > 2 ? (inputs[2] as Value).mask : null;
  const rows = query.mask ? graph.unsqueeze(query.mask.name, 1, 3) : null;
  const columns = [valueMask, keyMask].map((m) => (m ? graph.unsqueeze(m.name, 1, 2) : null));
  const given = mask ? graph.unsqueeze(graph.cast(mask.name, 'bool'), 1) : null;
  const name = both(graph, rows, ...columns, given, layer.useCausalMask ? causal(graph, query, value) : null);
  return name === null ? null : { name, shape: [query.shape[0] ?? null, 1, query.shape[1] ?? null, value.shape[1] ?? null] };
}

const multiHead: Exporter = (graph, layer, inputs) => {
  const own = layer as HeadedAttention;
  const { numHeads, keyValueHeads, keyDim, valueDim } = own.heads;
  const { query, value, key, mask } = nameInputs(layer.name, inputs, 1, own.useAttentionMask);
  const open = openPairs(graph, own, inputs, query, value, mask);
  const q = graph.op('Mul', [project(graph, layer, 'query', query, 1), graph.float(1 / Math.sqrt(keyDim))]);
  const scores = graph.op('MatMul', [q, graph.transpose(project(graph, layer, 'key', key, numHeads / keyValueHeads), [0, 1, 3, 2])]);
  // Keras' two ways: with dropout or scores a query that may look nowhere takes nothing.
  const p = probabilities(graph, scores, open?.name ?? null, own.dropout > 0 || own.returnAttentionScores);
  const mixed = graph.transpose(graph.op('MatMul', [p, project(graph, layer, 'value', value, numHeads / keyValueHeads)]), [0, 2, 1, 3]);
  const joined = graph.reshape(mixed, [[query, 0], [query, 1], numHeads * valueDim]);
  const kernel = weightOf(layer, 'attention_output/kernel') as Weight;
  const flat = graph.weight('attention_output/kernel', kernel.value, 'matrix', (values, shape) => ({
    values,
    dims: [numHeads * valueDim, shape[2] as number],
  }));
  const product = graph.op('MatMul', [joined, flat]);
  const bias = weight(graph, layer, 'attention_output/bias');
  const y: Made = { name: bias ? graph.op('Add', [product, bias]) : product, mask: query.mask };
  return own.returnAttentionScores ? [y, { name: p, mask: open }] : [y];
};

export const attentionExporters: Readonly<Record<string, Exporter>> = {
  AdditiveAttention: core((graph, layer, query, key) =>
    additive(graph, query, key, (layer as AdditiveAttention).useScale ? weight(graph, layer, 'scale') : null),
  ),
  Attention: core(scoresOf),
  GroupQueryAttention: multiHead,
  MultiHeadAttention: multiHead,
};
