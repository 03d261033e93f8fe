import type { PredictInputs } from '../suites/predict.js';
import type { CnnInputs } from '../suites/train-cnn.js';
import type { TextInputs } from '../suites/train-text.js';
import type { Job } from '../suites/suite.js';
import type { Tf, TfModel, TfTensor } from './tfjs-api.js';
import { trainAttentionText } from './tfjs-attention.js';
import { numbers, put } from './tfjs-ops.js';

function textModel(tf: Tf, { shape, weights }: TextInputs): TfModel {
  const { T, V, D, U, K, lengths, kernel } = shape;
  const model = tf.sequential();
  model.add(tf.layers.embedding({ inputDim: V, outputDim: D, inputLength: T, maskZero: lengths !== undefined }));
  if (kernel !== undefined) {
    model.add(tf.layers.conv1d({ filters: U, kernelSize: kernel, activation: 'relu' }));
    model.add(tf.layers.globalMaxPooling1d());
  } else {
    // Its default gate is the piecewise linear one; Keras' is the sigmoid.
    const lstm = tf.layers.lstm({ units: U, recurrentActivation: 'sigmoid' });
    model.add(tf.layers.bidirectional({ layer: lstm, mergeMode: 'concat' }));
  }
  model.add(tf.layers.dense({ units: K, activation: 'softmax' }));
  model.setWeights(weights.map((w) => put(tf, w)));
  return model;
}

function cnnModel(tf: Tf, { shape: { H, C, K, filters, dense }, weights }: CnnInputs): TfModel {
  const model = tf.sequential();
  filters.forEach((f, i) => {
    const first = i === 0 ? { inputShape: [H, H, C] } : {};
    model.add(tf.layers.conv2d({ filters: f, kernelSize: 3, padding: 'same', activation: 'relu', ...first }));
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  });
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: dense, activation: 'relu' }));
  model.add(tf.layers.dense({ units: K, activation: 'softmax' }));
  model.setWeights(weights.map((w) => put(tf, w)));
  return model;
}

const idsOf = (tf: Tf, { ids, shape }: TextInputs): TfTensor => tf.tensor(ids, [shape.N, shape.T], 'int32');

function train(tf: Tf, model: TfModel, x: TfTensor, { adam, labels, weights }: CnnInputs | TextInputs): Job {
  const { learningRate, beta1, beta2, epsilon } = adam;
  // Here ε is added after the bias correction, in Keras before it: at the first step this ε makes the two the same.
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon / Math.sqrt(1 - beta2));
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  const y = tf.tensor(Float32Array.from(labels), [labels.length], 'float32');
  const step = async (): Promise<number> => {
    const loss = await model.trainOnBatch(x, y);
    return Array.isArray(loss) ? (loss[0] as number) : loss;
  };
  return {
    async check() {
      const loss = await step();
      const after = model.getWeights();
      const updates = weights.map((w, i) => {
        const values = numbers(after[i] as TfTensor);
        return [`update.${w.name}`, values.map((v, k) => v - (w.values[k] as number))] as const;
      });
      return { loss: Float32Array.of(loss), ...Object.fromEntries(updates) };
    },
    async run() {
      await step();
    },
  };
}

export const trainText = (tf: Tf, inputs: TextInputs): Job =>
  inputs.shape.attention
    ? trainAttentionText(tf, inputs, inputs.shape.attention)
    : train(tf, textModel(tf, inputs), idsOf(tf, inputs), inputs);
export const trainCnn = (tf: Tf, inputs: CnnInputs): Job => train(tf, cnnModel(tf, inputs), put(tf, inputs.x), inputs);

export function predict(tf: Tf, given: PredictInputs): Job {
  const [model, x] =
    given.model === 'cnn' ? [cnnModel(tf, given.inputs), put(tf, given.inputs.x)] : [textModel(tf, given.inputs), idsOf(tf, given.inputs)];
  // Reading the answer waits for it.
  const once = (): Float32Array => tf.tidy(() => numbers(model.predictOnBatch(x)));
  return { check: () => ({ probabilities: once() }), run: () => void once() };
}
