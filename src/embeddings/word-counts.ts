import { SarafError } from '../errors.js';

/** One text as its words. */
export type Sentence = readonly string[];

/** Words that stay, the most frequent first, ties in order of first appearance. */
export interface WordCounts {
  readonly words: readonly string[];
  readonly counts: readonly number[];
  readonly index: ReadonlyMap<string, number>;
}

/**
 * Counts words; those that come less than `minCount` times are left out.
 *
 * Throws: ERR_DATA naming the sentence if one is no list of words, or if no word is left.
 */
export function countWords(op: string, sentences: Iterable<Sentence>, minCount: number): WordCounts {
  const all = new Map<string, number>();
  let number = 0;
  for (const sentence of sentences) {
    if (!Array.isArray(sentence)) {
      const received = typeof sentence === 'string' ? `the text ${JSON.stringify((sentence as string).slice(0, 40))}` : typeof sentence;
      throw new SarafError('ERR_DATA', op, `expected sentence ${number} to be a list of words, received ${received}; split texts first`);
    }
    for (const word of sentence as readonly unknown[]) {
      if (typeof word !== 'string')
        throw new SarafError('ERR_DATA', op, `expected words as strings, received ${typeof word} in sentence ${number}`);
      all.set(word, (all.get(word) ?? 0) + 1);
    }
    number++;
  }
  const kept = [...all].filter(([, count]) => count >= minCount).sort((a, b) => b[1] - a[1]);
  if (kept.length === 0) {
    throw new SarafError(
      'ERR_DATA',
      op,
      `expected a word that comes at least ${minCount} times, received ${all.size} rarer ones in ${number} sentences; lower minCount or give more text`,
    );
  }
  const words = kept.map(([word]) => word);
  return { words, counts: kept.map(([, count]) => count), index: new Map(words.map((word, i) => [word, i])) };
}

/** Sentences as numbers, one after the other; unknown words are left out, and so are sentences without a known one. */
export interface NumberedText {
  readonly words: Int32Array;
  /** Where each sentence ends. */
  readonly ends: Int32Array;
}

export function numberWords(sentences: Iterable<Sentence>, index: ReadonlyMap<string, number>): NumberedText {
  let words = new Int32Array(1024);
  let n = 0;
  const ends: number[] = [];
  for (const sentence of sentences) {
    const start = n;
    if (n + sentence.length > words.length) {
      const larger = new Int32Array(2 * (n + sentence.length));
      larger.set(words.subarray(0, n));
      words = larger;
    }
    for (const word of sentence) {
      const i = index.get(word);
      if (i !== undefined) words[n++] = i;
    }
    if (n > start) ends.push(n);
  }
  return { words: words.slice(0, n), ends: Int32Array.from(ends) };
}
