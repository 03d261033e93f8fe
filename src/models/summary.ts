import { showShape } from '../layers/checks.js';
import type { Layer, SymbolicShape, Weight } from '../layers/layer.js';
import type { Graph } from './graph.js';

const count = (weights: Iterable<Weight>): number => {
  let sum = 0;
  for (const w of weights) sum += w.value.size;
  return sum;
};

const bytes = (numbers: number): string => {
  const size = numbers * 4;
  return size < 1024 ? `${size} B` : size < 1024 ** 2 ? `${(size / 1024).toFixed(2)} KB` : `${(size / 1024 ** 2).toFixed(2)} MB`;
};

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

export interface SummarySource {
  readonly name: string;
  readonly graph: Graph;
  readonly shapes: readonly SymbolicShape[];
  readonly weights: readonly Weight[];
  readonly trainableWeights: readonly Weight[];
  /** Whether to name what each layer is connected to. */
  readonly connections: boolean;
}

/** A table of layers, output shapes and parameters, as Keras prints it. */
export function summaryTable(model: SummarySource): string {
  const { graph, shapes, connections } = model;
  const producer = new Map<number, Layer>();
  graph.inputs.forEach((at) => producer.set(at, (graph.tensors[at] as { layer: Layer }).layer));
  const header = ['Layer (type)', 'Output shape', 'Param #', ...(connections ? ['Connected to'] : [])];
  const rows: string[][] = [];
  if (connections) {
    for (const at of graph.inputs) {
      const layer = producer.get(at) as Layer;
      rows.push([`${layer.name} (${layer.className})`, showShape(shapes[at] as SymbolicShape), '0', '–']);
    }
  }
  for (const step of graph.steps) {
    const { layer } = step;
    rows.push([
      `${layer.name} (${layer.className})`,
      step.outputs.map((at) => showShape(shapes[at] as SymbolicShape)).join(', '),
      // A shared layer's weights are counted at its first call.
      step.call === 0 ? grouped(count(layer.weights)) : '0 (shared)',
      ...(connections ? [step.inputs.map((at) => producer.get(at)?.name ?? '?').join(', ')] : []),
    ]);
    for (const at of step.outputs) producer.set(at, layer);
  }
  const widths = header.map((h, c) => Math.max(h.length, ...rows.map((r) => (r[c] as string).length)));
  const line = (left: string, fill: string, middle: string, right: string): string =>
    left + widths.map((w) => fill.repeat(w + 2)).join(middle) + right;
  const cells = (r: readonly string[]): string =>
    `│ ${r.map((cell, c) => (c === 2 ? cell.padStart(widths[c] as number) : cell.padEnd(widths[c] as number))).join(' │ ')} │`;
  const total = count(model.weights);
  const trainable = count(model.trainableWeights);
  return [
    `Model: "${model.name}"`,
    line('┌', '─', '┬', '┐'),
    cells(header),
    line('├', '─', '┼', '┤'),
    ...rows.map(cells),
    line('└', '─', '┴', '┘'),
    `Total params: ${grouped(total)} (${bytes(total)})`,
    `Trainable params: ${grouped(trainable)} (${bytes(trainable)})`,
    `Non-trainable params: ${grouped(total - trainable)} (${bytes(total - trainable)})`,
  ].join('\n');
}
