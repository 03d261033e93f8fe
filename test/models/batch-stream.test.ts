import { afterEach, describe, expect, test, vi } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { input, layers, type SymbolicTensor } from '../../src/layers/index.js';
import type { BatchStream } from '../../src/models/batch-stream.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, zeros, type Tensor } from '../../src/tensor/tensor.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { sameBits } from '../helpers/toy-data.js';
import { model, part, quiet, rows, SIZE, x, y } from './streams.js';

async function* rowsLater(): AsyncGenerator<Tensor[]> {
  for (const batch of rows()) {
    await Promise.resolve();
    yield batch;
  }
}
function* endless(): Generator<Tensor[]> {
  for (;;) yield* rows();
}

/** What fit does on the same rows in the same order, from memory. */
async function reference(epochs: number): Promise<{ weights: Tensor[]; loss: number[] | undefined }> {
  const m = model();
  const history = await m.fit(x, y, { epochs, batchSize: SIZE, shuffle: false, ...quiet });
  return { weights: m.getWeights(), loss: history.history['loss'] };
}

afterEach(() => void vi.restoreAllMocks());

describe('training on a stream gives the bits of training on its rows', () => {
  const streams: [string, BatchStream][] = [
    ['a generator function', rows],
    ['an asynchronous one', rowsLater],
    ['a function that returns an iterable', () => new Set(rows())],
    ['an iterable', new Set(rows())],
    ['an asynchronous iterable', { [Symbol.asyncIterator]: () => rowsLater() }],
  ];
  test.each(streams)('%s', async (_, stream) => {
    const m = model();
    const history = await m.fit(stream, { epochs: 3, ...quiet });
    const expected = await reference(3);
    expect(history.history['loss']).toEqual(expected.loss);
    expect(sameBits(m.getWeights(), expected.weights)).toBe(true);
    expect(await m.evaluate(stream)).toEqual(await m.evaluate(x, y, { batchSize: SIZE }));
    expect(sameBits([await m.predict(stream)], [await m.predict(x)])).toBe(true);
  });

  test('a generator that goes on for ever, by stepsPerEpoch, also in two calls', async () => {
    const expected = await reference(3);
    const batches = endless();
    const m = model();
    await m.fit(batches, { epochs: 2, stepsPerEpoch: 3, ...quiet });
    await m.fit(batches, { stepsPerEpoch: 3, ...quiet });
    expect(sameBits(m.getWeights(), expected.weights)).toBe(true);
    // The generator is the caller's: at a regular end it is left as it is.
    expect(batches.next().done).toBe(false);
    const restarted = model();
    await restarted.fit(rows, { epochs: 3, stepsPerEpoch: 3, ...quiet });
    expect(sameBits(restarted.getWeights(), expected.weights)).toBe(true);
  });

  test('an epoch begins where the one before ended', async () => {
    const asked: number[] = [];
    const numbered = function* (): Generator<Tensor[]> {
      for (let i = 0; i < 8; i++) {
        asked.push(i);
        yield part(0);
      }
    };
    const m = model();
    await m.fit(numbered, { epochs: 4, stepsPerEpoch: 4, ...quiet });
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect(m.training.step).toBe(16);
  });

  test('rows in memory by stepsPerEpoch: passes follow each other without a gap, also when resumed', async () => {
    const long = model();
    await long.fit(x, y, { epochs: 2, batchSize: SIZE, ...quiet });
    const short = model();
    await short.fit(x, y, { epochs: 4, stepsPerEpoch: 1, batchSize: SIZE, ...quiet });
    await short.fit(x, y, { epochs: 2, stepsPerEpoch: 1, batchSize: SIZE, ...quiet });
    expect(sameBits(short.getWeights(), long.getWeights())).toBe(true);
    const wide = model();
    await wide.fit(x, y, { stepsPerEpoch: 6, batchSize: SIZE, ...quiet });
    expect(sameBits(wide.getWeights(), long.getWeights())).toBe(true);
  });

  test('sample and class weights', async () => {
    const weights = Float32Array.from({ length: 50 }, (_, i) => (i % 5) / 2);
    const weighted = function* (): Generator<Tensor[]> {
      for (let from = 0; from < 50; from += SIZE) yield [...part(from), tensor(weights).rows(from, Math.min(50, from + SIZE))];
    };
    const options = { classWeight: { 1: 3 }, epochs: 2, ...quiet };
    const [a, b] = [model(), model()];
    await a.fit(weighted, options);
    await b.fit(x, y, { ...options, sampleWeight: weights, batchSize: SIZE, shuffle: false });
    expect(sameBits(a.getWeights(), b.getWeights())).toBe(true);
    expect(await a.evaluate(weighted)).toEqual(await a.evaluate(x, y, { sampleWeight: tensor(weights), batchSize: SIZE }));
  });
});

