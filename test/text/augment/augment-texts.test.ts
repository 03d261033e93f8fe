import { describe, expect, it } from 'vitest';
import { trainTestSplit } from '../../../src/data/split.js';
import { AbortError } from '../../../src/models/history.js';
import { markPart, partOf } from '../../../src/tensor/part.js';
import { augmentTexts, type AugmentOptions, type AugmentProgress } from '../../../src/text/augment/augment-texts.js';
import type { AugmentOperation } from '../../../src/text/augment/engine.js';
import { rejection } from '../../helpers/expect-rejection.js';
import { toyEngine } from './toy-engine.js';

const engine = toyEngine();

describe('augmentTexts', () => {
  it('gives the texts, then a copy of each for every operation, with the row that each is of', async () => {
    const heard: AugmentProgress[] = [];
    const made = await augmentTexts(['a', 'b', ''], { engine, operations: ['substitute', 'delete'], onProgress: (p) => heard.push(p) });
    expect(made.texts.slice(0, 3)).toEqual(['a', 'b', '']);
    expect(made.texts[3]).toMatch(/^a substitute\d+$/);
    expect(made.texts[7]).toMatch(/^b delete\d+$/);
    expect([...made.rows]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(made.operations.map((o) => o?.[0] ?? '-').join('')).toBe('---sssddd');
    expect(made).toMatchObject({ added: 6, unchanged: 2, engine: 'toy' });
    expect(heard).toEqual([
      { operation: 'substitute', done: 3, total: 6 },
      { operation: 'delete', done: 6, total: 6 },
    ]);
  });

  it('repeats itself for a seed; another seed, another operation and another text draw otherwise', async () => {
    const run = async (options: Partial<AugmentOptions>, texts = ['a', 'a']): Promise<readonly string[]> =>
      (await augmentTexts(texts, { engine, operations: ['substitute', 'substitute'], seed: 1, ...options })).texts;
    const first = await run({});
    expect(await run({})).toEqual(first);
    expect(await run({ seed: 2 })).not.toEqual(first);
    expect(new Set(first.slice(2)).size).toBe(4);
    // What becomes of a text does not hang on how many there are after it.
    expect((await run({}, ['a', 'a', 'c'])).slice(3, 5)).toEqual(first.slice(2, 4));
  });

  it('refuses texts of a test or validation part, and hands the mark of a training part on', async () => {
    const texts = ['satu', 'dua', 'tiga', 'empat'];
    for (const part of ['test', 'validation'] as const)
      expect(await rejection(augmentTexts(markPart([...texts], part), { engine, operations: ['delete'] }))).toMatchObject({
        code: 'ERR_ARG',
        message: expect.stringMatching(new RegExp(`^\\[augmentTexts\\].*received rows of the ${part} part`)),
      });
    const { train } = trainTestSplit(4, { seed: 1 });
    const own = markPart(
      Array.from(train, (row) => texts[row] as string),
      'train',
    );
    const made = await augmentTexts(own, { engine, operations: ['delete'] });
    expect([partOf(made.texts), partOf(made.rows)]).toEqual(['train', 'train']);
  });

  it('names what is wrong with options, texts and engines', async () => {
    const of = (options: object, texts: unknown = ['a']): Promise<unknown> =>
      rejection(augmentTexts(texts as string[], { engine, operations: ['delete'], ...options }));
    for (const [options, code, message] of [
      [{ ops: [] }, 'ERR_ARG', /expected options engine, operations.*received "ops"/],
      [{ engine: undefined }, 'ERR_ARG', /expected an engine, received none; pass await languageModelEngine/],
      [{ operations: [] }, 'ERR_ARG', /at least one operation/],
      [{ operations: ['swap'] }, 'ERR_ARG', /among substitute, insert, delete, synonym, backTranslate, received "swap"/],
      [{ operations: ['insert'] }, 'ERR_ARG', /of engine "toy" \(substitute, delete\), received insert; the toy cannot insert/],
      [{ operations: ['synonym'] }, 'ERR_ARG', /use another engine/],
      [{ share: 0 }, 'ERR_ARG', /share in \(0,1\], received 0/],
      [{ seed: -1 }, 'ERR_ARG', /seed/],
      [{ engine: toyEngine(() => Promise.resolve([])) }, 'ERR_DATA', /expected 1 texts of engine "toy" for delete, received 0/],
    ] as const)
      expect(await of(options), JSON.stringify(options)).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await of({}, [])).toMatchObject({ code: 'ERR_DATA' });
    expect(await of({}, ['a', null])).toMatchObject({ code: 'ERR_DATA', message: expect.stringMatching(/text in row 1, received null/) });
  });

  it('stops between operations when told to', async () => {
    const controller = new AbortController();
    const done: AugmentOperation[] = [];
    const stopping = toyEngine(({ operation, texts }) => {
      done.push(operation);
      controller.abort();
      return Promise.resolve([...texts]);
    });
    const error = await rejection(
      augmentTexts(['a'], { engine: stopping, operations: ['delete', 'substitute'], signal: controller.signal }),
    );
    expect(error).toBeInstanceOf(AbortError);
    expect(done).toEqual(['delete']);
  });
});
