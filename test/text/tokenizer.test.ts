import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../src/text/index.js';
import { expectError } from '../helpers/expect-error.js';

// What Keras 2.15 gives for whole cases is in the fixtures; here are its words and what they are for.

describe('Tokenizer', () => {
  it('numbers words by count, ties in order of first appearance', () => {
    const t = new Tokenizer();
    t.fitOnTexts(['b a, c!', 'c']);
    expect([...t.wordIndex]).toEqual([
      ['c', 1],
      ['b', 2],
      ['a', 3],
    ]);
    expect(t.textsToSequences(['A b? d'])).toEqual([[3, 2]]);
    expect(t.sequencesToTexts([[3, 2, 9]])).toEqual(['a b']);
  });

  it('goes on counting after a round trip, words that look like numbers included', () => {
    const texts = ['2019 was 1 year', 'b 7 was'];
    const whole = new Tokenizer({ oovToken: '?' });
    for (const text of texts) whole.fitOnTexts([text]);
    const first = new Tokenizer({ oovToken: '?' });
    first.fitOnTexts(texts.slice(0, 1));
    const again = Tokenizer.fromJson(JSON.stringify(first.toJson()));
    again.fitOnTexts(texts.slice(1));
    expect(again.toJson()).toBe(whole.toJson());
    expect([...again.wordCounts.keys()]).toEqual(['2019', 'was', '1', 'year', 'b', '7']);
  });

  it('takes words that are names of JavaScript objects', () => {
    const t = new Tokenizer();
    t.fitOnTexts(['constructor __proto__ "quoted\\" é']);
    expect([...Tokenizer.fromJson(t.toJson()).wordIndex]).toEqual([...t.wordIndex]);
    expect(t.textsToSequences(['toString __proto__'])).toEqual([[2]]);
  });

  it('takes texts that were split before, and lower-cases them', () => {
    const t = new Tokenizer();
    t.fitOnTexts([['New York', 'x']]);
    expect(t.textsToSequences([['NEW YORK'], 'new york'])).toEqual([[1], []]);
  });

  it('weighs words by sequences alone', () => {
    const t = new Tokenizer({ numWords: 3 });
    t.fitOnSequences([
      [1, 1],
      [1, 2],
    ]);
    const [, one, two] = t.sequencesToMatrix([[1, 2]], 'tfidf').data();
    expect(one).toBeCloseTo(Math.log(1 + 2 / 3), 6);
    expect(two).toBeCloseTo(Math.log(1 + 2 / 2), 6);
  });

  it('refuses what it cannot do, with the reason', () => {
    expectError(() => new Tokenizer({ num_words: 3 } as never), 'ERR_ARG', 'numWords');
    expectError(() => new Tokenizer({ split: '' }), 'ERR_ARG', 'charLevel');
    expectError(() => new Tokenizer().fitOnTexts([3 as never]), 'ERR_DATA', 'received 3');
    expectError(() => new Tokenizer().textsToMatrix(['a']), 'ERR_STATE', 'fitOnTexts');
    expectError(() => new Tokenizer({ numWords: 2 }).textsToMatrix(['a'], 'tfidf'), 'ERR_STATE', 'fitOnTexts');
    expectError(() => new Tokenizer({ numWords: 2 }).textsToMatrix(['a'], 'tf' as never), 'ERR_ARG', 'binary');
    expectError(() => Tokenizer.fromJson('no'), 'ERR_FORMAT', 'no JSON');
    expectError(() => Tokenizer.fromJson('{"class_name": "Other"}'), 'ERR_FORMAT', 'class_name');
    const damaged = new Tokenizer().toJson().replace('"word_index": "{}"', '"word_index": "{\\"a\\": {}}"');
    expectError(() => Tokenizer.fromJson(damaged), 'ERR_FORMAT', 'word_index');
  });
});
