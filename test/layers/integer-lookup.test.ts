import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  input,
  layers,
  loadModel,
  Model,
  Sequential,
  StandaloneContext,
  tensor,
  type SymbolicTensor,
  type Tensor,
} from '../../src/index.js';
import { readZip, writeZip } from '../../src/keras/zip.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectError } from '../helpers/expect-error.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { layerSuite } from '../helpers/layer-suite.js';
import type { IntegerLookupOptions } from '../../src/layers/index.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-lookup-'));
afterAll(() => rmSync(folder, { recursive: true }));

const X = tensor(Int32Array.of(3, 0, 9, 4, -1, -7), [2, 3]);
const VOCABULARY = { vocabulary: [3, 4] };

for (const [name, options, outputShape] of [
  ['int', { maskToken: 0 }, [2, 3]],
  ['multiHot', { outputMode: 'multiHot', maxTokens: 6, padToMaxTokens: true }, [2, 6]],
] as const) {
  layerSuite(`integerLookup, ${name}`, {
    make: () => layers.integerLookup({ ...VOCABULARY, ...options }),
    inputShapes: [[2, 3]],
    inputs: [X],
    outputShapes: [outputShape],
    crossings: [0, 0],
    stateless: true,
  });
}

// What Keras 3.15.1 gives.
const TRUTH: [IntegerLookupOptions, number[], number[] | null][] = [
  [{}, [1, 0, 0, 2, 0, 0], [-1, 3, 4]],
  [{ maskToken: 0 }, [2, 0, 1, 3, 1, 1], [0, -1, 3, 4]],
  [{ maskToken: 0, numOovIndices: 3 }, [4, 0, 1, 5, 3, 3], [0, -1, -1, -1, 3, 4]],
  [{ outputMode: 'multiHot', numOovIndices: 2, maskToken: 0 }, [0, 1, 1, 0, 0, 1, 0, 1], [-1, -1, 3, 4]],
  [{ outputMode: 'count', maskToken: 0 }, [1, 1, 0, 2, 0, 1], [-1, 3, 4]],
  [{ outputMode: 'oneHot', maskToken: 0 }, [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0], null],
  [{ outputMode: 'oneHot' }, [0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0], null],
  [{ outputMode: 'multiHot', maxTokens: 6, padToMaxTokens: true }, [1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0], null],
];

test.each(TRUTH)("Keras' numbers with %o", (options, expected, vocabulary) => {
  const layer = layers.integerLookup({ ...VOCABULARY, ...options });
  expectClose(layer.forward([X], new StandaloneContext())[0] as Tensor, expected, exact());
  if (vocabulary) {
    expect(layer.getVocabulary()).toEqual(vocabulary);
    expect(layers.integerLookup({ ...options, vocabulary }).getVocabulary()).toEqual(vocabulary);
    expect(layer.vocabularySize()).toBe(vocabulary.length);
  }
});

test('learns what is frequent, of equally frequent numbers the larger', () => {
  const layer = layers.integerLookup({ maxTokens: 4, maskToken: 0 });
  expect(layer.getVocabulary()).toBeNull();
  expectError(() => layer.forward([X], new StandaloneContext()), 'ERR_STATE', 'adapt(data)');
  layer.adapt(tensor([[5, 7, 5, 0], [9, 5, 7, 2], [9, 2, -1, -1]])); // prettier-ignore
  expect(layer.getVocabulary()).toEqual([0, -1, 5, 9]);
  layer.adapt(tensor([8]));
  expect(layer.getVocabulary()).toEqual([0, -1, 8]);
  expect(layers.integerLookup(layer.getConfig()).getVocabulary()).toEqual([0, -1, 8]);
});

const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;

