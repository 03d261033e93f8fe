import { expect, test } from 'vitest';
import { TextVectorization, type TextVectorizationOptions } from '../../src/text/text-vectorization.js';
import { cases, fixtures, valuesOf, whyNoFixtures, type FixtureArray } from './fixtures.js';

const train = ['Kopi ini enak, enak sekali!', 'kopi pahit', 'teh manis', 'e-mail: teh@toko'];

test('mode int: padding 0, unknown 1, then by count, ties by descending bytes', () => {
  const v = new TextVectorization().adapt(train);
  expect(v.getVocabulary()).toEqual(['', '[UNK]', 'kopi', 'enak', 'tehtoko', 'teh', 'sekali', 'pahit', 'manis', 'ini', 'email']);
  expect(v.vocabularySize()).toBe(11);
  const y = v.call(['KOPI susu enak', 'teh']);
  expect([y.dtype, y.shape]).toEqual(['int32', [2, 3]]);
  expect(y.toArray()).toEqual([
    [2, 1, 3],
    [5, 0, 0],
  ]);
});

test('a length cuts and fills up; the vocabulary limit counts the special tokens', () => {
  const v = new TextVectorization({ maxTokens: 4, outputSequenceLength: 2 }).adapt(train);
  expect(v.getVocabulary()).toEqual(['', '[UNK]', 'kopi', 'enak']);
  expect(v.call(['kopi enak teh', '']).toArray()).toEqual([
    [2, 3],
    [0, 0],
  ]);
  expect(v.callRagged(['kopi enak teh', ''])).toEqual([[2, 3], []]);
});

test('one empty text has a row of length 0; no split has one number per text', () => {
  const v = new TextVectorization().adapt(train);
  expect(v.call('').shape).toEqual([1, 0]);
  const whole = new TextVectorization({ split: null }).adapt(['a b', 'a b', 'c']);
  expect(whole.call(['a b', 'c', 'd', '']).toArray()).toEqual([2, 3, 1, 0]);
});

test('ASCII only: É and a no-break space stay; characters are code points', () => {
  const v = new TextVectorization().adapt(['École\u00a0a b']);
  expect(v.getVocabulary(false)).toEqual(['École\u00a0a', 'b']);
  const c = new TextVectorization({ split: 'character', standardize: null }).adapt(['a😍']);
  expect(c.getVocabulary(false)).toEqual(['😍', 'a']);
});

test('ties go by UTF-8 bytes, not by UTF-16 units', () => {
  const v = new TextVectorization().adapt(['\uff5e 😍']);
  expect(v.getVocabulary(false)).toEqual(['😍', '\uff5e']);
});

