import { ACTIVATIONS, RECURRENT } from '../../backend/backend.js';
import { backend } from '../../backend/current.js';
import { accuracy, f1Score, precision, recall } from '../../metrics/index.js';

/** A formula of the documents with numbers in it: what stands beside it, and what our kernels make of the same numbers. */
export interface WorkedExample {
  readonly name: string;
  readonly formula: string;
  readonly document: string;
  /** As printed, or where a document has the formula alone, evaluated in double precision. */
  readonly expected: readonly number[];
  readonly by: 'print' | 'formula';
  readonly computed: readonly number[];
  /** Digits after the point to which both are compared. */
  readonly decimals: number;
  /** Positions of `expected` where the two differ by more than rounding explains. */
  readonly differ: readonly number[];
  /** What is wrong where they differ, or else worth knowing. */
  readonly note: string | null;
}

/** Something in the documents' worked numbers that does not follow from what is printed beside it. */
export interface EquationFinding {
  readonly document: string;
  readonly text: string;
}

const D001 = 'Document 001';
const D002 = 'Document 002';
const D003 = 'Document 003';
const D004 = 'Document 004';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** The computed values that differ from the expected ones by more than half a unit of the last digit, and float32's own rounding. */
function differing(expected: readonly number[], computed: readonly number[], decimals: number): number[] {
  return expected.flatMap((value, i) => {
    const other = computed[i] ?? NaN;
    return Math.abs(other - value) <= 0.5 * 10 ** -decimals + 1e-6 * Math.max(1, Math.abs(value)) ? [] : [i];
  });
}

type Given = Omit<WorkedExample, 'differ' | 'note'> & { readonly note?: string };
const example = (given: Given): WorkedExample => ({
  ...given,
  note: given.note ?? null,
  differ: differing(given.expected, given.computed, given.decimals),
});

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

function lstmStep(): WorkedExample[] {
  const units = STEP_X.length;
  const w = new Float32Array(units * 4 * units);
  for (const [gate, rows] of [STEP_W.i, STEP_W.f, STEP_W.c].entries())
    for (const [unit, row] of rows.entries()) for (const [d, value] of row.entries()) w[d * 4 * units + gate * units + unit] = value;
  const gates = new Float32Array(4 * units);
  const cells = new Float32Array(units);
  const [y, hT, cT] = [new Float32Array(units), new Float32Array(units), new Float32Array(units)];
  const u = new Float32Array(units * 4 * units);
  const b = new Float32Array(4 * units).fill(STEP_BIAS);
  const geometry = Int32Array.of(1, 1, units, units, RECURRENT.training);
  backend().lstmForward(Float32Array.from(STEP_X), w, u, b, null, null, null, y, hT, cT, gates, cells, geometry);
  const gate = (g: number): number[] => [...gates.subarray(g * units, (g + 1) * units)];
  const [i, c] = [gate(0), gate(2)];
  const common = { document: D002, decimals: 3 } as const;
  return [
    example({
      ...common,
      name: 'LSTM: forget gate of the first step',
      formula: 'f₁ = σ(W_xf·x + b)',
      by: 'print',
      expected: [0.846, 0.622, 0.25, 0.9, 0.881, 0.599],
      computed: gate(1),
      note: 'The sixth is a slip: 2.3 + 1.3 − 2 + 0.1 is 1.7 where 0.4 was taken.',
    }),
    example({
      ...common,
      name: 'LSTM: input gate of the first step',
      formula: 'i₁ = σ(W_xi·x + b)',
      by: 'print',
      expected: [0.378, 0.198, 0.953, 0.668, 0.818, 0.063],
      computed: i,
    }),
    example({
      ...common,
      name: 'LSTM: candidate of the first step',
      formula: 'c̃₁ = tanh(W_xc·x + b)',
      by: 'print',
      expected: [0.537, 0.604, -0.8, -0.862, 0.462, -0.922],
      computed: c,
    }),
    example({
      ...common,
      name: 'LSTM: cell after the first step',
      formula: 'c₁ = f₁⊙c₀ + i₁⊙c̃₁, c₀ = 0',
      by: 'formula',
      expected: i.map((value, unit) => value * (c[unit] ?? 0)),
      computed: [...cells],
      decimals: 6,
    }),
  ];
}

