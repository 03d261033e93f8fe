import { describe, expect, test } from 'vitest';
import { input, layers, Model, optimizers, setSeed, tensor, type Tensor } from '../../src/index.js';
import type { LayerContext, SymbolicShape, SymbolicTensor } from '../../src/layers/layer.js';
import { Layer } from '../../src/layers/layer.js';
import { expectClose, within } from '../helpers/expect-close.js';

const [N, T, V] = [6, 20, 30];
/** Texts of some words, padded; in one of them a word stands twice in a row. */
const IDS = Int32Array.from({ length: N * T }, (_, i) => {
  const [n, t] = [Math.floor(i / T), i % T];
  return t > 3 + n ? 0 : n === 2 ? 5 : 1 + ((7 * n + 3 * t) % (V - 1));
});

/** Hands everything on; that what is behind it comes from a table cannot be seen any more. */
class Passing extends Layer {
  readonly className = 'Passing';
  override get supportsMasking(): boolean {
    return true;
  }
  constructor() {
    super('Passing');
  }
  computeOutputShape(shapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [...shapes];
  }
  forward(inputs: readonly Tensor[]): Tensor[] {
    return [...inputs];
  }
  backward(outputGradients: readonly Tensor[]): (Tensor | null)[] {
    return [...outputGradients];
  }
}

/** Which gradients reached an embedding. */
class Watching extends Layer {
  readonly className = 'Watching';
  seen: Float32Array | null = null;
  ids: Tensor | null | undefined;
  constructor() {
    super('Watching');
  }
  computeOutputShape(shapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [...shapes];
  }
  forward(inputs: readonly Tensor[]): Tensor[] {
    return [...inputs];
  }
  backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    this.ids = ctx.inputIds?.(0);
    this.seen = (outputGradients[0] as Tensor).data().slice() as Float32Array;
    return [...outputGradients];
  }
}

type Build = (words: SymbolicTensor) => SymbolicTensor;
const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

function train(build: Build, apart: boolean, maskZero = false): { weights: Float32Array[]; loss: number } {
  setSeed(5);
  const tokens = input({ shape: [T], dtype: 'int32' });
  let words = one(layers.embedding({ inputDim: V, outputDim: 8, maskZero }).apply(tokens));
  if (apart) words = one(new Passing().apply(words));
  const outputs = layers.dense({ units: 3, activation: 'softmax' }).apply(build(words));
  const model = new Model({ inputs: tokens, outputs });
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.5 }), loss: 'sparseCategoricalCrossentropy' });
  const labels = tensor(
    Int32Array.from({ length: N }, (_, n) => n % 3),
    [N],
  );
  let loss = 0;
  for (let step = 0; step < 4; step++) loss = model.trainOnBatch(tensor(IDS, [N, T]), labels)['loss'] as number;
  return { weights: model.weights.map((w) => w.value.data().slice() as Float32Array), loss };
}

const builds: Record<string, Build> = {
  'a SimpleRNN': (x) => one(layers.simpleRnn({ units: 7 }).apply(x)),
  'an LSTM': (x) => one(layers.lstm({ units: 7 }).apply(x)),
  'a GRU backwards': (x) => one(layers.gru({ units: 7, goBackwards: true }).apply(x)),
  'both directions': (x) => one(layers.bidirectional({ layer: layers.lstm({ units: 7 }) }).apply(x)),
  'an LSTM beside a convolution': (x) =>
    one(
      layers
        .concatenate()
        .apply([
          one(layers.lstm({ units: 7 }).apply(x)),
          one(layers.globalMaxPooling1d().apply(one(layers.conv1d({ filters: 4, kernelSize: 3 }).apply(x)))),
        ]),
    ),
};

describe('a recurrent layer on an embedding takes equal words in a row as one', () => {
  test.each(Object.keys(builds))('%s learns what it does word by word', (name) => {
    const build = builds[name] as Build;
    const [merged, apart] = [train(build, false), train(build, true)];
    expect(merged.loss).toBeCloseTo(apart.loss, 5);
    expect(merged.weights).toHaveLength(apart.weights.length);
    expect(merged.weights).not.toEqual(apart.weights); // the sums have another order
    merged.weights.forEach((w, i) => expectClose(w, apart.weights[i] as Float32Array, within(2e-6)));
  });

  test('not with dropout between them, which changes the words, and as it was where padding is masked', () => {
    const dropping: Build = (x) => one(layers.lstm({ units: 7, dropout: 0.3 }).apply(x));
    expect(train(dropping, false)).toEqual(train(dropping, true));
    const [own, other] = [train(builds['an LSTM'] as Build, false, true), train(builds['an LSTM'] as Build, true, true)];
    own.weights.forEach((w, i) => expectClose(w, other.weights[i] as Float32Array, within(2e-6)));
  });

  test('the gradient of what is not an embedding’s output is that of every step', () => {
    const watching = new Watching();
    train((x) => one(layers.lstm({ units: 7 }).apply(one(watching.apply(x)))), false);
    expect(watching.ids?.size).toBe(N * T);
    const [first, last] = [0, T - 1].map((t) => watching.seen?.subarray(t * 8, t * 8 + 8));
    expect(first?.some((v) => v !== 0)).toBe(true);
    expect(last?.some((v) => v !== 0)).toBe(true);
  });
});
