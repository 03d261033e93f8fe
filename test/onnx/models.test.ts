import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thesisInputs, type ThesisReference } from '../../src/keras/fixtures/thesis.js';
import '../../src/keras/index.js';
import { input, Layer, layers, type SymbolicShape, type SymbolicTensor } from '../../src/layers/index.js';
import { toClasses } from '../../src/metrics/labels.js';
import { loadModel } from '../../src/models/load.js';
import { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { modelToOnnx } from '../../src/onnx/export.js';
import '../../src/onnx/index.js';
import { encodeOnnx } from '../../src/onnx/proto.js';
import { tensor, type Tensor } from '../../src/tensor/tensor.js';
import { expectClose, within } from '../helpers/expect-close.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../helpers/keras-fixtures.js';
import { noOnnxRuntime, runOnnx } from '../helpers/onnx-runtime.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Saves the model and runs the file. */
async function run(model: Model, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const path = join(folder, 'model.onnx');
  await model.save(path);
  return runOnnx(readFileSync(path), modelToOnnx(model).inputs, inputs);
}

async function agrees(model: Model, inputs: readonly Tensor[]): Promise<void> {
  const expected = await model.predictAll([...inputs]);
  (await run(model, inputs)).forEach((y, i) => {
    expect(y.shape).toEqual(expected[i]?.shape);
    expectClose(y.data(), (expected[i] as Tensor).data(), within(1e-5), `output ${i}`);
  });
}

const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
const wave = (...shape: number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    shape,
  );

describe.skipIf(noOnnxRuntime)(`models in ONNX Runtime${noOnnxRuntime ? ` (skipped: ${noOnnxRuntime})` : ''}`, () => {
  test('text of any length, ids as int32; a masked bidirectional stack', async () => {
    const model = new Sequential([
      layers.embedding({ inputDim: 20, outputDim: 6, maskZero: true, inputShape: [null] }),
      layers.bidirectional({ layer: layers.gru({ units: 5, returnSequences: true, form: 'textbook' }) }),
      layers.bidirectional({ layer: layers.lstm({ units: 4, recurrentActivation: 'hardSigmoid' }), mergeMode: 'ave' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    for (const [rows, steps] of [
      [4, 7],
      [1, 3],
    ] as const)
      // prettier-ignore
      await agrees(model, [
        tensor(
          Int32Array.from({ length: rows * steps }, (_, i) => (i * 7) % 20),
          [rows, steps],
        ),
      ]);
  });

  test('images of any size', async () => {
    const x = input({ shape: [null, null, 3] });
    const scaled = one(layers.rescaling({ scale: [1 / 255, 1 / 128, 0.1], offset: [-0.5, 0, 1] }).apply(x));
    const y = one(layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'silu' }).apply(scaled));
    const pooled = one(layers.globalAveragePooling2d().apply(one(layers.maxPooling2d({ padding: 'same' }).apply(y))));
    const model = new Model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(pooled) });
    await agrees(model, [wave(2, 9, 6, 3)]);
    await agrees(model, [wave(1, 4, 13, 3)]);
  });

  test('shared and nested layers, several inputs and outputs, an input that is an output', async () => {
    const [a, b] = [input({ shape: [4], name: 'a' }), input({ shape: [4], name: 'b' })];
    const shared = layers.dense({ units: 4, activation: 'gelu', name: 'shared' });
    const inner = input({ shape: [4] });
    const block = new Model({ inputs: inner, outputs: layers.dense({ units: 4 }).apply(inner), name: 'block' });
    const u = one(block.apply(shared.apply(a)));
    const sum = one(layers.add().apply([u, one(block.apply(shared.apply(b)))]));
    const model = new Model({ inputs: [a, b], outputs: [sum, u, one(layers.dropout({ rate: 0.1 }).apply(b))], name: 'graph' });
    await agrees(model, [wave(3, 4), wave(3, 4)]);
    const { constants, outputs } = modelToOnnx(model);
    expect(constants.length, 'weights of shared layers once').toBeLessThan(8);
    expect(new Set(outputs.map((o) => o.name)).size).toBe(3);
  });

  test('a mask comes out of a nested model', async () => {
    const encoder = new Sequential([layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true, inputShape: [4] })]);
    const model = new Sequential([encoder, layers.lstm({ units: 2 })]);
    const ids = tensor(Int32Array.of(1, 2, 0, 0, 3, 0, 0, 0), [2, 4]);
    await agrees(model, [ids]);
    const flat = new Sequential([
      layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true, inputShape: [4] }),
      layers.lstm({ units: 2 }),
    ]);
    flat.setWeights(model.getWeights());
    expect((await model.predict(ids)).toArray()).toEqual((await flat.predict(ids)).toArray());
  });

  test('what the fixtures have no case of: grouped heads under masks, 3-D convolutions, einsum, cells', async () => {
    const ids = input({ shape: [null], dtype: 'int32' });
    const x = one(layers.embedding({ inputDim: 9, outputDim: 8, maskZero: true }).apply(ids));
    const attended = one(layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, useCausalMask: true }).apply([x, x])); // prettier-ignore
    const y = layers
      .einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 2, 3], biasAxes: 'de', activation: 'tanh' })
      .apply(attended);
    const cells = [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2, resetAfter: false })];
    const z = layers.rnn({ cell: cells, returnSequences: true, goBackwards: true }).apply(attended);
    const text = new Model({ inputs: ids, outputs: [one(y), one(z)] });
    await agrees(text, [tensor(Int32Array.of(1, 2, 0, 3, 0, 0, 4, 5, 0, 0, 0, 0), [3, 4])]);
    const video = new Sequential([
      layers.conv3d({ filters: 3, kernelSize: 2, padding: 'same', strides: [1, 2, 2], inputShape: [4, 6, 5, 2] }),
      layers.averagePooling3d({ padding: 'same' }),
      layers.conv3dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.upSampling3d({ size: [1, 2, 1] }),
      layers.globalMaxPooling3d(),
    ]);
    await agrees(video, [wave(2, 4, 6, 5, 2)]);
  });

  describe.skipIf(!fixtureFolder)("Keras' models (set SARAF_FIXTURES to the folder of fixtures)", () => {
    const listed = (part: string): string[] => (fixtureFolder ? readdirSync(join(fixtureFolder, part)) : []);
    test.each(listed('models'))('models/%s', async (name) => {
      const { inputs, predictions } = readFixture<{ inputs: FixtureArray[]; predictions: FixtureArray[] }>(
        'models',
        name,
        'reference.json',
      );
      const model = await loadModel(join(fixtureFolder as string, 'models', name, 'model.h5'), { compile: false });
      const found = await run(model, inputs.map(fixtureTensor));
      predictions.forEach((p, i) => expectClose(found[i] as Tensor, fixtureTensor(p), within(1e-5), `output ${i}`));
    });

    const thesis = listed('thesis').filter((name) => existsSync(join(fixtureFolder as string, 'thesis', name, 'reference.json')));
    test.each(thesis)('thesis/%s: probabilities and labels on the test set', async (name) => {
      const reference = readFixture<ThesisReference>('thesis', name, 'reference.json');
      // Images come from the data set, texts from the fixture.
      if (!reference.token_ids && !process.env['SARAF_DATA']) return;
      const model = await loadModel(join(fixtureFolder as string, 'thesis', name, 'model.h5'), { compile: false });
      const [found] = (await run(model, [await thesisInputs(reference, process.env['SARAF_DATA'])])) as [Tensor];
      const expected = fixtureTensor(reference.predictions);
      expectClose(found, expected, within(1e-5), 'probabilities');
      expect(toClasses('test', found)).toEqual(toClasses('test', expected));
    });
  });
});

