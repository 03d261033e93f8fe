import { layers, optimizers, Sequential, tensor, type Precision, type Tensor } from '../../src/index.js';
import type { PredictInputs } from '../suites/predict.js';
import type { CnnInputs } from '../suites/train-cnn.js';
import type { AttentionPart, TextInputs } from '../suites/train-text.js';
import type { Job, NamedArray } from '../suites/suite.js';

function attentionModel({ shape, weights }: TextInputs, { heads, keyDim, inner, outer }: AttentionPart): Sequential {
  const { T, V, D, U, K } = shape;
  const model = new Sequential([
    layers.embedding({ inputDim: V, outputDim: D, inputShape: [T] }),
    layers.lstm({ units: U, returnSequences: true }),
    layers.multiHeadAttention({ numHeads: heads, keyDim }),
    layers.layerNormalization(),
    layers.dense({ units: inner, activation: 'relu' }),
    layers.dense({ units: outer }),
    layers.globalAveragePooling1d(),
    layers.dense({ units: K, activation: 'softmax' }),
  ]);
  model.setWeights(weights.map((w) => tensor(w.values, w.shape)));
  return model;
}

function convolutionModel({ shape, weights }: TextInputs, kernelSize: number): Sequential {
  const { T, V, D, U, K } = shape;
  const model = new Sequential([
    layers.embedding({ inputDim: V, outputDim: D, inputShape: [T] }),
    layers.conv1d({ filters: U, kernelSize, activation: 'relu' }),
    layers.globalMaxPooling1d(),
    layers.dense({ units: K, activation: 'softmax' }),
  ]);
  model.setWeights(weights.map((w) => tensor(w.values, w.shape)));
  return model;
}

function textModel(inputs: TextInputs): Sequential {
  const { shape, weights } = inputs;
  if (shape.attention) return attentionModel(inputs, shape.attention);
  if (shape.kernel !== undefined) return convolutionModel(inputs, shape.kernel);
  const { T, V, D, U, K, lengths } = shape;
  const model = new Sequential([
    layers.embedding({ inputDim: V, outputDim: D, maskZero: lengths !== undefined, inputShape: [T] }),
    layers.bidirectional({ layer: layers.lstm({ units: U }) }),
    layers.dense({ units: K, activation: 'softmax' }),
  ]);
  model.setWeights(weights.map((w) => tensor(w.values, w.shape)));
  return model;
}

function cnnModel({ shape: { H, C, K, filters, dense }, weights }: CnnInputs): Sequential {
  const model = new Sequential([
    ...filters.flatMap((f, i) => [
      layers.conv2d({
        filters: f,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        ...(i === 0 ? { inputShape: [H, H, C] } : {}),
      }),
      layers.maxPooling2d({ poolSize: 2 }),
    ]),
    layers.flatten(),
    layers.dense({ units: dense, activation: 'relu' }),
    layers.dense({ units: K, activation: 'softmax' }),
  ]);
  model.setWeights(weights.map((w) => tensor(w.values, w.shape)));
  return model;
}

const idsOf = ({ ids, shape }: TextInputs): Tensor => tensor(ids, [shape.N, shape.T]);
const imagesOf = ({ x }: CnnInputs): Tensor => tensor(x.values, x.shape);

function train(model: Sequential, x: Tensor, { adam, labels, weights }: CnnInputs | TextInputs, precision: Precision): Job {
  model.compile({ optimizer: optimizers.adam(adam), loss: 'sparseCategoricalCrossentropy', precision });
  const y = tensor(labels);
  return {
    check() {
      const loss = model.trainOnBatch(x, y)['loss'] as number;
      const after = model.getWeights();
      const updates = weights.map((w: NamedArray, i) => {
        const values = (after[i] as Tensor).data();
        return [`update.${w.name}`, w.values.map((before, k) => (values[k] as number) - before)] as const;
      });
      return { loss: Float32Array.of(loss), ...Object.fromEntries(updates) };
    },
    run: () => void model.trainOnBatch(x, y),
  };
}

export const sarafTrainText = (inputs: TextInputs, precision: Precision = 'float32'): Job =>
  train(textModel(inputs), idsOf(inputs), inputs, precision);
export const sarafTrainCnn = (inputs: CnnInputs, precision: Precision = 'float32'): Job =>
  train(cnnModel(inputs), imagesOf(inputs), inputs, precision);

export function sarafPredict(given: PredictInputs): Job {
  const [model, x] =
    given.model === 'cnn' ? [cnnModel(given.inputs), imagesOf(given.inputs)] : [textModel(given.inputs), idsOf(given.inputs)];
  return {
    check: () => ({ probabilities: Float32Array.from((model.predictOnBatch(x)[0] as Tensor).data()) }),
    run: () => void model.predictOnBatch(x),
  };
}
