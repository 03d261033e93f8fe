import type { AttentionPart, TextInputs } from '../train-text.js';
import type { Outputs } from '../suite.js';
import { firstUpdates } from './adam.js';
import { crossEntropy } from './cross-entropy.js';
import { dense, denseBackward } from './dense.js';
import { ReferenceLayerNormalization } from './layer-normalization.js';
import { ReferenceLstm } from './lstm.js';
import { ReferenceSelfAttention } from './self-attention.js';

/**
 * The model with attention: mean cross-entropy, and how far Adam's first step moves each weight, from the formulas, in double.
 *
 * The bias of the keys is left out: it adds the same number to all scores of a query, so that its gradient is 0, and what Adam
 * makes of a float's rounding of 0 is no result.
 */
export function attentionReferenceTrain(inputs: TextInputs, part: AttentionPart): Outputs {
  const { N, T, V, D, U, K } = inputs.shape;
  const { heads, keyDim, inner, outer } = part;
  const rows = N * T;
  const all = inputs.weights.map((w) => Float64Array.from(w.values));
  const [table, w, u, b, ...others] = all as [Float64Array, Float64Array, Float64Array, Float64Array, ...Float64Array[]];
  const [gamma, beta, w1, b1, w2, b2, w3, b3] = others.slice(8) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];

  const x = new Float64Array(rows * D);
  inputs.ids.forEach((id, at) => x.set(table.subarray(id * D, (id + 1) * D), at * D));
  const lstm = new ReferenceLstm({ w, u, b }, N, T, D, U, false);
  lstm.forward(x);
  const attention = new ReferenceSelfAttention(others.slice(0, 8), { N, T, U, heads, keyDim });
  const norm = new ReferenceLayerNormalization(gamma, beta);
  const z = norm.forward(attention.forward(lstm.sequence()));
  const hidden = dense(z, w1, b1, rows, U, inner).map((v) => Math.max(v, 0));
  const last = dense(hidden, w2, b2, rows, inner, outer);
  const mean = new Float64Array(N * outer);
  last.forEach((v, i) => ((mean[Math.floor(i / (T * outer)) * outer + (i % outer)] as number) += v / T));
  const { loss, gradient } = crossEntropy(dense(mean, w3, b3, N, outer, K), inputs.labels, K);

  const d3 = denseBackward(mean, w3, gradient, N, outer, K);
  const d2 = denseBackward(
    hidden,
    w2,
    last.map((_, i) => (d3.dx[Math.floor(i / (T * outer)) * outer + (i % outer)] as number) / T),
    rows,
    inner,
    outer,
  );
  const d1 = denseBackward(
    z,
    w1,
    d2.dx.map((d, i) => ((hidden[i] as number) > 0 ? d : 0)),
    rows,
    U,
    inner,
  );
  const dNorm = norm.backward(d1.dx);
  const dAttention = attention.backward(dNorm.dx);
  const dx = new Float64Array(rows * D);
  const dLstm = lstm.backward(new Float64Array(N * U), dx, dAttention.dx);
  const dTable = new Float64Array(V * D);
  inputs.ids.forEach((id, at) => {
    for (let k = 0; k < D; k++) (dTable[id * D + k] as number) += dx[at * D + k] as number;
  });
  const gradients = [
    dTable,
    dLstm.w,
    dLstm.u,
    dLstm.b,
    ...dAttention.weights,
    dNorm.dGamma,
    dNorm.dBeta,
    ...[d1, d2, d3].flatMap((d) => [d.dw, d.db]),
  ];
  const byName = new Map(inputs.weights.map(({ name }, i) => [name, gradients[i] as Float64Array]));
  const compared = inputs.weights.filter(({ name }) => name !== 'key.bias');
  return { loss: Float64Array.of(loss), ...firstUpdates(inputs.adam, compared, (name) => byName.get(name) as Float64Array) };
}
