import { SarafError } from '../errors.js';
import { toFrame, type FrameLike } from '../data/frame.js';
import { Table } from '../data/table.js';
import { tensor, type Tensor } from '../tensor/tensor.js';

export interface Neighbour {
  readonly word: string;
  /** Cosine of the angle between the vectors, in [-1, 1]. */
  readonly similarity: number;
}

export interface NeighbourOptions {
  /** How many. Default 10. */
  topN?: number;
}

/** What `embeddingMatrix` gives. */
export interface EmbeddingMatrix {
  /** (words, vectorSize). */
  readonly weights: Tensor;
  /** Share of the vocabulary's words that have a vector, in [0,1]; '' and '[UNK]' are not counted. */
  readonly coverage: number;
  readonly missing: readonly string[];
}

const OP = 'wordVectors';
/** Entries of a vocabulary that are no words. */
const RESERVED = new Set(['', '[UNK]']);

/**
 * Words and their vectors: nearest neighbours, analogies, weights for an embedding layer.
 *
 * Shapes: `values` (words, vectorSize), row-major.
 * Throws: ERR_SHAPE if the values do not fit the words; ERR_DATA if a word comes twice or is not known.
 * Example: `vectors.analogy('jakarta', 'indonesia', 'jepang') // jakarta is to indonesia as … to jepang`
 */
export class WordVectors {
  readonly words: readonly string[];
  readonly vectorSize: number;
  /** How often each word came in the text; null: not known. */
  readonly counts: readonly number[] | null;
  private readonly values: Float32Array;
  private readonly index: ReadonlyMap<string, number>;
  private lengths: Float64Array | null = null;

  constructor(words: readonly string[], values: Float32Array, counts: readonly number[] | null = null) {
    if (words.length === 0 || values.length === 0 || values.length % words.length !== 0) {
      throw new SarafError(
        'ERR_SHAPE',
        OP,
        `expected as many numbers for each of ${words.length} words, received ${values.length} in all; pass values of shape (words, vectorSize)`,
      );
    }
    this.words = words;
    this.values = values;
    this.vectorSize = values.length / words.length;
    this.counts = counts;
    this.index = new Map(words.map((word, i) => [word, i]));
    if (this.index.size !== words.length) {
      const twice = words.find((word, i) => this.index.get(word) !== i);
      throw new SarafError('ERR_DATA', OP, `expected every word once, received ${JSON.stringify(twice)} twice`);
    }
  }

  has(word: string): boolean {
    return this.index.has(word);
  }

  /** (vectorSize): a view, not a copy. Throws: ERR_DATA if the word is not known. */
  vector(word: string): Float32Array {
    return this.row(this.at(word));
  }

  /** All vectors, (words, vectorSize). */
  toTensor(): Tensor {
    return tensor(this.values.slice(), [this.words.length, this.vectorSize]);
  }

  /** Cosine of the angle between two words, in [-1, 1]. Throws: ERR_DATA if one is not known. */
  similarity(a: string, b: string): number {
    return this.cosine(Float64Array.from(this.vector(a)), this.at(b));
  }

  /** The words nearest to a word, or to a vector of your own. Throws: ERR_DATA if the word is not known. */
  mostSimilar(to: string | ArrayLike<number>, options: NeighbourOptions = {}): Neighbour[] {
    if (typeof to === 'string') return this.nearest(Float64Array.from(this.vector(to)), new Set([this.at(to)]), options);
    if (to.length !== this.vectorSize)
      throw new SarafError('ERR_SHAPE', OP, `expected a vector of ${this.vectorSize} numbers, received ${to.length}`);
    return this.nearest(Float64Array.from(to), new Set(), options);
  }

  /** a is to b as … to c: the words nearest to a − b + c of their directions. Throws: ERR_DATA if one is not known. */
  analogy(a: string, b: string, c: string, options: NeighbourOptions = {}): Neighbour[] {
    const rows = [a, b, c].map((word) => this.at(word)) as [number, number, number];
    const sum = new Float64Array(this.vectorSize);
    rows.forEach((row, i) => {
      const weight = (i === 1 ? -1 : 1) / (this.length(row) || 1);
      this.row(row).forEach((value, d) => (sum[d] = (sum[d] as number) + weight * value));
    });
    return this.nearest(sum, new Set(rows), options);
  }

