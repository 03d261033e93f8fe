import { SarafError } from '../errors.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { asciiString, flatObject, readFlatObject } from './flat-json.js';
import type { TokenNumber } from './text-vectorization.js';
import { log } from '../tensor/portable-math.js';

/** Options of `Tokenizer`, Keras' names in camelCase and Keras' values. */
export interface TokenizerOptions {
  /** Only indices below this are given out, the others are dropped or become the `oovToken`. Default: no limit. */
  numWords?: number | null;
  /** Characters that separate words like `split`. Default: ASCII punctuation but ', tab, newline. */
  filters?: string;
  /** Lower-cases as Unicode does. Default true. */
  lower?: boolean;
  /** Default a space. */
  split?: string;
  /** Every character (code point) is a token, filters or not. Default false. */
  charLevel?: boolean;
  /** Stands for unknown words, with index 1. Default: unknown words are dropped. */
  oovToken?: string | null;
}

/** A text, or one that was split into its words before. */
export type TokenizerText = string | readonly string[];
export type MatrixMode = 'binary' | 'count' | 'tfidf' | 'freq';

const OP = 'tokenizer';
const FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n';
const KNOWN = ['numWords', 'filters', 'lower', 'split', 'charLevel', 'oovToken'];
const MODES: readonly MatrixMode[] = ['binary', 'count', 'tfidf', 'freq'];

/**
 * From texts to numbers of words and back, as the Tokenizer of Keras 2 does it; its JSON is Keras' own.
 *
 * Indices start at 1 (0 is padding), by count descending, ties in order of first appearance. `TextVectorization` is its successor.
 *
 * Shapes: `textsToMatrix` (N, numWords), or (N, words + 1) without a limit.
 * Throws: ERR_STATE if used before `fitOnTexts`; ERR_ARG for an unknown option or mode; ERR_DATA for a text that is none;
 *         ERR_FORMAT for JSON that no tokenizer wrote.
 * Source: Keras 2.15 keras.preprocessing.text.Tokenizer.
 * Example: `const t = new Tokenizer({ numWords: 10_000, oovToken: '<OOV>' }); t.fitOnTexts(train); padSequences(t.textsToSequences(test))`
 */
export class Tokenizer {
  readonly numWords: number | null;
  readonly filters: string;
  readonly lower: boolean;
  readonly split: string;
  readonly charLevel: boolean;
  readonly oovToken: string | null;
  /** Texts seen by `fitOnTexts` and sequences seen by `fitOnSequences`. */
  documentCount = 0;
  /** How often each word came, in order of first appearance. */
  readonly wordCounts = new Map<string, number>();
  /** In how many texts each word came. */
  readonly wordDocs = new Map<string, number>();
  readonly wordIndex = new Map<string, number>();
  readonly indexWord = new Map<number, string>();
  /** In how many texts the word of each index came. */
  readonly indexDocs = new Map<number, number>();
  private readonly separators: ReadonlySet<string>;

