import { describe, expect, it } from 'vitest';
import { nusaxBilstmTrain, type NusaxInputs } from '../../bench/suites/nusax-bilstm.js';
import { referenceInfer, referenceTrain } from '../../bench/suites/reference/nusax-bilstm.js';
import { ReferenceLstm } from '../../bench/suites/reference/lstm.js';
import { fill } from '../../bench/suites/fill.js';

const [N, T, D, U] = [2, 5, 3, 4];
const double = (n: number, seed: number): Float64Array => Float64Array.from(fill(n, seed, 0.8));

describe('the double reference of the bench', () => {
  it.each([false, true])('has gradients that agree with central differences (reverse %s)', (reverse) => {
    const x = double(N * T * D, 1);
    const weights = { w: double(D * 4 * U, 2), u: double(U * 4 * U, 3), b: double(4 * U, 4) };
    const dh = double(N * U, 5);
    const value = (): number =>
      new ReferenceLstm(weights, N, T, D, U, reverse).forward(x).reduce((sum, h, i) => sum + h * (dh[i] as number), 0);
    const lstm = new ReferenceLstm(weights, N, T, D, U, reverse);
    lstm.forward(x);
    const dx = new Float64Array(x.length);
    const d = lstm.backward(dh, dx);
    const pairs: [Float64Array, Float64Array][] = [
      [x, dx],
      [weights.w, d.w],
      [weights.u, d.u],
      [weights.b, d.b],
    ];
    for (const [values, gradient] of pairs) {
      const direction = double(values.length, 9);
      const shift = (by: number): void => direction.forEach((v, i) => ((values[i] as number) += by * v));
      const step = 1e-5;
      shift(step);
      const above = value();
      shift(-2 * step);
      const below = value();
      shift(step);
      const expected = (above - below) / (2 * step);
      const found = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
      expect(Math.abs(found - expected) / Math.abs(expected)).toBeLessThan(1e-7);
    }
  });

  it('moves every weight by at most the learning rate, rows of unseen words not at all, and lowers the loss', () => {
    const shape = { name: 'test', N: 4, T: 6, V: 20, D: 5, U: 3, K: 3 };
    const inputs = nusaxBilstmTrain.inputs(shape);
    const before = referenceTrain(inputs);
    const seen = new Set(inputs.ids);
    const table = before['update.embedding'] as Float64Array;
    for (let v = 0; v < shape.V; v++) expect(table.subarray(v * shape.D, (v + 1) * shape.D).some((u) => u !== 0)).toBe(seen.has(v));
    for (const [name, update] of Object.entries(before)) {
      if (name !== 'loss') expect(Math.max(...update.map(Math.abs))).toBeLessThan(1.001e-3);
    }
    const moved: NusaxInputs = {
      ...inputs,
      weights: inputs.weights.map((w) => ({
        ...w,
        values: w.values.map((v, i) => v + ((before[`update.${w.name}`] as Float64Array)[i] as number)),
      })),
    };
    expect(referenceTrain(moved)['loss']?.[0]).toBeLessThan(before['loss']?.[0] as number);
  });

  it('gives probabilities', () => {
    const inputs = nusaxBilstmTrain.inputs({ name: 'test', N: 3, T: 4, V: 10, D: 5, U: 3, K: 3 });
    const { probabilities } = referenceInfer(inputs) as { probabilities: Float64Array };
    for (let n = 0; n < 3; n++) expect(probabilities.subarray(3 * n, 3 * n + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});
