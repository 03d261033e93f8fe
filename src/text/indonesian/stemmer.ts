import { SarafError } from '../../errors.js';
import { INFIX_RULES, PLAIN_PREFIX, PREFIX_FIRST, PREFIX_RULES, SUFFIXES } from './affixes.js';
import { rootWords } from './root-words.js';

/** Options of `Stemmer`. */
export interface StemmerOptions {
  /** Root words instead of Sastrawi's, lower case. */
  rootWords?: Iterable<string> | undefined;
  /** Root words besides these, for names and terms of a field. */
  extraWords?: Iterable<string> | undefined;
  /** How many words' stems are remembered; 0 remembers none. Default 65,536. */
  cacheSize?: number | undefined;
}

/** A stem, and what was taken off to reach it. */
export interface Derivation {
  readonly stem: string;
  /** In order, as `meny- (rule 18, with s-)`, `-kan`, `-em- (rule 39)`; empty for a root word and for a word without a known root. */
  readonly removed: readonly string[];
}

const OP = 'stemmer';
// A word of this length or less is left alone.
const SHORT = 3;
const PARTICLE = 'lah|kah|tah|pun';
const POSSESSIVE = 'ku|mu|nya';
const WITH_ENCLITIC = new RegExp(`^(.*)-(?:${POSSESSIVE}|${PARTICLE})$`);
const ENCLITIC = new RegExp(`^(?:${POSSESSIVE}|${PARTICLE})$`);
const HYPHEN = 45;
const NOT_A_WORD = /[^a-z0-9-]+/g;

/**
 * Reduces Indonesian words to their roots, by dictionary and affix rules.
 *
 * A word whose root is not in the dictionary stays as it is. After Sastrawi, whose order of trials is kept: suffixes, then up to three
 * prefixes, with recoding; the prefix first for some pairs; then each suffix put back in turn. Two differences: an infix
 * is no prefix, so it is not taken off where only the prefix is tried (`menemani` is `teman`, not `tani`); mem- and pem-
 * before r and a vowel are recoded, as the tables have it (`pemrosesan` is `proses`).
 *
 * Source: Nazief and Adriani 1996; Asian 2007; Arifin, Mahendra and Ciptaningtyas 2009; Tahitoe and Purwarianti 2010.
 * Example: `new Stemmer().stem('perekonomian') // 'ekonomi'`
 */
export class Stemmer {
  private readonly words: ReadonlySet<string>;
  private readonly cacheSize: number;
  // Two generations: the older one is dropped when the younger is full, so the memory is bounded and frequent words stay.
  private young = new Map<string, string>();
  private old = new Map<string, string>();

  constructor(options: StemmerOptions = {}) {
    const { cacheSize = 65_536 } = options;
    if (!Number.isInteger(cacheSize) || cacheSize < 0) {
      throw new SarafError('ERR_ARG', OP, `expected cacheSize to be an integer of at least 0, received ${cacheSize}`);
    }
    this.cacheSize = cacheSize;
    const words = options.rootWords === undefined ? rootWords() : new Set(options.rootWords);
    this.words = options.extraWords === undefined ? words : new Set([...words, ...options.extraWords]);
    if (this.words.size === 0)
      throw new SarafError('ERR_ARG', OP, 'expected root words, received none; leave rootWords out for the default ones');
  }

  /** Number of root words. */
  get size(): number {
    return this.words.size;
  }

  /** The root of one word, given in lower case. */
  stem(word: string): string {
    if (this.cacheSize === 0) return this.derive(word, null);
    const known = this.young.get(word);
    if (known !== undefined) return known;
    const stem = this.old.get(word) ?? this.derive(word, null);
    if (2 * this.young.size >= this.cacheSize) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(word, stem);
    return stem;
  }

  /** A text of roots: lower case, everything but a–z, 0–9 and hyphens read as spaces, one space between words. */
  stemText(text: string): string {
    const words = text.toLowerCase().replace(NOT_A_WORD, ' ').trim();
    if (words === '') return '';
    return words
      .split(' ')
      .map((word) => this.stem(word))
      .join(' ');
  }

  /** How the root of a word, given in lower case, was found. */
  explain(word: string): Derivation {
    const removed: string[] = [];
    const stem = this.derive(word, removed);
    return { stem, removed: stem === word ? [] : removed };
  }

  private derive(word: string, trace: string[] | null): string {
    const body = WITH_ENCLITIC.exec(word)?.[1] ?? word;
    return body.includes('-') ? this.reduplicated(word, trace) : this.single(word, trace);
  }