// ---- cells by their formulas ----
const CELL_X = [0.5, -1, 0.25];
const CELL_H = [0.3, -0.2];
const cellWeight = (row: number, column: number): number => ((row * 7 + column * 3) % 11) / 10 - 0.5;

function cells(): WorkedExample[] {
  const [D, U] = [CELL_X.length, CELL_H.length];
  const matrix = (rows: number, columns: number): Float32Array =>
    Float32Array.from({ length: rows * columns }, (_, at) => cellWeight(Math.floor(at / columns), at % columns));
  const pre = (gate: number, unit: number, h: readonly number[]): [number, number] => [
    dot(
      CELL_X,
      CELL_X.map((_, d) => cellWeight(d, gate * U + unit)),
    ) + 0.1,
    dot(
      h,
      h.map((_, d) => cellWeight(d, gate * U + unit)),
    ),
  ];
  const [x, h0] = [Float32Array.from(CELL_X), Float32Array.from(CELL_H)];
  const outputs = (): [Float32Array, Float32Array] => [new Float32Array(U), new Float32Array(U)];

  const [rnn, rnnLast] = outputs();
  const rnnBias = new Float32Array(U).fill(0.1);
  backend().simpleRnnForward(
    x,
    matrix(D, U),
    matrix(U, U),
    rnnBias,
    h0,
    null,
    rnn,
    rnnLast,
    Int32Array.of(1, 1, D, U, 0),
    ACTIVATIONS.tanh,
  );

  const gru = (flags: number): number[] => {
    const [y, last] = outputs();
    const after = (flags & RECURRENT.resetAfter) !== 0;
    const b = new Float32Array((after ? 2 : 1) * 3 * U);
    b.fill(0.1, 0, 3 * U);
    backend().gruForward(x, matrix(D, 3 * U), matrix(U, 3 * U), b, h0, null, y, last, null, Int32Array.of(1, 1, D, U, flags));
    return [...y];
  };
  const kept = CELL_H.map((_, j) => sigmoid(pre(0, j, CELL_H)[0] + pre(0, j, CELL_H)[1]));
  const reset = CELL_H.map((_, j) => sigmoid(pre(1, j, CELL_H)[0] + pre(1, j, CELL_H)[1]));
  const before = CELL_H.map((_, j) => {
    const [input, recurrent] = pre(
      2,
      j,
      CELL_H.map((h, d) => h * (reset[d] ?? 0)),
    );
    return Math.tanh(input + recurrent);
  });
  const after = CELL_H.map((_, j) => Math.tanh(pre(2, j, CELL_H)[0] + (reset[j] ?? 0) * pre(2, j, CELL_H)[1]));
  const mixed = (share: readonly number[], candidate: readonly number[]): number[] =>
    CELL_H.map((h, j) => (share[j] ?? 0) * h + (1 - (share[j] ?? 0)) * (candidate[j] ?? 0));
  const common = { by: 'formula', decimals: 6 } as const;
  return [
    example({
      ...common,
      document: D001,
      name: 'SimpleRNN: one step',
      formula: 'h = tanh(Wx·x + Wh·h₋₁ + b)',
      expected: CELL_H.map((_, j) => Math.tanh(pre(0, j, CELL_H)[0] + pre(0, j, CELL_H)[1])),
      computed: [...rnn],
    }),
    example({
      ...common,
      document: D001,
      name: 'GRU of the document: the gate is how much is new, the reset comes before the product',
      formula: 'h = (1−z)⊙h₋₁ + z⊙tanh(Wx·x + Wh·(r⊙h₋₁) + b)',
      expected: mixed(
        kept.map((z) => 1 - z),
        before,
      ),
      computed: gru(RECURRENT.textbook),
    }),
    example({
      ...common,
      document: 'Keras, reset_after=False',
      name: 'GRU of Keras: the gate is how much is kept, the reset before the product',
      formula: 'h = z⊙h₋₁ + (1−z)⊙tanh(Wx·x + Wh·(r⊙h₋₁) + b)',
      expected: mixed(kept, before),
      computed: gru(0),
      note: 'The document’s with z and 1−z exchanged.',
    }),
    example({
      ...common,
      document: 'Keras, reset_after=True',
      name: 'GRU of Keras by default: the reset after the product',
      formula: 'h = z⊙h₋₁ + (1−z)⊙tanh(Wx·x + b + r⊙(Wh·h₋₁))',
      expected: mixed(kept, after),
      computed: gru(RECURRENT.resetAfter),
    }),
  ];
}

