import { SarafError } from '../../errors.js';
import { ACTIVATIONS, RECURRENT } from '../../backend/backend.js';
import { backend } from '../../backend/current.js';
import { orthonormalColumns } from '../../initializers/orthogonal.js';
import { Philox } from '../../tensor/random.js';

export const RECURRENT_CELLS = ['SimpleRNN', 'LSTM', 'GRU'] as const;
export type RecurrentCell = (typeof RECURRENT_CELLS)[number];

export interface GradientNormsOptions {
  /** Length of the sequence. Default 40. */
  readonly steps?: number;
  /** Default 32. */
  readonly units?: number;
  /** Spectral radii of the recurrent weights, of each gate its own matrix. Default [0.8, 1.2]. */
  readonly radii?: readonly number[];
  /** Default 1. */
  readonly seed?: number;
}

/** How strongly the last state depends on the one after each step. */
export interface GradientNorms {
  readonly cell: RecurrentCell;
  readonly radius: number;
  /** (steps + 1): ‖∂L/∂h_t‖ for t = 0 … steps; the last one is 1. */
  readonly norms: readonly number[];
  /** Of an LSTM also (steps): ‖∂L/∂c_t‖ for t = 0 … steps − 1, the way that it keeps open; null of the others. */
  readonly cellNorms: readonly number[] | null;
}

const GATES: Record<RecurrentCell, number> = { SimpleRNN: 1, LSTM: 4, GRU: 3 };
const FEATURES = 8;
/** Small, so that tanh stays near its straight part and the recurrent weights alone decide. */
const INPUT_SCALE = 1e-3;

/** Random with every eigenvalue of modulus `radius`: a multiple of an orthogonal matrix. Rows of `units` values. */
function recurrentMatrix(units: number, radius: number, random: Philox): Float64Array {
  const normal = Float64Array.from({ length: units * units }, () => random.normal());
  return orthonormalColumns(normal, units, units).map((v) => v * radius);
}

interface Weights {
  readonly w: Float32Array; // (FEATURES, gates·units)
  readonly u: Float32Array; // (units, gates·units)
  readonly b: Float32Array;
}

function weightsOf(cell: RecurrentCell, units: number, radius: number, random: Philox): Weights {
  const gates = GATES[cell];
  const columns = gates * units;
  const u = new Float32Array(units * columns);
  for (let g = 0; g < gates; g++) {
    const matrix = recurrentMatrix(units, radius, random);
    for (let i = 0; i < units; i++) for (let j = 0; j < units; j++) u[i * columns + g * units + j] = matrix[i * units + j] as number;
  }
  const w = Float32Array.from({ length: FEATURES * columns }, () => random.normal() / Math.sqrt(FEATURES));
  const b = new Float32Array(columns);
  if (cell === 'LSTM') b.fill(1, units, 2 * units); // the forget gate, as Keras begins
  return { w, u, b };
}

interface Pass {
  readonly y: Float32Array;
  readonly gates: Float32Array;
  readonly cells: Float32Array;
}

function forward(cell: RecurrentCell, { w, u, b }: Weights, x: Float32Array, h0: Float32Array, c0: Float32Array): Pass {
  const units = h0.length;
  const steps = x.length / FEATURES;
  const geometry = Int32Array.of(1, steps, FEATURES, units, RECURRENT.training);
  const y = new Float32Array(steps * units);
  const gates = new Float32Array(steps * 4 * units);
  const cells = new Float32Array(steps * units);
  const [hT, cT] = [new Float32Array(units), new Float32Array(units)];
  if (cell === 'SimpleRNN') backend().simpleRnnForward(x, w, u, b, h0, null, y, hT, geometry, ACTIVATIONS.tanh);
  else if (cell === 'GRU') backend().gruForward(x, w, u, b, h0, null, y, hT, gates, geometry);
  else backend().lstmForward(x, w, u, b, h0, c0, null, y, hT, cT, gates, cells, geometry);
  return { y, gates, cells };
}

/** ‖∂L/∂h‖ and, of an LSTM, ‖∂L/∂c‖ before the first step of x, where L = dhT·h after the last. */
function normsBefore(
  cell: RecurrentCell,
  weights: Weights,
  x: Float32Array,
  h0: Float32Array,
  c0: Float32Array,
  dhT: Float32Array,
): [h: number, c: number] {
  const { w, u } = weights;
  const units = h0.length;
  const steps = x.length / FEATURES;
  const geometry = Int32Array.of(1, steps, FEATURES, units, RECURRENT.training);
  const { y, gates, cells } = forward(cell, weights, x, h0, c0);
  const [dh0, dc0] = [new Float32Array(units), new Float32Array(units)];
  if (cell === 'SimpleRNN') {
    const dz = new Float32Array(steps * units);
    backend().simpleRnnBackward(x, w, u, h0, null, y, null, dhT, dz, null, null, null, null, dh0, geometry, ACTIVATIONS.tanh);
  } else if (cell === 'GRU') {
    backend().gruBackward(x, w, u, h0, null, y, gates, null, dhT, null, null, null, null, dh0, geometry);
  } else {
    backend().lstmBackward(x, w, u, h0, c0, null, y, gates, cells, null, dhT, null, null, null, null, null, dh0, dc0, geometry);
  }
  return [Math.hypot(...dh0), Math.hypot(...dc0)];
}

/**
 * Why long sequences are hard: the norm of the gradient that reaches each step from a loss after the last one, for SimpleRNN, LSTM
 * (forget bias 1) and GRU (reset before the product), with recurrent weights of spectral radius below and above 1.
 *
 * Throws: ERR_ARG unless steps, units and every radius are positive, the first two whole.
 * Source: Bengio, Simard, Frasconi 1994; Pascanu, Mikolov, Bengio 2013.
 */
export function gradientNorms(options: GradientNormsOptions = {}): GradientNorms[] {
  const { steps = 40, units = 32, radii = [0.8, 1.2], seed = 1 } = options;
  for (const [name, value] of Object.entries({ steps, units }))
    if (!Number.isInteger(value) || value < 1)
      throw new SarafError('ERR_ARG', 'gradientNorms', `expected ${name} to be a whole number from 1 on, received ${value}`);
  for (const radius of radii)
    if (!(radius > 0 && Number.isFinite(radius)))
      throw new SarafError('ERR_ARG', 'gradientNorms', `expected radii above 0, received ${radius}`);
  return RECURRENT_CELLS.flatMap((cell) =>
    radii.map((radius): GradientNorms => {
      const random = new Philox(seed);
      const weights = weightsOf(cell, units, radius, random);
      const x = Float32Array.from({ length: steps * FEATURES }, () => random.normal(0, INPUT_SCALE));
      const direction = Float32Array.from({ length: units }, () => random.normal());
      const length = Math.hypot(...direction);
      const dhT = direction.map((v) => v / length);
      const rest = new Float32Array(units);
      const { y, cells } = forward(cell, weights, x, rest, rest);
      const norms = Array.from({ length: steps }, (_, t) => {
        const at = (states: Float32Array): Float32Array => (t === 0 ? rest : states.slice((t - 1) * units, t * units));
        return normsBefore(cell, weights, x.slice(t * FEATURES), at(y), at(cells), dhT);
      });
      return { cell, radius, norms: [...norms.map(([h]) => h), 1], cellNorms: cell === 'LSTM' ? norms.map(([, c]) => c) : null };
    }),
  );
}
