import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { input, layers, Model, Sequential, setSeed, tensor, type Tensor } from '../../src/index.js';
import { MaxPooling2D } from '../../src/layers/max-pooling2d.js';

/** A class of its own is never absorbed. */
class OwnPooling extends MaxPooling2D {}

const { native } = loadAddon();
const values = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7));

function train(pooling: () => MaxPooling2D): { weights: Tensor[]; y: Tensor; calls: Record<string, number> } {
  setSeed(3);
  const model = new Sequential([
    layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [9, 8, 2] }),
    pooling(),
    layers.conv2d({ filters: 5, kernelSize: 2 }),
    pooling(),
    layers.flatten(),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = tensor(values(4 * 9 * 8 * 2), [4, 9, 8, 2]);
  native.resetKernelsRun();
  for (let i = 0; i < 3; i++) model.trainOnBatch(x, tensor(Int32Array.of(0, 1, 2, 1), [4]));
  return { weights: model.weights.map((w) => w.value), y: model.predictOnBatch(x)[0] as Tensor, calls: native.kernelsRun() };
}
const count = (calls: Record<string, number>, kernel: string): number =>
  Object.entries(calls).reduce((sum, [name, n]) => (name.startsWith(`${kernel}__`) ? sum + n : sum), 0);

describe('a convolution absorbs the 2×2 max pooling behind it', () => {
  test('same bits as the two layers apart', () => {
    const joined = train(() => layers.maxPooling2d({ poolSize: 2 }));
    const apart = train(() => new OwnPooling({ poolSize: 2 }));
    expect(count(joined.calls, 'f32_max_pool_fwd')).toBe(0);
    expect(count(joined.calls, 'f32_conv_pool_fwd')).toBe(8);
    expect(count(joined.calls, 'f32_conv_pool_bwd_weights')).toBe(3);
    expect(count(apart.calls, 'f32_max_pool_bwd')).toBe(6);
    expect(count(apart.calls, 'f32_conv_pool_fwd')).toBe(0);
    expect([...joined.y.data()]).toEqual([...apart.y.data()]);
    joined.weights.forEach((w, i) => expect([...w.data()]).toEqual([...(apart.weights[i] as Tensor).data()]));
  });

  test('not where something else uses the output of the convolution, or the pooling is another one', () => {
    const calls = (build: (x: ReturnType<typeof input>) => Model): Record<string, number> => {
      native.resetKernelsRun();
      build(input({ shape: [6, 6, 2] })).predictOnBatch(tensor(values(72), [1, 6, 6, 2]));
      return native.kernelsRun();
    };
    const conv = (activation: 'relu' | 'tanh'): ReturnType<typeof layers.conv2d> =>
      layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation });
    const pool = (): MaxPooling2D => layers.maxPooling2d({ poolSize: 2 });
    const both = calls((x) => {
      const z = conv('relu').apply(x);
      return new Model({ inputs: [x], outputs: [pool().apply(z), z] });
    });
    const tanh = calls((x) => new Model({ inputs: [x], outputs: [pool().apply(conv('tanh').apply(x))] }));
    const same = calls(
      (x) => new Model({ inputs: [x], outputs: [layers.maxPooling2d({ poolSize: 2, padding: 'same' }).apply(conv('relu').apply(x))] }),
    );
    const yes = calls((x) => new Model({ inputs: [x], outputs: [pool().apply(conv('relu').apply(x))] }));
    for (const c of [both, tanh, same]) expect(count(c, 'f32_conv_pool_fwd')).toBe(0);
    expect(count(yes, 'f32_conv_pool_fwd')).toBe(1);
  });
});
