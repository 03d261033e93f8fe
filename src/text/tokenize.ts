import { SarafError } from '../errors.js';

/** Names that Keras' TextVectorization gives its standardizations, or a function of one text. */
export type Standardize = 'lower_and_strip_punctuation' | 'lower' | 'strip_punctuation' | null | ((text: string) => string);
/** Names that Keras' TextVectorization gives its ways to split, or a function of one text. */
export type Split = 'whitespace' | 'character' | null | ((text: string) => string[]);

const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;
// Keras lower-cases ASCII only and splits at ASCII white space only: É and U+00A0 stay.
const UPPER = /[A-Z]+/g;
const WHITE = /[ \t\n\v\f\r]+/;

const lower = (text: string): string => text.replace(UPPER, (run) => run.toLowerCase());
const strip = (text: string): string => text.replace(PUNCTUATION, '');

/** The function of one text that a name stands for. Throws ERR_ARG for another name. */
export function standardizer(standardize: Standardize): (text: string) => string {
  if (typeof standardize === 'function') return standardize;
  switch (standardize) {
    case 'lower_and_strip_punctuation':
      return (text) => strip(lower(text));
    case 'lower':
      return lower;
    case 'strip_punctuation':
      return strip;
    case null:
      return (text) => text;
    default:
      throw new SarafError(
        'ERR_ARG',
        'textVectorization',
        `expected standardize "lower_and_strip_punctuation", "lower", "strip_punctuation", null or a function, received ${JSON.stringify(standardize)}`,
      );
  }
}

/** The function from text to tokens that a name stands for. Characters are code points. Throws ERR_ARG for another name. */
export function splitter(split: Split): (text: string) => string[] {
  if (typeof split === 'function') return split;
  switch (split) {
    case 'whitespace':
      return (text) => text.split(WHITE).filter((token) => token !== '');
    case 'character':
      return (text) => Array.from(text);
    case null:
      return (text) => [text];
    default:
      throw new SarafError(
        'ERR_ARG',
        'textVectorization',
        `expected split "whitespace", "character", null or a function, received ${JSON.stringify(split)}`,
      );
  }
}

/** The widths that `ngrams` asks for: n means 1 … n, a list means just these. Throws ERR_ARG unless positive integers. */
export function ngramWidths(ngrams: number | readonly number[] | null): number[] | null {
  if (ngrams === null) return null;
  const widths = typeof ngrams === 'number' ? Array.from({ length: Math.max(0, ngrams) }, (_, i) => i + 1) : [...ngrams];
  if (
    widths.length === 0 ||
    widths.some((n) => !Number.isInteger(n) || n < 1) ||
    (typeof ngrams === 'number' && !Number.isInteger(ngrams))
  ) {
    throw new SarafError(
      'ERR_ARG',
      'textVectorization',
      `expected ngrams to be a positive integer or a list of them, received ${JSON.stringify(ngrams)}`,
    );
  }
  return widths;
}

/** All n-grams of the first width, then all of the next, joined by spaces. */
export function withNgrams(tokens: readonly string[], widths: readonly number[]): string[] {
  const out: string[] = [];
  for (const width of widths) {
    for (let i = 0; i + width <= tokens.length; ++i) out.push(width === 1 ? (tokens[i] as string) : tokens.slice(i, i + width).join(' '));
  }
  return out;
}

/** Order of the UTF-8 bytes of two strings, which is that of their code points (JavaScript's own `<` compares UTF-16 units). */
export function compareUtf8(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; ++i) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const surrogates = (x & 0xf800) === 0xd800 || (y & 0xf800) === 0xd800;
    // A surrogate begins a code point above U+FFFF, so it comes after every other unit.
    return surrogates ? Number((x & 0xf800) === 0xd800) - Number((y & 0xf800) === 0xd800) || x - y : x - y;
  }
  return a.length - b.length;
}
