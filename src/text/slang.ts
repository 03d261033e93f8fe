import { SarafError } from '../errors.js';

/** Slang and what it stands for, either of one word or of several with spaces between them. */
export type SlangEntries = ReadonlyMap<string, string> | Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

const OP = 'slang';

interface Entry {
  readonly slang: string;
  /** Words of the slang. */
  readonly length: number;
  readonly meaning: readonly string[];
  /** Slang and meaning are equal. */
  readonly same: boolean;
}

/** The entries that begin with one word. */
interface Head {
  longest: number;
  readonly entries: Map<string, Entry>;
}

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
  /** By their first words: one look at each word of a text finds most of them to be none. */
  private readonly heads = new Map<string, Head>();

  constructor(entries: SlangEntries) {
    const kept = new Map<string, string>();
    for (const [slang, meaning] of pairsOf(entries)) {
      const words = wordsOf(slang);
      const meant = wordsOf(meaning);
      if (words.length === 0 || meant.length === 0)
        throw new SarafError('ERR_ARG', OP, `expected words on both sides, received ${JSON.stringify(slang)}: ${JSON.stringify(meaning)}`);
      const key = words.join(' ');
      kept.set(key, meant.join(' '));
      const first = words[0] as string;
      let head = this.heads.get(first);
      if (!head) this.heads.set(first, (head = { longest: 0, entries: new Map() }));
      head.longest = Math.max(head.longest, words.length);
      // An entry may say that a word is as it should be.
      head.entries.set(key, { slang: key, length: words.length, meaning: meant, same: key === meant.join(' ') });
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
      const entry = this.entryAt(words, at);
      if (!entry) {
        out.push(words[at++] as string);
        continue;
      }
      for (const word of entry.meaning) out.push(word);
      if (!entry.same) {
        replaced += entry.length;
        found?.(entry.slang, entry.meaning.join(' '));
      }
      at += entry.length;
    }
    return { words: out, replaced };
  }

  private entryAt(words: readonly string[], at: number): Entry | undefined {
    const first = words[at] as string;
    const head = this.heads.get(first);
    if (!head) return undefined;
    for (let length = Math.min(head.longest, words.length - at); length > 1; --length) {
      const entry = head.entries.get(words.slice(at, at + length).join(' '));
      if (entry) return entry;
    }
    return head.entries.get(first);
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
