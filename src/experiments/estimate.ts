import { SarafError } from '../errors.js';
import type { Layer, SymbolicShape } from '../layers/layer.js';

/** What the rest of a selection will take. */
export interface Estimate {
  readonly runs: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** A model as far as its memory goes. */
export interface ModelLike {
  readonly layers: readonly Layer[];
  readonly outputShape?: unknown;
}

function elements(shape: SymbolicShape, batchSize: number): number {
  return shape.reduce<number>((size, n, axis) => size * (n ?? (axis === 0 ? batchSize : 1)), 1);
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
 * Bytes that one training step holds: weights with gradient and two moments, and the outputs of every layer for a batch.
 *
 * An upper estimate on the safe side of a third; recurrent layers that return only their last state are counted by their steps.
 */
export function trainingBytes(model: ModelLike, batchSize: number): number {
  const parameters = model.layers.reduce((sum, layer) => sum + layer.weights.reduce((n, w) => n + w.value.size, 0), 0);
  let activations = 0;
  for (const layer of model.layers) {
    // A Sequential that grew layer by layer has old calls too: only the last one is in use.
    const node = layer.nodes.at(-1);
    const input = node?.inputs[0]?.shape;
    const steps = input?.length === 3 ? (input[1] ?? 1) : 1;
    for (const output of node?.outputs ?? []) {
      const size = elements(output.shape, batchSize);
      activations += copiesOf(layer) * (output.shape.length === 2 && copiesOf(layer) > 3 ? size * steps : size);
    }
  }
  return 16 * parameters + 4 * activations;
}

/**
 * Refuses work that the machine's memory will not hold, before anything is allocated for it.
 *
 * Units:  bytes.
 * Throws: ERR_MEMORY with what would help.
 */
export function requireMemory(what: string, needed: number, available: number): void {
  if (needed <= available) return;
  const gb = (n: number): string => `${(n / 1e9).toFixed(n < 1e8 ? 3 : 1)} GB`;
  throw new SarafError(
    'ERR_MEMORY',
    what,
    `expected at least ${gb(needed)} of free memory, found ${gb(available)}; close other programs, run one factor at a time with --factor, or use --scale quick`,
  );
}
