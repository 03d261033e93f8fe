import { ACTIVATIONS, RECURRENT } from '../../backend/backend.js';
import { backend } from '../../backend/current.js';
import { D001, D002, dot, example, matrix, product, sigmoid, vector, type WorkedExample } from './worked-example.js';

// ---- the LSTM's first step of document 002: weights in rows per unit, as in W·x ----
const STEP_X = [0.6, 1.9, 0.8, 2.3, 1.3, 2];
const STEP_W = {
  i: [
    [0, -1, 0, 0, 1, 0],
    [0, 0, 1, -1, 0, 0],
    [1, 0, 0, 1, 0, 0],
    [0, 1, 0, 0, -1, 0],
    [-1, 0, 0, 0, 0, 1],
    [0, 0, -1, 0, 0, -1],
  ],
  f: [
    [1, 0, 0, 1, -1, 0],
    [0, -1, 0, 1, 0, 0],
    [0, 1, -1, -1, 0, 0],
    [1, 0, 1, 0, -1, 1],
    [1, 0, 0, 0, 1, 0],
    [0, 0, 0, 1, 1, -1],
  ],
  c: [
    [0, 0, -1, 0, 1, 0],
    [0, 1, 0, 0, -1, 0],
    [0, 0, 1, 0, 0, -1],
    [1, 0, 0, 0, 0, -1],
    [0, -1, 0, 1, 0, 0],
    [1, 0, 0, -1, 0, 0],
  ],
};
const STEP_BIAS = 0.1;
/** The output gate as printed, and as its printed weights give it; those weights themselves are not at hand. */
const PRINTED_O = [0.931, 0.196, 0.69, 0.892, 0.69, 0.832];
const WEIGHTS_O = [0.646, 0.668, 0.25, 0.214, 0.622, 0.168];

interface Step {
  readonly gate: (g: 0 | 1 | 2 | 3) => number[];
  readonly c: number[];
  readonly h: number[];
}

/** The step through our kernel, with an output gate of given values: no weights, and as bias what σ makes these values of. */
function step(o: readonly number[]): Step {
  const units = STEP_X.length;
  const w = new Float32Array(units * 4 * units);
  for (const [gate, rows] of [STEP_W.i, STEP_W.f, STEP_W.c].entries())
    for (const [unit, row] of rows.entries()) for (const [d, value] of row.entries()) w[d * 4 * units + gate * units + unit] = value;
  const b = new Float32Array(4 * units).fill(STEP_BIAS);
  b.set(
    o.map((value) => Math.log(value / (1 - value))),
    3 * units,
  );
  const u = new Float32Array(units * 4 * units);
  const gates = new Float32Array(4 * units);
  const [cells, y, hT, cT] = [new Float32Array(units), new Float32Array(units), new Float32Array(units), new Float32Array(units)];
  const geometry = Int32Array.of(1, 1, units, units, RECURRENT.training);
  backend().lstmForward(Float32Array.from(STEP_X), w, u, b, null, null, null, y, hT, cT, gates, cells, geometry);
  return { gate: (g) => [...gates.subarray(g * units, (g + 1) * units)], c: [...cells], h: [...y] };
}

function lstmStep(): WorkedExample[] {
  const printed = step(PRINTED_O);
  const followed = step(WEIGHTS_O);
  const pre = (rows: readonly (readonly number[])[]): number[] => product(rows, STEP_X).map((v) => v + STEP_BIAS);
  const [inputs, candidates] = [pre(STEP_W.i).map(sigmoid), pre(STEP_W.c).map(Math.tanh)];
  const cell = inputs.map((i, unit) => i * (candidates[unit] ?? 0));
  const common = { topic: 'Recurrent layers', document: D002, decimals: 3 } as const;
  const x = `x = ${vector(STEP_X)}, b = ${STEP_BIAS}`;
  const output = {
    ...common,
    formula: 'h₁ = o₁⊙tanh(c₁)',
    latex: String.raw`h_1 = o_1 \odot \tanh(c_1)`,
    by: 'formula',
    decimals: 6,
  } as const;
  const hidden = (o: readonly number[]): number[] => cell.map((c, unit) => (o[unit] ?? 0) * Math.tanh(c));
  return [
    example({
      ...common,
      name: 'LSTM: forget gate of the first step',
      formula: 'f₁ = σ(W_xf·x + b)',
      latex: String.raw`f_1 = \sigma(W_{xf} x + b)`,
      given: `${x}, rows of W_xf: ${matrix(STEP_W.f)}`,
      by: 'print',
      expected: [0.846, 0.622, 0.25, 0.9, 0.881, 0.599],
      computed: printed.gate(1),
      note: 'The sixth is a slip: 2.3 + 1.3 − 2 + 0.1 is 1.7 where 0.4 was taken.',
    }),
    example({
      ...common,
      name: 'LSTM: input gate of the first step',
      formula: 'i₁ = σ(W_xi·x + b)',
      latex: String.raw`i_1 = \sigma(W_{xi} x + b)`,
      given: `${x}, rows of W_xi: ${matrix(STEP_W.i)}`,
      by: 'print',
      expected: [0.378, 0.198, 0.953, 0.668, 0.818, 0.063],
      computed: printed.gate(0),
    }),
    example({
      ...common,
      name: 'LSTM: candidate of the first step',
      formula: 'c̃₁ = tanh(W_xc·x + b)',
      latex: String.raw`\tilde{c}_1 = \tanh(W_{xc} x + b)`,
      given: `${x}, rows of W_xc: ${matrix(STEP_W.c)}`,
      by: 'print',
      expected: [0.537, 0.604, -0.8, -0.862, 0.462, -0.922],
      computed: printed.gate(2),
    }),
    example({
      ...common,
      name: 'LSTM: cell after the first step',
      formula: 'c₁ = f₁⊙c₀ + i₁⊙c̃₁',
      latex: String.raw`c_1 = f_1 \odot c_0 + i_1 \odot \tilde{c}_1`,
      given: 'c₀ = 0, i₁ and c̃₁ from x and the weights above',
      by: 'formula',
      expected: cell,
      computed: printed.c,
      decimals: 6,
    }),
    example({
      ...output,
      name: 'LSTM: output of the first step, by the printed output gate',
      given: `o₁ = ${vector(PRINTED_O)} as printed, c₁ from x and the weights above`,
      expected: hidden(PRINTED_O),
      computed: printed.h,
      note: 'This o₁ does not follow from its weights: the next line has the one that does.',
    }),
    example({
      ...output,
      name: 'LSTM: output of the first step, by the output gate that follows from its weights',
      given: `o₁ = ${vector(WEIGHTS_O)}, c₁ from x and the weights above`,
      expected: hidden(WEIGHTS_O),
      computed: followed.h,
      note: 'Of o₁ its values are at hand and not W_xo, so that the gate goes in as three digits; all else comes from x and the weights.',
    }),
  ];
}

