import { SarafError } from '../errors.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { compareUtf8, ngramWidths, splitter, standardizer, withNgrams, type Split, type Standardize } from './tokenize.js';
import { log } from '../tensor/portable-math.js';

export type OutputMode = 'int' | 'multi_hot' | 'count' | 'tf_idf';

/** Options of `TextVectorization`, Keras' names in camelCase and Keras' values. */
export interface TextVectorizationOptions {
  name?: string;
  /** Most entries of the vocabulary, special tokens included. Default: no limit. */
  maxTokens?: number | null;
  standardize?: Standardize;
  split?: Split;
  /** n: 1- to n-grams; a list: just these. */
  ngrams?: number | readonly number[] | null;
  outputMode?: OutputMode;
  /** Mode 'int': every row is cut or filled up with 0 at its end to this length. Default: the longest row of the call. */
  outputSequenceLength?: number | null;
  /** Modes other than 'int': `maxTokens` columns even if the vocabulary is smaller. */
  padToMaxTokens?: boolean;
  /** A vocabulary instead of `adapt`. */
  vocabulary?: readonly string[] | null;
  /** With a given vocabulary and mode 'tf_idf': one weight per token. */
  idfWeights?: readonly number[] | null;
}

/** What a token became. */
export interface TokenNumber {
  readonly token: string;
  readonly number: number;
  /** Whether the vocabulary has it. */
  readonly known: boolean;
}

const PAD = '';
const UNKNOWN = '[UNK]';
const OP = 'textVectorization';
const KNOWN = [
  'name',
  'maxTokens',
  'standardize',
  'split',
  'ngrams',
  'outputMode',
  'outputSequenceLength',
  'padToMaxTokens',
  'vocabulary',
  'idfWeights',
];

/**
 * From texts to token numbers or word weights, as Keras' TextVectorization does it.
 *
 * In mode 'int' 0 is padding and 1 an unknown token; in the other modes column 0 counts the unknown ones. The vocabulary is
 * sorted by count, ties by descending UTF-8 bytes. Lower-casing and splitting know ASCII only, as in Keras.
 *
 * Shapes: N texts → int32 (N,outputSequenceLength) in mode 'int' ((N) with `split: null`), (N,vocabulary) otherwise: int32 for
 *         'multi_hot' and 'count', float32 for 'tf_idf'.
 * Throws: ERR_STATE if called before `adapt` or `setVocabulary`; ERR_ARG for options that do not go together; ERR_DATA for a text that is none.
 * Source: Keras 3 TextVectorization.
 * Example: `const v = new TextVectorization({ maxTokens: 10_000, outputSequenceLength: 256 }); v.adapt(train); v.call(test)`
 */
export class TextVectorization {
  readonly name: string;
  readonly maxTokens: number | null;
  readonly standardize: Standardize;
  readonly split: Split;
  readonly ngrams: number | readonly number[] | null;
  readonly outputMode: OutputMode;
  readonly outputSequenceLength: number | null;
  readonly padToMaxTokens: boolean;
  private readonly clean: (text: string) => string;
  private readonly tokens: (text: string) => string[];
  private readonly widths: number[] | null;
  private ids: Map<string, number> | undefined;
  private words: readonly string[] = [];
  private idf: Float32Array | undefined;

