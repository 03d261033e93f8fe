import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { input, layers, loadModel, loadTextVectorization, Model, Sequential, tensor, type SymbolicTensor, type Tensor } from '../../src/index.js'; // prettier-ignore
import { readZip, writeZip } from '../../src/keras/zip.js';
import { exact, expectClose } from '../helpers/expect-close.js';
import { expectRejection } from '../helpers/expect-rejection.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Json = Record<string, unknown>;
const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
let files = 0;

/** Saves a model, changes its configuration and adds files, as Keras would have written a model that begins with text. */
async function rewritten(
  model: Model,
  change: (config: Json, layers: Json[]) => void,
  assets: Record<string, string> = {},
): Promise<string> {
  const path = join(folder, `${files++}.keras`);
  await model.save(path);
  const content = await Promise.all(
    [...(await readZip(readFileSync(path), path, 2 ** 24))].map(async ([n, read]) => [n, await read()] as const),
  );
  const changed = content.map(([name, bytes]): [string, Uint8Array] => {
    if (name !== 'config.json') return [name, bytes];
    const whole = JSON.parse(Buffer.from(bytes).toString()) as { config: Json };
    change(whole.config, whole.config['layers'] as Json[]);
    return [name, Buffer.from(JSON.stringify(whole))];
  });
  const more = Object.entries(assets).map(([name, text]): [string, Uint8Array] => [name, Buffer.from(text)]);
  writeFileSync(path, await writeZip([...changed, ...more]));
  return path;
}

const stringInput = (name: string): Json => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_shape: [null, 1], dtype: 'string' },
  inbound_nodes: [],
});
const vectorization = (name: string, config: Json, from?: string): Json => ({
  class_name: 'TextVectorization',
  name,
  config: {
    name,
    trainable: true,
    dtype: 'float32',
    max_tokens: null,
    standardize: 'lower_and_strip_punctuation',
    split: 'whitespace',
    ngrams: null,
    output_mode: 'int',
    output_sequence_length: null,
    pad_to_max_tokens: false,
    sparse: false,
    ragged: false,
    vocabulary: null,
    idf_weights: null,
    encoding: 'utf-8',
    vocabulary_size: 5,
    ...config,
  },
  ...(from ? { inbound_nodes: [{ args: [{ class_name: '__keras_tensor__', config: { keras_history: [from, 0, 0] } }], kwargs: {} }] } : {}),
});

const TEXTS = ['B, c a!', 'a x'];
const VOCABULARY = '\n[UNK]\na\nb\nc';
const ASSET = 'assets/layers/text_vectorization/_lookup_layer/vocabulary.txt';

function sequential(): Sequential {
  return new Sequential([layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputShape: [4] }), layers.lstm({ units: 2 })]);
}

