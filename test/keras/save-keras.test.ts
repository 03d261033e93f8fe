import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  input,
  Layer,
  layerFromConfig,
  layers,
  resetLayerNames,
  type LayerContext,
  type SymbolicShape,
  type SymbolicTensor,
} from '../../src/layers/index.js';
import { layerFromKeras } from '../../src/keras/config/layer-from-keras.js';
import { layerToKeras } from '../../src/keras/config/model-to-keras.js';
import type { KerasObject } from '../../src/keras/config/names.js';
import '../../src/keras/index.js';
import { Problems } from '../../src/keras/problems.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import * as optimizers from '../../src/optimizers/index.js';
import type { Optimizer } from '../../src/optimizers/optimizer.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { randomTensor } from '../helpers/random-tensor.js';
import { describeWithKeras, openInKeras, plain } from './open-in-keras.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../helpers/keras-fixtures.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-keras-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

interface Sample {
  make(): Model;
  x: Tensor[];
  y: Tensor[];
}

/** Models of many shapes: shared and nested layers, several ends, layers that Keras orders by depth. */
const SAMPLES: Record<string, Sample> = {
  projections: {
    make: () => {
      const x = input({ shape: [4, 6] });
      const memory = input({ shape: [3, 6] });
      const heads = one(layers.einsumDense({ equation: 'abc,cDe->abDe', outputShape: [4, 3, 2], biasAxes: 'De' }).apply(x));
      const query = one(layers.reshape({ targetShape: [4, 6] }).apply(heads));
      const looked = layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }).apply([query, memory]);
      const twice = layers.groupQueryAttention({ headDim: 2, numQueryHeads: 2, numKeyValueHeads: 1, useCausalMask: true });
      const again = twice.apply([one(looked), one(looked)]);
      const model = new Model({ inputs: [x, memory], outputs: [one(again)] });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      return model;
    },
    x: [randomTensor([3, 4, 6]), randomTensor([3, 3, 6], 2)],
    y: [randomTensor([3, 4, 6], 3)],
  },
  volumes: {
    make: () => {
      const model = new Sequential([
        layers.zeroPadding3d({ padding: [1, 0, 1], inputShape: [4, 5, 6, 2] }),
        layers.conv3d({ filters: 4, kernelSize: [2, 3, 3], padding: 'same', activation: 'relu' }),
        layers.spatialDropout3d({ rate: 0 }),
        layers.maxPooling3d({ padding: 'same' }),
        layers.conv3dTranspose({ filters: 3, kernelSize: 2, strides: 2 }),
        layers.cropping3d({ cropping: [[1, 0], [0, 1], [1, 1]] }), // prettier-ignore
        layers.averagePooling3d({ poolSize: [2, 1, 2] }),
        layers.upSampling3d({ size: [1, 2, 1] }),
        layers.globalMaxPooling3d({ keepdims: true }),
        layers.globalAveragePooling3d(),
        layers.dense({ units: 2 }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      return model;
    },
    x: [randomTensor([3, 4, 5, 6, 2])],
    y: [randomTensor([3, 2], 2)],
  },
  text: {
    make: () => {
      const model = new Sequential([
        layers.embedding({ inputDim: 20, outputDim: 6, maskZero: true, inputShape: [7] }),
        layers.bidirectional({ layer: layers.gru({ units: 5, returnSequences: true, resetAfter: false }) }),
        layers.bidirectional({ layer: layers.lstm({ units: 4 }), mergeMode: 'sum' }),
        layers.dropout({ rate: 0 }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ]);
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },
    x: [
      tensor(
        Int32Array.from({ length: 28 }, (_, i) => (i * 7) % 20),
        [4, 7],
      ),
    ],
    y: [tensor(Int32Array.of(0, 2, 1, 1))],
  },
  image: {
    make: () => {
      const model = new Sequential([
        layers.inputLayer({ shape: [8, 6, 2] }),
        layers.conv2d({ filters: 3, kernelSize: [3, 2], padding: 'same', activation: 'relu', kernelInitializer: 'heNormal' }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.layerNormalization(),
        layers.dense({ units: 2 }),
      ]);
      model.compile({ optimizer: optimizers.sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }), loss: 'mse', metrics: ['mae'] });
      return model;
    },
    x: [
      tensor(
        Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)),
        [2, 8, 6, 2],
      ),
    ],
    y: [tensor([[1, 0], [0, 1]])], // prettier-ignore
  },
  graph: {
    make: () => {
      const [a, b] = [input({ shape: [5], name: 'a' }), input({ shape: [4, 5], name: 'b' })];
      const shared = layers.dense({ units: 5, activation: 'tanh', name: 'shared' });
      const inner = input({ shape: [5] });
      const nested = new Model({ inputs: inner, outputs: layers.dense({ units: 5, name: 'deep' }).apply(layers.dense({ units: 5 }).apply(inner)), name: 'block' }); // prettier-ignore
      const u = one(nested.apply(shared.apply(a)));
      const [sequence, h, c] = layers.lstm({ units: 5, returnSequences: true, returnState: true }).apply([b]) as SymbolicTensor[];
      const states = [one(layers.add().apply([u, h as SymbolicTensor])), c as SymbolicTensor];
      const decoded = one(layers.lstm({ units: 5, name: 'decoder' }).apply([sequence as SymbolicTensor, ...states]));
      const z = one(layers.concatenate().apply([one(shared.apply(decoded)), u]));
      const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(z);
      const score = layers.dense({ units: 1, activation: 'sigmoid', name: 'score' }).apply(u);
      const model = new Model({ inputs: [a, b], outputs: [kind, score], name: 'graph' });
      model.compile({
        optimizer: optimizers.adam({ learningRate: optimizers.schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 3, decayRate: 0.5 }) }), // prettier-ignore
        loss: ['categoricalCrossentropy', 'binaryCrossentropy'],
        lossWeights: [1, 0.5],
      });
      return model;
    },
    x: [
      tensor(
        Float32Array.from({ length: 15 }, (_, i) => Math.cos(i)),
        [3, 5],
      ),
      tensor(
        Float32Array.from({ length: 60 }, (_, i) => Math.sin(2 * i)),
        [3, 4, 5],
      ),
    ],
    y: [tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1]]), tensor([[1], [0], [1]])], // prettier-ignore
  },
};

