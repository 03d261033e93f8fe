import type { TextInputs } from '../train-text.js';
import type { Outputs } from '../suite.js';
import { firstUpdates } from './adam.js';
import { crossEntropy } from './cross-entropy.js';
import { dense, denseBackward } from './dense.js';

/**
 * The model with a convolution: mean cross-entropy, and how far Adam's first step moves each weight, from the formulas, in double.
 *
 * Of each filter only the window with the largest value counts, in both directions.
 */
export function convolutionReferenceTrain(inputs: TextInputs, kernel: number): Outputs {
  const { N, T, V, D, U, K } = inputs.shape;
  const [table, w, b, last, bias] = inputs.weights.map((named) => Float64Array.from(named.values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // (V,U) per tap: what each word gives to a filter there, so that a window is a sum of rows.
  const taps = Array.from({ length: kernel }, (_, k) => dense(table, w.subarray(k * D * U, (k + 1) * D * U), new Float64Array(U), V, D, U));
  const word = (n: number, t: number): number => inputs.ids[n * T + t] as number;
  const largest = new Float64Array(N * U);
  const winner = new Int32Array(N * U);
  for (let n = 0; n < N; n++)
    for (let t = 0; t + kernel <= T; t++)
      for (let f = 0; f < U; f++) {
        const value = taps.reduce((sum, tap, k) => sum + (tap[word(n, t + k) * U + f] as number), b[f] as number);
        if (value <= (largest[n * U + f] as number)) continue;
        largest[n * U + f] = value;
        winner[n * U + f] = t;
      }
  const { loss, gradient } = crossEntropy(dense(largest, last, bias, N, U, K), inputs.labels, K);

  const d = denseBackward(largest, last, gradient, N, U, K);
  const [dTable, dw, db] = [new Float64Array(V * D), new Float64Array(w.length), new Float64Array(U)];
  for (let i = 0; i < N * U; i++) {
    if (largest[i] === 0) continue; // ReLU
    const [n, f, g] = [Math.floor(i / U), i % U, d.dx[i] as number];
    (db[f] as number) += g;
    for (let k = 0; k < kernel; k++) {
      const row = word(n, (winner[i] as number) + k) * D;
      for (let c = 0; c < D; c++) {
        const at = (k * D + c) * U + f;
        (dw[at] as number) += g * (table[row + c] as number);
        (dTable[row + c] as number) += g * (w[at] as number);
      }
    }
  }
  const gradients = [dTable, dw, db, d.dw, d.db];
  const byName = new Map(inputs.weights.map(({ name }, i) => [name, gradients[i] as Float64Array]));
  return { loss: Float64Array.of(loss), ...firstUpdates(inputs.adam, inputs.weights, (name) => byName.get(name) as Float64Array) };
}
