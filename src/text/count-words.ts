import { stopWords } from './indonesian/stop-words.js';

/** How a text becomes words. */
export interface WordOptions {
  /** Words that are not counted, lower case. Default: Sastrawi's stop words; `[]` counts all. */
  readonly without?: Iterable<string>;
  /** A way of your own to split a text, as `(text) => pipeline.process(text).split(' ')`; then `without` leaves out nothing unless given. */
  readonly words?: (text: string) => readonly string[];
}

const WORD = /[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*/gu;
const LETTER = /\p{L}/u;

/** Words of a text: letters and digits of every script, hyphens inside; numbers are no words. */
export function wordsOf({ without, words }: WordOptions): (text: string) => string[] {
  const left = without === undefined ? (words ? new Set<string>() : stopWords()) : new Set(without);
  const split = words ?? ((text: string) => (text.toLowerCase().match(WORD) ?? []).filter((word) => LETTER.test(word)));
  return (text) => split(text).filter((word) => word !== '' && !left.has(word));
}

/** How often each word comes, most frequent first; ties by the alphabet. */
export function countedWords(texts: readonly string[], options: WordOptions): [word: string, count: number][] {
  const split = wordsOf(options);
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of split(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