function softmaxOf(scores: readonly number[]): number[] {
  const y = new Float32Array(scores.length);
  backend().softmaxForward(Float32Array.from(scores), y, 1, scores.length);
  return [...y];
}

function attention(): WorkedExample[] {
  const printed = [0.138, 0.153, 0.159, 0.184, 0.152, 0.214];
  return [
    example({
      name: 'Attention: weights of the first token',
      formula: 'softmax(Q·Kᵀ/√d)',
      document: D002,
      by: 'print',
      expected: printed,
      computed: softmaxOf([-0.14, -0.036, 0.001, 0.146, -0.047, 0.298]),
      decimals: 3,
      note: 'The softmax is right; its scores do not follow from the printed Q and K, as the next line shows.',
    }),
    example({
      name: 'Attention: the same from the scores that the printed Q and K give',
      formula: 'softmax(−.129 −.012 .155 .382 .027 .025)',
      document: D002,
      by: 'print',
      expected: printed,
      computed: softmaxOf([-0.129, -0.012, 0.155, 0.382, 0.027, 0.025]),
      decimals: 3,
      note: 'Besides, hidden units are taken for tokens.',
    }),
  ];
}

function normalisation(): WorkedExample[] {
  const x = STEP_X;
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const squares = x.reduce((a, b) => a + (b - mean) ** 2, 0);
  const epsilon = 1e-3;
  const y = new Float32Array(x.length);
  backend().layerNormForward(Float32Array.from(x), null, null, y, new Float32Array(1), new Float32Array(1), 1, x.length, epsilon);
  const common = { document: D002, by: 'formula', computed: [...y], decimals: 3 } as const;
  return [
    example({
      ...common,
      name: 'Layer normalisation as in Keras',
      formula: '(x − mean)/√(Σ(x − mean)²/d + ε), ε = 0.001',
      document: 'Keras',
      expected: x.map((v) => (v - mean) / Math.sqrt(squares / x.length + epsilon)),
      decimals: 5,
    }),
    example({
      ...common,
      name: 'Layer normalisation as the document writes it',
      formula: '(x − mean)/√(Σ(x − mean)²/(d − 1))',
      expected: x.map((v) => (v - mean) / Math.sqrt(squares / (x.length - 1))),
      note: 'The document divides by d − 1 and has no ε; its own numbers divide by d, over tokens instead of features.',
    }),
  ];
}

function training(): WorkedExample[] {
  const [lr, beta1, beta2, epsilon] = [1e-4, 0.9, 0.99, 1e-9];
  const w = Float32Array.of(0);
  const alpha = (lr * Math.sqrt(1 - beta2)) / (1 - beta1);
  backend().adam(w, Float32Array.of(2.5), new Float32Array(1), new Float32Array(1), alpha, beta1, beta2, epsilon);
  const logits = [0.2, 1.1, -0.4];
  const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
  const loss = new Float32Array(1);
  backend().softmaxCrossEntropy(Float32Array.from(logits), Int32Array.of(1), null, new Float32Array(3), loss, null, 1, 3, 1);
  const dropped = new Float32Array(100_000);
  backend().dropout(new Float32Array(dropped.length).fill(1), dropped, 0.5, 1, 0, 0);
  return [
    example({
      name: 'Adam: length of the first step',
      formula: 'lr·m̂/(√v̂ + ε), lr = 1e-4',
      document: D002,
      by: 'print',
      expected: [0.1],
      computed: [Math.abs(w[0] ?? NaN)],
      decimals: 5,
      note: 'Bias correction makes the first step lr·g/|g|: never longer than lr, whatever the gradient.',
    }),
    example({
      name: 'Categorical cross-entropy',
      formula: '−Σ t·log softmax(z), t = (0, 1, 0)',
      document: D002,
      by: 'formula',
      expected: [Math.log(total) - 1.1],
      computed: [loss[0] ?? NaN],
      decimals: 6,
      note: 'The document’s target has two ones and its loss of 2.54 counts one of them; both give 6.08.',
    }),
    example({
      name: 'Dropout, inverted: what is kept is scaled in training, so that the mean stays',
      formula: 'x/(1 − rate) where kept, else 0; rate = 0.5',
      document: D001,
      by: 'formula',
      expected: [0, 2],
      computed: [Math.min(...dropped.subarray(0, 1000)), Math.max(...dropped.subarray(0, 1000))],
      decimals: 6,
      note: `Mean of ${dropped.length.toLocaleString('en')} ones after it: ${(dropped.reduce((a, b) => a + b, 0) / dropped.length).toFixed(3)}. The classic form scales at inference instead.`,
    }),
  ];
}

