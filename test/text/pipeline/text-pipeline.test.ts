import { describe, expect, it } from 'vitest';
import { stratifiedSplit } from '../../../src/data/split.js';
import { Table } from '../../../src/data/table.js';
import { markPart, partOf } from '../../../src/tensor/part.js';
import { padSequences } from '../../../src/text/pad-sequences.js';
import { publishedSteps } from '../../../src/text/pipeline/published-steps.js';
import { TextPipeline, type TextPipelineOptions } from '../../../src/text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../../src/text/text-vectorization.js';
import { Tokenizer } from '../../../src/text/tokenizer.js';
import { expectError } from '../../helpers/expect-error.js';
import { sameBits } from '../../helpers/toy-data.js';

const slang = { gk: 'tidak', 'gk bgt': 'tidak sekali', bgt: 'banget', makasih: 'terima kasih' };
const all: TextPipelineOptions['steps'] = ['casefold', 'clean', { step: 'slang', entries: slang }, 'stopwords', 'stem'];
const train = ['Pelayanannya GK BGT!!! 😡', 'makasih dokternya membantu 👍 https://contoh.id', 'Saya dibantu, dokter membantu saya 100%'];
const through = (pipeline: TextPipeline): TextPipeline => TextPipeline.fromJSON(JSON.parse(JSON.stringify(pipeline)));

