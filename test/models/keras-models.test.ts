import { describe, expect, test } from 'vitest';
import { input, Layer, layers, type LayerContext, type SymbolicShape, type SymbolicTensor } from '../../src/layers/index.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import type { LossIdentifier } from '../../src/losses/index.js';
import * as optimizers from '../../src/optimizers/index.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../helpers/keras-fixtures.js';

interface ModelFixture {
  inputs: FixtureArray[];
  predictions: FixtureArray[];
  weights: FixtureArray[];
  training: {
    optimizer: { class_name: string; learning_rate: number };
    loss: string | string[];
    loss_weights: number[] | null;
    batches: { inputs: FixtureArray[]; targets: FixtureArray[] }[];
    steps: number[];
    losses: number[];
    final_weights: FixtureArray[];
    final_predictions: FixtureArray[];
  };
}

/** Element by element, as a user would write it: forward and backward. */
class Product extends Layer {
  readonly className = 'Product';
  constructor(private readonly minus: boolean) {
    super('Product');
  }
  override computeOutputShape(shapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [shapes[0] as SymbolicShape];
  }
  override forward([a, b]: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [u, v] = [a as Tensor, b as Tensor];
    const y = ctx.buffer('y', u.shape);
    const [p, q, out] = [u.data(), v.data(), y.data()];
    for (let i = 0; i < out.length; i++) out[i] = this.minus ? (p[i] as number) - (q[i] as number) : (p[i] as number) * (q[i] as number);
    this.remember(ctx, { u, v });
    return [y];
  }
  override backward([dy]: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { u, v } = this.recall<{ u: Tensor; v: Tensor }>(ctx);
    const g = (dy as Tensor).data();
    return [u, v].map((_, side) => {
      const dx = ctx.buffer(`dx${side}`, u.shape);
      const [out, other] = [dx.data(), (side === 0 ? v : u).data()];
      for (let i = 0; i < out.length; i++) out[i] = (g[i] as number) * (this.minus ? (side === 0 ? 1 : -1) : (other[i] as number));
      return dx;
    });
  }
}

const embedding = (maskZero: boolean): Layer => layers.embedding({ inputDim: 13, outputDim: 5, maskZero });
const softmax = (units: number): Layer => layers.dense({ units, activation: 'softmax' });
const bi = (layer: Layer): Layer => layers.bidirectional({ layer: layer as never });
const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

/** The models of the fixtures that have only layers we have; dropout is 0 in their trajectories. */
const MODELS: Record<string, () => Model> = {
  'cifar-cnn': () =>
    new Sequential([
      layers.inputLayer({ shape: [12, 12, 3] }),
      ...[4, 6, 8].flatMap((filters) => [
        layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
      ]),
      layers.flatten(),
      layers.dense({ units: 9, activation: 'relu' }),
      layers.dropout({ rate: 0 }),
      softmax(5),
    ]),
  'embedding-rnn': () => new Sequential([embedding(false), layers.simpleRnn({ units: 6 }), softmax(3)]),
  'masked-bilstm': () => new Sequential([embedding(true), bi(layers.lstm({ units: 6 })), layers.dropout({ rate: 0 }), softmax(3)]),
  'masked-birnn-stack': () =>
    new Sequential([
      embedding(true),
      bi(layers.simpleRnn({ units: 6, returnSequences: true })),
      bi(layers.simpleRnn({ units: 4, returnSequences: true })),
      bi(layers.simpleRnn({ units: 3 })),
      softmax(3),
    ]),
  'gru-stack': () =>
    new Sequential([
      layers.inputLayer({ shape: [null, 5] }),
      layers.gru({ units: 6, returnSequences: true }),
      layers.gru({ units: 4, returnSequences: true, resetAfter: false }),
      layers.gru({ units: 3 }),
      layers.dense({ units: 1 }),
    ]),
  'cnn-bilstm': () =>
    new Sequential([
      layers.embedding({ inputDim: 17, outputDim: 5, trainable: false }),
      layers.conv1d({ filters: 6, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling1d({ poolSize: 2 }),
      bi(layers.lstm({ units: 4, returnSequences: true })),
      layers.flatten(),
      layers.dense({ units: 7, activation: 'relu' }),
      softmax(5),
    ]),
  'multi-input-output': () => {
    const a = input({ shape: [5] });
    const b = input({ shape: [7, 3] });
    const x = layers.dense({ units: 6, activation: 'tanh' }).apply(a);
    const s = one(layers.add().apply([x, layers.gru({ units: 6 }).apply(b)]));
    const kind = layers.dense({ units: 3, activation: 'softmax', name: 'kind' }).apply(s);
    const score = layers.dense({ units: 1, name: 'score' }).apply(one(layers.concatenate().apply([s, x])));
    return new Model({ inputs: [a, b], outputs: [kind, score] });
  },
  'shared-layer': () => {
    const [a, b] = [input({ shape: [5] }), input({ shape: [5] })];
    const shared = layers.dense({ units: 6, activation: 'tanh' });
    const [u, v] = [shared.apply(a), shared.apply(b)];
    const z = one(layers.concatenate().apply([u, v, one(new Product(false).apply([u, v])), one(new Product(true).apply([u, v]))]));
    return new Model({ inputs: [a, b], outputs: layers.dense({ units: 1, activation: 'sigmoid' }).apply(z) });
  },
};

describe.skipIf(fixtureFolder === null)('whole models as Keras computes them (set SARAF_FIXTURES to the folder of fixtures)', () => {
  test.each(Object.keys(MODELS))('%s: predictions and five steps of training', async (name) => {
    const f = readFixture<ModelFixture>('models', name, 'reference.json');
    const model = (MODELS[name] as () => Model)();
    const x = f.inputs.map(fixtureTensor);
    await model.predictAll(x);
    model.setWeights(f.weights.map(fixtureTensor));
    const predictions = await model.predictAll(x);
    predictions.forEach((p, i) => expectClose(p, fixtureTensor(f.predictions[i] as FixtureArray), within(1e-5), 'predictions'));

    const { training } = f;
    if (training.optimizer.class_name !== 'Adam') return;
    model.compile({
      optimizer: optimizers.adam({ learningRate: training.optimizer.learning_rate }),
      loss: training.loss as LossIdentifier | LossIdentifier[],
      ...(training.loss_weights ? { lossWeights: training.loss_weights } : {}),
    });
    training.steps.forEach((at, i) => {
      const batch = training.batches[at] as { inputs: FixtureArray[]; targets: FixtureArray[] };
      const logs = model.trainOnBatch(batch.inputs.map(fixtureTensor), batch.targets.map(fixtureTensor));
      expectClose([logs['loss'] as number], [training.losses[i] as number], within(2e-5), `loss of step ${i}`);
    });
    model.weights.forEach((w, i) => expectClose(w.value, fixtureTensor(training.final_weights[i] as FixtureArray), within(1e-3), w.name));
    const after = await model.predictAll(x);
    after.forEach((p, i) =>
      expectClose(p, fixtureTensor(training.final_predictions[i] as FixtureArray), within(2e-4), 'predictions after training'),
    );
    expect(model.training.step).toBe(training.steps.length);
  });
});
