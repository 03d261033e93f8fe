import { describe, expect, test } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { asSource, isBatchSource, RowRange, TensorSource, type BatchSource } from '../../src/models/batch-source.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, zeros } from '../../src/tensor/tensor.js';
import { expectClose, exact } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, sameBits } from '../helpers/toy-data.js';

const x = tensor([
  [0, 1],
  [10, 11],
  [20, 21],
  [30, 31],
]);
const y = tensor(Int32Array.of(0, 1, 2, 3));

function model(): Sequential {
  setSeed(1);
  const m = new Sequential([layers.dense({ units: 3, activation: 'softmax' })]);
  m.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  return m;
}

describe('batches', () => {
  test('rows in the order named; consecutive ones share memory', () => {
    const source = new TensorSource('test', { x: [x], y: [y], sampleWeight: [tensor([1, 2, 3, 4])] });
    const shuffled = source.batch(Int32Array.of(2, 0, 2));
    expectClose(
      shuffled.x[0] as typeof x,
      tensor([
        [20, 21],
        [0, 1],
        [20, 21],
      ]),
      exact(),
    );
    expectClose((shuffled.y as (typeof y)[])[0] as typeof y, tensor(Int32Array.of(2, 0, 2)), exact());
    expectClose(shuffled.sampleWeight?.[0] as typeof x, tensor([3, 1, 3]), exact());
    const run = source.batch(Int32Array.of(1, 2)).x[0] as typeof x;
    expect(run.data().buffer).toBe(x.data().buffer);
    expectClose(
      run,
      tensor([
        [10, 11],
        [20, 21],
      ]),
      exact(),
    );
    expectClose(new RowRange(source, 2, 4).batch(Int32Array.of(1)).x[0] as typeof x, tensor([[30, 31]]), exact());
  });

  test('a data set that makes its batches trains like tensors', async () => {
    const data = blobs(50);
    const asked: number[] = [];
    const inner = new TensorSource('test', { x: [data.x], y: [data.y] });
    const source: BatchSource = {
      rows: 50,
      batch: (indices) => {
        asked.push(indices.length);
        return inner.batch(indices);
      },
    };
    expect(isBatchSource(source)).toBe(true);
    const a = model();
    await a.fit(source, { epochs: 2, batchSize: 20, validationData: source, verbose: 0 });
    const b = model();
    await b.fit(data.x, data.y, { epochs: 2, batchSize: 20, validationData: [data.x, data.y], verbose: 0 });
    expect(sameBits(a.getWeights(), b.getWeights())).toBe(true);
    expect(asked).toContain(10);
    expect(await a.evaluate(source)).toEqual(await b.evaluate(data.x, data.y));
    expect(sameBits([await a.predict(source)], [await b.predict(data.x)])).toBe(true);
  });

  test('what cannot be is refused', async () => {
    expectError(() => asSource('fit', { rows: 0, batch: () => ({ x: [] }) }), 'ERR_DATA', 'at least one row');
    expectError(() => asSource('fit', { rows: 2, batch: () => ({ x: [] }) }, { y }), 'ERR_ARG', 'batch()');
    expectError(() => asSource('fit', []), 'ERR_ARG', 'an empty list');
    expectError(() => asSource('fit', tensor(3 as never)), 'ERR_SHAPE', 'scalar');
    expectError(() => asSource('fit', [x, zeros([3, 2])]), 'ERR_SHAPE', '(4)', '3 of shape (3,2)');
    const silent: BatchSource = { rows: 4, batch: (i) => ({ x: [zeros([i.length, 2])] }) };
    await expectRejection(model().fit(silent, { verbose: 0 }), 'ERR_ARG', 'expected y', 'received 0');
  });
});
