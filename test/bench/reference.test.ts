import { describe, expect, it } from 'vitest';
import { cnnReferenceInfer, cnnReferenceTrain } from '../../bench/suites/reference/cnn.js';
import { trainCnn } from '../../bench/suites/train-cnn.js';
import { trainText, type TextInputs } from '../../bench/suites/train-text.js';
import { referenceInfer, referenceTrain } from '../../bench/suites/reference/train-text.js';
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
    const inputs = trainText.inputs(shape);
    const before = referenceTrain(inputs);
    const seen = new Set(inputs.ids);
    const table = before['update.embedding'] as Float64Array;
    for (let v = 0; v < shape.V; v++) expect(table.subarray(v * shape.D, (v + 1) * shape.D).some((u) => u !== 0)).toBe(seen.has(v));
    for (const [name, update] of Object.entries(before)) {
      if (name !== 'loss') expect(Math.max(...update.map(Math.abs))).toBeLessThan(1.001e-3);
    }
    const moved: TextInputs = {
      ...inputs,
      weights: inputs.weights.map((w) => ({
        ...w,
        values: w.values.map((v, i) => v + ((before[`update.${w.name}`] as Float64Array)[i] as number)),
      })),
    };
    expect(referenceTrain(moved)['loss']?.[0]).toBeLessThan(before['loss']?.[0] as number);
  });

  it('gives probabilities', () => {
    const inputs = trainText.inputs({ name: 'test', N: 3, T: 4, V: 10, D: 5, U: 3, K: 3 });
    const { probabilities } = referenceInfer(inputs) as { probabilities: Float64Array };
    for (let n = 0; n < 3; n++) expect(probabilities.subarray(3 * n, 3 * n + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it('gives rows of all lengths the same as rows cut to their length', () => {
    const sizes = { V: 20, D: 5, U: 3, K: 3 };
    const full = trainText.inputs({ name: 'test', N: 2, T: 6, ...sizes, lengths: [4, 4] });
    const cut = trainText.inputs({ name: 'test', N: 2, T: 4, ...sizes });
    const ids = Int32Array.from({ length: 8 }, (_, i) => full.ids[Math.floor(i / 4) * 6 + (i % 4)] as number);
    const a = referenceTrain(full);
    const b = referenceTrain({ ...cut, ids });
    for (const [name, values] of Object.entries(b)) {
      values.forEach((v, i) => expect(Math.abs(v - (a[name]?.[i] as number))).toBeLessThan(1e-9));
    }
  });
});

describe('the double reference of the image classifier', () => {
  it('lowers the loss by its own updates and leaves nothing unmoved', () => {
    const shape = { name: 'test', N: 3, H: 8, C: 2, K: 3, filters: [3, 4], dense: 5 };
    const inputs = trainCnn.inputs(shape);
    const before = cnnReferenceTrain(inputs);
    const weights = inputs.weights.map((w) => ({
      ...w,
      values: w.values.map((v, i) => v + ((before[`update.${w.name}`] as Float64Array)[i] as number)),
    }));
    expect(cnnReferenceTrain({ ...inputs, weights })['loss']?.[0]).toBeLessThan(before['loss']?.[0] as number);
    expect(Object.keys(before)).toEqual(['loss', ...inputs.weights.map((w) => `update.${w.name}`)]);
    const { probabilities } = cnnReferenceInfer(inputs) as { probabilities: Float64Array };
    expect(probabilities.subarray(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});
