import { describe, expect, it } from 'vitest';
import { Philox } from '../../../src/tensor/random.js';
import { slangSynonyms } from '../../../src/text/augment/slang-synonyms.js';
import { deleteWords, replaceBySynonyms, wordsOf } from '../../../src/text/augment/words.js';
import { SlangDictionary } from '../../../src/text/slang.js';

const text = 'satu dua tiga empat lima enam tujuh delapan sembilan sepuluh';

describe('words left out', () => {
  it('are a share of them, one at least, the others in their order; one always stays', () => {
    for (let seed = 0; seed < 20; ++seed) {
      const random = (): Philox => new Philox(seed, 9);
      const words = wordsOf(deleteWords(text, 0.3, random()));
      expect(words).toHaveLength(7);
      const places = words.map((word) => wordsOf(text).indexOf(word));
      expect([...places].sort((a, b) => a - b)).toEqual(places);
      expect(wordsOf(deleteWords('satu dua', 1, random()))).toHaveLength(1);
      expect(wordsOf(deleteWords(text, 0.001, random()))).toHaveLength(9);
    }
    expect(deleteWords('satu', 0.5, new Philox(1))).toBe('satu');
    expect(deleteWords('', 0.5, new Philox(1))).toBe('');
  });
});

describe('synonyms', () => {
  it('of a list of slang go both ways, phrases left out', () => {
    const slang = new SlangDictionary([
      ['gk', 'tidak'],
      ['ga', 'tidak'],
      ['ga jelas', 'tidak jelas'],
      ['bgt', 'banget'],
      ['banget', 'sekali'],
      ['ok', 'ok'],
    ]);
    expect([...slangSynonyms(slang)]).toEqual([
      ['tidak', ['gk', 'ga']],
      ['gk', ['tidak', 'ga']],
      ['ga', ['tidak', 'gk']],
      ['banget', ['bgt', 'sekali']],
      ['bgt', ['banget']],
      ['sekali', ['banget']],
    ]);
  });

  it('take the place of some words that have them, and never of others', () => {
    const synonyms = new Map([
      ['dua', ['2', 'ii']],
      ['tiga', ['tiga']],
      ['sepuluh', ['10']],
    ]);
    const seen = new Set<string>();
    for (let seed = 0; seed < 40; ++seed) {
      const changed = replaceBySynonyms(text, 0.1, new Philox(seed), synonyms);
      const places = wordsOf(text).flatMap((word, at) => (wordsOf(changed)[at] === word ? [] : [at]));
      expect(places).toHaveLength(1);
      seen.add(wordsOf(changed)[places[0] as number] as string);
    }
    expect([...seen].sort()).toEqual(['10', '2', 'ii']);
    expect(wordsOf(replaceBySynonyms(text, 1, new Philox(1), synonyms)).filter((w) => w === 'dua' || w === 'sepuluh')).toEqual([]);
    expect(replaceBySynonyms('tiga  empat', 1, new Philox(1), synonyms)).toBe('tiga  empat');
  });
});