const bits = (t: Tensor): string => {
  const v = t.data();
  return Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64');
};
const slots = (model: Model): string[] => model.trainableWeights.flatMap((w) => model.optimizer.slotsOf(w.value).map(bits));

describe.each(Object.entries(SAMPLES))('a model of saraf: %s', (name, { make, x, y }) => {
  test.each(['.keras', '.h5'])('saved as %s and loaded again it is the same to the bit, and trains on alike', async (extension) => {
    const model = make();
    for (let i = 0; i < 3; i++) model.trainOnBatch(x, y);
    const path = join(folder, `${name}${extension}`);
    await model.save(path);
    const again = await loadModel(path);
    expect(again.weights.map((w) => bits(w.value))).toEqual(again.layers.flatMap((l) => model.getLayer(l.name).weights).filter((w, i, all) => all.indexOf(w) === i).map((w) => bits(w.value))); // prettier-ignore
    expect(again.optimizer.iterations).toBe(3);
    expect(slots(again).sort()).toEqual(slots(model).sort());
    (await again.predictAll(x)).forEach((t, i) => expectClose(t, model.predictOnBatch(x)[i] as Tensor, exact()));
    const [a, b] = [model.trainOnBatch(x, y), again.trainOnBatch(x, y)];
    // A learning rate in a file is a float32.
    expect(Math.abs((a['loss'] as number) - (b['loss'] as number))).toBeLessThan(1e-6);
    const first = readFileSync(path);
    const same = await loadModel(path);
    await same.save(path);
    if (extension === '.keras') expect(readFileSync(path).equals(first), 'the same model gives the same bytes').toBe(true);
  });

  test('weights alone go into a model of the same layers', async () => {
    const from = make();
    const expected = from.weights.map((w) => bits(w.value));
    // What TensorFlow.js does not have is in some of these models: tfjs.test.ts and round-trip.test.ts have `.json`.
    for (const file of ['w.weights.h5', 'w.h5', 'w.keras', 'w.safetensors']) {
      const to = make();
      for (const w of to.weights) w.value.data().fill(0);
      // Whole models give their weights too. Layers of this model must bear the same names in a file that goes by names.
      if (file === 'w.h5' || file === 'w.safetensors') resetLayerNames();
      const source = file === 'w.h5' || file === 'w.safetensors' ? make() : from;
      const path = join(folder, file);
      if (/^w\.(h5|keras)$/.test(file)) await source.save(path);
      else await source.saveWeights(path);
      if (source !== from) resetLayerNames();
      const into = source === from ? to : make();
      for (const w of into.weights) w.value.data().fill(0);
      await into.loadWeights(path);
      expect(
        into.weights.map((w) => bits(w.value)),
        file,
      ).toEqual(source === from ? expected : source.weights.map((w) => bits(w.value)));
    }
  });
});