// ---- cells by their formulas ----
const CELL_X = [0.5, -1, 0.25];
const CELL_H = [0.3, -0.2];
const CELL_C = [0.4, -0.6];
const CELL_BIAS = 0.1;
const FORGET_BIAS = 1;
const cellWeight = (row: number, column: number): number => ((row * 7 + column * 3) % 11) / 10 - 0.5;
const weights = (rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, at) => cellWeight(Math.floor(at / columns), at % columns));
const GIVEN = `x = ${vector(CELL_X)}, h₋₁ = ${vector(CELL_H)}, weights ((7·row + 3·column) mod 11)/10 − 0.5, b = ${CELL_BIAS}`;

const [D, U] = [CELL_X.length, CELL_H.length];
const column = (v: readonly number[], at: number): number =>
  dot(
    v,
    v.map((_, row) => cellWeight(row, at)),
  );
/** Wx·x of a gate, and its Wh·h. */
const input = (gate: number): number[] => CELL_H.map((_, unit) => column(CELL_X, gate * U + unit));
const recurrent = (gate: number, h: readonly number[] = CELL_H): number[] => CELL_H.map((_, unit) => column(h, gate * U + unit));
const sum = (...parts: readonly (readonly number[])[]): number[] =>
  CELL_H.map((_, unit) => parts.reduce((total, part) => total + (part[unit] ?? 0), 0));
const bias = (value: number): number[] => CELL_H.map(() => value);
const times = (a: readonly number[], b: readonly number[]): number[] => a.map((v, unit) => v * (b[unit] ?? 0));

function simpleRnn(): WorkedExample[] {
  const outputs = 3;
  const [h, last, y] = [new Float32Array(U), new Float32Array(U), new Float32Array(outputs)];
  const b = new Float32Array(U).fill(CELL_BIAS);
  const geometry = Int32Array.of(1, 1, D, U, 0);
  const h0 = Float32Array.from(CELL_H);
  backend().simpleRnnForward(Float32Array.from(CELL_X), weights(D, U), weights(U, U), b, h0, null, h, last, geometry, ACTIVATIONS.tanh);
  const by = new Float32Array(outputs).fill(CELL_BIAS);
  backend().denseForward(h, weights(U, outputs), by, y, 1, U, outputs, ACTIVATIONS.linear);
  const state = sum(input(0), recurrent(0), bias(CELL_BIAS)).map(Math.tanh);
  const common = { topic: 'Recurrent layers', document: D001, by: 'formula', decimals: 6 } as const;
  return [
    example({
      ...common,
      name: 'SimpleRNN: one step',
      formula: 'h = tanh(Wx·x + Wh·h₋₁ + b)',
      latex: String.raw`h = \tanh(W_x x + W_h h_{t-1} + b)`,
      given: GIVEN,
      expected: state,
      computed: [...h],
    }),
    example({
      ...common,
      name: 'SimpleRNN: its output',
      formula: 'y = Wy·h + by',
      latex: String.raw`y = W_y h + b_y`,
      given: `h of the line above, weights of the same rule, by = ${CELL_BIAS}`,
      expected: Array.from({ length: outputs }, (_, at) => column(state, at) + CELL_BIAS),
      computed: [...y],
    }),
  ];
}

