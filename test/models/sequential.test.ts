import { describe, expect, test } from 'vitest';
import { Callback } from '../../src/callbacks/callback.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers, resetLayerNames } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import * as optimizers from '../../src/optimizers/index.js';
import { tensor, zeros } from '../../src/tensor/tensor.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { blobs, sameBits } from '../helpers/toy-data.js';

function classifier(seed = 7): Sequential {
  setSeed(seed);
  const model = new Sequential([
    layers.dense({ units: 12, activation: 'relu' }),
    layers.dropout({ rate: 0.1 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.02 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy', 'macroF1'],
  });
  return model;
}

describe('Sequential', () => {
  test('learns, and says so in history, evaluation and predictions', async () => {
    const { x, y, classes } = blobs(150);
    const model = classifier();
    const history = await model.fit(x, y, { epochs: 12, batchSize: 32, validationSplit: 0.2, verbose: 0 });
    expect(history.epoch).toHaveLength(12);
    expect(Object.keys(history.history)).toEqual(['loss', 'accuracy', 'macroF1', 'val_loss', 'val_accuracy', 'val_macroF1']);
    const loss = history.history['loss'] as number[];
    expect(loss.at(-1)).toBeLessThan((loss[0] as number) / 2);
    expect(history.toRows()[3]).toMatchObject({ epoch: 3, loss: loss[3] });
    expect(model.history).toBe(history);
    const logs = await model.evaluate(x, y);
    expect(logs['accuracy']).toBeGreaterThan(0.9);
    const p = await model.predict(x, { batchSize: 64 });
    expect(p.shape).toEqual([150, 3]);
    const best = Array.from({ length: 150 }, (_, r) =>
      [0, 1, 2].reduce((b, c) => ((p.data()[r * 3 + c] as number) > (p.data()[r * 3 + b] as number) ? c : b), 0),
    );
    expect(best.filter((c, r) => c === classes[r]).length / 150).toBe(logs['accuracy']);
    for (let r = 0; r < 150; r++) expect(Array.from(p.data().subarray(r * 3, r * 3 + 3)).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });

  test('the same seed gives the same bits, another seed others', async () => {
    const { x, y } = blobs(70);
    const train = async (seed: number): Promise<ReturnType<Sequential['getWeights']>> => {
      const model = classifier(seed);
      await model.fit(x, y, { epochs: 2, verbose: 0 });
      return model.getWeights();
    };
    const first = await train(1);
    expect(sameBits(first, await train(1))).toBe(true);
    expect(sameBits(first, await train(2))).toBe(false);
  });

  test('batches of any size predict the same bits', async () => {
    const { x } = blobs(50);
    const model = classifier();
    const whole = await model.predict(x, { batchSize: 50 });
    for (const batchSize of [1, 7, 32, 64]) expect(sameBits([whole], [await model.predict(x, { batchSize })])).toBe(true);
    expect(sameBits([whole], model.predictOnBatch(x))).toBe(true);
  });

  test('loss over an epoch is the mean over rows, the last partial batch by its size', async () => {
    const { x, y } = blobs(50);
    const model = classifier();
    const whole = await model.evaluate(x, y, { batchSize: 50 });
    const parts = await model.evaluate(x, y, { batchSize: 32 });
    expect(parts['loss']).toBeCloseTo(whole['loss'] as number, 6);
    expect(parts['macroF1']).toBe(whole['macroF1']);
  });

  test('class weights and sample weights of 0 leave rows out of the gradient', async () => {
    const { x, y, classes } = blobs(60);
    const run = async (options: object): Promise<ReturnType<Sequential['getWeights']>> => {
      const model = classifier();
      await model.fit(x, y, { epochs: 1, verbose: 0, ...options });
      return model.getWeights();
    };
    const byClass = await run({ classWeight: { 0: 0, 2: 0.5 } });
    const bySample = await run({ sampleWeight: Array.from(classes, (c) => [0, 1, 0.5][c] as number) });
    expect(sameBits(byClass, bySample)).toBe(true);
    expect(sameBits(byClass, await run({}))).toBe(false);
    const model = classifier();
    const history = await model.fit(x, y, { verbose: 0, classWeight: { 0: 100 }, validationData: [x, y] });
    expect(history.history['val_loss']?.[0]).toBe((await model.evaluate(x, y))['loss']);
  });

  test('built by inputShape at once, or later by data', async () => {
    const early = new Sequential([layers.dense({ units: 2, inputShape: [3] })]);
    expect(early.built).toBe(true);
    expect(early.countParams()).toBe(8);
    const late = new Sequential();
    late.add(layers.dense({ units: 2 }));
    expect(late.built).toBe(false);
    expectError(() => late.summary({ print: null }), 'ERR_STATE', 'inputShape');
    await late.predict(zeros([1, 3]));
    expect(late.countParams()).toBe(8);
    late.add(layers.dense({ units: 1 }));
    expect((await late.predict(zeros([4, 3]))).shape).toEqual([4, 1]);
  });

  test('summary is a table', () => {
    resetLayerNames();
    const model = new Sequential([layers.dense({ units: 1000, inputShape: [3] }), layers.dense({ units: 2, trainable: false })]);
    const lines: string[] = [];
    const text = model.summary({ print: (t) => lines.push(t) });
    expect(lines).toEqual([text]);
    for (const piece of [
      'dense (Dense)',
      '(?,1000)',
      '4,000',
      '2,002',
      'Total params: 6,002',
      'Trainable params: 4,000',
      'Non-trainable params: 2,002',
    ])
      expect(text).toContain(piece);
  });

  test('a frozen layer keeps its weights', async () => {
    setSeed(3);
    const frozen = layers.dense({ units: 5, trainable: false, inputShape: [4] });
    const model = new Sequential([frozen, layers.dense({ units: 3, activation: 'softmax' })]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const before = model.getWeights();
    const { x, y } = blobs(30);
    await model.fit(x, y, { verbose: 0 });
    const after = model.getWeights();
    expect(sameBits(before.slice(0, 2), after.slice(0, 2))).toBe(true);
    expect(sameBits(before.slice(2), after.slice(2))).toBe(false);
  });

  test('weights are got and set as copies', () => {
    const model = new Sequential([layers.dense({ units: 2, inputShape: [3] })]);
    const weights = model.getWeights();
    (weights[0] as ReturnType<typeof zeros>).data().fill(2);
    expect(model.getWeights()[0]?.data()[0]).not.toBe(2);
    model.setWeights(weights);
    expect(model.getWeights()[0]?.data()[0]).toBe(2);
    expectError(() => model.setWeights(weights.slice(1)), 'ERR_SHAPE', '2 weights', '1');
    expectError(() => model.setWeights([zeros([2, 3]), zeros([2])]), 'ERR_SHAPE', '(3,2)', '(2,3)');
  });

  test('bytes and doubles are cast to what the model computes in', async () => {
    const model = new Sequential([layers.rescaling({ scale: 1 / 255, inputShape: [3] }), layers.dense({ units: 2 })]);
    const bytes = await model.predict(tensor(Uint8Array.of(0, 128, 255), [1, 3]));
    const doubles = await model.predict(tensor(Float64Array.of(0, 128, 255), [1, 3]));
    expect(sameBits([bytes], [doubles])).toBe(true);
  });
});

describe('what cannot be is refused with what to do', () => {
  const { x, y } = blobs(40);

  test('models', () => {
    expectError(() => new Sequential([{} as never]), 'ERR_ARG', 'expected a layer');
    expectError(() => new Sequential([layers.dense({ units: 2, name: 'a' }), layers.dense({ units: 2, name: 'a' })]), 'ERR_ARG', 'a twice');
    expectError(() => new Sequential([layers.dense({ units: 2, inputShape: [3] })]).getLayer('b'), 'ERR_ARG', 'received b');
  });

  test('an empty model, a model not compiled', async () => {
    await expectRejection(new Sequential().predict(x), 'ERR_STATE', 'add layers');
    await expectRejection(new Sequential([layers.dense({ units: 3 })]).fit(x, y), 'ERR_STATE', 'compile');
  });

  test('unknown names in compile', () => {
    const model = classifier();
    const compile = (options: object) => () => model.compile({ optimizer: 'adam', loss: 'mse', ...options } as never);
    expectError(compile({ optimizer: 'adan' }), 'ERR_ARG', 'adam, adamax', 'adan');
    expectError(compile({ loss: 'crossentropy' }), 'ERR_ARG', 'crossentropy');
    expectError(compile({ metrics: ['f1'] }), 'ERR_ARG', 'macroF1', 'f1');
    expectError(compile({ loss: undefined }), 'ERR_ARG', 'loss');
  });

  test('data of a wrong kind, shape or number', async () => {
    const model = new Sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const fit = (a: unknown, b: unknown, options: object = {}): Promise<unknown> =>
      model.fit(a as never, b as never, { verbose: 0, ...options });
    await expectRejection(fit([[1, 2, 3, 4]], y), 'ERR_ARG', 'Tensor', 'Array', 'tensor(values)');
    await expectRejection(fit(x, null), 'ERR_ARG', 'expected y for 1 output', 'received 0');
    await expectRejection(fit(x, y.rows(0, 39)), 'ERR_SHAPE', '40', '39');
    await expectRejection(fit(zeros([0, 4]), zeros([0])), 'ERR_DATA', 'at least one row');
    await expectRejection(fit(zeros([40, 5]), y), 'ERR_SHAPE', '(?,4)', '(32,5)');
    await expectRejection(fit(zeros([4]), zeros([4])), 'ERR_SHAPE', '(?,4)', 'expandDims(0)');
    await expectRejection(fit([x, x], y), 'ERR_ARG', '1 input', 'received 2');
    await expectRejection(fit(x, tensor(Int32Array.from({ length: 40 }, () => 3))), 'ERR_DATA', '0 to 2', 'received 3', 'epoch 0, batch 0');
    await expectRejection(fit(x, zeros([40, 3])), 'ERR_SHAPE', 'categoricalCrossentropy');
  });

  test('options of fit', async () => {
    const fit = (options: object): Promise<unknown> => classifier().fit(x, y, { verbose: 0, ...options });
    await expectRejection(fit({ epoch: 3 }), 'ERR_ARG', 'epochs', 'received epoch');
    await expectRejection(fit({ epochs: 1.5 }), 'ERR_ARG', 'epochs', '1.5');
    await expectRejection(fit({ batchSize: 0 }), 'ERR_ARG', 'batchSize', '0');
    await expectRejection(fit({ validationSplit: 1 }), 'ERR_ARG', '[0,1)');
    await expectRejection(fit({ validationSplit: 0.99 }), 'ERR_ARG', 'both sides');
    await expectRejection(fit({ callbacks: [{}] }), 'ERR_ARG', 'Callback');
    await expectRejection(fit({ classWeight: { '-1': 1 } }), 'ERR_ARG', 'classWeight');
    await expectRejection(fit({ sampleWeight: [1, 2] }), 'ERR_SHAPE', '40', '2');
  });

  test('NaN in the data is named with its place, before a weight changes', async () => {
    const model = classifier();
    await model.predict(x);
    const before = model.getWeights();
    const broken = x.clone();
    broken.data()[35 * 4 + 2] = Number.NaN;
    await expectRejection(
      model.fit(broken, y, { shuffle: false, batchSize: 40, verbose: 0 }),
      'ERR_DATA',
      'NaN',
      'batch 0',
      'row 35',
      'column 2',
    );
    await expectRejection(model.predict(broken, { batchSize: 32 }), 'ERR_DATA', 'batch 1', 'row 3 (row 35 of the data)', 'column 2');
    await expectRejection(
      model.fit(x, tensor(Float32Array.from({ length: 40 }, () => Number.NaN)), { verbose: 0 }),
      'ERR_DATA',
      'y',
      'NaN',
    );
    expect(sameBits(before, model.getWeights())).toBe(true);
  });

  test('a loss that is not finite stops training with the weights of the step before', async () => {
    const model = new Sequential([layers.dense({ units: 1, inputShape: [4] })]);
    model.compile({ optimizer: optimizers.sgd({ learningRate: 1e20 }), loss: 'mse' });
    const error = await expectRejection(
      model.fit(x, zeros([40, 1]), { epochs: 50, verbose: 0 }),
      'ERR_DATA',
      'finite loss',
      'learning rate',
      'batch',
    );
    expect(error.message).toContain('step');
    expect(model.training.step).toBeGreaterThan(0);
    for (const w of model.getWeights()) expect(Array.from(w.data()).every((v) => !Number.isNaN(v))).toBe(true);
  });

  test('measuring or compiling in the middle of an epoch; at its end measuring is fine', async () => {
    const model = classifier();
    const errors: unknown[] = [];
    const losses: number[] = [];
    class Meddles extends Callback {
      override async onBatchEnd(): Promise<void> {
        for (const work of [
          async () => model.evaluate(x, y),
          async () => model.trainOnBatch(x, y),
          async () => model.testOnBatch(x, y),
          async () => model.compile({ optimizer: 'sgd', loss: 'mse' }),
        ]) {
          errors.push(await work().catch((error: unknown) => (error as { code: string }).code));
        }
      }
      override async onEpochEnd(): Promise<void> {
        losses.push((await model.evaluate(x, y))['loss'] as number);
      }
    }
    const history = await model.fit(x, y, { batchSize: 20, validationData: [x, y], callbacks: [new Meddles()], verbose: 0 });
    expect(errors).toEqual(Array.from({ length: 8 }, () => 'ERR_STATE'));
    expect(losses[0]).toBeCloseTo(history.history['val_loss']?.[0] as number, 10);
  });

  test('an optimizer serves one model: one whose optimizer went to another has lost its state, and says so', async () => {
    const optimizer = optimizers.adam();
    const model = (): Sequential => {
      const m = new Sequential([layers.dense({ units: 1, inputShape: [2] })]);
      m.compile({ optimizer, loss: 'meanSquaredError' });
      return m;
    };
    const [x, y] = [tensor([[1, 2], [3, 4]]), tensor([[1], [2]])]; // prettier-ignore
    const first = model();
    await first.fit(x, y, { verbose: 0 });
    const second = model();
    await second.fit(x, y, { verbose: 0 });
    await expectRejection(first.fit(x, y, { verbose: 0 }), 'ERR_STATE', 'an optimizer of its own');
    expectError(() => first.trainOnBatch(x, y), 'ERR_STATE', 'an optimizer of its own');
    await first.evaluate(x, y);
    const running = second.fit(x, y, { verbose: 0 });
    expectError(model, 'ERR_STATE', 'which is training');
    await running;
  });

  test('two fits at a time', async () => {
    const model = classifier();
    const first = model.fit(x, y, { epochs: 2, verbose: 0 });
    await expectRejection(model.fit(x, y, { verbose: 0 }), 'ERR_STATE', 'one fit at a time');
    await first;
    await model.fit(x, y, { verbose: 0 });
  });

  test('testOnBatch measures what evaluate measures and changes nothing', async () => {
    const model = new Sequential([layers.dense({ units: 3, inputShape: [4], activation: 'softmax' })]);
    const { x, y } = blobs(10);
    expectError(() => model.testOnBatch(x, y), 'ERR_STATE', 'compile');
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const before = model.getWeights();
    expect(model.testOnBatch(x, y)).toEqual(await model.evaluate(x, y));
    expect(sameBits(model.getWeights(), before)).toBe(true);
    const twice = tensor(Float32Array.from({ length: 10 }, () => 2));
    expect(model.testOnBatch(x, y, { sampleWeight: twice })['loss']).toBeCloseTo(2 * (model.testOnBatch(x, y)['loss'] as number), 6);
    expectError(() => model.testOnBatch(x, tensor(Int32Array.of(1))), 'ERR_SHAPE', 'rows');
  });
});
