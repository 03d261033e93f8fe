import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import '../../src/keras/index.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { loadModel } from '../../src/models/load.js';
import type { Model } from '../../src/models/model.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';
import { TextPipeline } from '../../src/text/pipeline/text-pipeline.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { sameBits } from '../helpers/toy-data.js';
import { describeWithKeras, openInKeras, plain } from '../keras/open-in-keras.js';

const texts = ['Pelayanannya bagus sekali!', 'dokter GK membantu 😡', 'makanannya enak, tempatnya bersih', 'buruk, jangan ke sini'];
const labels = tensor(Int32Array.of(1, 0, 1, 0));
const unseen = ['dokternya bagus', '', 'tempat BURUK!!!'];

const pipeline = (): TextPipeline =>
  new TextPipeline({
    steps: [
      'casefold',
      'clean',
      { step: 'slang', entries: { gk: 'tidak' } },
      'stopwords',
      'stem',
      { step: 'vectorize', outputSequenceLength: 6 },
    ],
  }).fit(texts);

function classifier(words: number): Sequential {
  setSeed(11);
  const model = new Sequential([
    layers.embedding({ inputDim: words, outputDim: 5, maskZero: true, inputShape: [6] }),
    layers.lstm({ units: 4 }),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

let folder = '';
let model: Model;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'saraf-preprocessing-'));
  const steps = pipeline();
  model = classifier(steps.vocabularySize());
  model.preprocessing = steps;
  await model.fit(texts, labels, { epochs: 2, verbose: 0, validationData: [texts.slice(0, 2), tensor(Int32Array.of(1, 0))] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a model with preprocessing', () => {
  test('takes texts wherever it takes tensors, to the same bits', async () => {
    const x = pipeline().transform(texts);
    const byTensors = classifier(pipeline().vocabularySize());
    await byTensors.fit(x, labels, { epochs: 2, verbose: 0 });
    const byTexts = classifier(pipeline().vocabularySize());
    byTexts.preprocessing = pipeline();
    await byTexts.fit(texts, labels, { epochs: 2, verbose: 0 });
    expect(sameBits(byTexts.getWeights(), byTensors.getWeights())).toBe(true);
    expect(await byTexts.evaluate(texts, labels)).toEqual(await byTensors.evaluate(x, labels));
    expect(byTexts.testOnBatch(texts, labels)).toEqual(byTensors.testOnBatch(x, labels));
    expect(sameBits([await byTexts.predict(texts)], [await byTensors.predict(x)])).toBe(true);
    expect(sameBits(byTexts.predictOnBatch(texts), byTensors.predictOnBatch(x))).toBe(true);
    expect(byTexts.trainOnBatch(texts, labels)).toEqual(byTensors.trainOnBatch(x, labels));
    expect((await byTexts.predict('satu teks saja')).shape).toEqual([1, 2]);
  });

  test.each(['own', 'model.keras'])('saved as %s and loaded gives the same bits for texts that it never saw', async (name) => {
    await model.save(at(name));
    const loaded = await loadModel(at(name));
    expect(loaded.preprocessing).toBeInstanceOf(TextPipeline);
    expect(sameBits([await loaded.predict(unseen)], [await model.predict(unseen)])).toBe(true);
    expect(JSON.stringify(loaded.preprocessing)).toBe(JSON.stringify(model.preprocessing));
    // Training goes on from it, with texts.
    await loaded.fit(texts, labels, { epochs: 1, verbose: 0 });
    const bare = await loadModel(at(name), { compile: false });
    expect(sameBits([await bare.predict(unseen)], [await model.predict(unseen)])).toBe(true);
    // And it is saved again with what it came with.
    await bare.save(at(`again-${name}`));
    expect(sameBits([await (await loadModel(at(`again-${name}`))).predict(unseen)], [await model.predict(unseen)])).toBe(true);
  });

  test('without preprocessing no file is written, and none is left from before', async () => {
    const plainModel = classifier(9);
    model.training.epoch = 0;
    await model.save(at('replaced'));
    expect(readdirSync(at('replaced'))).toContain('preprocessing.json');
    await plainModel.save(at('replaced'));
    expect(readdirSync(at('replaced'))).not.toContain('preprocessing.json');
    expect((await loadModel(at('replaced'))).preprocessing).toBe(null);
  });

  test.each(['model.h5', 'model.json'])('%s has no place for it, and says so', async (name) => {
    const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve));
    await model.save(at(name));
    const warning = await warned;
    expect(warning.code).toBe('SARAF_PREPROCESSING_LEFT_OUT');
    expect(warning.message).toContain(name);
    const loaded = await loadModel(at(name));
    expect(loaded.preprocessing).toBe(null);
    await expectRejection(loaded.predict(unseen), 'ERR_STATE', 'model.preprocessing');
  });

  test('texts without preprocessing, none at all, and pipelines that have not learnt are refused', async () => {
    const without = classifier(9);
    await expectRejection(without.fit(texts, labels, { verbose: 0 }), 'ERR_STATE', 'TextPipeline');
    await expectRejection(without.evaluate(texts, labels), 'ERR_STATE', 'received texts');
    await expectRejection(model.predict([]), 'ERR_ARG', 'an empty list');
    without.preprocessing = new TextPipeline({ steps: ['casefold', 'vectorize'] });
    await expectRejection(without.fit(texts, labels, { verbose: 0 }), 'ERR_STATE', 'fit(trainingTexts)');
    without.preprocessing = new TextPipeline({ steps: ['casefold'] });
    await expectRejection(without.fit(texts, labels, { verbose: 0 }), 'ERR_STATE', 'vectorize');
    await expectRejection(model.fit(texts.slice(1), labels, { verbose: 0 }), 'ERR_SHAPE', '3');
  });

  test.each([
    ['no JSON', (): string => '{"className":', 'damaged'],
    ['a class that nobody registered', (): string => '{"className":"Magic","config":{}}', 'registerPreprocessing'],
    ['another format', (): string => '{"className":"TextPipeline","config":{"format":"x"}}', 'saraf-text-pipeline'],
    ['a step that does not exist', (text: string): string => text.replace('"casefold"', '"uppercase"'), 'uppercase'],
    ['null', (): string => 'null', 'TextPipeline'],
  ])('a folder with %s in it is refused', async (_what, damage, reason) => {
    await model.save(at('whole'));
    cpSync(at('whole'), at('damaged'), { recursive: true });
    const file = join(at('damaged'), 'preprocessing.json');
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    await expectRejection(loadModel(at('damaged')), 'ERR_FORMAT', reason);
  });
});

describeWithKeras('Keras', () => {
  test('opens a .keras file with preprocessing in it, and predicts the same', async () => {
    await model.save(at('for-keras.keras'));
    const x = (model.preprocessing as TextPipeline).transform(unseen);
    const [opened] = openInKeras([{ path: at('for-keras.keras'), inputs: [plain(x)] }]);
    expect(opened?.error).toBe(undefined);
    const ours = Array.from((await model.predict(unseen)).data());
    opened?.outputs[0]?.forEach((p, i) => expect(Math.abs(p - (ours[i] as number))).toBeLessThan(1e-6));
    expect(opened?.outputs[0]).toHaveLength(ours.length);
  });
});