function sample(): Model {
  const inner = new Sequential([layers.integerLookup({ vocabulary: [9, 8], outputMode: 'multiHot', inputShape: [3] })]);
  const x = input({ shape: [3], dtype: 'int32' });
  const places = one(layers.integerLookup({ vocabulary: [3, 4], maskToken: 0 }).apply(x));
  const a = one(layers.flatten().apply(layers.embedding({ inputDim: 4, outputDim: 2 }).apply(places)));
  const b = one(inner.apply(x));
  return new Model({ inputs: [x], outputs: [one(layers.concatenate().apply([a, b]))] });
}

test('goes to files and back, vocabularies of their own files too', async () => {
  const model = sample();
  const [expected] = model.predictOnBatch([X]) as [Tensor];
  for (const name of ['folder', 'model.keras', 'model.h5']) {
    await model.save(join(folder, name));
    expectClose((await loadModel(join(folder, name))).predictOnBatch([X])[0] as Tensor, expected, exact());
  }
  // As Keras writes what a layer learnt: no vocabulary in the configuration, but a file.
  const files = await readZip(readFileSync(join(folder, 'model.keras')), 'model.keras', 2 ** 24);
  const content = new Map(await Promise.all([...files].map(async ([name, read]) => [name, await read()] as const)));
  const config = Buffer.from(content.get('config.json') as Uint8Array).toString();
  const learnt = config.replaceAll(/"vocabulary":\[[\d,]+\]/g, '"vocabulary":null');
  expect(learnt.match(/"vocabulary":null/g)).toHaveLength(2);
  const text = (value: string): Uint8Array => Buffer.from(value);
  const archive = async (...assets: [string, string][]): Promise<string> => {
    const path = join(folder, `assets${assets.length}.keras`);
    const all = [...content, ...assets.map(([name, value]) => [name, text(value)] as const)];
    writeFileSync(path, await writeZip(all.map(([name, bytes]) => [name, name === 'config.json' ? text(learnt) : bytes])));
    return path;
  };
  const outer = 'assets/layers/integer_lookup/vocabulary.txt';
  const nested = 'assets/layers/sequential/layers/integer_lookup/vocabulary.txt';
  const loaded = await loadModel(await archive([outer, '0\n-1\n3\n4\n'], [nested, '-1\r\n9\r\n8']));
  expectClose(loaded.predictOnBatch([X])[0] as Tensor, expected, exact());
  await expectRejection(loadModel(await archive([outer, '0\n-1\nthree'])), 'ERR_FORMAT', 'integer_lookup', 'integer');
  const without = await archive();
  await expectRejection(loadModel(without), 'ERR_FORMAT', 'expected a vocabulary');
});

test('errors', () => {
  const ctx = new StandaloneContext();
  expectError(() => layers.integerLookup({ vocabulary: [3, 3] }), 'ERR_ARG', 'once', '3 twice');
  expectError(() => layers.integerLookup({ vocabulary: [3.5] }), 'ERR_ARG', 'integer', '3.5');
  expectError(() => layers.integerLookup({ vocabulary: [3, 4], maxTokens: 2 }), 'ERR_ARG', 'at most 2', 'received 3');
  expectError(() => layers.integerLookup({ numOovIndices: -1 }), 'ERR_ARG', 'numOovIndices', '-1');
  expectError(() => layers.integerLookup({ padToMaxTokens: true }), 'ERR_ARG', 'padToMaxTokens only with maxTokens');
  expectError(() => layers.integerLookup({ outputMode: 'tfIdf' as never }), 'ERR_ARG', 'outputMode', 'tfIdf');
  expectError(() => layers.integerLookup({ invert: true } as never), 'ERR_ARG', 'received invert');
  const strict = layers.integerLookup({ ...VOCABULARY, numOovIndices: 0 });
  expectError(() => strict.forward([X], ctx), 'ERR_DATA', 'received 0 at position 1', 'numOovIndices');
  expectError(() => strict.forward([tensor([1.5])], ctx), 'ERR_DTYPE', '1.5 at position 0');
  expectError(() => strict.adapt(tensor([0.5])), 'ERR_ARG', 'integer', '0.5');
  expectError(() => strict.adapt(tensor(new Float32Array(0), [0])), 'ERR_SHAPE', 'data');
});
