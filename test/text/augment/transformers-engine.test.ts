import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AbortError } from '../../../src/models/history.js';
import { augmentTexts } from '../../../src/text/augment/augment-texts.js';
import { transformersEngine, type TransformersEngineOptions } from '../../../src/text/augment/transformers-engine.js';
import { wordsOf } from '../../../src/text/augment/words.js';
import { expectRejection, rejection } from '../../helpers/expect-rejection.js';
import { noTransformers, TINY_WORDS, transformers, writeTinyFillMask, writeTinyTranslation } from '../../helpers/tiny-transformers.js';

const root = mkdtempSync(join(tmpdir(), 'saraf-transformers-'));
const [masked, noMask, there, back] = ['masked', 'no-mask', 'id-en', 'en-id'].map((name) => join(root, name)) as [
  string,
  string,
  string,
  string,
];
beforeAll(async () => {
  await writeTinyFillMask(masked, 1);
  await writeTinyFillMask(noMask, 1, { mask: false });
  await writeTinyTranslation(there, 2);
  await writeTinyTranslation(back, 4);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const texts = ['saya makan nasi enak', 'kamu minum teh segar sekali', 'saya', '', 'kamu makan'];

/** A library that hears what it is asked and answers from a list. */
function fakeLibrary(): { library: object; asked: { task: string; texts: string[]; options: object }[]; disposed: string[] } {
  const asked: { task: string; texts: string[]; options: object }[] = [];
  const disposed: string[] = [];
  const pipeline = (task: string, folder: string): Promise<unknown> => {
    const pipe = (batch: string[], options: object): Promise<unknown> => {
      asked.push({ task, texts: batch, options });
      const words = [
        { score: 0.5, token: 2, token_str: '[MASK]' },
        { score: 0.3, token: 9, token_str: '##nya' },
        { score: 0.2, token: 8, token_str: '.' },
        { score: 0.1, token: 5, token_str: ' roti' },
        { score: 0.05, token: 6, token_str: 'nasi' },
      ];
      return Promise.resolve(
        batch.map((text) => (task === 'fill-mask' ? words : { translation_text: folder.endsWith('id-en') ? `en ${text}` : text.slice(3) })),
      );
    };
    const tokenizer = { mask_token: '[MASK]', all_special_ids: [0, 1, 2, 3] };
    return Promise.resolve(Object.assign(pipe, { tokenizer, dispose: () => Promise.resolve(disposed.push(task)) }));
  };
  return { library: { pipeline, env: { version: '0' } }, asked, disposed };
}

describe('the engine of pretrained models, whatever they say', () => {
  it('hides one word at a time and takes whole words alone', async () => {
    const { library, asked, disposed } = fakeLibrary();
    const engine = await transformersEngine({ fillMask: masked, library, window: 2, batchSize: 2 });
    expect(engine.name).toBe('@huggingface/transformers 0 (fill-mask masked; fp32)');
    expect(engine.operations).toEqual(['substitute', 'insert', 'delete']);
    const made = await augmentTexts(['a b c d e nasi g h'], { engine, operations: ['substitute', 'insert'], share: 0.25, seed: 1 });
    const [, substituted, inserted] = made.texts.map(wordsOf) as [string[], string[], string[]];
    expect(substituted).toHaveLength(8);
    expect(substituted.filter((word) => ['roti', 'nasi'].includes(word) && word !== 'a').length).toBeGreaterThanOrEqual(2);
    expect(inserted).toHaveLength(10);
    for (const { texts: batch, options } of asked) {
      expect(batch.length).toBeLessThanOrEqual(2);
      expect(options).toEqual({ top_k: 30 });
      for (const text of batch) {
        expect(text.match(/\[MASK\]/g)).toHaveLength(1);
        expect(wordsOf(text).length).toBeLessThanOrEqual(5);
      }
    }
    await engine.dispose();
    await engine.dispose();
    expect(disposed).toEqual(['fill-mask']);
  });

  it('translates there and back, greedily, with what each model wants to be told', async () => {
    const { library, asked } = fakeLibrary();
    const heard: number[] = [];
    const engine = await transformersEngine({ translation: { there: { folder: there, options: { src_lang: 'id' } }, back }, library });
    expect(engine.name).toBe('@huggingface/transformers 0 (translation id-en and en-id; fp32)');
    const made = await augmentTexts(texts, { engine, operations: ['backTranslate'], onProgress: (p) => heard.push(p.done) });
    expect(made.texts.slice(texts.length)).toEqual(texts);
    expect(made.unchanged).toBe(texts.length);
    expect(asked.map(({ texts: batch, options }) => [batch.length, options])).toEqual([
      [4, { src_lang: 'id', do_sample: false }],
      [4, { do_sample: false }],
    ]);
    expect(heard.at(-1)).toBe(texts.length);
    expect(await rejection(augmentTexts(texts, { engine, operations: ['insert'] }))).toMatchObject({
      code: 'ERR_ARG',
      message: expect.stringMatching(/received insert; give transformersEngine the folder of a masked language model as fillMask/),
    });
  });

  it('says what is wrong with options, folders and the package', async () => {
    const { library } = fakeLibrary();
    const of = (options: object): Promise<unknown> => transformersEngine(options as TransformersEngineOptions);
    await expectRejection(of({}), 'ERR_ARG', 'fillMask or translation', 'received neither');
    await expectRejection(of({ fillMask: masked, model: 1 }), 'ERR_ARG', 'received "model"');
    await expectRejection(of({ fillMask: masked, candidates: 0 }), 'ERR_ARG', 'candidates', 'received 0');
    await expectRejection(of({ fillMask: 7 }), 'ERR_ARG', 'a model folder, received 7');
    await expectRejection(of({ translation: { there } }), 'ERR_ARG', 'translation.back, received undefined');
    await expectRejection(of({ fillMask: join(root, 'none') }), 'ERR_DATA', 'does not exist', 'not fetched');
    const half = join(root, 'half');
    mkdirSync(half);
    writeFileSync(join(half, 'config.json'), '{}');
    await expectRejection(of({ fillMask: half }), 'ERR_DATA', 'one without tokenizer.json, tokenizer_config.json');
    await expectRejection(of({ fillMask: masked, library: {} }), 'ERR_ARG', 'without pipeline');
    const broken = { pipeline: () => Promise.reject(new Error('no such file onnx/model.onnx')) };
    await expectRejection(of({ fillMask: masked, library: broken }), 'ERR_FORMAT', 'fill-mask', masked, 'no such file onnx/model.onnx');
    const controller = new AbortController();
    const engine = await transformersEngine({ fillMask: masked, library });
    controller.abort();
    const task = { operation: 'insert' as const, texts, share: 0.5, signal: controller.signal, progress: () => undefined };
    const { Philox } = await import('../../../src/tensor/random.js');
    expect(await rejection(engine.run({ ...task, random: (row) => new Philox(1, 1, row) }))).toBeInstanceOf(AbortError);
  });

  it('says how to install the package where it is missing', async () => {
    // It is not among the packages of this repository.
    await expectRejection(
      transformersEngine({ fillMask: masked }),
      'ERR_STATE',
      'npm install @huggingface/transformers',
      'languageModelEngine',
    );
  });
});

describe.skipIf(noTransformers)(`the engine with transformers.js itself${noTransformers ? ` (skipped: ${noTransformers})` : ''}`, () => {
  it('substitutes and inserts words of a tiny model with random weights, the same for a seed', { timeout: 120_000 }, async () => {
    const engine = await transformersEngine({ fillMask: masked, library: transformers(), candidates: 4 });
    expect(engine.name).toMatch(/^@huggingface\/transformers \d+\.\d+\.\d+ \(fill-mask masked; fp32\)$/);
    const words = new Set(TINY_WORDS.filter((word) => /^[a-z]+$/.test(word)));
    const run = async (seed: number): Promise<readonly string[]> => (await augmentTexts(texts, { engine, share: 0.3, seed })).texts;
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    texts.forEach((text, row) => {
      const own = wordsOf(text);
      const [substituted, inserted] = [first[texts.length + row], first[2 * texts.length + row]].map((t) => wordsOf(t ?? '')) as [
        string[],
        string[],
      ];
      if (own.length === 0) return void expect([...substituted, ...inserted]).toEqual([]);
      const changed = substituted.filter((word, at) => word !== own[at]);
      expect(changed).toHaveLength(Math.max(1, Math.round(0.3 * own.length)));
      expect(inserted).toHaveLength(own.length + Math.max(1, Math.round(0.3 * own.length)));
      for (const word of [...substituted, ...inserted]) expect(words.has(word), word).toBe(true);
    });
    await engine.dispose();
  });

  it('translates there and back by tiny models with random weights, the same every time', { timeout: 120_000 }, async () => {
    const options = { max_new_tokens: 5 };
    const engine = await transformersEngine({
      translation: { there: { folder: there, options }, back: { folder: back, options } },
      library: transformers(),
      batchSize: 3,
    });
    const run = async (): Promise<readonly string[]> =>
      (await augmentTexts(texts, { engine, operations: ['backTranslate'] })).texts.slice(texts.length);
    const first = await run();
    expect(first[3]).toBe('');
    expect(first.filter((text, row) => text !== texts[row]).length).toBeGreaterThan(0);
    for (const word of first.flatMap(wordsOf)) expect(word).toMatch(/^[a-z!#[\]A-Z]+$/);
    expect(await run()).toEqual(first);
    await engine.dispose();
  });

  it('says why a model does not load, or has no mask', { timeout: 120_000 }, async () => {
    const library = transformers();
    await expectRejection(transformersEngine({ fillMask: noMask, library }), 'ERR_FORMAT', 'mask_token');
    await expectRejection(
      transformersEngine({ fillMask: masked, library, dtype: 'q8' }),
      'ERR_FORMAT',
      'fill-mask',
      'model_quantized.onnx',
    );
  });
});
