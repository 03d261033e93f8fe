import { SarafError } from '../errors.js';

/** One text as its words. */
export type Sentence = readonly string[];

/** Words that stay, the most frequent first, ties in order of first appearance. */
export interface WordCounts {
  readonly words: readonly string[];
  readonly counts: readonly number[];
  readonly index: ReadonlyMap<string, number>;
}

/** Sentences as numbers, one after the other; unknown words are left out, and so are sentences without a known one. */
export interface NumberedText {
  readonly words: Int32Array;
  /** Where each sentence ends. */
  readonly ends: Int32Array;
}

/** `words` with room for `more` beyond the first `used`. */
function withRoom(words: Int32Array<ArrayBuffer>, used: number, more: number): Int32Array<ArrayBuffer> {
  if (used + more <= words.length) return words;
  const larger = new Int32Array(2 * (used + more));
  larger.set(words.subarray(0, used));
  return larger;
}

/**
 * Counts words; those that come less than `minCount` times are left out. The text comes back as numbers in the order of the counts.
 *
 * Throws: ERR_DATA naming the sentence if one is no list of words, or if no word is left.
 */
export function countWords(
  op: string,
  sentences: Iterable<Sentence>,
  minCount: number,
): { readonly vocabulary: WordCounts; readonly text: NumberedText } {
  // Numbers by first appearance: a word of the text is looked up once.
  const seen = new Map<string, number>();
  const times: number[] = [];
  const stops: number[] = [];
  let ids = new Int32Array(1024);
  let n = 0;
  for (const sentence of sentences) {
    if (!Array.isArray(sentence)) {
      const received = typeof sentence === 'string' ? `the text ${JSON.stringify((sentence as string).slice(0, 40))}` : typeof sentence;
      throw new SarafError(
        'ERR_DATA',
        op,
        `expected sentence ${stops.length} to be a list of words, received ${received}; split texts first`,
      );
    }
    ids = withRoom(ids, n, sentence.length);
    for (const word of sentence as readonly unknown[]) {
      if (typeof word !== 'string')
        throw new SarafError('ERR_DATA', op, `expected words as strings, received ${typeof word} in sentence ${stops.length}`);
      let id = seen.get(word);
      if (id === undefined) {
        id = times.length;
        seen.set(word, id);
        times.push(0);
      }
      times[id] = (times[id] as number) + 1;
      ids[n++] = id;
    }
    stops.push(n);
  }
  const kept = [...times.keys()]
    .filter((id) => (times[id] as number) >= minCount)
    .sort((a, b) => (times[b] as number) - (times[a] as number));
  if (kept.length === 0) {
    throw new SarafError(
      'ERR_DATA',
      op,
      `expected a word that comes at least ${minCount} times, received ${seen.size} rarer ones in ${stops.length} sentences; lower minCount or give more text`,
    );
  }
  const all = [...seen.keys()];
  const words = kept.map((id) => all[id] as string);
  const rank = new Int32Array(all.length).fill(-1);
  for (const [i, id] of kept.entries()) rank[id] = i;
  const ends: number[] = [];
  let m = 0;
  for (let s = 0, k = 0; s < stops.length; s++) {
    const start = m;
    for (; k < (stops[s] as number); k++) {
      const i = rank[ids[k] as number] as number;
      if (i >= 0) ids[m++] = i;
    }
    if (m > start) ends.push(m);
  }
  return {
    vocabulary: { words, counts: kept.map((id) => times[id] as number), index: new Map(words.map((word, i) => [word, i])) },
    text: { words: ids.slice(0, m), ends: Int32Array.from(ends) },
  };
}

/** Sentences as numbers by an index; unknown words are left out, and so are sentences without a known one. */
export function numberWords(sentences: Iterable<Sentence>, index: ReadonlyMap<string, number>): NumberedText {
  let words = new Int32Array(1024);
  let n = 0;
  const ends: number[] = [];
  for (const sentence of sentences) {
    const start = n;
    words = withRoom(words, n, sentence.length);
    for (const word of sentence) {
      const i = index.get(word);
      if (i !== undefined) words[n++] = i;
    }
    if (n > start) ends.push(n);
  }
  return { words: words.slice(0, n), ends: Int32Array.from(ends) };
}
