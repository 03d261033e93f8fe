import type { SlangDictionary } from '../slang.js';

/**
 * Words that mean the same by a list of slang: what a slang word stands for, and all the slang that stands for one word.
 *
 * Entries of several words are left out: a word becomes a word. Lists are in the order of the dictionary.
 * Example: `slangSynonyms((await data.loadSlang()).slang).get('tidak') // ['gk', 'ga', 'nggak', …]`
 */
export function slangSynonyms(slang: SlangDictionary): ReadonlyMap<string, readonly string[]> {
  const byMeaning = new Map<string, string[]>();
  for (const [word, meaning] of slang.entries) {
    if (word === meaning || word.includes(' ') || meaning.includes(' ')) continue;
    const own = byMeaning.get(meaning);
    if (own) own.push(word);
    else byMeaning.set(meaning, [word]);
  }
  const synonyms = new Map<string, string[]>();
  const add = (word: string, others: readonly string[]): void => {
    const own = synonyms.get(word);
    if (own) own.push(...others.filter((other) => !own.includes(other)));
    else synonyms.set(word, [...others]);
  };
  for (const [meaning, words] of byMeaning) {
    add(meaning, words);
    for (const word of words) add(word, [meaning, ...words.filter((other) => other !== word)]);
  }
  return synonyms;
}
