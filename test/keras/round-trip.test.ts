import { modelToTfjs } from '../../src/keras/config/model-to-tfjs.js';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Ones, Zeros } from '../../src/initializers/constant.js';
import { RandomInitializer } from '../../src/initializers/draw.js';
import { setSeed } from '../../src/initializers/seed.js';
import { thesisInputs, type ThesisReference } from '../../src/keras/fixtures/thesis.js';
import '../../src/keras/index.js';
import { layers, resetLayerNames } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import type { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { namedWeights } from '../../src/models/save.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { fixtureFolder, fixtureTensor, readFixture, type FixtureArray } from '../helpers/keras-fixtures.js';
import type { Tensor } from '../../src/tensor/tensor.js';

// That each of these files loads and predicts as Keras did, fixtures.test.ts shows. Here each goes out and comes in again in every
// format, to the bit: what comes in the second time gives again what Keras gave.

/** Formats of whole models, and whether they keep what the optimizer knows. */
const WHOLE: readonly (readonly [name: string, keepsOptimizer: boolean])[] = [
  ['model.keras', true],
  ['model.h5', true],
  ['folder', true],
  ['tfjs/model.json', false],
];
/** Formats that give their weights to a model that is there, and whether they give what its optimizer knew. */
const WEIGHTS: readonly (readonly [name: string, keepsOptimizer: boolean])[] = [
  ['alone.weights.h5', true],
  ['alone.safetensors', false],
  ['model.keras', true],
  ['model.h5', true],
  ['tfjs/model.json', false],
];

/** Of a thesis' test set: fixtures.test.ts predicts all of it. */
const ROWS = 64;

interface Reference {
  inputs: FixtureArray[];
  training?: { batches: { inputs: FixtureArray[]; targets: FixtureArray[] }[] };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-round-trip-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bits = (t: Tensor): string => {
  const v = t.data();
  return `${t.dtype} (${t.shape.join()}) ${Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64')}`;
};

const weightsOf = (model: Model): Record<string, string> =>
  Object.fromEntries(namedWeights(model.layers).map(([name, w]) => [name, bits(w.value)]));

/** The optimizer's class and options, its steps and all it keeps of each weight. */
function optimizerOf(model: Model): unknown {
  if (!model.compilation) return null;
  const { optimizer } = model.compilation;
  const trainable = new Set(model.trainableWeights);
  const state = namedWeights(model.layers).flatMap(([name, w]) => (trainable.has(w) ? [[name, optimizer.slotsOf(w.value).map(bits)]] : []));
  return { className: optimizer.className, config: optimizer.getConfig(), iterations: optimizer.iterations, state };
}

/** Whether the model has what TensorFlow.js does not: tfjs.test.ts says what that is. */
function tfjsRefuses(model: Model): boolean {
  try {
    modelToTfjs(model);
    return false;
  } catch {
    return true;
  }
}

async function roundTrips(model: Model, inputs: readonly Tensor[]): Promise<void> {
  const predict = async (m: Model): Promise<string[]> => (await m.predictAll([...inputs])).map(bits);
  const [weights, optimizer, predictions] = [weightsOf(model), optimizerOf(model), await predict(model)];
  const at = mkdtempSync(join(folder, 'model-'));
  const refused = tfjsRefuses(model);
  if (refused) await expectRejection(model.save(join(at, 'tfjs/model.json')), 'ERR_ARG', 'TensorFlow.js');
  const written = ([name]: readonly [string, boolean]): boolean => !(refused && name.endsWith('.json'));
  for (const [name, keepsOptimizer] of WHOLE.filter(written)) {
    const path = join(at, name);
    await model.save(path);
    const again = await loadModel(path);
    expect(weightsOf(again), `${name}: weights`).toEqual(weights);
    expect(await predict(again), `${name}: predictions`).toEqual(predictions);
    if (keepsOptimizer) expect(optimizerOf(again), `${name}: optimizer`).toEqual(optimizer);
  }
  await model.saveWeights(join(at, 'alone.weights.h5'));
  await model.saveWeights(join(at, 'alone.safetensors'));
  for (const [name, keepsOptimizer] of WEIGHTS.filter(written)) {
    for (const w of model.weights) w.value.data().fill(0);
    await model.loadWeights(join(at, name));
    expect(weightsOf(model), `${name}: weights alone`).toEqual(weights);
    expect(optimizerOf(model), `${name}: weights alone leave the optimizer as it is`).toEqual(optimizer);
    if (!model.compilation) continue;
    if (!keepsOptimizer) {
      await expectRejection(model.loadWeights(join(at, name), { optimizer: true }), 'ERR_ARG', 'optimizer');
      continue;
    }
    model.optimizer.reset();
    await model.loadWeights(join(at, name), { optimizer: true });
    expect(optimizerOf(model), `${name}: the optimizer`).toEqual(optimizer);
  }
}

const WHOLE_FILE = /(?<!\.weights)\.(keras|h5)$/;
const listed = (part: string): string[] => (fixtureFolder ? readdirSync(join(fixtureFolder, part)) : []);

test('weights go to their layers without any initializer or random draw', async () => {
  const make = (): Model =>
    new Sequential([
      layers.embedding({ inputDim: 9, outputDim: 4, inputShape: [5] }),
      layers.bidirectional({ layer: layers.lstm({ units: 3 }) }),
      layers.layerNormalization(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ]);
  const model = make();
  for (const [name] of WHOLE) await model.save(join(folder, 'drawn', name));
  const initializers = [Zeros, Ones, RandomInitializer].map((c) => vi.spyOn(c.prototype, 'initialize'));
  const ran = (): number => initializers.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  setSeed(3);
  const expected = weightsOf(make());
  expect(ran(), 'initializers of a new model').toBeGreaterThan(8);
  for (const [name] of WHOLE) {
    setSeed(3);
    const before = ran();
    await loadModel(join(folder, 'drawn', name));
    expect(ran(), name).toBe(before);
    resetLayerNames();
    expect(Object.values(weightsOf(make())), `${name} leaves the seed as it is`).toEqual(Object.values(expected));
  }
  vi.restoreAllMocks();
});

describe.skipIf(!fixtureFolder)('Keras models out and in again (set SARAF_FIXTURES to the folder of fixtures)', () => {
  describe.each(listed('models'))('models/%s', (name) => {
    const at = join(fixtureFolder as string, 'models', name);
    const { inputs, training } = readFixture<Reference>('models', name, 'reference.json');
    test.each(readdirSync(at).filter((f) => WHOLE_FILE.test(f)))('%s', async (file) => {
      const model = await loadModel(join(at, file));
      // A file that was saved before training says nothing of the optimizer yet.
      const batch = training?.batches[0];
      if (model.compilation && batch)
        for (let i = 0; i < 2; i++) model.trainOnBatch(batch.inputs.map(fixtureTensor), batch.targets.map(fixtureTensor));
      await roundTrips(model, inputs.map(fixtureTensor));
    });
  });

  describe.each(listed('thesis').filter((name) => existsSync(join(fixtureFolder as string, 'thesis', name, 'reference.json'))))(
    'thesis/%s',
    (name) => {
      const at = join(fixtureFolder as string, 'thesis', name);
      const reference = readFixture<ThesisReference>('thesis', name, 'reference.json');
      // Images come from the data set, texts from the fixture.
      const missing = !reference.token_ids && !process.env['SARAF_DATA'];
      test.skipIf(missing).each(readdirSync(at).filter((f) => WHOLE_FILE.test(f)))('%s', async (file) => {
        await roundTrips(await loadModel(join(at, file)), [(await thesisInputs(reference, process.env['SARAF_DATA'])).rows(0, ROWS)]);
      });
    },
  );
});
