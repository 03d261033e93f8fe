import { SarafError } from '../../errors.js';
import { jaccard, mix, wordSets, type WordSets } from './word-sets.js';
import { log, pow } from '../../tensor/portable-math.js';

export interface NearCopiesOptions {
  /** Smallest share of common words, |A ∩ B| / |A ∪ B|, of a pair: (0,1]. Default 0.5: a copy of which a third of the words were replaced. */
  threshold?: number;
}

/** A test text that is mostly a training text. */
export interface NearCopy {
  readonly test: number;
  readonly train: number;
  /** Words that both have, of all that either has: [threshold, 1]. */
  readonly similarity: number;
}

export interface NearCopies {
  /** One pair for every test row that has any, ascending: not always its most similar training row. */
  readonly pairs: readonly NearCopy[];
  /** Test rows for which the search was given up after 10,000 candidates, none of them a pair. */
  readonly givenUp: number;
}

/** Texts of fewer different words share half of them by chance; only equality says something of them. */
export const FEWEST_WORDS = 4;
/** Share of the pairs exactly at the threshold that are found; of more similar pairs more. */
const RECALL = 0.98;
const MOST_CANDIDATES = 10_000;

/**
 * Test texts that share most of their words with a training text: copies of which some words were replaced, added or left out.
 *
 * Candidates come from MinHash signatures in bands (LSH); each is then judged by its true share of common words, so no pair below the
 * threshold is reported. At least 98 of 100 pairs at the threshold are found, and more the more alike they are. Texts of fewer than four
 * different words are passed over. The same texts give the same pairs on every machine; memory grows with the words, not with the bands.
 * Throws: ERR_ARG for a threshold outside (0,1].
 * Source: Broder 1997 (MinHash); Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4 (bands).
 * Example: `nearCopies(train.strings('text'), test.strings('text'), { threshold: 0.6 }).pairs`
 */
export function nearCopies(train: readonly string[], test: readonly string[], options: NearCopiesOptions = {}): NearCopies {
  const { threshold = 0.5 } = options;
  if (!(threshold > 0 && threshold <= 1))
    throw new SarafError('ERR_ARG', 'nearCopies', `expected threshold in (0,1], received ${threshold}`);
  const a = wordSets(train);
  const b = wordSets(test);
  const index = new BandIndex(a);
  const found = new Int32Array(b.rows).fill(-1);
  const similarity = new Float64Array(b.rows);
  const candidates = new Int32Array(b.rows);
  // More hashes a band are fewer false candidates; more bands make up for the pairs that they miss.
  const hashes = threshold < 0.5 ? 3 : threshold < 0.7 ? 4 : 6;
  const bands = threshold === 1 ? 1 : Math.ceil(log(1 - RECALL) / log(1 - pow(threshold, hashes)));
  for (let band = 0; band < bands; ++band) {
    const signature = new Signature(band, hashes);
    index.rebuild(signature);
    for (let row = 0; row < b.rows; ++row) {
      if (found[row] !== -1 || candidates[row] === MOST_CANDIDATES || isShort(b, row)) continue;
      const key = signature.of(b, row);
      for (let other = index.first(key); other >= 0; other = index.next(other)) {
        if (index.key(other) !== key) continue;
        const j = jaccard(a, other, b, row, threshold);
        if (j > 0) {
          found[row] = other;
          similarity[row] = j;
          break;
        }
        candidates[row] = (candidates[row] as number) + 1;
        if (candidates[row] === MOST_CANDIDATES) break;
      }
    }
  }
  const pairs: NearCopy[] = [];
  for (const [row, other] of found.entries())
    if (other >= 0) pairs.push({ test: row, train: other, similarity: similarity[row] as number });
  return { pairs, givenUp: candidates.reduce((n, c, row) => n + Number(c === MOST_CANDIDATES && found[row] === -1), 0) };
}

const isShort = (sets: WordSets, row: number): boolean => (sets.starts[row + 1] as number) - (sets.starts[row] as number) < FEWEST_WORDS;

/** The smallest of a set's words under each of a band's permutations, as one number: equal sets of smallest words, equal numbers. */
class Signature {
  private readonly seeds: Uint32Array;

  constructor(band: number, hashes: number) {
    this.seeds = Uint32Array.from({ length: hashes }, (_, i) => mix(band * 64 + i + 1));
  }

  of(sets: WordSets, row: number): number {
    const { words, starts } = sets;
    const begin = starts[row] as number;
    const end = starts[row + 1] as number;
    let key = 0;
    for (const seed of this.seeds) {
      let least = 0xffffffff;
      for (let w = begin; w < end; ++w) {
        // Words are well mixed already; one multiplication and one shift after the seed make another order of them.
        let h = Math.imul((words[w] as number) ^ seed, 0x9e3779b1);
        h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
        h = (h ^ (h >>> 13)) >>> 0;
        if (h < least) least = h;
      }
      key = mix(key ^ least);
    }
    return key;
  }
}

/** Training rows by their key in one band, in a table of chains that every band fills anew. */
class BandIndex {
  private readonly sets: WordSets;
  private readonly heads: Int32Array;
  private readonly chain: Int32Array;
  private readonly keys: Uint32Array;
  private readonly shift: number;

  constructor(sets: WordSets) {
    this.sets = sets;
    const bits = Math.max(4, 32 - Math.clz32(2 * sets.rows));
    this.shift = 32 - bits;
    this.heads = new Int32Array(2 ** bits);
    this.chain = new Int32Array(sets.rows);
    this.keys = new Uint32Array(sets.rows);
  }

  rebuild(signature: Signature): void {
    this.heads.fill(-1);
    // From the last row on, so that chains ascend.
    for (let row = this.sets.rows - 1; row >= 0; --row) {
      if (isShort(this.sets, row)) continue;
      const key = signature.of(this.sets, row);
      const slot = key >>> this.shift;
      this.keys[row] = key;
      this.chain[row] = this.heads[slot] as number;
      this.heads[slot] = row;
    }
  }

  first(key: number): number {
    return this.heads[key >>> this.shift] as number;
  }

  next(row: number): number {
    return this.chain[row] as number;
  }

  key(row: number): number {
    return this.keys[row] as number;
  }
}
