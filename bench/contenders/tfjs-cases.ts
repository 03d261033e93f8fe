import type { NusaxInputs } from '../suites/nusax-bilstm.js';
import type { Job } from '../suites/suite.js';
import type { Cases } from './contender.js';
import type { Tf, TfModel, TfTensor } from './tfjs-api.js';

function sentimentModel(tf: Tf, { shape, weights }: NusaxInputs): TfModel {
  const { T, V, D, U, K } = shape;
  const model = tf.sequential();
  model.add(tf.layers.embedding({ inputDim: V, outputDim: D, inputLength: T }));
  // Its default gate is the piecewise linear one; Keras' is the sigmoid.
  const lstm = tf.layers.lstm({ units: U, recurrentActivation: 'sigmoid' });
  model.add(tf.layers.bidirectional({ layer: lstm, mergeMode: 'concat' }));
  model.add(tf.layers.dense({ units: K, activation: 'softmax' }));
  model.setWeights(weights.map((w) => tf.tensor(w.values, w.shape, 'float32')));
  return model;
}

const numbers = (tensor: TfTensor): Float32Array => Float32Array.from(tensor.dataSync());

function train(tf: Tf, inputs: NusaxInputs): Job {
  const { shape, weights } = inputs;
  const { learningRate, beta1, beta2, epsilon } = inputs.adam;
  const model = sentimentModel(tf, inputs);
  // Here ε is added after the bias correction, in Keras before it: at the first step this ε makes the two the same.
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon / Math.sqrt(1 - beta2));
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  const x = tf.tensor(inputs.ids, [shape.N, shape.T], 'int32');
  const y = tf.tensor(Float32Array.from(inputs.labels), [shape.N], 'float32');
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

function infer(tf: Tf, inputs: NusaxInputs): Job {
  const model = sentimentModel(tf, inputs);
  const x = tf.tensor(inputs.ids, [inputs.shape.N, inputs.shape.T], 'int32');
  // Reading the answer waits for it.
  const predict = (): Float32Array => tf.tidy(() => numbers(model.predictOnBatch(x)));
  return {
    check: () => ({ probabilities: predict() }),
    run: () => void predict(),
  };
}

/** What every backend of TensorFlow.js is asked to do. */
export function tfjsCases(tf: Tf): Cases {
  return {
    'nusax-bilstm-train': (inputs) => train(tf, inputs),
    'nusax-bilstm-infer': (inputs) => infer(tf, inputs),
  };
}
