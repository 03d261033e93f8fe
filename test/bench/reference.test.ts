import { describe, expect, it } from 'vitest';
import { cnnReferenceInfer, cnnReferenceTrain } from '../../bench/suites/reference/cnn.js';
import { trainCnn } from '../../bench/suites/train-cnn.js';
import { ADAM } from '../../bench/suites/reference/adam.js';
import { trainText, type TextInputs } from '../../bench/suites/train-text.js';
import { referenceInfer, referenceTrain } from '../../bench/suites/reference/train-text.js';
import { ReferenceLayerNormalization } from '../../bench/suites/reference/layer-normalization.js';
import { ReferenceLstm } from '../../bench/suites/reference/lstm.js';
import { ReferenceSelfAttention } from '../../bench/suites/reference/self-attention.js';
import { fill } from '../../bench/suites/fill.js';

const [N, T, D, U] = [2, 5, 3, 4];
const double = (n: number, seed: number): Float64Array => Float64Array.from(fill(n, seed, 0.8));

type Pair = readonly [values: Float64Array, gradient: Float64Array];
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);

/** Each gradient along one direction against the central difference of `value`. */
function expectDifferences(pairs: readonly Pair[], value: () => number): void {
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
    // The second bound is for a gradient of 0.
    expect(Math.abs(dot(gradient, direction) - expected)).toBeLessThan(1e-7 * Math.abs(expected) + 1e-9);
  }
}

describe('the double reference of the bench', () => {
  it.each([false, true])('has gradients that agree with central differences (reverse %s)', (reverse) => {
    const x = double(N * T * D, 1);
    const weights = { w: double(D * 4 * U, 2), u: double(U * 4 * U, 3), b: double(4 * U, 4) };
    const dh = double(N * U, 5);
    const dy = double(N * T * U, 6);
    const value = (): number => {
      const made = new ReferenceLstm(weights, N, T, D, U, reverse);
      return dot(made.forward(x), dh) + dot(made.sequence(), dy);
    };
    const lstm = new ReferenceLstm(weights, N, T, D, U, reverse);
    lstm.forward(x);
    const dx = new Float64Array(x.length);
    const d = lstm.backward(dh, dx, dy);
    const pairs: Pair[] = [
      [x, dx],
      [weights.w, d.w],
      [weights.u, d.u],
      [weights.b, d.b],
    ];
    expectDifferences(pairs, value);
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

describe('the double reference of the model with a convolution', () => {
  const shape = { name: 'test', N: 3, T: 7, V: 12, D: 4, U: 6, K: 4, kernel: 3 };
  const inputs = trainText.inputs(shape);

  it('has gradients that agree with central differences', () => {
    const before = trainText.reference(inputs);
    expect(Object.keys(before)).toEqual(['loss', ...inputs.weights.map((w) => `update.${w.name}`)]);
    const scale = Math.sqrt(1 - ADAM.beta2);
    for (const { name, values } of inputs.weights) {
      const update = before[`update.${name}`] as Float64Array;
      for (let i = 0; i < values.length; i += 3) {
        const start = values[i] as number;
        const at = (v: number): [number, number] => {
          values[i] = v;
          return [values[i] as number, trainText.reference(inputs)['loss']?.[0] as number];
        };
        const [low, below] = at(start - 2 ** -14);
        const [high, above] = at(start + 2 ** -14);
        values[i] = start;
        const u = update[i] as number;
        // Adam's first step turned round: u = −lr·s·g / (s·|g| + ε).
        const gradient = (-ADAM.epsilon * u) / (scale * (ADAM.learningRate - Math.abs(u)));
        expect(Math.abs(gradient - (above - below) / (high - low)), `${name} ${i}`).toBeLessThan(1e-5);
      }
    }
  });

  it('gives words that no text holds no gradient', () => {
    const table = trainText.reference(inputs)['update.embedding'] as Float64Array;
    const seen = new Set(inputs.ids);
    for (let v = 0; v < shape.V; v++)
      if (!seen.has(v)) expect(table.subarray(v * shape.D, (v + 1) * shape.D).every((u) => u === 0)).toBe(true);
  });
});

describe('the double reference of the model with attention', () => {
  const part = { heads: 2, keyDim: 3, inner: 7, outer: 6 };
  const shape = { name: 'test', N: 3, T: 5, V: 12, D: 4, U: 8, K: 4, attention: part };

  it('has gradients of attention that agree with central differences, and none for the bias of the keys', () => {
    const sizes = { N: 2, T: 4, U: 5, heads: 2, keyDim: 3 };
    const weights = [30, 6, 30, 6, 30, 6, 30, 5].map((n, i) => double(n, 20 + i));
    const x = double(40, 1);
    const dy = double(40, 2);
    const run = (): ReferenceSelfAttention => new ReferenceSelfAttention(weights, sizes);
    const attention = run();
    attention.forward(x);
    const found = attention.backward(dy);
    expectDifferences([[x, found.dx], ...weights.map((w, i): Pair => [w, found.weights[i] as Float64Array])], () =>
      dot(run().forward(x), dy),
    );
    expect(Math.max(...(found.weights[3] as Float64Array).map(Math.abs))).toBeLessThan(1e-15);
  });

  it('has gradients of layer normalization that agree with central differences', () => {
    const [x, gamma, beta, dy] = [double(20, 1), double(5, 2), double(5, 3), double(20, 4)] as const;
    const norm = new ReferenceLayerNormalization(gamma, beta);
    norm.forward(x);
    const { dx, dGamma, dBeta } = norm.backward(dy);
    expectDifferences(
      [
        [x, dx],
        [gamma, dGamma],
        [beta, dBeta],
      ],
      () => dot(new ReferenceLayerNormalization(gamma, beta).forward(x), dy),
    );
  });

  it('lowers the loss by its own updates, and compares all weights but the bias of the keys', () => {
    const inputs = trainText.inputs(shape);
    const before = trainText.reference(inputs);
    const compared = inputs.weights.map((w) => w.name).filter((name) => name !== 'key.bias');
    expect(Object.keys(before)).toEqual(['loss', ...compared.map((name) => `update.${name}`)]);
    const weights = inputs.weights.map((w) => ({ ...w, values: w.values.map((v, i) => v + (before[`update.${w.name}`]?.[i] ?? 0)) }));
    expect(trainText.reference({ ...inputs, weights })['loss']?.[0]).toBeLessThan(before['loss']?.[0] as number);
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
