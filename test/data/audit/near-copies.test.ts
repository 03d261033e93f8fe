import { describe, expect, it } from 'vitest';
import { nearCopies } from '../../../src/data/audit/near-copies.js';
import { jaccard, wordSets } from '../../../src/data/audit/word-sets.js';
import { nearDuplicates } from '../../../src/data/duplicates.js';
import { loadTable } from '../../../src/data/load-table.js';
import { trainTestSplit } from '../../../src/data/split.js';
import { Philox } from '../../../src/tensor/random.js';
import { expectError } from '../../helpers/expect-error.js';

const plainWords = (text: string): Set<string> =>
  new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [],
  );

/** |A ∩ B| / |A ∪ B| of words, the plain way. */
function plainJaccard(a: Set<string>, b: Set<string>): number {
  let both = 0;
  for (const word of a) if (b.has(word)) ++both;
  return both / (a.size + b.size - both);
}

/** Texts of 4 to 23 words, some of them frequent. */
function randomTexts(rows: number, seed: number): string[] {
  const random = new Philox(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: 4 + random.integer(20) }, () => `kata${Math.floor(2000 * random.uniform() ** 2)}`).join(' '),
  );
}

/** A copy of which some words were replaced, added or left out. */
function changed(text: string, how: 'replace' | 'insert' | 'delete', share: number, words: readonly string[], random: Philox): string {
  const list = text.split(/\s+/);
  const n = Math.max(1, Math.round(share * list.length));
  for (let i = 0; i < n; ++i) {
    const at = random.integer(list.length);
    const word = words[random.integer(words.length)] as string;
    if (how === 'replace') list[at] = word;
    else if (how === 'insert') list.splice(at, 0, word);
    else if (list.length > 1) list.splice(at, 1);
  }
  return list.join(' ');
}

describe('word sets', () => {
  it('give the share of common words, whatever case, punctuation and order', () => {
    const of = (a: string, b: string, least = 0): number => jaccard(wordSets([a]), 0, wordSets([b]), 0, least);
    expect(of('Satu dua, TIGA!', 'tiga (dua) satu satu')).toBe(1);
    expect(of('satu dua tiga', 'satu dua empat')).toBe(0.5);
    expect(of('satu dua tiga', 'satu dua empat', 0.5)).toBe(0.5);
    expect(of('satu dua tiga', 'satu dua empat', 0.51)).toBe(0);
    expect(of('caf\u00e9', 'cafe\u0301')).toBe(1);
    expect(of('😡', '😍')).toBeNaN();
  });

  it('agree with plain sets of words on random texts', () => {
    const texts = randomTexts(60, 1);
    const sets = wordSets(texts);
    for (const [i, a] of texts.entries())
      for (const [j, b] of texts.entries()) expect(jaccard(sets, i, sets, j)).toBe(plainJaccard(plainWords(a), plainWords(b)));
  });
});

