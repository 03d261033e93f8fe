import { layers, type Layer } from '../../src/index.js';
import { drawn, type LayerInputs, type Pass } from './layer-inputs.js';
import { layerRun } from './reference/layer-run.js';
import type { NamedArray, Outputs, Shape, Suite } from './suite.js';
import file from '../shapes/recurrent.json' with { type: 'json' };

export type Cell = 'rnn' | 'lstm' | 'gru';

/** N batch, T time, D features, U units. */
interface Sizes extends Shape {
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly U: number;
}

export interface RecurrentShape extends Sizes {
  readonly cell: Cell;
  readonly bidirectional: boolean;
  readonly pass: Pass;
}
export type RecurrentInputs = LayerInputs<RecurrentShape>;

/** In Keras' order: LSTM i f c o, GRU z r h. */
export const GATES: Readonly<Record<Cell, number>> = { rnn: 1, lstm: 4, gru: 3 };
const PASSES: readonly Pass[] = ['infer', 'train'];

// The thesis shapes with every cell in one and both directions; the sweeps and odd ones with an LSTM.
const shapes = (file as readonly (Sizes & { readonly cells: readonly string[] })[]).flatMap(({ cells, ...sizes }) =>
  cells.flatMap((name) =>
    PASSES.map((pass): RecurrentShape => {
      const bidirectional = name.startsWith('bi');
      const cell = (bidirectional ? name.slice(2) : name) as Cell;
      return { ...sizes, name: `${sizes.name}-${name}-${pass}`, cell, bidirectional, pass };
    }),
  ),
);

export function recurrentLayer({ cell, bidirectional, U }: RecurrentShape, resetAfter = true): Layer {
  const options = { units: U, returnSequences: true };
  const layer =
    cell === 'rnn' ? layers.simpleRnn(options) : cell === 'lstm' ? layers.lstm(options) : layers.gru({ ...options, resetAfter });
  return bidirectional ? layers.bidirectional({ layer }) : layer;
}

/** The weights of a GRU that resets before the product: its bias is one row. */
export const resetBefore = (weights: readonly NamedArray[]): readonly NamedArray[] =>
  weights.map((w) => (w.shape.length === 2 && w.name.endsWith('b') ? drawn(w.name, w.shape.slice(1), 7, 0.1) : w));

export const recurrent: Suite<RecurrentShape, RecurrentInputs> = {
  name: 'recurrent',
  title: 'A recurrent layer that returns sequences; training adds the gradients of input and weights',
  shapes,
  // The matrix products; gates are left out, as everyone does. Backward multiplies twice for each product forward.
  flops: ({ N, T, D, U, cell, bidirectional, pass }) =>
    2 * N * T * (D + U) * GATES[cell] * U * (bidirectional ? 2 : 1) * (pass === 'train' ? 3 : 1),
  bytes({ N, T, D, U, cell, bidirectional, pass }) {
    const directions = bidirectional ? 2 : 1;
    const weights = directions * (D + U) * GATES[cell] * U;
    return 4 * (N * T * D + weights + N * T * U * directions) * (pass === 'train' ? 2 : 1);
  },
  inputs(shape) {
    const { N, T, D, U, cell, bidirectional, pass } = shape;
    const G = GATES[cell];
    const direction = (name: string, seed: number) => [
      drawn(`${name}w`, [D, G * U], seed, 1 / Math.sqrt(D)),
      drawn(`${name}u`, [U, G * U], seed + 1, 1 / Math.sqrt(U)),
      drawn(`${name}b`, cell === 'gru' ? [2, G * U] : [G * U], seed + 2, 0.1),
    ];
    return {
      shape,
      x: drawn('x', [N, T, D], 1),
      weights: bidirectional ? [...direction('Forward.', 10), ...direction('Backward.', 20)] : direction('', 10),
      dy: pass === 'train' ? drawn('dy', [N, T, (bidirectional ? 2 : 1) * U], 4, 0.01) : null,
    };
  },
  reference(inputs): Outputs {
    const usual = layerRun(() => recurrentLayer(inputs.shape), inputs, 'float64').check();
    if (inputs.shape.cell !== 'gru') return usual;
    const before = { ...inputs, weights: resetBefore(inputs.weights) };
    const other = layerRun(() => recurrentLayer(inputs.shape, false), before, 'float64').check();
    return { ...usual, ...Object.fromEntries(Object.entries(other).map(([name, v]) => [`resetBefore/${name}`, v])) };
  },
  // Errors of a step feed the next ones; a bias gradient sums N·T terms that cancel.
  tolerance: { y: 1e-5, dx: 1e-4, dw: 1e-4, du: 1e-4, db: 1e-4, dForward: 1e-4, dBackward: 1e-4 },
};