describe('TextPipeline', () => {
  it('runs its steps in their order', () => {
    const pipeline = new TextPipeline({ steps: all });
    expect(pipeline.processAll(train)).toEqual(['layan sekali', 'terima kasih dokter bantu', 'bantu dokter bantu']);
    expect(pipeline.process(train[1] as string)).toBe('terima kasih dokter bantu');
    const other = new TextPipeline({ steps: ['stopwords', 'casefold'] });
    expect(other.process('Saya saya  suka')).toBe('saya suka');
    expect(new TextPipeline({ steps: ['stopwords', { step: 'clean' }, 'stopwords'] }).process('ini, itu')).toBe('');
    expect(new TextPipeline({ steps: [{ step: 'stopwords', words: ['a'] }] }).process('a b a')).toBe('b');
    expect(new TextPipeline({ steps: [{ step: 'stem', extraWords: ['gugel'] }] }).process('menggugel')).toBe('gugel');
  });

  it('gives what its last step gives for the texts that the others leave', () => {
    const clean = new TextPipeline({ steps: all }).processAll(train);
    const unseen = ['dokter kurang membantu'];
    const v = new TextVectorization({ standardize: null, outputSequenceLength: 5 });
    v.adapt(clean);
    const pipeline = new TextPipeline({ steps: [...all, { step: 'vectorize', outputSequenceLength: 5 }] }).fit(train);
    expect(sameBits([pipeline.transform(train), pipeline.transform(unseen)], [v.call(clean), v.call(['dokter kurang bantu'])])).toBe(true);
    expect(pipeline.transform(unseen[0] as string).shape).toEqual([1, 5]);
    expect([pipeline.vocabularySize(), pipeline.vectorizer]).toEqual([v.vocabularySize(), expect.any(TextVectorization)]);

    const t = new Tokenizer({ numWords: 4 });
    t.fitOnTexts(clean);
    const ranked = new TextPipeline({ steps: [...all, { step: 'tokenize', numWords: 4, length: 2 }] }).fit(train);
    const expected = padSequences(t.textsToSequences(clean), { maxlen: 2, padding: 'post', truncating: 'post' });
    expect(sameBits([ranked.transform(train)], [expected])).toBe(true);
    expect(ranked.vocabularySize()).toBe(4);
    const ends = new TextPipeline({ steps: [...all, { step: 'tokenize', numWords: 4, length: 2, truncating: 'pre' }] }).fit(train);
    const cut = padSequences(t.textsToSequences(clean), { maxlen: 2, padding: 'post', truncating: 'pre' });
    expect(sameBits([ends.transform(train)], [cut])).toBe(true);
    expect(sameBits([cut], [expected])).toBe(false);

    const grams = new TextPipeline({ steps: [...all, { step: 'vectorize', outputMode: 'tf_idf', ngrams: 2 }] }).fit(train);
    expect((grams.vectorizer as TextVectorization).getVocabulary()).toContain('terima kasih');
    expect(grams.transform(train).dtype).toBe('float32');
  });

  it('counts what it did to the training texts', () => {
    const { statistics } = new TextPipeline({ steps: all }).fit([...train, '!!!']);
    expect(statistics).toEqual([
      { step: 'casefold', changed: 2, words: 16, emptyTexts: 0 },
      { step: 'clean', changed: 4, words: 11, emptyTexts: 1 },
      { step: 'slang', changed: 3, words: 12, emptyTexts: 1 },
      { step: 'stopwords', changed: 3, words: 9, emptyTexts: 1 },
      { step: 'stem', changed: 5, words: 9, emptyTexts: 1 },
    ]);
  });

  it('explains what it does to a sentence', () => {
    const pipeline = new TextPipeline({ steps: [...all, { step: 'vectorize' }] });
    const text = 'Pelayanannya gk bgt, saya kecewa.';
    expect(pipeline.explain(text).map((s) => s.step)).toEqual(['casefold', 'clean', 'slang', 'stopwords', 'stem']);
    const explained = pipeline.fit(train).explain(text);
    expect(explained.map((s) => s.text)).toEqual([
      'pelayanannya gk bgt, saya kecewa.',
      'pelayanannya gk bgt saya kecewa',
      'pelayanannya tidak sekali saya kecewa',
      'pelayanannya sekali kecewa',
      'layan sekali kecewa',
      expect.stringMatching(/^\d+ \d+ 1$/),
    ]);
    expect(explained.map((s) => s.changes).slice(2, 5)).toEqual([
      [{ from: 'gk bgt', to: 'tidak sekali' }],
      [
        { from: 'tidak', to: '' },
        { from: 'saya', to: '' },
      ],
      [{ from: 'pelayanannya', to: 'layan', why: '-nya, -an, pe- (rule 32)' }],
    ]);
    expect(explained.at(-1)?.tokens?.at(-1)).toEqual({ token: 'kecewa', number: 1, known: false });
    const ranked = new TextPipeline({ steps: [{ step: 'tokenize', length: 3 }] }).fit(['a b a']);
    expect(ranked.explain('b c a')[0]?.tokens?.map((t) => t.number)).toEqual([2, 0, 1]);
    expect(ranked.explain('b c a')[0]?.text).toBe('2 0 1');
    const python = new TextPipeline({ steps: [{ step: 'stopwords', likePythonSastrawi: true }] });
    expect(python.explain('yang dan biru')[0]?.changes).toEqual([{ from: 'yang', to: '' }]);
  });

  it('learns once, and from training texts only', () => {
    const pipeline = new TextPipeline({ steps: ['casefold', { step: 'vectorize' }] });
    expectError(() => pipeline.transform(train), 'ERR_STATE', 'transform', 'fit(trainingTexts)');
    expectError(() => pipeline.statistics, 'ERR_STATE', 'fit');
    const table = new Table(
      ['text', 'label'],
      [
        ['a b', 'b c', 'c d', 'd e'],
        [0, 0, 1, 1],
      ],
    );
    const split = stratifiedSplit(table.numbers('label'), { testSize: 2 });
    const [first, second] = [table.take(split.train).strings('text'), table.take(split.test).strings('text')];
    expectError(() => pipeline.fit(second), 'ERR_ARG', 'training part', 'test part');
    expectError(() => pipeline.fit(markPart(['a'], 'validation')), 'ERR_ARG', 'validation part');
    expectError(() => pipeline.fit([]), 'ERR_DATA', 'at least one text');
    expect(pipeline.fitted).toBe(false);
    pipeline.fit(first);
    expectError(() => pipeline.fit(first), 'ERR_STATE', 'one fit', '2 texts');
    expectError(() => through(pipeline).fit(first), 'ERR_STATE', 'one fit');
    expect([partOf(pipeline.processAll(second)), partOf(pipeline.transform(second))]).toEqual(['test', 'test']);
  });

  it('a vocabulary that is given needs no fit and is not replaced by one', () => {
    const given = new TextPipeline({ steps: ['casefold', { step: 'vectorize', vocabulary: ['b', 'a'] }] });
    expect(Array.from(given.transform('A b c').data())).toEqual([3, 2, 1]);
    given.fit(['z']);
    expect(Array.from(given.transform('A z').data())).toEqual([3, 1]);
    const keras = new Tokenizer();
    keras.fitOnTexts(['satu dua dua']);
    expect(
      Array.from(new TextPipeline({ steps: [{ step: 'tokenize', length: 3, json: keras.toJson() }] }).transform('dua satu').data()),
    ).toEqual([1, 2, 0]);
  });

  it('says which text is empty, if told to', () => {
    const strict = new TextPipeline({ steps: ['clean', 'vectorize'], empty: 'error' });
    expectError(() => strict.fit(['a', '!?']), 'ERR_DATA', 'row 1', '"!?"', 'keep');
    expect(Array.from(new TextPipeline({ steps: ['clean', 'vectorize'] }).fit(['a']).transform(['!?', 'a']).data())).toEqual([0, 2]);
    expectError(() => strict.processAll(['a', null as never]), 'ERR_DATA', 'row 1', 'null');
  });

  it('refuses steps that are none', () => {
    const make =
      (steps: unknown, more: object = {}) =>
      () =>
        new TextPipeline({ steps: steps as TextPipelineOptions['steps'], ...more });
    expectError(make(['stemming']), 'ERR_ARG', 'casefold, clean, cleanText, slang, stopwords, stem, vectorize, tokenize', '"stemming"');
    expectError(make(['toString']), 'ERR_ARG', '"toString"');
    expectError(make([]), 'ERR_ARG', 'at least one');
    expectError(make(['slang']), 'ERR_ARG', 'entries', 'loadSlang');
    expectError(make(['vectorize', 'stem']), 'ERR_ARG', 'vectorize to be the last');
    expectError(make([{ step: 'clean', url: true }]), 'ERR_ARG', '"url"');
    expectError(make([{ step: 'stem', words: [] }]), 'ERR_ARG', 'rootWords, extraWords for stem', '"words"');
    expectError(make([{ step: 'casefold', locale: 'tr' }]), 'ERR_ARG', 'no options for casefold', '"locale"');
    expectError(make([{ step: 'tokenize' }]), 'ERR_ARG', 'length');
    expectError(make([{ step: 'vectorize', maxTokens: -1 }]), 'ERR_ARG', 'maxTokens');
    expectError(make(['stem'], { stem: true }), 'ERR_ARG', '"stem"');
    expectError(make(['stem'], { empty: 'drop' }), 'ERR_ARG', '"drop"');
    expectError(() => new TextPipeline({ steps: ['stem'] }).fit(['a']).transform(['a']), 'ERR_STATE', 'vectorize or tokenize');
  });
});