  constructor(options: TokenizerOptions = {}) {
    const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${KNOWN.join(', ')}, received "${unknown}"`);
    this.numWords = options.numWords ?? null;
    this.filters = options.filters ?? FILTERS;
    this.lower = options.lower ?? true;
    this.split = options.split ?? ' ';
    this.charLevel = options.charLevel ?? false;
    this.oovToken = options.oovToken ?? null;
    if (this.numWords !== null && !(Number.isInteger(this.numWords) && this.numWords >= 0))
      throw new SarafError('ERR_ARG', OP, `expected numWords to be a whole number >= 0 or null, received ${String(this.numWords)}`);
    if (typeof this.split !== 'string' || this.split === '')
      throw new SarafError('ERR_ARG', OP, 'expected split to be a string that is not empty; for characters set charLevel: true');
    this.separators = new Set(this.filters);
  }

  /** Counts the words of texts and numbers them; further calls add to the counts. */
  fitOnTexts(texts: Iterable<TokenizerText>): void {
    for (const text of texts) {
      const words = this.words(text);
      this.documentCount++;
      for (const w of words) this.wordCounts.set(w, (this.wordCounts.get(w) ?? 0) + 1);
      for (const w of new Set(words)) this.wordDocs.set(w, (this.wordDocs.get(w) ?? 0) + 1);
    }
    const byCount = [...this.wordCounts].sort(([, a], [, b]) => b - a).map(([w]) => w);
    this.wordIndex.clear();
    this.indexWord.clear();
    for (const w of this.oovToken === null ? byCount : [this.oovToken, ...byCount]) {
      const index = this.indexWord.size + 1;
      // As in Keras, a word like the oovToken takes its place under a later index.
      this.wordIndex.set(w, index);
      this.indexWord.set(index, w);
    }
    for (const [w, count] of this.wordDocs) this.indexDocs.set(this.wordIndex.get(w) as number, count);
  }

  /** Counts in how many sequences each index comes, for `sequencesToMatrix` in mode tfidf without `fitOnTexts`. */
  fitOnSequences(sequences: Iterable<readonly number[]>): void {
    for (const sequence of sequences) {
      this.documentCount++;
      for (const i of new Set(sequence)) this.indexDocs.set(i, (this.indexDocs.get(i) ?? 0) + 1);
    }
  }

  textsToSequences(texts: Iterable<TokenizerText>): number[][] {
    const oov = this.oovIndex();
    return Array.from(texts, (text) => {
      const sequence: number[] = [];
      for (const w of this.words(text)) {
        const index = this.wordIndex.get(w);
        const given = index !== undefined && this.within(index) ? index : oov;
        if (given !== null) sequence.push(given);
      }
      return sequence;
    });
  }

  /** The words of one text and their numbers; 0 where a word is dropped. */
  lookUp(text: TokenizerText): TokenNumber[] {
    const other = this.oovIndex() ?? 0;
    return this.words(text).map((token) => {
      const index = this.wordIndex.get(token);
      const known = index !== undefined && this.within(index);
      return { token, number: known ? index : other, known };
    });
  }

  /** How many different numbers there are, padding included: the `inputDim` of an embedding. */
  vocabularySize(): number {
    const all = this.wordIndex.size + 1;
    return this.numWords ? Math.min(this.numWords, all) : all;
  }

  sequencesToTexts(sequences: Iterable<readonly number[]>): string[] {
    const oov = this.oovIndex();
    const other = oov === null ? undefined : this.indexWord.get(oov);
    return Array.from(sequences, (sequence) => {
      const words: string[] = [];
      for (const index of sequence) {
        const word = this.indexWord.get(index);
        const given = word !== undefined && this.within(index) ? word : other;
        if (given !== undefined) words.push(given);
      }
      return words.join(' ');
    });
  }

  /** One row per text: whether, how often, with which share, or with which tf-idf weight each word comes. */
  textsToMatrix(texts: Iterable<TokenizerText>, mode: MatrixMode = 'binary'): Tensor {
    return this.sequencesToMatrix(this.textsToSequences(texts), mode);
  }

  sequencesToMatrix(sequences: readonly (readonly number[])[], mode: MatrixMode = 'binary'): Tensor {
    if (!MODES.includes(mode)) throw new SarafError('ERR_ARG', OP, `expected mode ${MODES.join(', ')}, received ${String(mode)}`);
    if (!this.numWords && this.wordIndex.size === 0)
      throw new SarafError('ERR_STATE', OP, 'expected numWords, or words to count; call fitOnTexts first');
    if (mode === 'tfidf' && this.documentCount === 0)
      throw new SarafError('ERR_STATE', OP, 'expected documents for the mode tfidf; call fitOnTexts or fitOnSequences first');
    const columns = this.numWords || this.wordIndex.size + 1;
    const values = new Float32Array(sequences.length * columns);
    sequences.forEach((sequence, row) => {
      const counts = new Map<number, number>();
      for (const i of sequence) {
        if (!(Number.isInteger(i) && i >= 0))
          throw new SarafError('ERR_DATA', OP, `expected whole numbers >= 0, received ${String(i)} in row ${row}`);
        if (i < columns) counts.set(i, (counts.get(i) ?? 0) + 1);
      }
      for (const [i, count] of counts) values[row * columns + i] = this.weight(mode, i, count, sequence.length);
    });
    return tensor(values, [sequences.length, columns]);
  }

  /** The form of Keras' `tokenizer.to_json()`. */
  toJson(): string {
    const config: [string, unknown][] = [
      ['num_words', this.numWords],
      ['filters', this.filters],
      ['lower', this.lower],
      ['split', this.split],
      ['char_level', this.charLevel],
      ['oov_token', this.oovToken],
      ['document_count', this.documentCount],
      ['word_counts', flatObject(this.wordCounts)],
      ['word_docs', flatObject(this.wordDocs)],
      ['index_docs', flatObject(this.indexDocs)],
      ['index_word', flatObject(this.indexWord)],
      ['word_index', flatObject(this.wordIndex)],
    ];
    return `{"class_name": "Tokenizer", "config": ${flatObject(config)}}`;
  }

  /** What `toJson`, or Keras' `to_json`, wrote; also when that text was written as a JSON string once more. */
  static fromJson(json: string): Tokenizer {
    let stored: unknown = parsed(json);
    if (typeof stored === 'string') stored = parsed(stored);
    const { class_name, config } = (stored ?? {}) as { class_name?: unknown; config?: Record<string, unknown> };
    if (class_name !== 'Tokenizer' || typeof config !== 'object' || config === null)
      throw new SarafError(
        'ERR_FORMAT',
        OP,
        `expected JSON with class_name "Tokenizer" and a config, received ${asciiString(json.slice(0, 60))}`,
      );
    const tokenizer = new Tokenizer({
      numWords: (config['num_words'] ?? null) as number | null,
      filters: field(config, 'filters', 'string') as string,
      lower: field(config, 'lower', 'boolean') as boolean,
      split: field(config, 'split', 'string') as string,
      charLevel: field(config, 'char_level', 'boolean') as boolean,
      oovToken: (config['oov_token'] ?? null) as string | null,
    });
    tokenizer.documentCount = field(config, 'document_count', 'number') as number;
    const fill = <K, V extends string | number>(
      map: Map<K, V>,
      name: string,
      kind: 'string' | 'number',
      key: (text: string) => K,
    ): void => {
      for (const [k, v] of readFlatObject(OP, name, field(config, name, 'string') as string)) {
        if (typeof v !== kind)
          throw new SarafError('ERR_FORMAT', OP, `expected a ${kind} for each entry of ${name}, received ${String(v)}`);
        map.set(key(k), v as V);
      }
    };
    fill(tokenizer.wordCounts, 'word_counts', 'number', String);
    fill(tokenizer.wordDocs, 'word_docs', 'number', String);
    fill(tokenizer.wordIndex, 'word_index', 'number', String);
    fill(tokenizer.indexDocs, 'index_docs', 'number', Number);
    fill(tokenizer.indexWord, 'index_word', 'string', Number);
    return tokenizer;
  }

  private words(text: TokenizerText): readonly string[] {
    const lowered = (t: unknown): string => {
      if (typeof t !== 'string')
        throw new SarafError('ERR_DATA', OP, `expected texts to be strings or lists of strings, received ${String(t)}`);
      return this.lower ? t.toLowerCase() : t;
    };
    if (Array.isArray(text)) return text.map(lowered);
    const line = lowered(text);
    if (this.charLevel) return Array.from(line);
    let separated = '';
    for (const character of line) separated += this.separators.has(character) ? this.split : character;
    return separated.split(this.split).filter((w) => w !== '');
  }

  private within(index: number): boolean {
    return !this.numWords || index < this.numWords;
  }

  private oovIndex(): number | null {
    return this.oovToken === null ? null : (this.wordIndex.get(this.oovToken) ?? null);
  }

  private weight(mode: MatrixMode, index: number, count: number, length: number): number {
    switch (mode) {
      case 'binary':
        return 1;
      case 'count':
        return count;
      case 'freq':
        return count / length;
      case 'tfidf':
        return (1 + log(count)) * log(1 + this.documentCount / (1 + (this.indexDocs.get(index) ?? 0)));
    }
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new SarafError('ERR_FORMAT', OP, 'expected the JSON of a tokenizer, received text that is no JSON', { cause: error });
  }
}

function field(config: Readonly<Record<string, unknown>>, name: string, kind: 'string' | 'number' | 'boolean'): unknown {
  const value = config[name];
  if (typeof value !== kind) throw new SarafError('ERR_FORMAT', OP, `expected ${name} to be a ${kind}, received ${JSON.stringify(value)}`);
  return value;
}
