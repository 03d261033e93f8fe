import type { NusaxInputs } from '../nusax-bilstm.js';
import type { Outputs } from '../suite.js';
import { addColumnSums, addProduct, addRows, addTransposedProduct, transpose } from './matrix.js';
import { ReferenceLstm, type LstmWeights } from './lstm.js';

interface Forward {
  readonly x: Float64Array;
  readonly lstms: readonly [ReferenceLstm, ReferenceLstm];
  /** (N,2U) */
  readonly states: Float64Array;
  /** (N,K) */
  readonly probabilities: Float64Array;
}

const parameter = (inputs: NusaxInputs, name: string): Float64Array => {
  const found = inputs.weights.find((w) => w.name === name);
  if (!found) throw new Error(`[bench] expected a weight named ${name}`);
  return Float64Array.from(found.values);
};

function forward(inputs: NusaxInputs): Forward {
  const { N, T, D, U, K } = inputs.shape;
  const table = parameter(inputs, 'embedding');
  const x = new Float64Array(N * T * D);
  inputs.ids.forEach((id, at) => x.set(table.subarray(id * D, (id + 1) * D), at * D));
  const lstm = (name: string): ReferenceLstm => {
    const weights: LstmWeights = {
      w: parameter(inputs, `${name}.kernel`),
      u: parameter(inputs, `${name}.recurrent`),
      b: parameter(inputs, `${name}.bias`),
    };
    return new ReferenceLstm(weights, N, T, D, U, name === 'backward');
  };
  const lstms = [lstm('forward'), lstm('backward')] as const;
  const states = new Float64Array(N * 2 * U);
  lstms.forEach((l, side) => {
    const h = l.forward(x);
    for (let n = 0; n < N; n++) states.set(h.subarray(n * U, (n + 1) * U), n * 2 * U + side * U);
  });
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
  return { x, lstms, states, probabilities };
}

/** Class probabilities from the formula, in double. */
export function referenceInfer(inputs: NusaxInputs): Outputs {
  return { probabilities: forward(inputs).probabilities };
}

/** Mean cross-entropy, and how far Adam's first step moves each weight, from the formulas, in double. */
export function referenceTrain(inputs: NusaxInputs): Outputs {
  const { N, T, D, U, K } = inputs.shape;
  const { x, lstms, states, probabilities } = forward(inputs);
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
  const dx = new Float64Array(x.length);
  for (const [side, name] of (['forward', 'backward'] as const).entries()) {
    const dh = new Float64Array(N * U);
    for (let n = 0; n < N; n++) dh.set(dStates.subarray(n * 2 * U + side * U, n * 2 * U + (side + 1) * U), n * U);
    const d = (lstms[side] as ReferenceLstm).backward(dh, dx);
    gradients.set(`${name}.kernel`, d.w).set(`${name}.recurrent`, d.u).set(`${name}.bias`, d.b);
  }
  const dTable = new Float64Array(inputs.shape.V * D);
  for (let at = 0; at < N * T; at++) {
    const row = (inputs.ids[at] as number) * D;
    for (let k = 0; k < D; k++) (dTable[row + k] as number) += dx[at * D + k] as number;
  }
  gradients.set('embedding', dTable);

  const { learningRate, beta1, beta2, epsilon } = inputs.adam;
  const alpha = (learningRate * Math.sqrt(1 - beta2)) / (1 - beta1);
  const updates = inputs.weights.map(({ name }) => {
    const g = gradients.get(name) as Float64Array;
    return [`update.${name}`, g.map((v) => (-alpha * (1 - beta1) * v) / (Math.sqrt((1 - beta2) * v * v) + epsilon))] as const;
  });
  return { loss: Float64Array.of(loss), ...Object.fromEntries(updates) };
}