  /** Mean of the vectors of the known words of a text, (vectorSize); zeros where none is known. */
  mean(words: Iterable<string>): Float32Array {
    const sum = new Float64Array(this.vectorSize);
    let n = 0;
    for (const word of words) {
      const i = this.index.get(word);
      if (i === undefined) continue;
      this.row(i).forEach((value, d) => (sum[d] = (sum[d] as number) + value));
      n++;
    }
    return Float32Array.from(sum, (value) => (n === 0 ? 0 : value / n));
  }

  /**
   * Weights of an embedding layer for a vocabulary (that of TextVectorization, or words by number): row i is the vector of word i,
   * zeros where there is none.
   *
   * Example: `const { weights } = vectors.embeddingMatrix(vectorize.getVocabulary()); embedding.setWeights([weights])`
   */
  embeddingMatrix(vocabulary: readonly string[]): EmbeddingMatrix {
    const weights = new Float32Array(vocabulary.length * this.vectorSize);
    const missing: string[] = [];
    vocabulary.forEach((word, i) => {
      const row = this.index.get(word);
      if (row !== undefined) weights.set(this.row(row), i * this.vectorSize);
      else if (!RESERVED.has(word)) missing.push(word);
    });
    const real = vocabulary.filter((word) => !RESERVED.has(word)).length;
    return {
      weights: tensor(weights, [vocabulary.length, this.vectorSize]),
      coverage: real === 0 ? 0 : 1 - missing.length / real,
      missing,
    };
  }

  /** A table with a word per row: `word`, `count` where it is known, then its numbers. */
  toTable(): Table {
    const numbers = Array.from({ length: this.vectorSize }, (_, d) => this.words.map((_word, i) => this.row(i)[d] as number));
    const counted = this.counts === null ? [] : [{ name: 'count', data: [...this.counts] }];
    const columns = [{ name: 'word', data: [...this.words] }, ...counted, ...numbers.map((data, d) => ({ name: String(d), data }))];
    return new Table(
      columns.map((c) => c.name),
      columns.map((c) => c.data),
    );
  }

  /** The same as a danfojs DataFrame. Throws: ERR_STATE if danfojs-node is not installed. */
  toFrame(): Promise<FrameLike> {
    return toFrame(this.toTable());
  }

  private at(word: string): number {
    const i = this.index.get(word);
    if (i === undefined) {
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected one of ${this.words.length} known words, received ${JSON.stringify(word)}; has(word) tells, and minCount leaves rare words out`,
      );
    }
    return i;
  }

  private row(i: number): Float32Array {
    return this.values.subarray(i * this.vectorSize, (i + 1) * this.vectorSize);
  }

  private length(i: number): number {
    if (this.lengths === null) {
      this.lengths = Float64Array.from(this.words, (_, w) => Math.hypot(...this.row(w)));
    }
    return this.lengths[i] as number;
  }

  private cosine(query: Float64Array, i: number): number {
    const at = i * this.vectorSize;
    let dot = 0;
    for (let d = 0; d < query.length; d++) dot += (query[d] as number) * (this.values[at + d] as number);
    const product = Math.hypot(...query) * this.length(i);
    return product === 0 ? 0 : Math.max(-1, Math.min(1, dot / product));
  }

  private nearest(query: Float64Array, but: ReadonlySet<number>, { topN = 10 }: NeighbourOptions): Neighbour[] {
    if (!Number.isInteger(topN) || topN < 1)
      throw new SarafError('ERR_ARG', OP, `expected topN to be a positive integer, received ${String(topN)}`);
    return this.words
      .map((word, i) => ({ word, i, similarity: but.has(i) ? -2 : this.cosine(query, i) }))
      .filter(({ i }) => !but.has(i))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, topN)
      .map(({ word, similarity }) => ({ word, similarity }));
  }
}
