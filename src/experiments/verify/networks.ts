import { createHash } from 'node:crypto';
import { backend } from '../../backend/current.js';
import { setSeed } from '../../initializers/seed.js';
import { layers, resetLayerNames } from '../../layers/index.js';
import { Sequential } from '../../models/sequential.js';
import { tensor, zeros, type Tensor } from '../../tensor/tensor.js';

/** One fixed network with its data. */
export interface FixedNetwork {
  readonly name: string;
  readonly model: () => Sequential;
  readonly x: () => Tensor;
  readonly rows: number;
  readonly classes: number;
  readonly batchSize: number;
  readonly epochs: number;
}

// Any seed will do, but it must never change: the recorded hashes belong to it.
const SEED = 20240607;

/** Values in [-1, 1) from the counter-based generator, the same on every machine. */
function floats(stream: number, shape: readonly number[]): Tensor {
  const x = zeros(shape);
  backend().randomUniform(x.storage, -1, 1, SEED, stream);
  return x;
}

/** Whole numbers in [low, high). */
function integers(stream: number, count: number, low: number, high: number): Int32Array {
  const x = zeros([count]);
  backend().randomUniform(x.storage, low, high, SEED, stream);
  return Int32Array.from(x.data(), (v) => Math.min(high - 1, Math.floor(v)));
}

/** Token numbers with padding of different lengths at the end, so that masks have work to skip. */
function tokens(stream: number, rows: number, length: number, vocabulary: number): Tensor {
  const ids = integers(stream, rows * length, 1, vocabulary);
  const lengths = integers(stream + 1, rows, 3, length + 1);
  for (let r = 0; r < rows; r++) ids.fill(0, r * length + (lengths[r] ?? length), (r + 1) * length);
  return tensor(ids, [rows, length]);
}

/**
 * The four networks of `saraf verify`. Their sums run over more than one chunk of 256 with odd tails (297 = 33·9 channels
 * and taps, 261, 259 and 257 features; weight gradients over more than 2,048 steps, so that batch groups are added too), no size is a multiple of a vector, the last batch
 * is smaller than the others, and each has dropout: a kernel that sums in another order on some machine shows here.
 */
export const FIXED_NETWORKS: readonly FixedNetwork[] = [
  {
    name: 'CNN',
    rows: 41,
    classes: 7,
    batchSize: 16,
    epochs: 2,
    x: () => floats(10, [41, 19, 17, 5]),
    model: () =>
      new Sequential([
        layers.conv2d({ filters: 33, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [19, 17, 5] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 37, kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.averagePooling2d({ poolSize: 2 }),
        layers.dropout({ rate: 0.3 }),
        layers.flatten(),
        layers.dense({ units: 43, activation: 'tanh' }),
        layers.dense({ units: 7, activation: 'softmax' }),
      ]),
  },
  {
    name: 'SimpleRNN',
    rows: 61,
    classes: 3,
    batchSize: 48,
    epochs: 2,
    x: () => floats(20, [61, 47, 261]),
    model: () =>
      new Sequential([
        layers.simpleRnn({ units: 67, returnSequences: true, inputShape: [47, 261] }),
        layers.dropout({ rate: 0.4 }),
        layers.simpleRnn({ units: 35 }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ]),
  },
  {
    name: 'LSTM',
    rows: 101,
    classes: 3,
    batchSize: 96,
    epochs: 1,
    x: () => tokens(30, 101, 49, 101),
    model: () =>
      new Sequential([
        layers.embedding({ inputDim: 101, outputDim: 259, maskZero: true, inputShape: [49] }),
        layers.lstm({ units: 65 }),
        layers.dropout({ rate: 0.5 }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ]),
  },
  {
    name: 'GRU',
    rows: 101,
    classes: 5,
    batchSize: 96,
    epochs: 1,
    x: () => tokens(40, 101, 45, 97),
    model: () =>
      new Sequential([
        layers.embedding({ inputDim: 97, outputDim: 257, maskZero: true, inputShape: [45] }),
        layers.bidirectional({ layer: layers.gru({ units: 41, returnSequences: true }) }),
        layers.layerNormalization(),
        layers.gru({ units: 29 }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 5, activation: 'softmax' }),
      ]),
  },
];

/** Trains one network from its fixed seed and returns the SHA-256 of all final weights, in the order of the layers. */
export async function trainedHash(network: FixedNetwork): Promise<string> {
  resetLayerNames();
  setSeed(SEED);
  const model = network.model();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const labels = integers(1, network.rows, 0, network.classes);
  await model.fit(network.x(), tensor(labels, [network.rows]), {
    epochs: network.epochs,
    batchSize: network.batchSize,
    shuffle: true,
    verbose: 0,
  });
  const hash = createHash('sha256');
  for (const layer of model.layers) {
    for (const weight of layer.weights) {
      const values = weight.value.data();
      hash.update(`${weight.value.shape.join(',')}\n`);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return hash.digest('hex');
}
