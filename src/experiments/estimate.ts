import { estimateMemory, type MemoryEstimate } from '../data/memory.js';
import type { Layer, SymbolicShape } from '../layers/layer.js';

/** What the rest of a selection will take. */
export interface Estimate {
  readonly runs: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Seconds of each run by its id: runs of one selection may differ a hundredfold. */
  readonly perRun: ReadonlyMap<string, number>;
}

/** A model as far as its memory goes. */
export interface ModelLike {
  readonly layers: readonly Layer[];
}

function itemSize(shape: SymbolicShape): number {
  return shape.slice(1).reduce<number>((size, n) => size * (n ?? 1), 1);
}

/** Arrays of one output's size that a layer keeps during a step: value and gradient, and what its backward needs. */
function copiesOf(layer: Layer): number {
  switch (layer.className) {
    case 'LSTM':
      return 8;
    case 'GRU':
      return 7;
    case 'Bidirectional':
      return 9;
    default:
      return 3;
  }
}

/**
 * Memory that training a model will hold: data, weights with gradient and two moments, and the outputs of every layer for a
 * batch. An estimate on the safe side; recurrent layers that return only their last state are counted by their steps.
 */
export function trainingMemory(model: ModelLike, batchSize: number, dataBytes: number): MemoryEstimate {
  const parameters = model.layers.reduce((sum, layer) => sum + layer.weights.reduce((n, w) => n + w.value.size, 0), 0);
  let activationsPerRow = 0;
  for (const layer of model.layers) {
    // A Sequential that grew layer by layer has old calls too: only the last one is in use.
    const node = layer.nodes.at(-1);
    const input = node?.inputs[0]?.shape;
    const steps = input?.length === 3 ? (input[1] ?? 1) : 1;
    const copies = copiesOf(layer);
    for (const output of node?.outputs ?? [])
      activationsPerRow += copies * itemSize(output.shape) * (output.shape.length === 2 && copies > 3 ? steps : 1);
  }
  return estimateMemory({ data: dataBytes, parameters, optimizerSlots: 2, activationsPerRow, batchSize });
}
