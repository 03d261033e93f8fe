import type { BatchNormalization } from '../../layers/batch-normalization.js';
import { axesOf, axisIndex } from '../../layers/checks.js';
import type { GroupNormalization } from '../../layers/group-normalization.js';
import type { LayerNormalization } from '../../layers/layer-normalization.js';
import type { Layer, Weight } from '../../layers/layer.js';
import type { Normalization } from '../../layers/normalization.js';
import type { Rescaling } from '../../layers/rescaling.js';
import type { RMSNormalization } from '../../layers/rms-normalization.js';
import type { UnitNormalization } from '../../layers/unit-normalization.js';
import { only, weightOf, type Exporter } from '../exporter.js';
import type { OnnxGraph } from '../graph.js';

/** Sizes of a weight along some of the axes of x, 1 along the others. */
function along(rank: number, axes: readonly number[], sizes: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, i) => (axes.includes(i) ? (sizes[axes.indexOf(i)] as number) : 1));
}

/** A weight that lies along these axes. */
function weightAlong(graph: OnnxGraph, weight: Weight, rank: number, axes: readonly number[]): string {
  return graph.weight(weight.name, weight.value, `along ${rank} ${axes.join()}`, (values, shape) => ({
    values,
    dims: along(rank, axes, shape),
  }));
}

/** x·gamma + beta, where the layer has them. */
function scaleAndShift(graph: OnnxGraph, layer: Layer, x: string, rank: number, axes: readonly number[]): string {
  const [gamma, beta] = [weightOf(layer, 'gamma'), weightOf(layer, 'beta')];
  const scaled = gamma ? graph.op('Mul', [x, weightAlong(graph, gamma, rank, axes)]) : x;
  return beta ? graph.op('Add', [scaled, weightAlong(graph, beta, rank, axes)]) : scaled;
}

/** (x − mean)/√(variance + ε) over axes. Not the operator LayerNormalization: ONNX Runtime's takes E[x²] − E[x]², and loses digits. */
function standardize(graph: OnnxGraph, x: string, axes: readonly number[], epsilon: number): string {
  const centred = graph.op('Sub', [x, graph.reduce('ReduceMean', x, axes)]);
  const variance = graph.reduce('ReduceMean', graph.op('Mul', [centred, centred]), axes);
  return graph.op('Div', [centred, graph.op('Sqrt', [graph.op('Add', [variance, graph.float(epsilon)])])]);
}

/** x divided by its length along axes; zeros stay zeros. */
export function unitLength(graph: OnnxGraph, x: string, axes: readonly number[]): string {
  const length = graph.op('Sqrt', [graph.reduce('ReduceSum', graph.op('Mul', [x, x]), axes)]);
  return graph.op('Mul', [x, graph.op('Min', [graph.op('Reciprocal', [length]), graph.float(1e12)])]);
}

const batch: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { axis, epsilon } = layer as BatchNormalization;
  const axes = [axisIndex(layer.name, axis, rank)];
  const values = (name: string): ArrayLike<number> | null => weightOf(layer, name)?.value.data() ?? null;
  const [gamma, mean, variance] = [values('gamma'), values('moving_mean'), values('moving_variance')];
  const count = mean?.length ?? 0;
  const factor = Array.from({ length: count }, (_, i) => (gamma?.[i] ?? 1) / Math.sqrt((variance?.[i] as number) + epsilon));
  const centred = graph.op('Sub', [x.name, weightAlong(graph, weightOf(layer, 'moving_mean') as Weight, rank, axes)]);
  const scaled = graph.op('Mul', [centred, graph.floats('factor', factor, along(rank, axes, [count]))]);
  const beta = weightOf(layer, 'beta');
  return [{ name: beta ? graph.op('Add', [scaled, weightAlong(graph, beta, rank, axes)]) : scaled }];
};

const perLayer: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { axis, epsilon } = layer as LayerNormalization;
  const axes = axesOf(layer.name, axis, rank);
  return [{ name: scaleAndShift(graph, layer, standardize(graph, x.name, axes, epsilon), rank, axes) }];
};

const perGroup: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { axis, epsilon, groups } = layer as GroupNormalization;
  const at = axisIndex(layer.name, axis, rank);
  const channels = x.shape[at] as number;
  const count = groups === -1 ? channels : groups;
  const lengths = x.shape.map((_, i) => [x, i] as const);
  const cut = graph.reshape(x.name, [...lengths.slice(0, at), count, channels / count, ...lengths.slice(at + 1)]);
  const axes = Array.from({ length: rank + 1 }, (_, i) => i).filter((i) => i !== 0 && i !== at);
  const joined = graph.reshape(standardize(graph, cut, axes, epsilon), lengths);
  return [{ name: scaleAndShift(graph, layer, joined, rank, [at]) }];
};

const rms: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { axis, epsilon } = layer as RMSNormalization;
  const axes = axesOf(layer.name, axis, rank);
  const square = graph.reduce('ReduceMean', graph.op('Mul', [x.name, x.name]), axes);
  const unit = graph.op('Div', [x.name, graph.op('Sqrt', [graph.op('Add', [square, graph.float(epsilon)])])]);
  return [{ name: graph.op('Mul', [unit, weightAlong(graph, weightOf(layer, 'scale') as Weight, rank, axes)]) }];
};

const unit: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  return [{ name: unitLength(graph, x.name, axesOf(layer.name, (layer as UnitNormalization).axis, x.shape.length)) }];
};

/** As the layer has it. */
const LEAST_DEVIATION = 1e-7;

const given: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { axis, mean, variance, invert } = layer as Normalization;
  const axes = axesOf(layer.name, axis, rank);
  const means = mean ?? weightOf(layer, 'mean')?.value.data() ?? [];
  const variances = Array.from(variance ?? weightOf(layer, 'variance')?.value.data() ?? []);
  const deviations = variances.map((v) => Math.max(Math.sqrt(v), LEAST_DEVIATION));
  const sizes = axes.map((a) => x.shape[a] as number);
  // One mean may stand for all.
  const dims = means.length === 1 ? [] : along(rank, axes, sizes);
  const centre = graph.floats('mean', means, dims);
  const factor = graph.floats('factor', invert ? deviations : deviations.map((d) => 1 / d), dims);
  return [
    {
      name: invert
        ? graph.op('Add', [graph.op('Mul', [x.name, factor]), centre])
        : graph.op('Mul', [graph.op('Sub', [x.name, centre]), factor]),
    },
  ];
};

const rescaling: Exporter = (graph, layer, inputs) => {
  const { scale, offset } = layer as Rescaling;
  const numbers = (label: string, of: number | readonly number[]): string =>
    typeof of === 'number' ? graph.float(of) : graph.floats(label, of, [of.length]);
  const scaled = graph.op('Mul', [only(inputs).name, numbers('scale', scale)]);
  return [{ name: offset === 0 ? scaled : graph.op('Add', [scaled, numbers('offset', offset)]) }];
};

export const normalizationExporters: Readonly<Record<string, Exporter>> = {
  BatchNormalization: batch,
  GroupNormalization: perGroup,
  LayerNormalization: perLayer,
  Normalization: given,
  RMSNormalization: rms,
  Rescaling: rescaling,
  UnitNormalization: unit,
};
