import type { Philox } from '../../tensor/random.js';

export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** How many of some words a share of them is: one at least, if there are any. */
export const countOf = (words: number, share: number): number => (words === 0 ? 0 : Math.max(1, Math.round(share * words)));

/** Some of the numbers 0 … n−1, different ones, ascending. */
export function drawPlaces(random: Philox, n: number, count: number): number[] {
  return [...random.permutation(n).subarray(0, count)].sort((a, b) => a - b);
}

/** A text without some of its words, one of which stays. */
export function deleteWords(text: string, share: number, random: Philox): string {
  const words = wordsOf(text);
  if (words.length < 2) return text;
  const gone = new Set(drawPlaces(random, words.length, Math.min(countOf(words.length, share), words.length - 1)));
  return words.filter((_, at) => !gone.has(at)).join(' ');
}

/** Synonyms of a word; none: undefined or an empty list. */
export interface Synonyms {
  get(word: string): readonly string[] | undefined;
}

/** A text of which some words that have synonyms are written as one of them. */
export function replaceBySynonyms(text: string, share: number, random: Philox, synonyms: Synonyms): string {
  const words = wordsOf(text);
  const able = words.flatMap((word, at) => {
    const others = (synonyms.get(word) ?? []).filter((other) => other !== word);
    return others.length > 0 ? [{ at, others }] : [];
  });
  if (able.length === 0) return text;
  for (const i of drawPlaces(random, able.length, Math.min(countOf(words.length, share), able.length))) {
    const { at, others } = able[i] as (typeof able)[number];
    words[at] = others[random.integer(others.length)] as string;
  }
  return words.join(' ');
}