class Custom extends Layer {
  readonly className = 'Custom';
  override computeOutputShape(shapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [...shapes];
  }
  override forward(inputs: readonly Tensor[]): Tensor[] {
    return [...inputs];
  }
  override backward(gradients: readonly Tensor[], _ctx: LayerContext): Tensor[] {
    return [...gradients];
  }
}

test('what Keras cannot open is refused before anything is written', async () => {
  const path = join(folder, 'custom.keras');
  const model = new Sequential([layers.dense({ units: 2, inputShape: [3] }), new Custom('Custom')]);
  await expectRejection(model.save(path), 'ERR_ARG', 'Custom', 'folder');
  expect(existsSync(path)).toBe(false);
  await expectRejection(new Sequential([layers.dense({ units: 2 })]).save(path), 'ERR_STATE', 'built');
  const old = new Sequential([layers.dense({ units: 2, inputShape: [3], activation: 'hardSigmoidKeras2' })]);
  await expectRejection(old.save(path), 'ERR_ARG', 'hardSigmoidKeras2', 'folder');
  expect(existsSync(path)).toBe(false);
});

test('a file of another model is refused, with every weight that does not fit, and none is changed', async () => {
  const [small, large] = [3, 4].map((units) => new Sequential([layers.dense({ units, inputShape: [2], name: 'first' }), layers.dense({ units: 1, name: 'second' })])); // prettier-ignore
  const path = join(folder, 'other.weights.h5');
  await (small as Sequential).saveWeights(path);
  const before = (large as Sequential).weights.map((w) => bits(w.value));
  const error = await expectRejection(
    (large as Sequential).loadWeights(path),
    'ERR_FORMAT',
    'layers/dense/vars/0',
    'expected shape (2,4), received (2,3)',
  );
  expect(error.message).toContain('layers/dense_1/vars/0');
  expect((large as Sequential).weights.map((w) => bits(w.value))).toEqual(before);
});

test('a link that leads back to a group above is no hang', async () => {
  const model = new Sequential([layers.dense({ units: 2, inputShape: [3] })]);
  const path = join(folder, 'links.h5');
  await model.save(path);
  const { ready, File } = await import('h5wasm');
  const { FS } = await ready;
  FS.writeFile('/links.h5', readFileSync(path));
  const file = new File('/links.h5', 'a');
  file.create_soft_link('/', 'up');
  file.create_soft_link('/model_weights', 'again');
  file.close();
  writeFileSync(path, FS.readFile('/links.h5'));
  expect((await loadModel(path)).weights.map((w) => bits(w.value))).toEqual(model.weights.map((w) => bits(w.value)));
});

