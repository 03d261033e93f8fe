import { GATES, type Cell, type RecurrentInputs } from '../suites/recurrent.js';
import type { ConvInputs } from '../suites/conv.js';
import type { GemmInputs } from '../suites/gemm.js';
import type { NamedArray } from '../suites/suite.js';
import { NotAvailable } from './contender.js';
import type { OnnxArray, OnnxNode } from './onnx-model.js';

/** Axes in another order. */
export function permute({ name, shape, values }: NamedArray, order: readonly number[]): NamedArray {
  const to = order.map((axis) => shape[axis] as number);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let from = 0;
    for (let k = to.length - 1; k >= 0; k--) {
      from += (rest % (to[k] as number)) * (strides[order[k] as number] as number);
      rest = Math.floor(rest / (to[k] as number));
    }
    out[i] = values[from] as number;
  }
  return { name, shape: to, values: out };
}

/** A case as ONNX has it. */
export interface OnnxCase {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxArray[];
  readonly x: OnnxArray;
  readonly y: readonly number[];
  /** From its layout to Keras'; outside the timing, as is the way there. */
  readonly back?: readonly number[];
  /** What the suite calls the output; y unless said. */
  readonly output?: string;
}

export function gemm({ shape: { M, N, K }, a, b }: GemmInputs): OnnxCase {
  const constants = [{ name: 'w', shape: [K, N], values: b }];
  return {
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    constants,
    x: { name: 'x', shape: [M, K], values: a },
    y: [M, N],
  };
}

export function conv({ shape: { N, H, F, k, s }, x, weights, dy }: ConvInputs): OnnxCase {
  if (dy) throw new NotAvailable('it does not train');
  const [w, b] = weights as readonly [NamedArray, NamedArray];
  const O = Math.ceil(H / s);
  const total = Math.max((O - 1) * s + k - H, 0);
  const before = Math.floor(total / 2);
  const attributes = { kernel_shape: [k, k], strides: [s, s], pads: [before, before, total - before, total - before] };
  return {
    nodes: [{ op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes }],
    constants: [permute(w, [3, 2, 0, 1]), b],
    x: permute(x, [0, 3, 1, 2]),
    y: [N, F, O, O],
    back: [0, 2, 3, 1],
  };
}

/** Its gates: LSTM i o f c, GRU z r h; from Keras' i f c o and z r h. */
const ORDER = { rnn: [0], lstm: [0, 3, 1, 2], gru: [0, 1, 2] } as const;

/** Weights of one or two directions as its W, R and B, from Keras' kernel, recurrent kernel and bias of each. */
export function recurrentConstants(cell: Cell, U: number, weights: readonly NamedArray[]): NamedArray[] {
  const G = GATES[cell];
  /** Blocks of U columns in its order. */
  const gates = ({ name, shape, values }: NamedArray): NamedArray => {
    const rows = values.length / (G * U);
    const out = new Float32Array(values.length);
    for (let r = 0; r < rows; r++)
      ORDER[cell].forEach((from, to) => out.set(values.subarray((r * G + from) * U, (r * G + from + 1) * U), (r * G + to) * U));
    return { name, shape, values: out };
  };
  const stacked = (name: string, shape: readonly number[], parts: readonly Float32Array[]): NamedArray => {
    const values = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
    parts.reduce((at, part) => (values.set(part, at), at + part.length), 0);
    return { name, shape: [weights.length / 3, ...shape], values };
  };
  const of = (at: number): NamedArray[] => weights.filter((_, i) => i % 3 === at).map(gates);
  const transposed = (list: readonly NamedArray[]): Float32Array[] => list.map((w) => permute(w, [1, 0]).values);
  const D = weights[0]?.shape[0] as number;
  // A bias for the input and one for the recurrent product.
  const biases = of(2).flatMap((b) => (cell === 'gru' ? [b.values] : [b.values, new Float32Array(G * U)]));
  return [stacked('W', [G * U, D], transposed(of(0))), stacked('R', [G * U, U], transposed(of(1))), stacked('B', [2 * G * U], biases)];
}

export function recurrent({ shape: { N, T, U, cell, bidirectional }, x, weights, dy }: RecurrentInputs): OnnxCase {
  if (dy) throw new NotAvailable('it does not train');
  const attributes = {
    hidden_size: U,
    direction: bidirectional ? 'bidirectional' : 'forward',
    ...(cell === 'gru' ? { linear_before_reset: 1 } : {}),
  };
  return {
    nodes: [{ op: cell.toUpperCase(), inputs: ['x', 'W', 'R', 'B'], outputs: ['y'], attributes }],
    constants: recurrentConstants(cell, U, weights),
    x: permute(x, [1, 0, 2]),
    y: [T, bidirectional ? 2 : 1, N, U],
    back: [2, 0, 1, 3],
  };
}
