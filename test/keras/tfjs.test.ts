import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { TFJS_ACTIVATIONS, TFJS_LAYERS } from '../../src/keras/config/model-to-tfjs.js';
import { camel } from '../../src/keras/config/names.js';
import '../../src/keras/index.js';
import { input, layers, type SymbolicTensor } from '../../src/layers/index.js';
import type { Layer } from '../../src/layers/layer.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { expectRejection } from '../helpers/expect-rejection.js';

let folder = '';
beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = mkdtempSync(join(tmpdir(), 'saraf-tfjs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
const wave = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i));

const SEQUENCE = (): Model =>
  new Sequential([
    layers.embedding({ inputDim: 9, outputDim: 4, inputShape: [5] }),
    layers.bidirectional({ layer: layers.lstm({ units: 3, returnSequences: true }) }),
    layers.gru({ units: 4, resetAfter: false }),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
const GRAPH = (): Model => {
  const [a, b] = [input({ shape: [4], name: 'a' }), input({ shape: [4], name: 'b' })];
  const shared = layers.dense({ units: 3, activation: 'relu', name: 'shared' });
  const inner = input({ shape: [3] });
  const nested = new Model({ inputs: inner, outputs: layers.dense({ units: 3, name: 'deep' }).apply(inner), name: 'nested' });
  const u = one(nested.apply(shared.apply(a)));
  const sum = one(layers.add().apply([u, one(shared.apply(b))]));
  return new Model({ inputs: [a, b], outputs: [layers.dense({ units: 1, activation: 'sigmoid', name: 'score' }).apply(sum), sum] });
};

/** What TensorFlow.js reads from a folder in Node: it has no file system of its own without tfjs-node. */
const reader = (path: string): tf.io.IOHandler => ({
  load: async () => {
    const json = JSON.parse(readFileSync(path, 'utf8')) as {
      modelTopology: object;
      weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
    };
    const [group] = json.weightsManifest as [(typeof json.weightsManifest)[number]];
    const bytes = readFileSync(join(path, '..', group.paths[0] as string));
    return {
      modelTopology: json.modelTopology,
      weightSpecs: group.weights,
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    };
  },
});

describe('models of saraf in TensorFlow.js', () => {
  test('a sequence: the same predictions there, the same bits here', async () => {
    const model = SEQUENCE();
    const path = join(folder, 'sequence', 'model.json');
    await model.save(path);
    const ids = Int32Array.from({ length: 10 }, (_, i) => (3 * i) % 9);
    const expected = model.predictOnBatch(tensor(ids, [2, 5]))[0] as ReturnType<typeof tensor>;
    const there = await tfl.loadLayersModel(reader(path));
    const y = there.predict(tf.tensor2d(Array.from(ids), [2, 5])) as tf.Tensor;
    expectClose(y.dataSync() as Float32Array, expected.data(), within(1e-5));
    const again = await loadModel(path);
    expectClose(again.predictOnBatch(tensor(ids, [2, 5]))[0] as typeof expected, expected, exact());
    const other = SEQUENCE();
    await other.loadWeights(path);
    expectClose(other.predictOnBatch(tensor(ids, [2, 5]))[0] as typeof expected, expected, exact());
  });

  test('a graph with a shared layer and a nested model', async () => {
    const model = GRAPH();
    const path = join(folder, 'graph', 'model.json');
    await model.save(path);
    const [a, b] = [wave(12), wave(12).map((v) => v * v)] as [Float32Array, Float32Array];
    const expected = model.predictOnBatch([tensor(a, [3, 4]), tensor(b, [3, 4])]);
    const there = await tfl.loadLayersModel(reader(path));
    const y = there.predict([tf.tensor2d(a, [3, 4]), tf.tensor2d(b, [3, 4])]) as tf.Tensor[];
    expected.forEach((t, i) => expectClose(y[i]?.dataSync() as Float32Array, t.data(), within(1e-5)));
    const again = (await loadModel(path)).predictOnBatch([tensor(a, [3, 4]), tensor(b, [3, 4])]);
    again.forEach((t, i) => expectClose(t, expected[i] as typeof t, exact()));
  });
});

describe('layers that TensorFlow.js has', () => {
  /** By class: the shape of an item, and the layer. */
  const single: readonly (readonly [string, readonly number[], () => Layer])[] = [
    ['Activation', [4], () => layers.activation({ activation: 'silu' })],
    ['AlphaDropout', [4], () => layers.alphaDropout({ rate: 0.3 })],
    ['AveragePooling1D', [8, 3], () => layers.averagePooling1d({ poolSize: 2 })],
    ['AveragePooling2D', [6, 6, 2], () => layers.averagePooling2d({ poolSize: 2 })],
    ['AveragePooling3D', [4, 4, 4, 2], () => layers.averagePooling3d({ poolSize: 2 })],
    ['BatchNormalization', [4], () => layers.batchNormalization()],
    ['Bidirectional', [5, 3], () => layers.bidirectional({ layer: layers.lstm({ units: 3 }), mergeMode: 'sum' })],
    ['Conv1D', [8, 3], () => layers.conv1d({ filters: 2, kernelSize: 3 })],
    ['Conv2D', [6, 6, 3], () => layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' })],
    ['Conv2DTranspose', [5, 5, 3], () => layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })],
    ['Conv3D', [4, 4, 4, 2], () => layers.conv3d({ filters: 2, kernelSize: 2 })],
    ['Conv3DTranspose', [4, 4, 4, 2], () => layers.conv3dTranspose({ filters: 2, kernelSize: 2 })],
    ['Cropping2D', [6, 6, 2], () => layers.cropping2d({ cropping: 1 })],
    ['Dense', [4], () => layers.dense({ units: 3, activation: 'gelu' })],
    ['DepthwiseConv2D', [6, 6, 2], () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 })],
    ['Dropout', [4], () => layers.dropout({ rate: 0.5 })],
    ['ELU', [4], () => layers.elu()],
    ['Embedding', [3], () => layers.embedding({ inputDim: 9, outputDim: 2 })],
    ['Flatten', [2, 3], () => layers.flatten()],
    ['GRU', [5, 3], () => layers.gru({ units: 3, resetAfter: false })],
    ['GRUCell', [5, 3], () => layers.rnn({ cell: layers.gruCell({ units: 3, resetAfter: false }) })],
    ['GaussianDropout', [4], () => layers.gaussianDropout({ rate: 0.3 })],
    ['GaussianNoise', [4], () => layers.gaussianNoise({ stddev: 0.3 })],
    ['GlobalAveragePooling1D', [8, 3], () => layers.globalAveragePooling1d()],
    ['GlobalAveragePooling2D', [4, 4, 3], () => layers.globalAveragePooling2d()],
    ['GlobalMaxPooling1D', [8, 3], () => layers.globalMaxPooling1d()],
    ['GlobalMaxPooling2D', [4, 4, 3], () => layers.globalMaxPooling2d()],
    ['LSTM', [5, 3], () => layers.lstm({ units: 3, returnSequences: true })],
    ['LSTMCell', [5, 3], () => layers.rnn({ cell: layers.lstmCell({ units: 3 }), returnSequences: true })],
    ['LayerNormalization', [4], () => layers.layerNormalization()],
    ['LeakyReLU', [4], () => layers.leakyRelu({ negativeSlope: 0.1 })],
    ['Masking', [5, 3], () => layers.masking()],
    ['MaxPooling1D', [8, 3], () => layers.maxPooling1d({ poolSize: 2 })],
    ['MaxPooling2D', [6, 6, 3], () => layers.maxPooling2d({ poolSize: 2 })],
    ['MaxPooling3D', [4, 4, 4, 2], () => layers.maxPooling3d({ poolSize: 2 })],
    ['PReLU', [4], () => layers.pRelu({ alphaInitializer: 'ones' })],
    ['Permute', [2, 3], () => layers.permute({ dims: [2, 1] })],
    ['RNN', [5, 3], () => layers.rnn({ cell: layers.simpleRnnCell({ units: 3 }) })],
    ['ReLU', [4], () => layers.relu({ maxValue: 0.5 })],
    ['RepeatVector', [4], () => layers.repeatVector({ n: 3 })],
    ['Rescaling', [4], () => layers.rescaling({ scale: 2, offset: 1 })],
    ['Reshape', [4], () => layers.reshape({ targetShape: [2, 2] })],
    ['SeparableConv2D', [6, 6, 2], () => layers.separableConv2d({ filters: 3, kernelSize: 3 })],
    ['SimpleRNN', [5, 3], () => layers.simpleRnn({ units: 3 })],
    ['SimpleRNNCell', [5, 3], () => layers.rnn({ cell: layers.simpleRnnCell({ units: 2 }), goBackwards: true })],
    ['Softmax', [4], () => layers.softmax()],
    ['SpatialDropout1D', [5, 3], () => layers.spatialDropout1d({ rate: 0.3 })],
    ['TimeDistributed', [5, 3], () => layers.timeDistributed({ layer: layers.dense({ units: 2 }) })],
    ['UpSampling2D', [4, 4, 2], () => layers.upSampling2d({ size: 2 })],
    ['ZeroPadding2D', [4, 4, 2], () => layers.zeroPadding2d({ padding: 1 })],
  ];
  const merging = {
    Add: layers.add,
    Average: layers.average,
    Concatenate: layers.concatenate,
    Dot: () => layers.dot({ axes: 1 }),
    Maximum: layers.maximum,
    Minimum: layers.minimum,
    Multiply: layers.multiply,
  };
  const agree = async (model: Model, shape: readonly number[], whole = false): Promise<void> => {
    const path = join(folder, model.name, 'model.json');
    await model.save(path);
    const size = shape.reduce((a, b) => a * b, 2);
    const values = wave(size).map((v, i) => (whole ? i : v));
    const given = whole ? tensor(Int32Array.from(values), [2, ...shape]) : tensor(values, [2, ...shape]);
    const expected = model.predictOnBatch(given)[0] as ReturnType<typeof tensor>;
    const there = (await tfl.loadLayersModel(reader(path))).predict(tf.tensor(Array.from(values), [2, ...shape])) as tf.Tensor;
    expectClose(there.dataSync() as Float32Array, expected.data(), within(1e-5));
    const again = await loadModel(path);
    expectClose(again.predictOnBatch(given)[0] as typeof expected, expected, exact());
  };

  test('each is in the list below', () => {
    expect([...single.map(([name]) => name), ...Object.keys(merging), 'InputLayer'].sort()).toEqual([...TFJS_LAYERS].sort());
  });

  test.each(single)('%s opens there and gives the same numbers', async (name, shape, make) => {
    await agree(new Sequential([layers.inputLayer({ shape: [...shape] }), make()]), shape, name === 'Embedding');
  });

  test.each([...TFJS_ACTIVATIONS])('activation %s gives the same numbers', async (name) => {
    const activation = camel(name) as 'tanh';
    await agree(new Sequential([layers.inputLayer({ shape: [4] }), layers.dense({ units: 3, activation })]), [4]);
  });

  test.each(Object.entries(merging))('%s opens there and gives the same numbers', async (_, make) => {
    const x = input({ shape: [4] });
    const parts = ['tanh', 'sigmoid'].map((activation) => one(layers.activation({ activation: activation as 'tanh' }).apply(x)));
    await agree(new Model({ inputs: x, outputs: one(make().apply(parts)) }), [4]);
  });

  test('what it does not have, or reads as something else, is refused, all of it at once', async () => {
    const model = new Sequential([
      layers.inputLayer({ shape: [8, 3] }),
      layers.conv1d({ filters: 2, kernelSize: 3, padding: 'causal', name: 'first' }),
      layers.zeroPadding1d({ padding: 1, name: 'second' }),
      layers.relu({ negativeSlope: 0.5, name: 'third' }),
      new Sequential([layers.bidirectional({ layer: layers.gru({ units: 2, name: 'deep' }) })]),
      layers.dense({ units: 2, activation: 'hardSigmoid', name: 'last' }),
    ]);
    const path = join(folder, 'refused', 'model.json');
    const error = await expectRejection(model.save(path), 'ERR_ARG', 'first (Conv1D) with causal padding', 'second (ZeroPadding1D)', 'third (ReLU) with', 'resetAfter: true', 'last (Dense) with activation hardSigmoid', '.keras'); // prettier-ignore
    expect(error.message.match(/deep/g)?.length).toBeGreaterThan(0);
    expect(existsSync(path)).toBe(false);
  });
});