test('an optimizer comes with the weights only if asked for, and all or nothing', async () => {
  const make = (optimizer: Parameters<Model['compile']>[0]['optimizer'] | null): Model => {
    const model = new Sequential([layers.dense({ units: 3, inputShape: [2], name: 'only' })]);
    if (optimizer) model.compile({ optimizer, loss: 'meanSquaredError' });
    return model;
  };
  const [x, y] = [tensor([[1, 2]]), tensor([[0, 1, 0]])];
  const trained = make('adam');
  for (let i = 0; i < 3; i++) trained.trainOnBatch(x, y);
  const path = join(folder, 'state.weights.h5');
  await trained.saveWeights(path);
  const other = make('adam');
  await other.loadWeights(path);
  expect(other.optimizer.iterations).toBe(0);
  await other.loadWeights(path, { optimizer: true });
  expect(other.optimizer.iterations).toBe(3);
  expect(slots(other)).toEqual(slots(trained));
  expect(other.trainOnBatch(x, y)).toEqual(trained.trainOnBatch(x, y));

  const before = make('adam');
  await before.saveWeights(path);
  await other.loadWeights(path, { optimizer: true });
  expect([other.optimizer.iterations, slots(other)]).toEqual([0, slots(before)]);

  await trained.saveWeights(path);
  await expectRejection(make(null).loadWeights(path, { optimizer: true }), 'ERR_STATE', 'compile');
  const another = make(optimizers.adam({ amsgrad: true }));
  const kept = another.weights.map((w) => bits(w.value));
  await expectRejection(another.loadWeights(path, { optimizer: true }), 'ERR_FORMAT', 'optimizer', '3 arrays for each of 2 weights');
  expect(another.weights.map((w) => bits(w.value))).toEqual(kept);
  await make(null).saveWeights(path);
  await expectRejection(other.loadWeights(path, { optimizer: true }), 'ERR_FORMAT', 'optimizer', 'the file has none');
});

