import type { AttentionInputs } from '../suites/attention.js';
import type { ConvInputs } from '../suites/conv.js';
import type { GemmInputs } from '../suites/gemm.js';
import type { LayerInputs } from '../suites/layer-inputs.js';
import type { PoolInputs } from '../suites/pool.js';
import { resetBefore, type RecurrentInputs } from '../suites/recurrent.js';
import type { Job, NamedArray, Outputs, Shape } from '../suites/suite.js';
import type { Tf, TfTensor } from './tfjs-api.js';

export const numbers = (tensor: TfTensor): Float32Array => Float32Array.from(tensor.dataSync());
export const put = (tf: Tf, { values, shape }: NamedArray): TfTensor => tf.tensor(values, shape, 'float32');

/** Runs and throws away; the operations are done when they return. */
const dropped = (tf: Tf, work: () => unknown) => (): void => {
  tf.tidy(() => {
    work();
  });
};

/** Outputs under their names, read before they are thrown away. */
const named = (tf: Tf, names: readonly string[], work: () => TfTensor[]): Outputs =>
  tf.tidy(() => {
    const list = work();
    return Object.fromEntries(names.map((name, i) => [name, numbers(list[i] as TfTensor)]));
  });

export function gemm(tf: Tf, { shape: { M, N, K }, a, b }: GemmInputs): Job {
  const [x, w] = [tf.tensor(a, [M, K], 'float32'), tf.tensor(b, [K, N], 'float32')];
  return { check: () => named(tf, ['y'], () => [tf.matMul(x, w)]), run: dropped(tf, () => tf.matMul(x, w)) };
}

/** A function of x and weights; training asks for the gradients of them all. */
function functionJob<S extends Shape>(tf: Tf, inputs: LayerInputs<S>, f: (...all: TfTensor[]) => TfTensor): Job {
  const all = [inputs.x, ...inputs.weights].map((t) => put(tf, t));
  if (inputs.dy === null) return { check: () => named(tf, ['y'], () => [f(...all)]), run: dropped(tf, () => f(...all)) };
  const dy = put(tf, inputs.dy);
  const gradients = tf.grads(f);
  const names = ['dx', ...inputs.weights.map((w) => `d${w.name}`)];
  return { check: () => named(tf, names, () => gradients(all, dy)), run: dropped(tf, () => gradients(all, dy)) };
}

export function conv(tf: Tf, inputs: ConvInputs): Job {
  const { s } = inputs.shape;
  return functionJob(tf, inputs, (...[x, w, b]) => tf.add(tf.conv2d(x as TfTensor, w as TfTensor, s, 'same'), b as TfTensor));
}

export function pool(tf: Tf, inputs: PoolInputs): Job {
  const { kind, k } = inputs.shape;
  return functionJob(tf, inputs, (...[x]) => (kind === 'max' ? tf.maxPool : tf.avgPool)(x as TfTensor, k, k, 'valid'));
}

export function recurrent(tf: Tf, inputs: RecurrentInputs): Job {
  const { cell, bidirectional, U } = inputs.shape;
  const options = { units: U, returnSequences: true };
  const gated = { ...options, recurrentActivation: 'sigmoid' };
  const layer =
    cell === 'rnn'
      ? tf.layers.simpleRNN(options)
      : cell === 'lstm'
        ? tf.layers.lstm(gated)
        : tf.layers.gru({ ...gated, resetAfter: false });
  const whole = bidirectional ? tf.layers.bidirectional({ layer, mergeMode: 'concat' }) : layer;
  const x = tf.variable(put(tf, inputs.x));
  // It has no reset after the product: its own kind of GRU is compared with the same kind.
  const weights = cell === 'gru' ? resetBefore(inputs.weights) : inputs.weights;
  tf.tidy(() => void whole.apply(x));
  whole.setWeights(weights.map((w) => put(tf, w)));
  const variant = cell === 'gru' ? { variant: 'resetBefore', note: () => 'its GRU resets before the product' } : {};
  if (inputs.dy === null) {
    return { ...variant, check: () => named(tf, ['y'], () => [whole.apply(x)]), run: dropped(tf, () => whole.apply(x)) };
  }
  const dy = put(tf, inputs.dy);
  const of = [x, ...whole.trainableWeights.map((w) => w.val)];
  const gradients = (): TfTensor[] => {
    const { grads } = tf.variableGrads(() => tf.sum(tf.mul(whole.apply(x), dy)), of);
    return of.map((v) => grads[v.name] as TfTensor);
  };
  const names = ['dx', ...weights.map((w) => `d${w.name}`)];
  return { ...variant, check: () => named(tf, names, gradients), run: dropped(tf, gradients) };
}

export function attention(tf: Tf, inputs: AttentionInputs): Job {
  const { N, T, U, heads } = inputs.shape;
  const split = (from: TfTensor): TfTensor => tf.transpose(tf.reshape(from, [N, T, heads, U / heads]), [0, 2, 1, 3]);
  return functionJob(tf, inputs, (x, ...list) => {
    const dense = (from: TfTensor, i: number): TfTensor => tf.add(tf.matMul(from, list[2 * i] as TfTensor), list[2 * i + 1] as TfTensor);
    const input = tf.reshape(x as TfTensor, [N * T, U]);
    const [q, k, v] = [split(dense(input, 0)), split(dense(input, 1)), split(dense(input, 2))] as const;
    const shares = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(U / heads)));
    return tf.reshape(dense(tf.reshape(tf.transpose(tf.matMul(shares, v), [0, 2, 1, 3]), [N * T, U]), 3), [N, T, U]);
  });
}
