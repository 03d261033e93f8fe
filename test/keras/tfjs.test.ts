import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import { input, layers, type SymbolicTensor } from '../../src/layers/index.js';
import '../../src/keras/index.js';
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