/** A Python that has Keras 3, or the reason why there is none. */
describeWithKeras('real Keras opens what saraf wrote', () => {
  test("models of saraf: predictions, the optimizer's state, a step of training", { timeout: 180_000 }, async () => {
    const jobs: { path: string; inputs: object[]; targets?: object[] }[] = [];
    const expected: { outputs: Tensor[]; after: Tensor[] | null }[] = [];
    for (const [name, { make, x, y }] of Object.entries(SAMPLES)) {
      for (const extension of ['.keras', '.h5']) {
        const model = make();
        for (let i = 0; i < 3; i++) model.trainOnBatch(x, y);
        const path = join(folder, `open-${name}${extension}`);
        await model.save(path);
        // Keras itself cannot train on from an .h5 file: its optimizer there forgets which variables it was built for.
        const trains = extension === '.keras';
        jobs.push({ path, inputs: x.map(plain), ...(trains ? { targets: y.map(plain) } : {}) });
        const outputs = model.predictOnBatch(x);
        if (trains) model.trainOnBatch(x, y);
        expected.push({ outputs, after: trains ? model.predictOnBatch(x) : null });
      }
    }
    openInKeras(jobs).forEach((opened, i) => {
      const { path } = jobs[i] as (typeof jobs)[number];
      expect(opened.error, path).toBeUndefined();
      const { outputs, after } = expected[i] as (typeof expected)[number];
      outputs.forEach((t, k) => expectClose(opened.outputs[k] ?? [], t.data(), within(1e-5), `${path}: output ${k}`));
      if (!after) return;
      expect(opened.iterations, path).toBe(3);
      // With repeated tokens Keras squares an embedding's gradient piece by piece, see the fixtures.
      after.forEach((t, k) =>
        expectClose(opened.after?.[k] ?? [], t.data(), within(path.includes('text') ? 2e-3 : 2e-5), `${path}: after a step ${k}`),
      );
    });
  });

  test('the state of every optimizer: loaded again it is the same, and Keras trains on as saraf does', { timeout: 180_000 }, async () => {
    const rate = { learningRate: 0.02 };
    const OPTIMIZERS: Record<string, () => Optimizer> = {
      adadelta: () => optimizers.adadelta({ learningRate: 1 }),
      adagrad: () => optimizers.adagrad(rate),
      adam: () => optimizers.adam({ ...rate, amsgrad: true }),
      adamax: () => optimizers.adamax(rate),
      adamw: () => optimizers.adamw({ ...rate, weightDecay: 0.05, clipnorm: 0.5 }),
      ftrl: () => optimizers.ftrl(rate),
      lion: () => optimizers.lion(rate),
      nadam: () => optimizers.nadam(rate),
      'nadam with averages': () => optimizers.nadam({ ...rate, useEma: true, emaMomentum: 0.8 }),
      'nadam with accumulation': () => optimizers.nadam({ ...rate, gradientAccumulationSteps: 2 }),
      rmsprop: () => optimizers.rmsprop({ ...rate, centered: true, momentum: 0.5 }),
      sgd: () => optimizers.sgd(rate),
      'sgd with accumulation': () => optimizers.sgd({ ...rate, momentum: 0.9, nesterov: true, gradientAccumulationSteps: 3 }),
    };
    const [x, y] = [randomTensor([5, 4]), randomTensor([5, 2], 3)];
    const jobs: object[] = [];
    const expected: Tensor[] = [];
    for (const [name, optimizer] of Object.entries(OPTIMIZERS)) {
      const model = new Sequential([layers.dense({ units: 3, activation: 'tanh', inputShape: [4] }), layers.dense({ units: 2 })]);
      model.compile({ optimizer: optimizer(), loss: 'meanSquaredError' });
      for (let i = 0; i < 3; i++) model.trainOnBatch(x, y);
      for (const extension of ['.keras', '.h5']) {
        const path = join(folder, `${name}${extension}`);
        await model.save(path);
        const again = await loadModel(path);
        expect([again.optimizer.iterations, slots(again)], path).toEqual([3, slots(model)]);
      }
      jobs.push({ path: join(folder, `${name}.keras`), inputs: [plain(x)], targets: [plain(y)] });
      model.trainOnBatch(x, y);
      expected.push(model.predictOnBatch(x)[0] as Tensor);
    }
    openInKeras(jobs).forEach((opened, i) => {
      const name = Object.keys(OPTIMIZERS)[i];
      expect(opened.error, name).toBeUndefined();
      expectClose(opened.after?.[0] ?? [], (expected[i] as Tensor).data(), within(2e-5), `${name}: after a step`);
    });
  });

  test.skipIf(!fixtureFolder)('the configuration of every layer of the fixtures', { timeout: 180_000 }, () => {
    const names: string[] = [];
    const jobs = readdirSync(join(fixtureFolder as string, 'layers'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const { layer } = readFixture<{ layer: KerasObject }>('layers', file);
        if (layer.class_name === 'Sequential') return [];
        names.push(file);
        const config = layerFromKeras(layer, file, { problems: new Problems('', '', ''), version: 3 });
        return [{ layer: layerToKeras(layerFromConfig(config)) }];
      });
    expect(jobs.length).toBeGreaterThan(580);
    expect(openInKeras(jobs).flatMap(({ error }, i) => (error ? `${names[i]}: ${error}` : []))).toEqual([]);
  });

  test.skipIf(!fixtureFolder)('every model of the fixtures that loads', { timeout: 600_000 }, async () => {
    const jobs: { path: string; inputs: object[] }[] = [];
    const predictions: FixtureArray[][] = [];
    for (const name of readdirSync(join(fixtureFolder as string, 'models'))) {
      const reference = readFixture<{ files: string[]; inputs: FixtureArray[]; predictions: FixtureArray[] }>(
        'models',
        name,
        'reference.json',
      );
      const file = reference.files.find((f) => f.endsWith('.keras')) ?? 'model.h5';
      const model = await loadModel(join(fixtureFolder as string, 'models', name, file), { compile: false }).catch(() => null);
      for (const extension of model ? ['.keras', '.h5'] : []) {
        const path = join(folder, `fixture-${name}${extension}`);
        await (model as Model).save(path);
        jobs.push({ path, inputs: reference.inputs.map((a) => plain(fixtureTensor(a))) });
        predictions.push(reference.predictions);
      }
    }
    expect(jobs.length).toBeGreaterThan(15);
    openInKeras(jobs).forEach((opened, i) => {
      const { path } = jobs[i] as (typeof jobs)[number];
      expect(opened.error, path).toBeUndefined();
      predictions[i]?.forEach((p, k) =>
        expectClose(opened.outputs[k] ?? [], fixtureTensor(p).data(), within(1e-5), `${path}: output ${k}`),
      );
    });
  });
});