describe('nearCopies', () => {
  it.each([0.3, 0.5, 0.6, 0.8])('reports no pair below the threshold %d, and nearly all above', (threshold) => {
    const random = new Philox(2);
    const train = randomTexts(400, 3);
    const words = train.flatMap((text) => text.split(' '));
    const test = train.flatMap((text) =>
      (['replace', 'insert', 'delete'] as const).map((how) => changed(text, how, 0.5 * random.uniform(), words, random)),
    );
    const { pairs, givenUp } = nearCopies(train, test, { threshold });
    expect(givenUp).toBe(0);
    const a = train.map(plainWords);
    const b = test.map(plainWords);
    for (const { train: i, test: j, similarity } of pairs) {
      expect(similarity).toBe(plainJaccard(a[i] as Set<string>, b[j] as Set<string>));
      expect(similarity).toBeGreaterThanOrEqual(threshold);
    }
    const enough = (words: Set<string>): boolean => words.size >= 4;
    const exact = b.map((words) => enough(words) && a.some((other) => enough(other) && plainJaccard(other, words) >= threshold));
    const wanted = exact.filter(Boolean).length;
    const found = new Set(pairs.map((pair) => pair.test));
    expect(wanted).toBeGreaterThan(300);
    expect([...found].filter((row) => !exact[row])).toEqual([]);
    expect(found.size / wanted).toBeGreaterThanOrEqual(0.98);
  });

  it('passes over texts of fewer than four different words, and texts without any', () => {
    expect(nearCopies(['bagus sekali', 'baik baik baik baik', '', '😍'], ['bagus sekali', 'baik', '', '😍']).pairs).toEqual([]);
    expect(nearCopies(['satu dua tiga empat'], ['empat tiga dua satu']).pairs).toEqual([{ test: 0, train: 0, similarity: 1 }]);
    expect(nearCopies([], ['satu dua tiga empat'])).toEqual({ pairs: [], givenUp: 0 });
    expect(nearCopies(['satu dua tiga empat'], [])).toEqual({ pairs: [], givenUp: 0 });
  });

  it('gives up on a text that is a little like very many, and says so', () => {
    const train = Array.from({ length: 12_000 }, (_, i) => `a b c d e f g h x${i} y${i}`);
    const { pairs, givenUp } = nearCopies(train, ['a b c d e f g h p q', 'p q r s t'], { threshold: 0.7 });
    expect({ pairs, givenUp }).toEqual({ pairs: [], givenUp: 1 });
  });

  it('refuses a threshold that is no share', () => {
    expectError(() => nearCopies([], [], { threshold: 0 }), 'ERR_ARG', '(0,1]', 'received 0');
    expectError(() => nearCopies([], [], { threshold: 1.1 }), 'ERR_ARG', '1.1');
  });
});

describe.skipIf(!process.env['SARAF_DATA'])('near-copies planted among the tweets (needs SARAF_DATA)', () => {
  // As many copies as test tweets: a third each with words replaced, added and left out, as contextual augmentation does it.
  it.each([
    [0.5, 0.3, 0.95, 0.92],
    [0.5, 0.15, 0.99, 0.92],
    [0.6, 0.15, 0.98, 0.94],
    [0.4, 0.3, 0.97, 0.89],
  ])(
    'threshold %d, %d of the words changed: recall of at least %d, precision of at least %d',
    { timeout: 60_000 },
    async (threshold, share, recall, precision) => {
      const texts = (await loadTable('id-hate-speech', 're_dataset.csv')).table.strings('Tweet');
      const { train, test } = trainTestSplit(texts.length, { seed: 1 });
      const shown = Array.from(train, (row) => texts[row] as string);
      const { kept } = nearDuplicates(
        shown,
        Array.from(test, (row) => texts[row] as string),
      );
      const others = Array.from(kept, (row) => texts[test[row] as number] as string);
      const words = shown.flatMap((text) => text.split(/\s+/));
      const random = new Philox(4);
      const sources = shown.flatMap((text, row) => (plainWords(text).size >= 5 ? [row] : [])).slice(0, Math.floor(others.length / 3));
      const planted = sources.flatMap((row) =>
        (['replace', 'insert', 'delete'] as const).map((how) => changed(shown[row] as string, how, share, words, random)),
      );
      const { pairs } = nearCopies(shown, [...planted, ...others], { threshold });
      // A pair is right if it leads to the tweet that was copied, or one of the same words. The tweets that resemble each other without
      // having been planted (retweets, mostly) count as errors, so the true precision is higher.
      const right = pairs.filter(({ test: row, train: found }) => {
        const source = sources[Math.floor(row / 3)];
        return (
          row < planted.length &&
          source !== undefined &&
          plainJaccard(plainWords(shown[source] as string), plainWords(shown[found] as string)) >= threshold
        );
      }).length;
      expect(right / planted.length).toBeGreaterThanOrEqual(recall);
      expect(right / pairs.length).toBeGreaterThanOrEqual(precision);
    },
  );
});