  constructor(options: TextVectorizationOptions = {}) {
    const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${KNOWN.join(', ')}, received "${unknown}"`);
    this.name = options.name ?? 'text_vectorization';
    this.maxTokens = options.maxTokens ?? null;
    this.standardize = options.standardize === undefined ? 'lower_and_strip_punctuation' : options.standardize;
    this.split = options.split === undefined ? 'whitespace' : options.split;
    this.ngrams = options.ngrams ?? null;
    this.outputMode = options.outputMode ?? 'int';
    this.outputSequenceLength = options.outputSequenceLength ?? null;
    this.padToMaxTokens = options.padToMaxTokens ?? false;
    this.clean = standardizer(this.standardize);
    this.tokens = splitter(this.split);
    this.widths = ngramWidths(this.ngrams);
    this.check();
    if (options.vocabulary) this.setVocabulary(options.vocabulary, options.idfWeights ?? undefined);
    else if (options.idfWeights) throw new SarafError('ERR_ARG', OP, 'expected idfWeights together with a vocabulary, received them alone');
  }

  private get special(): readonly string[] {
    return this.outputMode === 'int' ? [PAD, UNKNOWN] : [UNKNOWN];
  }

  private check(): void {
    const modes: readonly string[] = ['int', 'multi_hot', 'count', 'tf_idf'];
    if (!modes.includes(this.outputMode)) {
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected outputMode ${modes.map((m) => `"${m}"`).join(', ')}, received ${JSON.stringify(this.outputMode)}`,
      );
    }
    const { maxTokens, outputSequenceLength: length } = this;
    if (maxTokens !== null && (!Number.isInteger(maxTokens) || maxTokens <= this.special.length - 1)) {
      throw new SarafError('ERR_ARG', OP, `expected maxTokens to be an integer of at least ${this.special.length}, received ${maxTokens}`);
    }
    if (length !== null && (this.outputMode !== 'int' || this.split === null)) {
      throw new SarafError(
        'ERR_ARG',
        OP,
        'expected outputSequenceLength only with outputMode "int" and a split, received it with another; leave it out',
      );
    }
    if (length !== null && (!Number.isInteger(length) || length < 0)) {
      throw new SarafError('ERR_ARG', OP, `expected outputSequenceLength to be an integer of at least 0, received ${length}`);
    }
    if (this.padToMaxTokens && (maxTokens === null || this.outputMode === 'int')) {
      throw new SarafError('ERR_ARG', OP, 'expected padToMaxTokens only with maxTokens and a mode other than "int"; leave it out');
    }
    if (this.widths !== null && this.split === null)
      throw new SarafError('ERR_ARG', OP, 'expected a split with ngrams, received split: null');
  }

  /** Standardised, split and joined to n-grams. */
  private tokenize(text: string, row: number): string[] {
    if (typeof text !== 'string') {
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected text in row ${row}, received ${text === null ? 'null' : typeof text}; fill in or drop missing texts first`,
      );
    }
    const tokens = this.tokens(this.clean(text));
    return this.widths === null ? tokens : withNgrams(tokens, this.widths);
  }

  /** Learns the vocabulary (and, in mode 'tf_idf', the weights) from texts, replacing what there was. */
  adapt(texts: Iterable<string>): this {
    const counts = new Map<string, number>();
    const documents = new Map<string, number>();
    let rows = 0;
    for (const text of texts) {
      const tokens = this.tokenize(text, rows++);
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
      if (this.outputMode === 'tf_idf') for (const token of new Set(tokens)) documents.set(token, (documents.get(token) ?? 0) + 1);
    }
    if (rows === 0) throw new SarafError('ERR_DATA', OP, 'expected at least one text to adapt to, received none');
    counts.delete(PAD);
    counts.delete(UNKNOWN);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || compareUtf8(b, a)).map(([token]) => token);
    const learnt = this.maxTokens === null ? sorted : sorted.slice(0, this.maxTokens - this.special.length);
    const idf =
      this.outputMode === 'tf_idf' ? learnt.map((token) => Math.fround(log(1 + rows / (1 + (documents.get(token) ?? 0))))) : undefined;
    this.setVocabulary(learnt, idf);
    return this;
  }

  /**
   * Takes a vocabulary instead of learning one; special tokens may lead it or be left out.
   *
   * Throws: ERR_ARG if tokens repeat, special tokens are elsewhere, there are more than `maxTokens`, or weights are missing or not wanted.
   */
  setVocabulary(vocabulary: readonly string[], idfWeights?: readonly number[]): void {
    const special = this.special;
    const led = special.every((token, i) => vocabulary[i] === token);
    const words = led ? vocabulary.slice(special.length) : [...vocabulary];
    const bad = words.find((token) => token === UNKNOWN || token === PAD);
    if (bad !== undefined) {
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected the special tokens ${JSON.stringify(special)} first or not at all, received ${JSON.stringify(bad)} at ${vocabulary.indexOf(bad, led ? special.length : 0)}`,
      );
    }
    const ids = new Map(words.map((token, i) => [token, i + special.length]));
    if (ids.size !== words.length) {
      const twice = words.find((token, i) => words.indexOf(token) !== i);
      throw new SarafError('ERR_ARG', OP, `expected different tokens, received ${JSON.stringify(twice)} twice`);
    }
    if (this.maxTokens !== null && words.length + special.length > this.maxTokens) {
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected at most ${this.maxTokens} tokens (maxTokens, special ones included), received ${words.length + special.length}`,
      );
    }
    if ((this.outputMode === 'tf_idf') !== (idfWeights !== undefined)) {
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected ${idfWeights ? 'no idfWeights outside' : 'idfWeights with'} outputMode "tf_idf", received ${idfWeights ? 'some' : 'none'}`,
      );
    }
    if (idfWeights) {
      const own = led && idfWeights.length === vocabulary.length ? idfWeights.slice(special.length) : idfWeights;
      if (own.length !== words.length || own.some((w) => !Number.isFinite(w))) {
        throw new SarafError('ERR_ARG', OP, `expected ${words.length} finite idfWeights, received ${idfWeights.length}`);
      }
      // An unknown token weighs as much as the mean of the known ones.
      const mean = words.length === 0 ? 0 : own.reduce((sum, w) => sum + w, 0) / words.length;
      this.idf = Float32Array.from([own === idfWeights ? mean : (idfWeights[0] as number), ...own]);
    }
    this.ids = ids;
    this.words = words;
  }

  /** Tokens in the order of their numbers. */
  getVocabulary(includeSpecialTokens = true): string[] {
    return includeSpecialTokens ? [...this.special, ...this.words] : [...this.words];
  }

  /** Weight per token, the unknown one first; undefined outside mode 'tf_idf'. */
  get idfWeights(): Float32Array | undefined {
    return this.idf?.slice();
  }

  /** How many different numbers or columns there are: the `inputDim` of an embedding. */
  vocabularySize(): number {
    return this.special.length + this.words.length;
  }

  /** The tokens of one text and their numbers or columns, however long it is. */
  lookUp(text: string): TokenNumber[] {
    const ids = this.learnt();
    const unknown = this.outputMode === 'int' ? 1 : 0;
    return this.tokenize(text, 0).map((token) => ({ token, number: ids.get(token) ?? unknown, known: ids.has(token) }));
  }

  /** Token numbers per text, without padding; only for mode 'int'. Longer rows are cut to `outputSequenceLength`. */
  callRagged(texts: readonly string[]): number[][] {
    if (this.outputMode !== 'int')
      throw new SarafError('ERR_ARG', OP, `expected outputMode "int" for ragged rows, received "${this.outputMode}"`);
    const ids = this.learnt();
    return texts.map((text, row) => {
      const tokens = this.tokenize(text, row);
      const kept = this.outputSequenceLength === null ? tokens : tokens.slice(0, this.outputSequenceLength);
      return kept.map((token) => (token === PAD ? 0 : (ids.get(token) ?? 1)));
    });
  }

  /** The tensor of some texts; a single text is a batch of one. */
  call(texts: string | readonly string[]): Tensor {
    const batch = typeof texts === 'string' ? [texts] : texts;
    if (this.outputMode !== 'int') return this.weights(batch);
    const rows = this.callRagged(batch);
    if (this.split === null) return tensor(Int32Array.from(rows.flat()), [rows.length]);
    const length = this.outputSequenceLength ?? rows.reduce((n, row) => Math.max(n, row.length), 0);
    const out = new Int32Array(rows.length * length);
    for (const [n, row] of rows.entries()) out.set(row, n * length);
    return tensor(out, [rows.length, length]);
  }

  private weights(texts: readonly string[]): Tensor {
    const ids = this.learnt();
    const columns = this.padToMaxTokens && this.maxTokens !== null ? this.maxTokens : this.vocabularySize();
    const out = this.idf ? new Float32Array(texts.length * columns) : new Int32Array(texts.length * columns);
    for (const [row, text] of texts.entries()) {
      for (const token of this.tokenize(text, row)) {
        if (token === PAD) continue;
        const at = row * columns + (ids.get(token) ?? 0);
        out[at] = this.outputMode === 'multi_hot' ? 1 : (out[at] as number) + 1;
      }
    }
    if (this.idf) for (let i = 0; i < out.length; ++i) out[i] = (out[i] as number) * (this.idf[i % columns] ?? 0);
    return tensor(out, [texts.length, columns]);
  }

  private learnt(): ReadonlyMap<string, number> {
    if (!this.ids) throw new SarafError('ERR_STATE', OP, 'expected a vocabulary, received none; call adapt(texts) or setVocabulary first');
    return this.ids;
  }

  /** Everything that rebuilds this object, vocabulary included. Throws ERR_STATE for functions, which JSON cannot hold. */
  getConfig(): TextVectorizationOptions {
    if (typeof this.standardize === 'function' || typeof this.split === 'function') {
      throw new SarafError(
        'ERR_STATE',
        OP,
        'expected standardize and split by name, received functions, which cannot be saved; build the object in code and save its getVocabulary()',
      );
    }
    return {
      name: this.name,
      maxTokens: this.maxTokens,
      standardize: this.standardize,
      split: this.split,
      ngrams: this.ngrams,
      outputMode: this.outputMode,
      outputSequenceLength: this.outputSequenceLength,
      padToMaxTokens: this.padToMaxTokens,
      vocabulary: this.ids ? this.getVocabulary() : null,
      idfWeights: this.idf ? Array.from(this.idf) : null,
    };
  }

  /** The object that `getConfig` described. */
  static fromConfig(config: TextVectorizationOptions): TextVectorization {
    return new TextVectorization(config);
  }
}
