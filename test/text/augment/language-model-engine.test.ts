import { afterEach, describe, expect, it } from 'vitest';
import { getSeed, layers, setSeed, setThreads } from '../../../src/index.js';
import { AbortError } from '../../../src/models/history.js';
import { markPart } from '../../../src/tensor/part.js';
import { augmentTexts } from '../../../src/text/augment/augment-texts.js';
import { languageModelEngine } from '../../../src/text/augment/language-model-engine.js';
import { MaskedLanguageModel, type MaskedContext } from '../../../src/text/augment/masked-language-model.js';
import { wordsOf } from '../../../src/text/augment/words.js';
import { SlangDictionary } from '../../../src/text/slang.js';
import { rejection } from '../../helpers/expect-rejection.js';
import { native } from '../../native/helpers.js';
import { eatAndDrink } from './toy-engine.js';

const SMALL = { units: 16, embedding: 16, window: 4, epochs: 6, hidden: 3, minCount: 1, batchSize: 32, learningRate: 0.01, seed: 3 };
const food = new Set('nasi roti mie sate'.split(' '));
const drinks = new Set('teh kopi susu air'.split(' '));

afterEach(() => {
  native.setThreads(0);
  native.setIsa(native.isas().at(-1) as string);
});

describe('MaskedLanguageModel', () => {
  it('learns which words stand between which, on text that it has not seen too', async () => {
    const progress: number[] = [];
    const model = new MaskedLanguageModel(SMALL);
    await model.fit(eatAndDrink(400), { onProgress: ({ done, total }) => progress.push(done / total) });
    expect(model.learntTexts).toBe(400);
    expect(model.words).toHaveLength(17);
    expect(progress.at(-1)).toBe(1);
    const contexts: MaskedContext[] = [
      { before: ['saya', 'makan'], after: ['enak'] },
      { before: ['dia', 'minum'], after: ['segar'] },
      { before: ['dia'], after: ['kopi', 'segar'] },
      { before: [], after: ['orangasing'] },
    ];
    const [eaten, drunk, verb, odd] = await model.predict(contexts, 4);
    expect(new Set(eaten?.map((f) => f.word))).toEqual(food);
    expect(new Set(drunk?.map((f) => f.word))).toEqual(drinks);
    expect(verb?.[0]?.word).toBe('minum');
    expect(odd).toHaveLength(4);
    for (const found of [eaten, drunk, verb]) {
      const p = (found ?? []).map((f) => f.probability);
      expect([...p].sort((a, b) => b - a)).toEqual(p);
    }
    // Of 4 words only the person and what is eaten are open: ln 5 and ln 4, a quarter of the words each.
    expect(model.loss(eatAndDrink(60, 7))).toBeLessThan((Math.log(5) + Math.log(4)) / 4 + 0.15);
    expect((await model.predict(contexts, 100))[0]).toHaveLength(17);
  });

  it('is the same on any number of threads and instruction set, and leaves the global seed alone', async () => {
    const run = async (threads: number, isa: string, seed: number): Promise<number> => {
      setThreads(threads);
      native.setIsa(isa);
      const model = new MaskedLanguageModel({ ...SMALL, epochs: 1, seed });
      await model.fit(eatAndDrink(100));
      return model.loss(eatAndDrink(40, 2));
    };
    const last = native.isas().at(-1) as string;
    setSeed(11);
    const before = layers.dense({ units: 2, inputShape: [3] });
    const first = await run(1, last, 3);
    expect(getSeed()).toBe(11);
    expect(before.units).toBe(2);
    expect(await run(2, last, 3)).toBe(first);
    expect(await run(3, 'ref', 3)).toBe(first);
    expect(await run(1, last, 4)).not.toBe(first);
    setSeed(0);
  });

  it('refuses options, texts and calls that make no sense', async () => {
    expect(() => new MaskedLanguageModel({ unit: 3 } as object)).toThrow(/expected options maxWords.*received "unit"/);
    expect(() => new MaskedLanguageModel({ units: 0 })).toThrow(/units to be an integer in \[1,4096\], received 0/);
    expect(() => new MaskedLanguageModel({ learningRate: 2 })).toThrow(/learningRate in \(0,1\], received 2/);
    const model = new MaskedLanguageModel({ ...SMALL, epochs: 1, minCount: 2 });
    expect(await rejection(model.predict([], 1))).toMatchObject({ code: 'ERR_STATE' });
    expect(() => model.loss(['a'])).toThrow(/call fit/);
    expect(await rejection(model.fit([]))).toMatchObject({ code: 'ERR_DATA' });
    expect(await rejection(model.fit(['a b c', 'd e f']))).toMatchObject({
      code: 'ERR_DATA',
      message: expect.stringMatching(/at least 2 words that come 2 times or more, received 0 in 2 texts; .*lower minCount/),
    });
    expect(await rejection(model.fit(markPart(eatAndDrink(20), 'test')))).toMatchObject({ code: 'ERR_ARG' });
    const controller = new AbortController();
    controller.abort();
    expect(await rejection(model.fit(eatAndDrink(20), { signal: controller.signal }))).toBeInstanceOf(AbortError);
    // A fit that was stopped has left nothing behind.
    await model.fit(eatAndDrink(20));
    expect(await rejection(model.fit(eatAndDrink(20)))).toMatchObject({ code: 'ERR_STATE', message: expect.stringMatching(/20 texts/) });
    expect(await rejection(model.predict([], 0))).toMatchObject({ code: 'ERR_ARG' });
    expect(() => model.loss(['zzz'])).toThrow(/known words/);
  });
});

