import { expect, test } from 'vitest';
import { layers, StandaloneContext } from '../../src/layers/index.js';
import { tensor, zeros, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';

const x = zeros([2, 3, 5]);

test('sinePositionEncoding: the formula, for every sequence, whatever x holds; no gradient', () => {
  const layer = layers.sinePositionEncoding({ maxWavelength: 100 });
  const y = layer.forward([x], new StandaloneContext())[0] as Tensor;
  const expected = Float32Array.from({ length: 30 }, (_, i) => {
    const [t, d] = [Math.floor(i / 5) % 3, i % 5];
    const angle = t / 100 ** ((d - (d % 2)) / 5);
    return d % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  expectClose(y, expected, within(1e-6));
  expect(layer.backward()).toEqual([null]);
  expect(layer.getConfig()['maxWavelength']).toBe(100);
  expectError(() => layers.sinePositionEncoding({ maxWavelength: 0 }), 'ERR_ARG', 'maxWavelength');
  expectError(() => layer.computeOutputShape([[null, 3]]), 'ERR_SHAPE', '(N,T,D)');
});

test('positionEmbedding: rows of its table, and their gradient', () => {
  const layer = layers.positionEmbedding({ sequenceLength: 4, initializer: 'randomNormal' });
  layer.build([[null, null, 5]], 'float32');
  const [table] = layer.weights;
  expect([table?.name, table?.value.shape]).toEqual(['position_embeddings', [4, 5]]);
  const ctx = new StandaloneContext({ poison: true });
  const rows = Array.from(table?.value.data() ?? []).slice(0, 15);
  expectClose(layer.forward([x], ctx)[0] as Tensor, [...rows, ...rows], exact());
  const dy = tensor(Float32Array.from({ length: 30 }, (_, i) => i), [2, 3, 5]); // prettier-ignore
  expect(layer.backward([dy], ctx)).toEqual([null]);
  expectClose(ctx.gradients.get(table as NonNullable<typeof table>) as Tensor, Array.from({ length: 20 }, (_, i) => (i < 15 ? 2 * i + 15 : 0)), exact()); // prettier-ignore
  expectError(() => layer.computeOutputShape([[null, 5, 5]]), 'ERR_SHAPE', 'T <= 4');
  expectError(() => layer.computeOutputShape([[null, 3, 6]]), 'ERR_SHAPE', '(N,T,5)');
  expectError(() => layers.positionEmbedding({ sequenceLength: 0 }), 'ERR_ARG', 'sequenceLength');
  expectError(() => layers.positionEmbedding({ sequenceLength: 4 }).forward([x], new StandaloneContext()), 'ERR_STATE', 'built');
  expectError(() => layers.positionEmbedding({ sequenceLength: 4 }).backward([x], new StandaloneContext()), 'ERR_STATE', 'forward to run');
});
