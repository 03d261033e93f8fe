import { SarafError } from '../errors.js';

/** Slang and what it stands for, either of one word or of several with spaces between them. */
export type SlangEntries = ReadonlyMap<string, string> | Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

const OP = 'slang';

/**
 * Writes slang out, by a list of words and phrases.
 *
 * At each word the longest entry that begins there is taken, once: what it stands for is not looked up again.
 * Throws: ERR_ARG for an entry without slang or without meaning.
 * Example: `new SlangDictionary({ gk: 'tidak', 'ga jelas': 'tidak jelas' }).normalize(['gk', 'ga', 'jelas']).words`
 */
export class SlangDictionary {
  /** In the order given; of an entry that is given twice, the last meaning. */
  readonly entries: ReadonlyMap<string, string>;
  private readonly meanings = new Map<string, readonly string[]>();
  /** Words that a longer entry begins with, and the length of the longest. */
  private readonly longest = new Map<string, number>();

  constructor(entries: SlangEntries) {
    const kept = new Map<string, string>();
    for (const [slang, meaning] of pairsOf(entries)) {
      const words = wordsOf(slang);
      const meant = wordsOf(meaning);
      if (words.length === 0 || meant.length === 0)
        throw new SarafError('ERR_ARG', OP, `expected words on both sides, received ${JSON.stringify(slang)}: ${JSON.stringify(meaning)}`);
      const key = words.join(' ');
      kept.set(key, meant.join(' '));
      this.meanings.set(key, meant);
      const first = words[0] as string;
      if (words.length > 1) this.longest.set(first, Math.max(words.length, this.longest.get(first) ?? 0));
    }
    this.entries = kept;
  }

  /** Number of entries. */
  get size(): number {
    return this.entries.size;
  }

  /** The words with their slang written out, and how many words of slang there were. `found` hears of each. */
  normalize(words: readonly string[], found?: (slang: string, meaning: string) => void): { words: string[]; replaced: number } {
    const out: string[] = [];
    let replaced = 0;
    for (let at = 0; at < words.length;) {
      const taken = this.entryAt(words, at);
      if (!taken) {
        out.push(words[at++] as string);
        continue;
      }
      const [length, key] = taken;
      const meaning = this.meanings.get(key) as readonly string[];
      for (const word of meaning) out.push(word);
      // An entry may say that a word is as it should be.
      if (length !== meaning.length || key !== this.entries.get(key)) {
        replaced += length;
        found?.(key, meaning.join(' '));
      }
      at += length;
    }
    return { words: out, replaced };
  }

  private entryAt(words: readonly string[], at: number): readonly [number, string] | null {
    const first = words[at] as string;
    const longest = Math.min(this.longest.get(first) ?? 1, words.length - at);
    for (let length = longest; length > 1; --length) {
      const key = words.slice(at, at + length).join(' ');
      if (this.meanings.has(key)) return [length, key];
    }
    return this.meanings.has(first) ? [1, first] : null;
  }
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function* pairsOf(entries: SlangEntries): Generator<readonly [string, string]> {
  for (const pair of Symbol.iterator in entries ? (entries as Iterable<unknown>) : Object.entries(entries)) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'string')
      throw new SarafError('ERR_ARG', OP, `expected pairs of slang and meaning, received ${JSON.stringify(pair)}`);
    yield pair as unknown as readonly [string, string];
  }
}