describe('models that begin with text', () => {
  test('a Sequential: the layer by itself, and what follows it', async () => {
    const model = sequential();
    const ids = tensor(Int32Array.of(3, 4, 2, 0, 2, 1, 0, 0), [2, 4]);
    const [expected] = model.predictOnBatch([ids]) as [Tensor];
    for (const withInput of [true, false]) {
      const path = await rewritten(
        model,
        (_, list) => list.splice(0, 1, ...(withInput ? [stringInput('in')] : []), vectorization('words', { output_sequence_length: 4 })),
        { [ASSET]: VOCABULARY },
      );
      const text = await loadTextVectorization(path);
      expect(text.getVocabulary()).toEqual(['', '[UNK]', 'a', 'b', 'c']);
      expectClose(text.call(TEXTS), ids, exact());
      const rest = await loadModel(path, { afterText: true });
      expectClose(rest.predictOnBatch([text.call(TEXTS)])[0] as Tensor, expected, exact());
      const error = await expectRejection(loadModel(path), 'ERR_FORMAT', 'words (TextVectorization): no texts enter a model here');
      expect(error.message).toContain('afterText: true');
    }
  });

  test('a functional model: two texts and numbers', async () => {
    const [a, b, more] = [
      input({ shape: [4], dtype: 'int32', name: 'left' }),
      input({ shape: [5], name: 'right' }),
      input({ shape: [2] }),
    ] as const;
    const left = one(layers.globalAveragePooling1d().apply(layers.embedding({ inputDim: 5, outputDim: 3 }).apply(a)));
    const joint = one(layers.concatenate().apply([left, b, more]));
    const model = new Model({ inputs: [a, b, more], outputs: [one(layers.dense({ units: 2 }).apply(joint))] });
    const counts = tensor([0, 1, 1, 1, 0, 1, 1, 0, 0, 0], [2, 5]);
    const inputs = [tensor(Int32Array.of(3, 4, 2, 0, 2, 1, 0, 0), [2, 4]), counts, tensor([1, 2, 3, 4], [2, 2])];
    const [expected] = model.predictOnBatch(inputs) as [Tensor];
    const texts = [
      vectorization('left', { output_sequence_length: 4, vocabulary: ['a', 'b', 'c'] }, 'text_a'),
      vectorization('right', { output_mode: 'count', max_tokens: 5, pad_to_max_tokens: true }, 'text_b'),
    ];
    const change = (config: Json, list: Json[]): void => {
      for (const [i, name] of ['left', 'right'].entries()) list[list.findIndex((l) => l['name'] === name)] = texts[i] as Json;
      list.push(stringInput('text_a'), stringInput('text_b'));
      const ends = config['input_layers'] as [string, number, number][];
      config['input_layers'] = ends.map(([name, ...rest]) => [name === 'left' ? 'text_a' : name === 'right' ? 'text_b' : name, ...rest]);
    };
    const path = await rewritten(model, change, { 'assets/layers/text_vectorization_1/vocabulary.txt': '[UNK]\na\nb\nc\nd' });
    const [words, bag] = [await loadTextVectorization(path, 'left'), await loadTextVectorization(path, 'right')];
    const rest = await loadModel(path, { afterText: true });
    expect(rest.graph.inputs.slice(0, 2).map((at) => rest.graph.tensors[at]?.layer.name)).toEqual(['left', 'right']);
    const made = [words.call(TEXTS), bag.call(TEXTS), inputs[2] as Tensor];
    expectClose(made[1] as Tensor, counts, exact());
    expectClose(rest.predictOnBatch(made)[0] as Tensor, expected, exact());
    await expectRejection(loadTextVectorization(path), 'ERR_FORMAT', 'one TextVectorization', 'left, right', 'say which');
    await expectRejection(loadTextVectorization(path, 'middle'), 'ERR_FORMAT', 'named middle', 'left, right');
  });

  test('texts that go elsewhere too stay, and are refused', async () => {
    const model = new Model((() => {
      const x = input({ shape: [4], dtype: 'int32', name: 'words' });
      return { inputs: [x], outputs: [one(layers.embedding({ inputDim: 5, outputDim: 3 }).apply(x))] };
    })()); // prettier-ignore
    const path = await rewritten(model, (config, list) => {
      list[0] = vectorization('words', { vocabulary: ['a', 'b', 'c'] }, 'text');
      list.push(stringInput('text'), vectorization('again', { vocabulary: ['a'] }, 'text'));
      config['input_layers'] = ['text', 0, 0];
    });
    await expectRejection(loadModel(path, { afterText: true }), 'ERR_FORMAT', 'words (TextVectorization)', 'again (TextVectorization)');
  });

  test('what is missing or not here is said', async () => {
    const file = (config: Json, assets = {}): Promise<string> =>
      rewritten(sequential(), (_, list) => list.splice(0, 1, stringInput('in'), vectorization('words', config)), assets);
    const given = { vocabulary: ['a', 'b', 'c'] };
    for (const [config, ...pieces] of [
      [{ ...given, ragged: true }, 'words (TextVectorization)', 'option ragged'],
      [{ ...given, encoding: 'latin-1' }, 'encoding latin-1'],
      [{ ...given, output_mode: 'tf_idf' }, 'idf weights'],
      [{ ...given, standardize: { class_name: 'function', config: 'mine' } }, 'standardize'],
    ] as [Json, ...string[]][])
      await expectRejection(loadTextVectorization(await file(config)), 'ERR_FORMAT', ...pieces);
    const bare = await file({ standardize: null, split: null, ...given });
    expect((await loadTextVectorization(bare)).getConfig()).toMatchObject({ standardize: null, split: null });
    await expectRejection(loadModel(bare, { afterText: true }), 'ERR_FORMAT', 'words (TextVectorization)');
    const path = join(folder, 'plain.keras');
    await sequential().save(path);
    await expectRejection(loadTextVectorization(path), 'ERR_FORMAT', 'one TextVectorization', 'none');
    await expectRejection(loadTextVectorization(join(folder, 'absent.keras')), 'ERR_FORMAT', 'absent.keras');
    expect((await loadModel(path, { afterText: true })).layers).toHaveLength(2);
  });
});