/** (predicted, true) pairs with the given counts of a class against the rest. */
function pairs(tp: number, fp: number, fn: number, tn: number): { truth: Int32Array; predicted: Int32Array } {
  const truth = new Int32Array(tp + fp + fn + tn);
  const predicted = new Int32Array(truth.length);
  truth.fill(1, 0, tp + fn);
  predicted.fill(1, 0, tp).fill(1, tp + fn, tp + fn + fp);
  return { truth, predicted };
}

function scores(): WorkedExample[] {
  const { truth, predicted } = pairs(4419, 425, 245, 5447);
  const ofClass = (values: number[]): number => 100 * (values[1] ?? NaN);
  const none = { average: 'none' } as const;
  const perClass = [
    [0.9437, 0.9153, 0.9293],
    [0.9398, 0.969, 0.9542],
    [0.8889, 0.7442, 0.8101],
  ] as const;
  const support = [366, 548, 86];
  const f1 = perClass.map(([p, r]) => (2 * p * r) / (p + r));
  return [
    example({
      name: 'Accuracy, precision, recall and F1 of class H0 from its counts, in %',
      formula: 'TP 4419, FP 425, FN 245, TN 5447',
      document: D002,
      by: 'print',
      expected: [94.49, 91.02, 94.49, 92.72],
      computed: [
        100 * accuracy(truth, predicted),
        ofClass(precision(truth, predicted, none)),
        ofClass(recall(truth, predicted, none)),
        ofClass(f1Score(truth, predicted, none)),
      ],
      decimals: 2,
      note: 'The printed counts give none of the printed figures; “accuracy” is the recall.',
    }),
    example({
      name: 'F1 of each class from precision and recall',
      formula: '2·P·R/(P + R)',
      document: D004,
      by: 'print',
      expected: perClass.map(([, , value]) => value),
      computed: f1,
      decimals: 4,
    }),
    example({
      name: 'F1 over the classes, weighted by support',
      formula: 'Σ support·F1/Σ support, support 366, 548, 86',
      document: D004,
      by: 'print',
      expected: [0.9327],
      computed: [dot(support, f1) / support.reduce((a, b) => a + b, 0)],
      decimals: 4,
      note: `The unweighted mean of the same table is ${(f1.reduce((a, b) => a + b, 0) / f1.length).toFixed(4)}.`,
    }),
    example({
      name: 'Accuracy by formula 2.17',
      formula: 'a/(2 − a) where it should be a; a = 0.9',
      document: D003,
      by: 'formula',
      expected: [0.9 / (2 - 0.9)],
      computed: [accuracy([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1, 0])],
      decimals: 4,
      note: 'The formula counts right answers once and wrong ones twice in the denominator, and so understates every accuracy.',
    }),
  ];
}

/**
 * The documents' formulas with the numbers that stand beside them, computed by our kernels and metrics. Where a document prints no
 * numbers, the formula is evaluated in double precision on numbers of our own.
 */
export function workedExamples(): WorkedExample[] {
  return [...lstmStep(), ...cells(), ...attention(), ...normalisation(), ...training(), ...scores()];
}

/** What else does not follow from what is printed beside it; the weights or inputs to compute it again are not printed in full. */
export const equationFindings: readonly EquationFinding[] = [
  { document: D002, text: 'Time steps are taken along the dimensions of the embedding.' },
  {
    document: D002,
    text: 'The output gate o₁ is printed as .931 .196 .690 .892 .690 .832; its printed weights give .646 .668 .250 .214 .622 .168.',
  },
  { document: D002, text: 'The output of the feed-forward part, 13.44, leaves out its bias: 14.44.' },
  {
    document: D002,
    text: 'Sinusoidal positions: the formula has the exponent (2i + 1)/d in the cosine, the numbers use 2i/d, as Vaswani et al. and our layer do.',
  },
  { document: D003, text: 'Formula 2.15 writes a bidirectional LSTM as a network of σ alone, with h_t on both sides.' },
];
