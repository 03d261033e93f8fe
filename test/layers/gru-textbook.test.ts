import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { layers, loadModel, Sequential, StandaloneContext, type Tensor } from '../../src/index.js';
import type { GRU, GRUOptions, Layer } from '../../src/layers/index.js';
import { accum, exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { mask, randomTensor } from '../helpers/random-tensor.js';

const [N, T, D, U] = [3, 5, 4, 6];
const folder = mkdtempSync(join(tmpdir(), 'saraf-gru-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The textbook's recurrence for one row of steps, gates z r h̃: all outputs. */
function textbook(x: number[][], w: number[][], u: number[][], b: number[]): number[][] {
  let h: number[] = range(U).map(() => 0);
  return x.map((step) => {
    const product = (values: number[], matrix: number[][], column: number): number =>
      values.reduce((sum, v, k) => sum + v * ((matrix[k] as number[])[column] as number), 0);
    const pre = (state: number[], column: number): number => product(step, w, column) + product(state, u, column) + (b[column] as number);
    const z = range(U).map((j) => sigmoid(pre(h, j)));
    const r = range(U).map((j) => sigmoid(pre(h, U + j)));
    const reset = h.map((v, j) => v * (r[j] as number));
    const fresh = range(U).map((j) => Math.tanh(pre(reset, 2 * U + j)));
    h = h.map((v, j) => (1 - (z[j] as number)) * v + (z[j] as number) * (fresh[j] as number));
    return h;
  });
}

function built(options: Partial<GRUOptions>, dtype: 'float32' | 'float64'): GRU {
  const layer = layers.gru({ units: U, resetAfter: false, returnSequences: true, ...options });
  layer.build([[null, null, D]], dtype);
  for (const [i, { value }] of layer.weights.entries()) value.data().set(randomTensor(value.shape, 20 + i, dtype).data());
  return layer;
}

/** Changes the sign of the first U of 3U columns; 0 has none. */
const negated = (values: ArrayLike<number>): number[] => Array.from(values, (v, i) => (i % (3 * U) < U ? -v : v) + 0);

describe("the textbook's form of the gru", () => {
  test.each(['float64', 'float32'] as const)('is the recurrence of the textbook, %s', (dtype) => {
    const layer = built({ form: 'textbook' }, dtype);
    const [w, u, b] = layer.weights.map(({ value }) => value.toArray()) as [number[][], number[][], number[]];
    const x = randomTensor([N, T, D], 1, dtype);
    const expected = (x.toArray() as number[][][]).map((row) => textbook(row, w, u, b));
    const [y] = layer.forward([x], new StandaloneContext({ dtype })) as [Tensor];
    expectClose(y, expected.flat(2), accum(T * (D + U), dtype));
  });

  const options: Record<string, Partial<GRUOptions>> = {
    'usual activations': {},
    'other gates, dropped states': { recurrentActivation: 'tanh', recurrentDropout: 0.4, seed: 3 },
    'backwards, sigmoid': { activation: 'sigmoid', goBackwards: true },
  };
  for (const [name, given] of Object.entries(options)) {
    test(`to the bit Keras' form with the columns of z negated: ${name}`, () => {
      const [own, keras] = [built({ ...given, form: 'textbook' }, 'float32'), built(given, 'float32')];
      for (const { value } of keras.weights) value.data().set(negated(value.data()));
      const [x, dy] = [randomTensor([N, T, D]), randomTensor([N, T, U], 2)];
      const masks = [mask(range(N).map((n) => range(T).map((t) => (t < T - n ? 1 : 0))))];
      const [a, b] = [new StandaloneContext({ masks }), new StandaloneContext({ masks })];
      expectClose(own.forward([x], a)[0] as Tensor, keras.forward([x], b)[0] as Tensor, exact());
      expectClose(own.backward([dy], a)[0] as Tensor, keras.backward([dy], b)[0] as Tensor, exact());
      for (const [i, weight] of own.weights.entries()) {
        const expected = negated((b.gradient(keras.weights[i] as never) as Tensor).data());
        expect(negated(negated((a.gradient(weight) as Tensor).data()))).toEqual(expected);
      }
    });
  }

  const holders: Record<string, () => Layer> = {
    gru: () => layers.gru({ units: U, form: 'textbook', inputShape: [T, D] }),
    'both directions': () => layers.bidirectional({ layer: layers.gru({ units: U, form: 'textbook' }), inputShape: [T, D] }),
    'its cell': () => layers.rnn({ cell: layers.gruCell({ units: U, form: 'textbook' }), inputShape: [T, D] }),
  };
  for (const [name, make] of Object.entries(holders)) {
    test(`is kept by a folder and refused by Keras' files: ${name}`, async () => {
      const model = new Sequential([make()]);
      const x = randomTensor([N, T, D]);
      const path = join(folder, name);
      const expected = model.predictOnBatch([x]);
      await model.save(path);
      expectClose((await loadModel(path)).predictOnBatch([x])[0] as Tensor, expected[0] as Tensor, exact());
      for (const extension of ['.keras', '.h5'])
        await expectRejection(model.save(path + extension), 'ERR_ARG', "textbook's form", 'negate the first units columns');
    });
  }

  test('refuses what it is not', () => {
    expectError(() => layers.gru({ units: U, form: 'textbook', resetAfter: true }), 'ERR_ARG', '[gru]', 'resetAfter false', 'leave it out');
    expectError(() => layers.gru({ units: U, form: 'other' as never }), 'ERR_ARG', 'form to be one of keras, textbook', 'other');
    expect(layers.gru({ units: U, form: 'textbook' }).resetAfter).toBe(false);
    expect(layers.gru({ units: U }).getConfig()).not.toHaveProperty('form');
  });
});
