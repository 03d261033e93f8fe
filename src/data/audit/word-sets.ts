/** The different words of many texts: those of text i are `words[starts[i] … starts[i+1]-1]`, ascending. */
export interface WordSets {
  readonly rows: number;
  readonly starts: Uint32Array;
  /** A word is its 32-bit hash: two different words of a pair of texts share one in fewer than 1 of 10^6 pairs. */
  readonly words: Uint32Array;
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** The words of texts as `normalizeForComparison` sees them: without case, accents' encoding, punctuation. */
export function wordSets(texts: readonly string[]): WordSets {
  const starts = new Uint32Array(texts.length + 1);
  let words = new Uint32Array(Math.max(16, texts.length * 16));
  let end = 0;
  for (const [row, text] of texts.entries()) {
    const found = (text.normalize('NFKC').toLowerCase().match(WORD) ?? []).map(hashWord);
    const set = Uint32Array.from(found).sort();
    if (end + set.length > words.length) {
      const larger = new Uint32Array(2 * (end + set.length));
      larger.set(words.subarray(0, end));
      words = larger;
    }
    const begin = end;
    for (const word of set) if (end === begin || word !== words[end - 1]) words[end++] = word;
    starts[row + 1] = end;
  }
  return { rows: texts.length, starts, words: words.subarray(0, end) };
}

/** FNV-1a over the UTF-16 units, then mixed so that every bit of a word matters to every bit of its hash. */
function hashWord(word: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < word.length; ++i) h = Math.imul(h ^ word.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** A permutation of the 32-bit words without visible order. Source: Appleby, MurmurHash3 (fmix32). */
export function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** |A ∩ B| / |A ∪ B| of two sets; as soon as it cannot reach `least` any more, 0. */
export function jaccard(a: WordSets, i: number, b: WordSets, j: number, least = 0): number {
  let p = a.starts[i] as number;
  let q = b.starts[j] as number;
  const pEnd = a.starts[i + 1] as number;
  const qEnd = b.starts[j + 1] as number;
  const both = pEnd - p + qEnd - q;
  // J = s / (both − s), so s of them must be shared; every word that is not brings both sides nearer to their end.
  const wanted = (least * both) / (1 + least) - 1e-9;
  let shared = 0;
  while (p < pEnd && q < qEnd) {
    if (shared + Math.min(pEnd - p, qEnd - q) < wanted) return 0;
    const x = a.words[p] as number;
    const y = b.words[q] as number;
    if (x === y) ++shared;
    if (x <= y) ++p;
    if (y <= x) ++q;
  }
  return shared < wanted ? 0 : shared / (both - shared);
}
