import type { AttentionPart, TextInputs } from '../suites/train-text.js';
import type { Job } from '../suites/suite.js';
import type { Tf, TfTensor, TfVariable } from './tfjs-api.js';
import { numbers, put } from './tfjs-ops.js';

/** Keras' default. */
const NORM_EPSILON = 1e-3;

/**
 * A training step of the model with attention. TensorFlow.js has no layer of multi-head attention: the model is written in its
 * operations, but for the LSTM, which is its own layer.
 */
export function trainAttentionText(tf: Tf, { shape, ids, labels, weights, adam }: TextInputs, part: AttentionPart): Job {
  const { N, T, D, U, K } = shape;
  const { heads, keyDim, outer } = part;
  // Its default gate is the piecewise linear one; Keras' is the sigmoid.
  const lstm = tf.layers.lstm({ units: U, returnSequences: true, recurrentActivation: 'sigmoid' });
  const x = tf.tensor(ids, [N * T], 'int32');
  tf.tidy(() => void lstm.apply(tf.tensor(new Float32Array(N * T * D), [N, T, D], 'float32')));
  lstm.setWeights(weights.slice(1, 4).map((w) => put(tf, w)));
  const width = heads * keyDim;
  // As matrices: the products here are of two axes.
  const variables = weights.map((w, i): TfVariable => {
    if (i >= 1 && i < 4) return (lstm.trainableWeights[i - 1] as { val: TfVariable }).val;
    const to =
      w.name === 'output.kernel' ? [width, U] : w.shape.length === 3 ? [U, width] : w.name.endsWith('.bias') ? [w.values.length] : w.shape;
    return tf.variable(tf.tensor(w.values, to, 'float32'));
  });
  const named = new Map(weights.map((w, i) => [w.name, variables[i] as TfVariable]));
  const at = (name: string): TfVariable => named.get(name) as TfVariable;
  const dense = (from: TfTensor, name: string): TfTensor => tf.add(tf.matMul(from, at(`${name}.kernel`)), at(`${name}.bias`));
  const split = (from: TfTensor): TfTensor => tf.transpose(tf.reshape(from, [N, T, heads, keyDim]), [0, 2, 1, 3]);
  const classes = tf.oneHot(tf.tensor(labels, [N], 'int32'), K);

  const loss = (): TfTensor => {
    const states = tf.reshape(lstm.apply(tf.reshape(tf.gather(at('embedding'), x), [N, T, D])), [N * T, U]);
    const [q, k, v] = [split(dense(states, 'query')), split(dense(states, 'key')), split(dense(states, 'value'))] as const;
    const shares = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(keyDim)));
    const mixed = dense(tf.reshape(tf.transpose(tf.matMul(shares, v), [0, 2, 1, 3]), [N * T, width]), 'output');
    const { mean, variance } = tf.moments(mixed, -1, true);
    const normal = tf.div(tf.sub(mixed, mean), tf.sqrt(tf.add(variance, NORM_EPSILON)));
    const scaled = tf.add(tf.mul(normal, at('gamma')), at('beta'));
    const last = dense(tf.relu(dense(scaled, 'inner')), 'outer');
    return tf.losses.softmaxCrossEntropy(classes, dense(tf.mean(tf.reshape(last, [N, T, outer]), 1), 'dense'));
  };
  // As in the other models: its ε counts after the bias correction.
  const optimizer = tf.train.adam(adam.learningRate, adam.beta1, adam.beta2, adam.epsilon / Math.sqrt(1 - adam.beta2));
  const step = (): number =>
    tf.tidy(() => {
      const value = optimizer.minimize(loss, true, variables);
      return (value as TfTensor).dataSync()[0] as number;
    });
  return {
    check() {
      const value = step();
      const updates = weights.map((w, i) => [
        `update.${w.name}`,
        numbers(variables[i] as TfVariable).map((after, k) => after - (w.values[k] as number)),
      ]);
      return { loss: Float32Array.of(value), ...(Object.fromEntries(updates) as Record<string, Float32Array>) };
    },
    run: () => void step(),
  };
}
