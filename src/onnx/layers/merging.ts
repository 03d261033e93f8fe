import { axisIndex } from '../../layers/checks.js';
import type { Concatenate } from '../../layers/concatenate.js';
import type { Dot } from '../../layers/dot.js';
import { type Exporter } from '../exporter.js';
import type { OnnxGraph, Sized, Value } from '../graph.js';
import { unitLength } from './normalization.js';

/** Valid where any input is; none if an input has none. */
function anyMask(graph: OnnxGraph, inputs: readonly Value[]): Sized | null {
  const masks = inputs.map((x) => x.mask);
  if (masks.includes(null)) return null;
  const [first, ...others] = masks as [Sized, ...Sized[]];
  return { ...first, name: others.reduce((joint, mask) => graph.op('Or', [joint, mask.name]), first.name) };
}

/** An input of lower rank gets its axes behind the batch axis, as Keras gives them. */
function widened(graph: OnnxGraph, x: Value, rank: number): string {
  const missing = rank - x.shape.length;
  return missing === 0 ? x.name : graph.unsqueeze(x.name, ...Array.from({ length: missing }, (_, i) => i + 1));
}

const widest = (inputs: readonly Value[]): number => Math.max(...inputs.map((x) => x.shape.length));

function joined(graph: OnnxGraph, op: string, inputs: readonly Value[]): string {
  const [first, ...others] = inputs.map((x) => widened(graph, x, widest(inputs))) as [string, ...string[]];
  return others.reduce((sum, x) => graph.op(op, [sum, x]), first);
}

const merging =
  (op: string): Exporter =>
  (graph, _layer, inputs) => [{ name: joined(graph, op, inputs), mask: anyMask(graph, inputs) }];

const average: Exporter = (graph, _layer, inputs) => [
  { name: graph.op('Mul', [joined(graph, 'Add', inputs), graph.float(1 / inputs.length)]), mask: anyMask(graph, inputs) },
];

/** A mask of steps over a tensor: (N,T) becomes (N,T,1,…). */
const overSteps = (graph: OnnxGraph, mask: Sized, rank: number): string =>
  graph.unsqueeze(mask.name, ...Array.from({ length: rank - mask.shape.length }, (_, i) => mask.shape.length + i));

const multiply: Exporter = (graph, _layer, inputs) => {
  // Masked steps are factors of 1; where all are masked, the product is 0.
  const factors = inputs.map((x): Value => {
    if (!x.mask) return x;
    return { ...x, name: graph.op('Where', [overSteps(graph, x.mask, x.shape.length), x.name, graph.float(1)]) };
  });
  const product = joined(graph, 'Mul', factors);
  const mask = anyMask(graph, inputs);
  if (!mask) return [{ name: product, mask }];
  return [{ name: graph.op('Where', [overSteps(graph, mask, widest(inputs)), product, graph.float(0)]), mask }];
};

/** Masked steps do not compete, but for the first input where all are masked. */
const extremum =
  (op: 'Max' | 'Min', loser: number): Exporter =>
  (graph, _layer, inputs) => {
    const mask = anyMask(graph, inputs);
    const rivals = inputs.map((x, i): Value => {
      if (!x.mask) return x;
      const competes = i === 0 && mask ? graph.op('Or', [x.mask.name, graph.op('Not', [mask.name])]) : x.mask.name;
      const steps = overSteps(graph, { ...x.mask, name: competes }, x.shape.length);
      return { ...x, name: graph.op('Where', [steps, x.name, graph.float(loser)]) };
    });
    return [{ name: joined(graph, op, rivals), mask }];
  };

const concatenate: Exporter = (graph, layer, inputs) => {
  const axis = axisIndex(layer.name, (layer as Concatenate).axis, (inputs[0] as Value).shape.length);
  const name = graph.op(
    'Concat',
    inputs.map((x) => x.name),
    { axis },
  );
  return [{ name, mask: concatenatedMask(graph, inputs, axis) }];
};

/** A missing mask counts as all valid. Along time masks are joined, along another axis a step is valid if it is in any input. */
function concatenatedMask(graph: OnnxGraph, inputs: readonly Value[], axis: number): Sized | null {
  if (inputs.every((x) => x.mask === null)) return null;
  const masks = inputs.map((x): string => {
    if (x.mask) return x.mask.name;
    const lengths = graph.lengths([
      [x, 0],
      [x, 1],
    ]);
    return graph.cast(graph.op('Expand', [graph.float(1), lengths]), 'bool');
  });
  const [first, ...others] = masks as [string, ...string[]];
  if (axis === 1) return { name: graph.op('Concat', masks, { axis: 1 }), shape: [null, null] };
  return { name: others.reduce((joint, mask) => graph.op('Or', [joint, mask]), first), shape: (inputs[0] as Value).shape.slice(0, 2) };
}

const dot: Exporter = (graph, layer, inputs) => {
  const { axes, normalize } = layer as Dot;
  const sides = inputs.map((x, i): string => {
    const rank = x.shape.length;
    const axis = axisIndex(layer.name, typeof axes === 'number' ? axes : (axes[i] as number), rank);
    const lines = rank === 2 ? graph.unsqueeze(x.name, 1) : graph.transpose(x.name, axis === 2 ? [0, 1, 2] : [0, 2, 1]);
    const unit = normalize ? unitLength(graph, lines, [2]) : lines;
    return i === 0 ? unit : graph.transpose(unit, [0, 2, 1]);
  }) as [string, string];
  const product = graph.op('MatMul', sides);
  const [a, b] = inputs.map((x) => x.shape.length === 2) as [boolean, boolean];
  if (!a && !b) return [{ name: product, mask: null }];
  // Of two vectors one axis stays.
  return [{ name: graph.squeeze(product, a ? 1 : 2), mask: null }];
};

export const mergingExporters: Readonly<Record<string, Exporter>> = {
  Add: merging('Add'),
  Average: average,
  Concatenate: concatenate,
  Dot: dot,
  Maximum: extremum('Max', -Infinity),
  Minimum: extremum('Min', Infinity),
  Multiply: multiply,
  Subtract: merging('Sub'),
};
