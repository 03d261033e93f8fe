import { stopWords } from './indonesian/stop-words.js';

export interface StopWordOptions {
  /** Words to leave out, lower case. Default: Sastrawi's for Indonesian. */
  words?: Iterable<string> | undefined;
  /**
   * `true` leaves out what Python's Sastrawi 1.0.1 leaves out: it walks along the list that it takes words from, so the word after each
   * stop word is not looked at, and of a word that occurs twice the first goes. Default false: every stop word.
   */
  likePythonSastrawi?: boolean | undefined;
}

/**
 * The words that are no stop words, in their order.
 *
 * Source: Sastrawi, StopWordRemover.
 * Example: `removeStopWords(['saya', 'tidak', 'suka']) // ['suka']`
 */
export function removeStopWords(words: readonly string[], options: StopWordOptions = {}): string[] {
  const { words: given, likePythonSastrawi = false } = options;
  const list = given === undefined ? stopWords() : given instanceof Set ? (given as ReadonlySet<string>) : new Set(given);
  return likePythonSastrawi ? asInPython(words, list) : words.filter((word) => !list.has(word));
}

function asInPython(words: readonly string[], list: ReadonlySet<string>): string[] {
  const left = [...words];
  for (let i = 0; i < left.length; ++i) {
    const word = left[i] as string;
    if (list.has(word)) left.splice(left.indexOf(word), 1);
  }
  return left;
}