describe('several inputs and outputs, by list or by name', () => {
  const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
  const two = (): Model => {
    setSeed(2);
    const [a, b] = [input({ shape: [4], name: 'left' }), input({ shape: [2], name: 'right' })];
    const h = one(layers.concatenate().apply([a, b]));
    const outputs = [
      layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(h),
      layers.dense({ units: 1, name: 'score' }).apply(h),
    ];
    const m = new Model({ inputs: [a, b], outputs: outputs.map(one) });
    m.compile({ optimizer: 'sgd', loss: { kind: 'sparseCategoricalCrossentropy', score: 'mse' }, lossWeights: { kind: 1, score: 0.5 } });
    return m;
  };
  const [right, score] = [randomTensor([50, 2], 1), randomTensor([50, 1], 2)];
  const [w, v] = [
    tensor(Float32Array.from({ length: 50 }, (_, i) => i / 25)),
    tensor(Float32Array.from({ length: 50 }, (_, i) => (i % 3) / 2)),
  ];
  const fit = async (batch: readonly unknown[]): Promise<Tensor[]> => {
    const m = two();
    await m.fit(() => [batch as never], { epochs: 2, ...quiet });
    return m.getWeights();
  };

  test('in any order of names', async () => {
    const listed = await fit([
      [x, right],
      [y, score],
      [w, v],
    ]);
    expect(
      sameBits(
        listed,
        await fit([
          { right, left: x },
          { score, kind: y },
          { score: v, kind: w },
        ]),
      ),
    ).toBe(true);
    expect(sameBits(listed, await fit([[x, right], [y, score], w]))).toBe(false);
    expect(
      sameBits(
        await fit([
          [x, right],
          [y, score],
          [w, w],
        ]),
        await fit([[x, right], [y, score], w]),
      ),
    ).toBe(true);
    const m = two();
    await m.fit(
      { left: x, right },
      { kind: y, score },
      { epochs: 2, batchSize: 50, shuffle: false, sampleWeight: { kind: w, score: v }, ...quiet },
    );
    expect(sameBits(listed, m.getWeights())).toBe(true);
    expect(sameBits(await m.predictAll({ right, left: x }), m.predictOnBatch([x, right]))).toBe(true);
    expect(m.testOnBatch({ left: x, right }, { kind: y, score })).toEqual(await m.evaluate([x, right], [y, score], { batchSize: 50 }));
  });

  test('names that do not fit are named', async () => {
    await expectRejection(fit([{ left: x, rigth: right }, [y, score]]), 'ERR_ARG', 'left, right', 'left, rigth', 'epoch 0, step 0');
    await expectRejection(fit([[x, right], { kind: y }]), 'ERR_ARG', 'y by the names kind, score', 'received kind');
    await expectRejection(fit([[x, right], { kind: y, score: [1] }]), 'ERR_ARG', 'y.score', 'Array');
    await expectRejection(
      fit([
        [x, right],
        [y, score],
        [w, v, v],
      ]),
      'ERR_ARG',
      'for each of 2, received 3',
    );
    await expectRejection(
      fit([
        [x, right],
        [y, score.rows(0, 7)],
      ]),
      'ERR_SHAPE',
      '50',
      'received 7',
      'epoch 0, step 0',
    );
    await expectRejection(new Sequential([layers.dense({ units: 1 })]).predict({ x }), 'ERR_ARG', 'no names yet');
  });
});