test('count, multi_hot and tf_idf', () => {
  const options = { maxTokens: 8, padToMaxTokens: true, vocabulary: ['kopi', 'teh'] };
  const count = new TextVectorization({ ...options, outputMode: 'count' }).call(['kopi kopi susu', '']);
  expect(count.toArray()).toEqual([
    [1, 2, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  expect(new TextVectorization({ outputMode: 'multi_hot', vocabulary: ['kopi'] }).call(['kopi kopi']).toArray()).toEqual([[0, 1]]);
  const tfidf = new TextVectorization({ outputMode: 'tf_idf' }).adapt(['a b', 'a']);
  const [a, b] = [Math.log(1 + 2 / 3), Math.log(2)];
  expect(tfidf.getVocabulary()).toEqual(['[UNK]', 'a', 'b']);
  const y = tfidf.call(['a a c']);
  expect(y.dtype).toBe('float32');
  const row = (y.toArray() as number[][])[0] as number[];
  [(a + b) / 2, 2 * a, 0].forEach((x, i) => expect(row[i]).toBeCloseTo(x, 6));
});

test('functions of your own', () => {
  const v = new TextVectorization({ standardize: (s) => s.replace('?', ''), split: (s) => s.split(',') }).adapt(['a?,b']);
  expect(v.call(['b,a']).toArray()).toEqual([[2, 3]]);
  expect(() => v.getConfig()).toThrow(/functions/);
});

test('config round trip, through JSON, vocabulary and weights included', () => {
  for (const options of [
    { maxTokens: 6, ngrams: 2, outputSequenceLength: 4 },
    { outputMode: 'tf_idf', padToMaxTokens: true, maxTokens: 20 },
    { split: 'character', standardize: 'strip_punctuation' },
  ] as TextVectorizationOptions[]) {
    const v = new TextVectorization(options).adapt(train);
    const again = TextVectorization.fromConfig(JSON.parse(JSON.stringify(v.getConfig())) as TextVectorizationOptions);
    expect(again.call(train).toArray()).toEqual(v.call(train).toArray());
    expect(again.getConfig()).toEqual(v.getConfig());
  }
});

test('what cannot be is refused', () => {
  const code = (f: () => unknown): string | undefined => {
    try {
      f();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return undefined;
  };
  expect(code(() => new TextVectorization().call(['a']))).toBe('ERR_STATE');
  expect(code(() => new TextVectorization().adapt([]))).toBe('ERR_DATA');
  expect(code(() => new TextVectorization().adapt([null as unknown as string]))).toBe('ERR_DATA');
  expect(code(() => new TextVectorization({ vocabulary: ['a'] }).call([undefined as unknown as string]))).toBe('ERR_DATA');
  expect(() => new TextVectorization({ vocabulary: ['a'] }).call(['a', 3 as unknown as string])).toThrow(/row 1/);
  const bad: TextVectorizationOptions[] = [
    { maxTokens: 1 },
    { outputMode: 'bool' as 'int' },
    { outputSequenceLength: 3, outputMode: 'count' },
    { outputSequenceLength: -1 },
    { split: null, ngrams: 2 },
    { split: 'words' as 'whitespace' },
    { standardize: 'upper' as 'lower' },
    { ngrams: 0 },
    { padToMaxTokens: true },
    { vocabulary: ['a', 'a'] },
    { vocabulary: ['a', '[UNK]'] },
    { vocabulary: ['a', 'b'], maxTokens: 3 },
    { vocabulary: ['a'], idfWeights: [1] },
    { vocabulary: ['a'], outputMode: 'tf_idf' },
    { idfWeights: [1] },
    { max_tokens: 3 } as TextVectorizationOptions,
  ];
  for (const options of bad) expect([options, code(() => new TextVectorization(options))]).toEqual([options, 'ERR_ARG']);
});

interface VectorizationCase {
  layer: { config: Record<string, unknown> };
  adapt: string[];
  inputs: string[];
  vocabulary: string[];
  vocabulary_size: number;
  idf_weights?: FixtureArray;
  outputs?: FixtureArray[];
  outputs_ragged?: number[][];
}

test.skipIf(!fixtures).for(cases<VectorizationCase>('text', 'vectorization'))('Keras: %s', ([, c]) => {
  const config = c.layer.config;
  const v = new TextVectorization({
    maxTokens: config['max_tokens'] as number | null,
    standardize: config['standardize'] as 'lower' | null,
    split: config['split'] as 'character' | null,
    ngrams: config['ngrams'] as number | null,
    outputMode: config['output_mode'] as 'int',
    outputSequenceLength: config['output_sequence_length'] as number | null,
    padToMaxTokens: config['pad_to_max_tokens'] as boolean,
    vocabulary: config['vocabulary'] as string[] | null,
  });
  if (!config['vocabulary']) v.adapt(c.adapt);
  expect(v.getVocabulary()).toEqual(c.vocabulary);
  expect(v.vocabularySize()).toBe(c.vocabulary_size);
  if (c.outputs_ragged) {
    expect(v.callRagged(c.inputs)).toEqual(c.outputs_ragged);
    return;
  }
  const expected = c.outputs?.[0] as FixtureArray;
  const y = v.call(c.inputs);
  expect([y.shape, y.dtype]).toEqual([expected.shape, expected.dtype]);
  const actual = Array.from(y.data());
  if (expected.dtype === 'int32') expect(actual).toEqual(valuesOf(expected));
  // Logarithm and mean are rounded once each; Keras rounds at each step.
  else
    valuesOf(expected).forEach((x, i) => expect(Math.abs((actual[i] as number) - x)).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(x))));
  if (c.idf_weights) valuesOf(c.idf_weights).forEach((x, i) => expect(v.idfWeights?.[i] ?? 0).toBeCloseTo(x, 6));
});

test('reference cases of Keras are there to be walked', ({ skip }) => {
  if (!fixtures) skip(whyNoFixtures);
  expect(cases('text', 'vectorization').length).toBeGreaterThan(40);
});
