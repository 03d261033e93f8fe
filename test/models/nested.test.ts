import { describe, expect, test } from 'vitest';
import { input, layers } from '../../src/layers/index.js';
import '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { sgd } from '../../src/optimizers/index.js';
import { tensor } from '../../src/tensor/tensor.js';
import { sameBits } from '../helpers/toy-data.js';

const rows = tensor([
  [1, 2],
  [3, 4],
  [50, 6],
  [7, 80],
]);

describe('trainable', () => {
  const nested = (): { base: Sequential; model: Sequential } => {
    const base = new Sequential([layers.dense({ units: 3, inputShape: [2] }), layers.batchNormalization({ momentum: 0.5 })]);
    return { base, model: new Sequential([base, layers.dense({ units: 1 })]) };
  };
  const y = tensor([[1], [0], [1], [0]]);

  test('a frozen model’s BatchNormalization uses its moving statistics and leaves them', async () => {
    const { base, model } = nested();
    base.trainable = false;
    expect(base.layers.map((l) => l.trainable)).toEqual([false, false]);
    model.compile({ optimizer: sgd({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
    const before = base.getWeights();
    await model.fit(rows, y, { epochs: 2, verbose: 0 });
    expect(sameBits(base.getWeights(), before)).toBe(true);
    base.trainable = true;
    expect(model.trainableWeights).toHaveLength(6);
    model.compile({ optimizer: sgd({ learningRate: 1e-3 }), loss: 'meanSquaredError' });
    await model.fit(rows, y, { epochs: 1, verbose: 0 });
    expect(sameBits(base.getWeights(), before)).toBe(false);
  });

  test('goes down through wrappers when it is set, and not when it is given: as in Keras', () => {
    const inner = layers.timeDistributed({ layer: layers.batchNormalization(), trainable: false });
    expect(inner.layer.trainable).toBe(true);
    inner.trainable = false;
    expect(inner.layer.trainable).toBe(false);
    const both = layers.bidirectional({ layer: layers.lstm({ units: 2 }) });
    both.trainable = false;
    expect([both.forwardLayer.trainable, both.backwardLayer.trainable]).toEqual([false, false]);
    const rnn = layers.rnn({ cell: [layers.gruCell({ units: 2 }), layers.lstmCell({ units: 2 })] });
    rnn.trainable = false;
    expect(rnn.cells.map((c) => c.trainable)).toEqual([false, false]);
    const whole = new Sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })], trainable: false });
    expect(whole.layers[0]?.trainable).toBe(true);
    expect(whole.trainableWeights).toEqual([]);
    // Only some of them again.
    whole.trainable = true;
    (whole.layers[0] as { trainable: boolean }).trainable = false;
    expect(whole.trainableWeights).toEqual([]);
  });
});

describe('masks', () => {
  test('a nested model passes on the mask that its own layers make', async () => {
    const ids = tensor(new Int32Array([1, 2, 0, 0, 3, 0, 0, 0]), [2, 4]);
    const embedding = (): Sequential => new Sequential([layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputShape: [4] })]);
    const encoder = embedding();
    const model = new Sequential([encoder, layers.globalAveragePooling1d()]);
    const flat = new Sequential([
      layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputShape: [4] }),
      layers.globalAveragePooling1d(),
    ]);
    flat.setWeights(model.getWeights());
    expect(sameBits([await model.predict(ids)], [await flat.predict(ids)])).toBe(true);
    const x = input({ shape: [4], dtype: 'int32' });
    const functional = new Model({ inputs: x, outputs: layers.lstm({ units: 2 }).apply(embedding().apply(x)) });
    const flatToo = new Sequential([
      layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputShape: [4] }),
      layers.lstm({ units: 2 }),
    ]);
    flatToo.setWeights(functional.getWeights());
    expect(sameBits([await functional.predict(ids)], [await flatToo.predict(ids)])).toBe(true);
  });
});

describe('timeDistributed around a model', () => {
  test('applies it to every step, with the weights that it has', async () => {
    const perStep = new Sequential([layers.dense({ units: 3, activation: 'relu', inputShape: [2] }), layers.dense({ units: 1 })]);
    const model = new Sequential([layers.timeDistributed({ layer: perStep, inputShape: [2, 2] })]);
    const x = rows.reshape([2, 2, 2]);
    expect(sameBits([(await model.predict(x)).reshape([4, 1])], [await perStep.predict(rows)])).toBe(true);
    const a = input({ shape: [2] });
    const functional = new Model({ inputs: a, outputs: layers.dense({ units: 2 }).apply(a) });
    const wrapped = new Sequential([layers.timeDistributed({ layer: functional, inputShape: [2, 2] })]);
    expect(sameBits([(await wrapped.predict(x)).reshape([4, 2])], [await functional.predict(rows)])).toBe(true);
    // A copy: training it leaves the model alone.
    const before = perStep.getWeights();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(x, tensor([1, 2, 3, 4], [2, 2, 1]), { verbose: 0 });
    expect(sameBits(perStep.getWeights(), before)).toBe(true);
  });
});