describe('the engine that needs no download', () => {
  const texts = eatAndDrink(120, 5);
  const ready = new MaskedLanguageModel(SMALL);

  it('replaces, adds and leaves out words that fit, and says what it is', { timeout: 60_000 }, async () => {
    await ready.fit(eatAndDrink(400));
    const engine = await languageModelEngine([], { model: ready, candidates: 4 });
    expect(engine.name).toBe('masked language model of saraf (two LSTMs of 16 units, 17 words, learnt from 400 texts)');
    const heard: number[] = [];
    const made = await augmentTexts([...texts, '', 'makan'], {
      engine,
      share: 0.2,
      seed: 1,
      onProgress: (p) => heard.push(p.done / p.total),
    });
    const copies = (operation: string): string[][] => made.texts.filter((_, i) => made.operations[i] === operation).map(wordsOf);
    expect(heard.at(-1)).toBe(1);
    expect(made.added).toBe(3 * 122);
    // The empty text three times, and the text of one word once.
    expect(made.unchanged).toBe(4);
    let fitting = 0;
    texts.forEach((text, row) => {
      const [words, substituted, inserted, deleted] = [text, ...['substitute', 'insert', 'delete'].map((o) => copies(o)[row])].map((w) =>
        typeof w === 'string' ? wordsOf(w) : (w as string[]),
      ) as [string[], string[], string[], string[]];
      expect([substituted.length, inserted.length, deleted.length]).toEqual([4, 5, 3]);
      expect(substituted.filter((word, at) => word !== words[at])).toHaveLength(1);
      expect(words.every((word) => inserted.includes(word))).toBe(true);
      expect(deleted.every((word) => words.includes(word))).toBe(true);
      const at = substituted.findIndex((word, i) => word !== words[i]);
      if (at === 2 && (words[1] === 'makan' ? food : drinks).has(substituted[2] as string)) fitting++;
      if (at !== 2) fitting++;
    });
    expect(fitting).toBeGreaterThan(0.95 * texts.length);
    const again = await augmentTexts([...texts, '', 'makan'], { engine, share: 0.2, seed: 1 });
    expect(again.texts).toEqual(made.texts);
    expect((await augmentTexts(texts, { engine, seed: 2 })).texts).not.toEqual((await augmentTexts(texts, { engine, seed: 1 })).texts);
  });

  it('writes synonyms from slang or a map where it is given them, and says what to do where not', async () => {
    const slang = new SlangDictionary({ mkn: 'makan', mnm: 'minum' });
    const engine = await languageModelEngine([], { model: ready, synonyms: slang });
    const made = await augmentTexts(texts, { engine, operations: ['synonym'], seed: 1 });
    texts.forEach((text, row) => expect(made.texts[texts.length + row]).toBe(text.replace('makan', 'mkn').replace('minum', 'mnm')));
    const own = await languageModelEngine([], { model: ready, synonyms: new Map([['nasi', ['beras']]]) });
    expect((await augmentTexts(['makan nasi'], { engine: own, operations: ['synonym'] })).texts[1]).toBe('makan beras');
    const without = await languageModelEngine([], { model: ready });
    expect(await rejection(augmentTexts(texts, { engine: without, operations: ['synonym'] }))).toMatchObject({
      code: 'ERR_ARG',
      message: expect.stringMatching(/received synonym; give languageModelEngine its synonyms/),
    });
    expect(await rejection(augmentTexts(texts, { engine: without, operations: ['backTranslate'] }))).toMatchObject({
      code: 'ERR_ARG',
      message: expect.stringMatching(/received backTranslate; this engine cannot translate.*transformersEngine/),
    });
  });

  it('learns from training texts alone and refuses what it cannot use', async () => {
    expect(await rejection(languageModelEngine(markPart([...texts], 'test')))).toMatchObject({ code: 'ERR_ARG' });
    expect(await rejection(languageModelEngine(texts, { models: 1 } as object))).toMatchObject({ code: 'ERR_ARG' });
    expect(await rejection(languageModelEngine(texts, { candidates: 0 }))).toMatchObject({ code: 'ERR_ARG' });
    expect(await rejection(languageModelEngine(texts, { model: new MaskedLanguageModel() }))).toMatchObject({ code: 'ERR_STATE' });
    const engine = await languageModelEngine(texts, { model: { ...SMALL, epochs: 1 } });
    expect(engine.name).toMatch(/learnt from 120 texts/);
    const controller = new AbortController();
    controller.abort();
    const stopped = engine.run({
      operation: 'insert',
      texts,
      share: 0.5,
      random: () => {
        throw new Error('not reached');
      },
      signal: controller.signal,
      progress: () => undefined,
    });
    expect(await rejection(stopped)).toBeInstanceOf(Error);
  });
});