class Custom extends Layer {
  readonly className = 'Custom';
  override computeOutputShape(shapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [...shapes];
  }
  override forward(inputs: readonly Tensor[]): Tensor[] {
    return [...inputs];
  }
  override backward(gradients: readonly Tensor[]): Tensor[] {
    return [...gradients];
  }
}

test('everything that ONNX cannot say is told at once, nested models too, and nothing is written', async () => {
  const inner = new Sequential([
    layers.gru({ units: 3, stateful: true, inputShape: [4, 2], name: 'memory' }),
    new Custom('Custom', { name: 'deep' }),
  ]);
  const x = input({ shape: [4, 2] });
  const y = one(new Custom('Custom', { name: 'first' }).apply(x));
  const model = new Model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(one(inner.apply(y))), name: 'outer' });
  const path = join(folder, 'refused.onnx');
  const error = await expectRejection(model.save(path), 'ERR_ARG', 'first (Custom)', `${inner.name}/memory (GRU): stateful`, `${inner.name}/deep (Custom)`); // prettier-ignore
  expect(error.message).toContain('.keras');
  expect(error.message).not.toContain('dense');
  expect(existsSync(path)).toBe(false);
  await expectRejection(new Sequential([layers.dense({ units: 2 })]).save(path), 'ERR_STATE', 'built');
});

test('a file of ONNX is written, not read', async () => {
  const model = new Sequential([layers.dense({ units: 2, inputShape: [3] })]);
  const path = join(folder, 'written.onnx');
  await model.save(path);
  await expectRejection(loadModel(path), 'ERR_FORMAT', 'does not read it');
  await expectRejection(model.loadWeights(path), 'ERR_FORMAT', 'does not read it');
  await expectRejection(model.saveWeights(path), 'ERR_ARG', 'whole model');
});

test('the same model gives the same bytes', async () => {
  const model = new Sequential([layers.lstm({ units: 2, inputShape: [3, 2] }), layers.dense({ units: 2 })]);
  expect(Buffer.compare(await encodeOnnx(modelToOnnx(model)), await encodeOnnx(modelToOnnx(model)))).toBe(0);
});