function lstm(): WorkedExample {
  const [h, hT, cT] = [new Float32Array(U), new Float32Array(U), new Float32Array(U)];
  const b = new Float32Array(4 * U).fill(CELL_BIAS).fill(FORGET_BIAS, U, 2 * U);
  const geometry = Int32Array.of(1, 1, D, U, 0);
  const [x, h0, c0] = [CELL_X, CELL_H, CELL_C].map((v) => Float32Array.from(v)) as [Float32Array, Float32Array, Float32Array];
  backend().lstmForward(x, weights(D, 4 * U), weights(U, 4 * U), b, h0, c0, null, h, hT, cT, null, null, geometry);
  const pre = (gate: number, b: number): number[] => sum(input(gate), recurrent(gate), bias(b));
  const [i, f, o] = [pre(0, CELL_BIAS), pre(1, FORGET_BIAS), pre(3, CELL_BIAS)].map((v) => v.map(sigmoid)) as [
    number[],
    number[],
    number[],
  ];
  const c = sum(times(f, CELL_C), times(i, pre(2, CELL_BIAS).map(Math.tanh)));
  return example({
    topic: 'Recurrent layers',
    name: 'LSTM: one step',
    formula: 'c = f⊙c₋₁ + i⊙c̃, h = o⊙tanh(c); f, i, o = σ(…), c̃ = tanh(…)',
    latex: String.raw`c = f \odot c_{t-1} + i \odot \tilde{c},\ h = o \odot \tanh(c)`,
    document: D001,
    given: `${GIVEN} (forget gate: ${FORGET_BIAS}), c₋₁ = ${vector(CELL_C)}; gates in the order i f c̃ o`,
    by: 'formula',
    expected: [...c, ...times(o, c.map(Math.tanh))],
    computed: [...cT, ...h],
    labels: ['c₁', 'c₂', 'h₁', 'h₂'],
    decimals: 6,
  });
}

function gru(): WorkedExample[] {
  const h0 = Float32Array.from(CELL_H);
  const run = (flags: number): number[] => {
    const [y, last] = [new Float32Array(U), new Float32Array(U)];
    const b = new Float32Array(((flags & RECURRENT.resetAfter) !== 0 ? 2 : 1) * 3 * U).fill(CELL_BIAS, 0, 3 * U);
    const geometry = Int32Array.of(1, 1, D, U, flags);
    backend().gruForward(Float32Array.from(CELL_X), weights(D, 3 * U), weights(U, 3 * U), b, h0, null, y, last, null, geometry);
    return [...y];
  };
  const [z, r] = [0, 1].map((gate) => sum(input(gate), recurrent(gate), bias(CELL_BIAS)).map(sigmoid)) as [number[], number[]];
  const before = sum(input(2), recurrent(2, times(r, CELL_H)), bias(CELL_BIAS)).map(Math.tanh);
  const after = sum(input(2), times(r, recurrent(2)), bias(CELL_BIAS)).map(Math.tanh);
  const rest = z.map((v) => 1 - v);
  const mixed = (kept: readonly number[], fresh: readonly number[], candidate: readonly number[]): number[] =>
    sum(times(kept, CELL_H), times(fresh, candidate));
  const common = { topic: 'Recurrent layers', by: 'formula', decimals: 6, given: GIVEN } as const;
  return [
    example({
      ...common,
      document: D001,
      name: 'GRU of the document: the gate is how much is new, the reset comes before the product',
      formula: 'h = (1−z)⊙h₋₁ + z⊙tanh(Wx·x + Wh·(r⊙h₋₁) + b)',
      latex: String.raw`h = (1-z) \odot h_{t-1} + z \odot \tanh(W_x x + W_h (r \odot h_{t-1}) + b)`,
      expected: mixed(rest, z, before),
      computed: run(RECURRENT.textbook),
    }),
    example({
      ...common,
      document: 'Keras, reset_after=False',
      name: 'GRU of Keras: the gate is how much is kept, the reset before the product',
      formula: 'h = z⊙h₋₁ + (1−z)⊙tanh(Wx·x + Wh·(r⊙h₋₁) + b)',
      latex: String.raw`h = z \odot h_{t-1} + (1-z) \odot \tanh(W_x x + W_h (r \odot h_{t-1}) + b)`,
      expected: mixed(z, rest, before),
      computed: run(0),
      note: 'The document’s with z and 1−z exchanged.',
    }),
    example({
      ...common,
      document: 'Keras, reset_after=True',
      name: 'GRU of Keras by default: the reset after the product',
      formula: 'h = z⊙h₋₁ + (1−z)⊙tanh(Wx·x + b + r⊙(Wh·h₋₁))',
      latex: String.raw`h = z \odot h_{t-1} + (1-z) \odot \tanh(W_x x + b + r \odot (W_h h_{t-1}))`,
      expected: mixed(z, rest, after),
      computed: run(RECURRENT.resetAfter),
    }),
  ];
}

/** The recurrent cells: the first step of document 002's LSTM, and one step of each cell by its formula. */
export const recurrentExamples = (): WorkedExample[] => [...simpleRnn(), ...lstmStep(), lstm(), ...gru()];
