import type { TextInputs } from '../train-text.js';
import type { Outputs } from '../suite.js';
import { firstUpdates } from './adam.js';
import { addColumnSums, addProduct, addRows, addTransposedProduct, transpose } from './matrix.js';
import { ReferenceLstm, type LstmWeights } from './lstm.js';

/** Rows that are computed together: all of them, or with lengths each row by itself up to its own. */
interface Part {
  /** The first row, how many rows, and how many steps of each. */
  readonly first: number;
  readonly rows: number;
  readonly steps: number;
  readonly x: Float64Array;
  readonly lstms: readonly [ReferenceLstm, ReferenceLstm];
}

interface Forward {
  readonly parts: readonly Part[];
  /** (N,2U) */
  readonly states: Float64Array;
  /** (N,K) */
  readonly probabilities: Float64Array;
}

const parameter = (inputs: TextInputs, name: string): Float64Array => {
  const found = inputs.weights.find((w) => w.name === name);
  if (!found) throw new Error(`[bench] expected a weight named ${name}`);
  return Float64Array.from(found.values);
};

function forward(inputs: TextInputs): Forward {
  const { N, T, D, U, K, lengths } = inputs.shape;
  const table = parameter(inputs, 'embedding');
  const weights = ['forward', 'backward'].map((name): LstmWeights => ({
    w: parameter(inputs, `${name}.kernel`),
    u: parameter(inputs, `${name}.recurrent`),
    b: parameter(inputs, `${name}.bias`),
  })) as [LstmWeights, LstmWeights];
  const states = new Float64Array(N * 2 * U);
  const part = (first: number, rows: number, steps: number): Part => {
    const x = new Float64Array(rows * steps * D);
    for (let at = 0; at < rows * steps; at++) {
      const id = inputs.ids[(first + Math.floor(at / steps)) * T + (at % steps)] as number;
      x.set(table.subarray(id * D, (id + 1) * D), at * D);
    }
    const lstms = [
      new ReferenceLstm(weights[0], rows, steps, D, U, false),
      new ReferenceLstm(weights[1], rows, steps, D, U, true),
    ] as const;
    lstms.forEach((l, side) => {
      const h = l.forward(x);
      for (let n = 0; n < rows; n++) states.set(h.subarray(n * U, (n + 1) * U), (first + n) * 2 * U + side * U);
    });
    return { first, rows, steps, x, lstms };
  };
  const parts = lengths ? lengths.map((length, n) => part(n, 1, length)) : [part(0, N, T)];
  const probabilities = new Float64Array(N * K);
  addProduct(states, parameter(inputs, 'dense.kernel'), probabilities, N, 2 * U, K);
  addRows(probabilities, parameter(inputs, 'dense.bias'));
  for (let n = 0; n < N; n++) {
    const row = probabilities.subarray(n * K, (n + 1) * K);
    const top = Math.max(...row);
    row.forEach((z, k) => (row[k] = Math.exp(z - top)));
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((e, k) => (row[k] = e / sum));
  }
  return { parts, states, probabilities };
}

/** Class probabilities from the formula, in double. */
export function referenceInfer(inputs: TextInputs): Outputs {
  return { probabilities: forward(inputs).probabilities };
}

/** Mean cross-entropy, and how far Adam's first step moves each weight, from the formulas, in double. */
export function referenceTrain(inputs: TextInputs): Outputs {
  const { N, T, V, D, U, K } = inputs.shape;
  const { parts, states, probabilities } = forward(inputs);
  let loss = 0;
  const dz = Float64Array.from(probabilities, (p) => p / N);
  inputs.labels.forEach((label, n) => {
    loss -= Math.log(probabilities[n * K + label] as number) / N;
    (dz[n * K + label] as number) -= 1 / N;
  });
  const gradients = new Map<string, Float64Array>();
  const dKernel = new Float64Array(2 * U * K);
  const dBias = new Float64Array(K);
  addTransposedProduct(states, dz, dKernel, N, 2 * U, K);
  addColumnSums(dz, dBias);
  gradients.set('dense.kernel', dKernel).set('dense.bias', dBias);
  const dStates = new Float64Array(N * 2 * U);
  addProduct(dz, transpose(parameter(inputs, 'dense.kernel'), 2 * U, K), dStates, N, K, 2 * U);
  const dTable = new Float64Array(V * D);
  gradients.set('embedding', dTable);
  const add = (name: string, d: Float64Array): void => {
    const sum = gradients.get(name);
    if (sum) d.forEach((v, i) => ((sum[i] as number) += v));
    else gradients.set(name, d);
  };
  for (const { first, rows, steps, x, lstms } of parts) {
    const dx = new Float64Array(x.length);
    for (const [side, name] of (['forward', 'backward'] as const).entries()) {
      const dh = new Float64Array(rows * U);
      for (let n = 0; n < rows; n++) {
        const from = (first + n) * 2 * U + side * U;
        dh.set(dStates.subarray(from, from + U), n * U);
      }
      const d = (lstms[side] as ReferenceLstm).backward(dh, dx);
      add(`${name}.kernel`, d.w);
      add(`${name}.recurrent`, d.u);
      add(`${name}.bias`, d.b);
    }
    for (let at = 0; at < rows * steps; at++) {
      const row = (inputs.ids[(first + Math.floor(at / steps)) * T + (at % steps)] as number) * D;
      for (let k = 0; k < D; k++) (dTable[row + k] as number) += dx[at * D + k] as number;
    }
  }
  const updates = firstUpdates(inputs.adam, inputs.weights, (name) => gradients.get(name) as Float64Array);
  return { loss: Float64Array.of(loss), ...updates };
}