describe('models of TensorFlow.js in saraf', () => {
  /** Saves as `model.save('file://…')` of tfjs-node does. */
  async function save(model: tfl.LayersModel, path: string): Promise<void> {
    await model.save(
      {
        save: async (artifacts) => {
          const shard = 'group1-shard1of1.bin';
          const data = artifacts.weightData as ArrayBuffer | ArrayBuffer[];
          writeFileSync(join(path, '..', shard), Buffer.concat((Array.isArray(data) ? data : [data]).map((d) => Buffer.from(d))));
          const { modelTopology, trainingConfig } = artifacts;
          writeFileSync(
            path,
            JSON.stringify({
              format: 'layers-model',
              modelTopology,
              trainingConfig,
              weightsManifest: [{ paths: [shard], weights: artifacts.weightSpecs }],
            }),
          );
          return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
        },
      },
      { includeOptimizer: true },
    );
  }

  test('predictions, and training goes on', async () => {
    const theirs = tfl.sequential({
      layers: [
        tfl.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 2] }),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    theirs.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    const path = join(folder, 'theirs.json');
    await save(theirs, path);
    const x = wave(144);
    const expected = (theirs.predict(tf.tensor4d(x, [2, 6, 6, 2])) as tf.Tensor).dataSync() as Float32Array;
    const model = await loadModel(path);
    expectClose(model.predictOnBatch(tensor(x, [2, 6, 6, 2]))[0] as ReturnType<typeof tensor>, expected, within(1e-5));
    const y = [[1, 0, 0], [0, 0, 1]]; // prettier-ignore
    const loss = (await theirs.trainOnBatch(tf.tensor4d(x, [2, 6, 6, 2]), tf.tensor2d(y))) as number[];
    expectClose([model.trainOnBatch(tensor(x, [2, 6, 6, 2]), tensor(y))['loss'] as number], [loss[0] as number], within(1e-5));
  });

  test('quantized weights are unfolded', async () => {
    const topology = (await (async () => {
      const path = join(folder, 'plain.json');
      await new Sequential([layers.dense({ units: 2, inputShape: [1], useBias: false })]).save(path);
      return JSON.parse(readFileSync(path, 'utf8')) as { modelTopology: object };
    })()).modelTopology; // prettier-ignore
    writeFileSync(join(folder, 'q.bin'), Uint8Array.of(0, 255));
    const weights = [{ name: 'dense/kernel', shape: [1, 2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.01, min: -1 } }];
    const path = join(folder, 'q.json');
    writeFileSync(
      path,
      JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest: [{ paths: ['q.bin'], weights }] }),
    );
    const model = await loadModel(path);
    expectClose(model.weights[0]?.value as ReturnType<typeof tensor>, [-1, 1.55], within(1e-6));
  });

  test('damage is ERR_FORMAT; a shard is looked for beside the file only', async () => {
    const path = join(folder, 'damaged.json');
    await new Sequential([layers.dense({ units: 2, inputShape: [3] })]).save(path);
    const whole = JSON.parse(readFileSync(path, 'utf8')) as { weightsManifest: { paths: unknown[]; weights: Record<string, unknown>[] }[] };
    const refused = async (change: (json: typeof whole) => unknown, ...pieces: string[]): Promise<void> => {
      const json = structuredClone(whole);
      const changed = change(json);
      writeFileSync(path, typeof changed === 'string' ? changed : JSON.stringify(json));
      await expectRejection(loadModel(path), 'ERR_FORMAT', ...pieces);
    };
    const group = (json: typeof whole): (typeof whole)['weightsManifest'][number] => json.weightsManifest[0] as never;
    await refused((j) => Object.assign(j, { format: 'graph-model' }), 'graph model');
    await refused((j) => Object.assign(j, { weightsManifest: 3 }), 'weightsManifest');
    for (const shard of ['../secret.bin', '/etc/passwd', 'http://x/y', 'C:\\x', 7])
      await refused((j) => void (group(j).paths = [shard]), 'the name of a shard');
    await refused((j) => void (group(j).paths = ['absent.bin']), 'absent.bin');
    await refused((j) => ((group(j).weights[0] as object as { shape: number[] }).shape = [3, 1e9]), 'bytes of weights');
    await refused((j) => group(j).weights.pop(), 'bytes of weights');
    await refused((j) => void ((group(j).weights[0] as { dtype: string }).dtype = 'complex64'), 'complex64');
    await refused(() => '{', 'JSON');
  });
});

test('an activation that means something else there is refused, and no file is left', async () => {
  const model = new Sequential([layers.dense({ units: 2, activation: 'hardSigmoid', inputShape: [3] })]);
  const path = join(folder, 'hard', 'model.json');
  await expectRejection(model.save(path), 'ERR_ARG', 'activation hardSigmoid', '.keras');
  expect(existsSync(path)).toBe(false);
});
