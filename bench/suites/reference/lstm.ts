import { addColumnSums, addProduct, addRows, addTransposedProduct, transpose } from './matrix.js';

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

export interface LstmWeights {
  /** (D,4U), (U,4U), (4U); gates i f c o. */
  readonly w: Float64Array;
  readonly u: Float64Array;
  readonly b: Float64Array;
}

/** What one step leaves for the way back; in (N,D), (N,U) and (N,4U). */
interface Step {
  readonly t: number;
  readonly x: Float64Array;
  readonly before: Float64Array;
  readonly cellBefore: Float64Array;
  readonly gates: Float64Array;
  readonly cell: Float64Array;
}

/**
 * LSTM from its formula, in double and one step after the other: the last state forward, all gradients backward.
 *
 * Shapes: x (N,T,D) → (N,U).
 * Source: Hochreiter and Schmidhuber 1997; Keras LSTM.
 */
export class ReferenceLstm {
  private readonly steps: Step[] = [];
  private last = new Float64Array(0);

  constructor(
    private readonly weights: LstmWeights,
    private readonly N: number,
    private readonly T: number,
    private readonly D: number,
    private readonly U: number,
    private readonly reverse: boolean,
  ) {}

  forward(x: Float64Array): Float64Array {
    const { N, T, D, U, weights } = this;
    let h = new Float64Array(N * U);
    let c = new Float64Array(N * U);
    for (let k = 0; k < T; k++) {
      const t = this.reverse ? T - 1 - k : k;
      const xt = new Float64Array(N * D);
      for (let n = 0; n < N; n++) xt.set(x.subarray((n * T + t) * D, (n * T + t + 1) * D), n * D);
      const gates = new Float64Array(N * 4 * U);
      addProduct(xt, weights.w, gates, N, D, 4 * U);
      addProduct(h, weights.u, gates, N, U, 4 * U);
      addRows(gates, weights.b);
      const cell = new Float64Array(N * U);
      const next = new Float64Array(N * U);
      for (let n = 0; n < N; n++) {
        for (let j = 0; j < U; j++) {
          const at = n * 4 * U + j;
          const i = sigmoid(gates[at] as number);
          const f = sigmoid(gates[at + U] as number);
          const g = Math.tanh(gates[at + 2 * U] as number);
          const o = sigmoid(gates[at + 3 * U] as number);
          gates[at] = i;
          gates[at + U] = f;
          gates[at + 2 * U] = g;
          gates[at + 3 * U] = o;
          const s = f * (c[n * U + j] as number) + i * g;
          cell[n * U + j] = s;
          next[n * U + j] = o * Math.tanh(s);
        }
      }
      this.steps.push({ t, x: xt, before: h, cellBefore: c, gates, cell });
      h = next;
      c = cell;
    }
    this.last = h;
    return h;
  }

  /** After forward(): the states of all steps, (N,T,U). */
  sequence(): Float64Array {
    const { N, T, U } = this;
    const y = new Float64Array(N * T * U);
    for (const [k, { t }] of this.steps.entries()) {
      const h = this.steps[k + 1]?.before ?? this.last;
      for (let n = 0; n < N; n++) y.set(h.subarray(n * U, (n + 1) * U), (n * T + t) * U);
    }
    return y;
  }

  /** dh (N,U) of the last state and dy (N,T,U) of all states; adds into dx (N,T,D) and gives the gradients of the weights. */
  backward(dh: Float64Array, dx: Float64Array, dy?: Float64Array): LstmWeights {
    const { N, T, D, U, weights } = this;
    const d = { w: new Float64Array(weights.w.length), u: new Float64Array(weights.u.length), b: new Float64Array(weights.b.length) };
    const wt = transpose(weights.w, D, 4 * U);
    const ut = transpose(weights.u, U, 4 * U);
    let dState = dh.slice();
    const dCell = new Float64Array(N * U);
    for (const step of this.steps.toReversed()) {
      const dz = new Float64Array(N * 4 * U);
      for (let n = 0; n < N; n++) {
        for (let j = 0; j < U; j++) {
          const at = n * 4 * U + j;
          const [i, f, g, o] = [0, 1, 2, 3].map((gate) => step.gates[at + gate * U] as number) as [number, number, number, number];
          const s = Math.tanh(step.cell[n * U + j] as number);
          const dhj = (dState[n * U + j] as number) + (dy?.[(n * T + step.t) * U + j] ?? 0);
          const ds = (dCell[n * U + j] as number) + dhj * o * (1 - s * s);
          dz[at] = ds * g * i * (1 - i);
          dz[at + U] = ds * (step.cellBefore[n * U + j] as number) * f * (1 - f);
          dz[at + 2 * U] = ds * i * (1 - g * g);
          dz[at + 3 * U] = dhj * s * o * (1 - o);
          dCell[n * U + j] = ds * f;
        }
      }
      addTransposedProduct(step.x, dz, d.w, N, D, 4 * U);
      addTransposedProduct(step.before, dz, d.u, N, U, 4 * U);
      addColumnSums(dz, d.b);
      const dxt = new Float64Array(N * D);
      addProduct(dz, wt, dxt, N, 4 * U, D);
      for (let n = 0; n < N; n++) for (let k = 0; k < D; k++) (dx[(n * T + step.t) * D + k] as number) += dxt[n * D + k] as number;
      dState = new Float64Array(N * U);
      addProduct(dz, ut, dState, N, 4 * U, U);
    }
    return d;
  }
}