  /** A doubled word has one root if both halves have the same (Asian 2007): `berbalas-balasan` is `balas`, `bolak-balik` stays. */
  private reduplicated(word: string, trace: string[] | null): string {
    const cut = word.lastIndexOf('-');
    let first = word.slice(0, cut);
    let second = word.slice(cut + 1);
    const inner = first.lastIndexOf('-');
    if (ENCLITIC.test(second) && inner >= 0) {
      second = word.slice(inner + 1);
      first = first.slice(0, inner);
    }
    const root = this.single(first, trace);
    let other = this.single(second, null);
    // meniru-nirukan: the second half has lost its prefix but not the sound that the prefix left.
    if (other === second && !this.words.has(second)) other = this.single(`me${second}`, null);
    if (root !== other) return word;
    trace?.push('reduplication');
    return root;
  }

  private single(word: string, trace: string[] | null): string {
    const { words } = this;
    if (word.length <= SHORT || words.has(word)) return word;
    const begun = trace?.length ?? 0;
    const again = (): void => {
      if (trace) trace.length = begun;
    };
    if (PREFIX_FIRST.test(word)) {
      let rest = this.withoutPrefixes(word, false, trace);
      for (const suffix of SUFFIXES) {
        if (words.has(rest)) return rest;
        rest = withoutSuffix(rest, suffix, trace);
      }
      if (words.has(rest)) return rest;
      again();
    }
    const stages = [word];
    for (const suffix of SUFFIXES) {
      const before = stages.at(-1) as string;
      const rest = withoutSuffix(before, suffix, trace);
      if (words.has(rest)) return rest;
      if (rest !== before) stages.push(rest);
    }
    const bare = stages.pop() as string;
    const found = this.withoutPrefixes(bare, true, trace);
    if (words.has(found)) return found;
    // Suffixes go back one by one; of -kan the k alone first, for -an behind a root that ends in k.
    const trials = stages.at(-1) === `${bare}kan` ? [`${bare}k`, ...stages.toReversed()] : stages.toReversed();
    for (const trial of trials) {
      again();
      if (trial !== word) trace?.push(ending(word, trial.length));
      // di-, ke- and se- come off before the dictionary is asked again, any other prefix after: so kedudukan is duduk, pelukan peluk.
      if (words.has(trial) && !PLAIN_PREFIX.test(trial)) return trial;
      const root = this.withoutPrefixes(trial, true, trace);
      if (words.has(root)) return root;
    }
    again();
    return word;
  }

  /** Takes off up to three prefixes, until a root word is left. */
  private withoutPrefixes(word: string, infixes: boolean, trace: string[] | null): string {
    let rest = word;
    for (let i = 0; i < 3; ++i) {
      const shorter = this.withoutPrefix(rest, infixes, trace);
      if (shorter === null) return rest;
      rest = shorter;
      if (this.words.has(rest)) return rest;
    }
    return rest;
  }

  /** What the first rule that fits leaves, recoded to a root word if one of its recodings is one; null if none fits. */
  private withoutPrefix(word: string, infixes: boolean, trace: string[] | null): string | null {
    const pair = word.slice(0, 2);
    if (PLAIN_PREFIX.test(pair)) {
      trace?.push(`${pair}-`);
      return word.slice(2);
    }
    for (const { number, pattern, recodings } of PREFIX_RULES[pair] ?? []) {
      const match = pattern.exec(word);
      if (!match) continue;
      const rest = word.slice(match[0].length);
      let result: string | null = null;
      let used = '';
      for (const recoding of recodings) {
        used = recoding;
        if (recoding !== '-e') result = recoding + rest;
        else result = rest.startsWith('e') ? rest.slice(1) : null;
        if (result !== null && this.words.has(result)) break;
      }
      if (!result) continue;
      const prefix = used === '-e' ? `${match[0]}e` : match[0];
      trace?.push(`${prefix}- (rule ${number}${used === '' || used === '-e' ? '' : `, with ${used}-`})`);
      return result;
    }
    if (!infixes) return null;
    for (const { number, infix, pattern } of INFIX_RULES) {
      if (!pattern.test(word)) continue;
      trace?.push(`-${infix}- (rule ${number})`);
      return word.charAt(0) + word.slice(1 + infix.length);
    }
    return null;
  }
}

function withoutSuffix(word: string, suffix: (typeof SUFFIXES)[number], trace: string[] | null): string {
  const found = suffix.endings.find((e) => word.endsWith(e));
  if (found === undefined) return word;
  let at = word.length - found.length;
  while (suffix.hyphen && word.charCodeAt(at - 1) === HYPHEN) --at;
  trace?.push(ending(word, at));
  return word.slice(0, at);
}

/** What follows a place, as a suffix is written. */
const ending = (word: string, at: number): string => word.slice(at).replace(/^-*/, '-');