describe('as JSON and back', () => {
  const unseen = ['Dokternya gk bgt 123', '', 'constructor __proto__ terima kasih'];
  const lasts: TextPipelineOptions['steps'] = [
    { step: 'vectorize', maxTokens: 9, outputSequenceLength: 4 },
    { step: 'vectorize', outputMode: 'tf_idf', ngrams: [1, 2] },
    { step: 'vectorize', standardize: 'lower', outputMode: 'count' },
    { step: 'tokenize', length: 5, oovToken: '?' },
    { step: 'tokenize', length: 2, truncating: 'pre' },
  ];
  for (const last of lasts) {
    it(`is the same pipeline to the bit: ${JSON.stringify(last)}`, () => {
      const pipeline = new TextPipeline({ steps: [...all, last] }).fit(train);
      const again = through(pipeline);
      expect(sameBits([again.transform(unseen)], [pipeline.transform(unseen)])).toBe(true);
      expect(again.statistics).toEqual(pipeline.statistics);
      expect(again.explain(unseen[0] as string)).toEqual(pipeline.explain(unseen[0] as string));
      expect(JSON.stringify(again)).toBe(JSON.stringify(pipeline));
    });
  }

  it('keeps words of one’s own, options, and that it has not learnt yet', () => {
    const steps: TextPipelineOptions['steps'] = [
      { step: 'cleanText', letters: 'unicode' },
      { step: 'clean', digits: false, replaceBy: '' },
      { step: 'stopwords', words: new Set(['ç']), likePythonSastrawi: true },
      { step: 'stem', rootWords: ['baca'], extraWords: ['tulis'] },
      'vectorize',
    ];
    const pipeline = new TextPipeline({ steps, empty: 'error' });
    const again = through(pipeline);
    expect([again.fitted, again.empty]).toEqual([false, 'error']);
    expect(JSON.stringify(again)).toBe(JSON.stringify(pipeline));
    const text = 'ç ç membaca menulis menyapu 3é';
    expect(again.process(text)).toBe(pipeline.process(text));
    expect(TextPipeline.fromJSON(JSON.stringify(pipeline)).process(text)).toBe('ç baca tulis menyapu 3é');
  });

  it('refuses what no pipeline wrote', () => {
    const file = JSON.parse(JSON.stringify(new TextPipeline({ steps: ['stem', 'vectorize'] }).fit(train))) as Record<string, unknown>;
    const read = (change: object) => () => TextPipeline.fromJSON({ ...file, ...change });
    expectError(() => TextPipeline.fromJSON('{'), 'ERR_FORMAT', 'no JSON');
    for (const no of [null, 3, [], 'null', {}]) expectError(() => TextPipeline.fromJSON(no), 'ERR_FORMAT', 'saraf-text-pipeline');
    expectError(read({ formatVersion: 2 }), 'ERR_FORMAT', 'version 1', 'received 2', 'update saraf');
    expectError(read({ steps: [{ step: 'lemma' }] }), 'ERR_FORMAT', '"lemma"');
    expectError(read({ steps: [null] }), 'ERR_FORMAT', 'expected');
    expectError(read({ learnt: { texts: 3 } }), 'ERR_FORMAT', 'statistics');
    expectError(read({ empty: 1 }), 'ERR_FORMAT', 'empty');
    const steps = structuredClone(file['steps']) as { rootWords: { sha256: string } }[];
    (steps[0] as (typeof steps)[0]).rootWords.sha256 = 'ab';
    expectError(read({ steps }), 'ERR_FORMAT', '29931 root words', 'sastrawijs');
  });
});

describe('publishedSteps', () => {
  const text = 'RT USER: Yang gk bgt\\n\\xf0\\x9f e-mail saya 24 jam 👍 Membantu';
  const run = (id: Parameters<typeof publishedSteps>[0]): string => new TextPipeline({ steps: publishedSteps(id, slang) }).process(text);

  it('as each document prepares its texts', () => {
    expect(run('nusax-lstm')).toBe('rt user yang gk bgtnxf0x9f email saya 24 jam  membantu');
    expect(run('hate-speech-lstm-transformer')).toBe('rt user sekali e mail 24 jam bantu');
    expect(run('halodoc-cnn-bilstm')).toBe('rt user gk bgt n xf x f e mail jam membantu');
    expect(run('news-c-lstm')).toBe('rt user yang gk bgt n xf0 x9f e mail 24 jam bantu');
  });

  it('refuses other names, and slang that is missing', () => {
    expectError(() => publishedSteps('cifar10-cnn' as 'nusax-lstm'), 'ERR_ARG', 'nusax-lstm', '"cifar10-cnn"');
    expectError(() => publishedSteps('hate-speech-lstm-transformer'), 'ERR_ARG', 'loadSlang');
  });
});