describe('where a stream ends', () => {
  test('a generator can be read once: the second epoch says so', async () => {
    const m = model();
    await expectRejection(
      m.fit(rows(), { epochs: 2, ...quiet }),
      'ERR_DATA',
      '3 batches',
      'epoch 1, step 0',
      'generator function',
      'stepsPerEpoch',
    );
    expect(m.history?.epoch).toEqual([0]);
    expect(m.training.step).toBe(3);
    await model().fit(rows(), { epochs: 1, ...quiet });
  });

  test('later epochs need as many batches as the first, and take no more', async () => {
    let read = 0;
    const shrinking = function* (): Generator<Tensor[]> {
      read++;
      yield* [...rows()].slice(read - 1);
    };
    await expectRejection(model().fit(shrinking, { epochs: 2, ...quiet }), 'ERR_DATA', '3 batches', 'epoch 1, step 2', 'every time');
    let longer = 0;
    const growing = function* (): Generator<Tensor[]> {
      longer++;
      for (let i = 0; i < 2 * longer; i++) yield part(0);
    };
    const m = model();
    await m.fit(growing, { epochs: 3, ...quiet });
    expect(m.training.step).toBe(6);
  });

  test('before stepsPerEpoch: a warning in the first epoch, an error in a later one', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await model().fit(rows(), { stepsPerEpoch: 5, ...quiet });
    expect(warn.mock.calls[0]?.[0]).toContain('stepsPerEpoch (5) batches, the stream ended at epoch 0, step 3');
    await expectRejection(model().fit(rows(), { epochs: 2, stepsPerEpoch: 2, ...quiet }), 'ERR_DATA', '2 batches', 'epoch 1, step 1');
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test('empty', async () => {
    await expectRejection(
      model().fit(() => [], quiet),
      'ERR_DATA',
      'at least one batch',
    );
    const built = new Sequential([layers.dense({ units: 3, inputShape: [4], activation: 'softmax' })]);
    built.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    for (const work of [() => built.fit(() => [], quiet), () => built.evaluate(() => []), () => built.predict(() => [])])
      await expectRejection(work(), 'ERR_DATA', 'at least one batch', 'step 0');
  });
});

describe('what goes wrong in a stream says epoch and step', () => {
  /** Good batches in the first epoch; in the second, `bad` at step 1. */
  const second = (bad: () => unknown): BatchStream => {
    let epoch = -1;
    return function* () {
      epoch++;
      yield part(0);
      yield (epoch === 1 ? bad() : part(20)) as Tensor[];
    };
  };
  const fit = (bad: () => unknown): Promise<unknown> => model().fit(second(bad), { epochs: 2, ...quiet });

  test('an error inside: as its cause', async () => {
    const failed = (): never => {
      throw new TypeError('no such file');
    };
    const error = await expectRejection(fit(failed), 'ERR_DATA', '[fit]', 'epoch 1, step 1', 'no such file');
    expect(error.cause).toBeInstanceOf(TypeError);
    const ragged = await expectRejection(
      fit(() => [tensor([[1, 2, 3, 4], [1]]), y]),
      'ERR_SHAPE',
      'epoch 1, step 1',
    );
    expect(ragged.message.match(/epoch 1/g)).toHaveLength(1);
    const later = async function* (): AsyncGenerator<Tensor[]> {
      yield part(0);
      await Promise.resolve();
      throw new Error('gone');
    };
    await expectRejection(model().fit(later, quiet), 'ERR_DATA', 'epoch 0, step 1', 'gone');
    const shut = (): never => {
      throw new Error('shut');
    };
    await expectRejection(model().fit(shut, quiet), 'ERR_DATA', 'beginning', 'shut');
  });

  test('batches that do not fit', async () => {
    const at = 'epoch 1, step 1';
    await expectRejection(
      fit(() => [x.rows(0, 3), y.rows(0, 2)]),
      'ERR_SHAPE',
      'as many rows as x (3), received 2',
      at,
    );
    await expectRejection(
      fit(() => [zeros([3, 5]), y.rows(0, 3)]),
      'ERR_SHAPE',
      '5',
      at,
    );
    await expectRejection(
      fit(() => [x.rows(0, 3)]),
      'ERR_ARG',
      'expected y',
      at,
    );
    await expectRejection(
      fit(() => [x.rows(0, 0), y.rows(0, 0)]),
      'ERR_DATA',
      'at least one row',
      at,
    );
    await expectRejection(
      fit(() => [x, y, tensor([1]), x]),
      'ERR_ARG',
      'list of 4',
      at,
    );
    await expectRejection(
      fit(() => []),
      'ERR_ARG',
      'list of 0',
      at,
    );
    await expectRejection(
      fit(() => null),
      'ERR_ARG',
      'received null',
      at,
    );
    await expectRejection(
      fit(() => [[1, 2], y]),
      'ERR_ARG',
      'expected x to be a Tensor',
      at,
    );
    await expectRejection(
      fit(() => [x.rows(0, 2), tensor(Int32Array.of(0, 7))]),
      'ERR_DATA',
      'received 7',
      at,
    );
    const broken = x.rows(0, 2).clone();
    broken.data()[5] = Number.NaN;
    await expectRejection(
      fit(() => [broken, y.rows(0, 2)]),
      'ERR_DATA',
      'NaN',
      'row 1, column 1',
      at,
    );
  });

  test('in validation, evaluation and prediction too', async () => {
    const m = model();
    const bad = (): Tensor[] => [zeros([2, 5]), y.rows(0, 2)];
    const validated = m.fit(x, y, { epochs: 2, validationData: second(bad), ...quiet });
    await expectRejection(validated, 'ERR_SHAPE', 'validation of epoch 1, step 1');
    const wrong = function* (): Generator<Tensor[]> {
      yield part(0);
      yield bad();
    };
    await expectRejection(m.evaluate(wrong), 'ERR_SHAPE', '(step 1)');
    await expectRejection(m.predict(wrong), 'ERR_SHAPE', '(step 1)');
    const lengths = new Sequential([layers.embedding({ inputDim: 5, outputDim: 2 })]);
    const growing = [zeros([1, 2], 'int32'), zeros([1, 3], 'int32')];
    await expectRejection(
      lengths.predict(() => growing),
      'ERR_SHAPE',
      '(1,2,2)',
      '(1,3,2)',
      'pad',
      '(step 1)',
    );
  });

  test('options that say what a stream says itself', async () => {
    const refused = (options: object, ...pieces: string[]): Promise<unknown> =>
      expectRejection(model().fit(rows, { ...quiet, ...options }), 'ERR_ARG', ...pieces);
    await refused({ batchSize: 20 }, 'batchSize', 'stream');
    await refused({ shuffle: true }, 'shuffle');
    await refused({ validationSplit: 0.2 }, 'validationSplit', 'validationData');
    await refused({ sampleWeight: [1] }, 'sampleWeight');
    await refused({ stepsPerEpoch: 0 }, 'stepsPerEpoch');
    await refused({ validationSteps: 1 }, 'validationSteps', 'validationData');
    await refused({ validationData: rows, validationBatchSize: 3 }, 'validationBatchSize');
    await refused({ validationData: [x, y], validationSteps: 3 }, 'at most 2', 'received 3');
    await refused({ validationData: rows, validationFreq: 0 }, 'validationFreq');
    await refused({ validationData: rows, validationFreq: [1, 0.5] }, 'validationFreq', '0.5');
    await expectRejection(model().fit(rows as never, y as never, quiet), 'ERR_ARG', 'separate y');
    await expectRejection(model().fit((() => 3) as never, quiet), 'ERR_ARG', 'function* ()');
    await expectRejection(model().evaluate(rows, { batchSize: 3 }), 'ERR_ARG', 'batchSize');
    await expectRejection(model().evaluate(x, y, { steps: 3 }), 'ERR_ARG', 'at most 2');
  });
});
