import cliProgress from 'cli-progress';
import { backend } from '../backend/current.js';
import { SarafError } from '../errors.js';
import { checkSeed, getSeed } from '../initializers/seed.js';
import { AbortError } from '../models/history.js';
import { Pace } from '../models/pace.js';
import { aliasTable, expectedKept, keepThresholds } from './draws.js';
import { packTable, paddedColumns, unpackTable } from './tables.js';
import { countWords, numberWords, type NumberedText, type Sentence, type WordCounts } from './word-counts.js';
import { WordVectors } from './word-vectors.js';
import { square } from '../tensor/portable-math.js';

/** Options of `Word2Vec`; the values are those of the published program. */
export interface Word2VecOptions {
  /** Predict a word from the mean of its context ('cbow', default) or each word of the context from it ('skipGram'). */
  mode?: 'cbow' | 'skipGram';
  /** Numbers per word. Default 100. */
  vectorSize?: number;
  /** Most words on either side; each centre draws its own from 1 to this. Default 5. */
  window?: number;
  /** Rarer words are left out. Default 5. */
  minCount?: number;
  /** Random words that each centre is compared with. Default 5. */
  negative?: number;
  /** They are drawn in proportion to count to this power. Default 0.75. */
  negativePower?: number;
  /** The more frequent a word beyond this share of the text, the more often it is left out; 0: never. Default 1e-3. */
  sample?: number;
  /** Default 5. */
  epochs?: number;
  /** The rate at the beginning and at the end; between them it falls linearly. Default 0.025 and 0.0001. */
  learningRate?: number;
  minLearningRate?: number;
  /** Default: the global seed. */
  seed?: number;
}

export interface Word2VecProgress {
  /** From 0. */
  readonly epoch: number;
  /** Words of the text done so far, over all epochs, and how many there are. */
  readonly words: number;
  readonly totalWords: number;
  readonly wordsPerSecond: number;
}

export interface Word2VecFitOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Word2VecProgress) => void;
  /** 1 (default): a bar where stderr is a terminal. 0: none. */
  verbose?: 0 | 1;
}

const OP = 'word2vec';
/** Words of a call: some hundredths of a second, and windows that fit the caches. */
const PIECE = 20_000;
/** See `batchOf`. On 2.5 million words of news batches of 1 to 1,000 windows reach the same loss to half a percent. */
const MOST_WINDOWS = 1024;
const MOST_REPEATS = 40;
const MOST_MEETINGS = 8;
const STEADY_RATE = 0.05;
const KNOWN = [
  'mode',
  'vectorSize',
  'window',
  'minCount',
  'negative',
  'negativePower',
  'sample',
  'epochs',
  'learningRate',
  'minLearningRate',
  'seed',
];

/**
 * Vectors of words from the words about them: CBOW or skip-gram with negative sampling, in native kernels.
 *
 * All words of a window share its negative samples, and the scores of a batch of windows are taken before any of them changes a
 * vector; so the same seed gives the same bits on any number of threads and any instruction set.
 *
 * Throws: ERR_ARG for an option out of range; ERR_DATA for sentences that are none, in which no word is frequent enough, or if the
 *         vectors grow beyond all bounds;
 *         AbortError when `signal` fires.
 * Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality"; Ji et al. 2016.
 * Example: `const vectors = await new Word2Vec({ mode: 'skipGram', seed: 1 }).fit(texts.map((t) => t.split(' '))); vectors.mostSimilar('raja')`
 */
export class Word2Vec {
  readonly mode: 'cbow' | 'skipGram';
  readonly vectorSize: number;
  readonly window: number;
  readonly minCount: number;
  readonly negative: number;
  readonly negativePower: number;
  readonly sample: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly minLearningRate: number;
  readonly seed: number;
  private trained: Trained | null = null;

  constructor(options: Word2VecOptions = {}) {
    const unknown = Object.keys(options).filter((name) => !KNOWN.includes(name));
    if (unknown.length > 0) throw new SarafError('ERR_ARG', OP, `expected options of ${KNOWN.join(', ')}; received ${unknown.join(', ')}`);
    this.mode = options.mode ?? 'cbow';
    if (this.mode !== 'cbow' && this.mode !== 'skipGram')
      throw new SarafError('ERR_ARG', OP, `expected mode "cbow" or "skipGram", received ${JSON.stringify(this.mode)}`);
    this.vectorSize = integer('vectorSize', options.vectorSize ?? 100, 1, 2048);
    this.window = integer('window', options.window ?? 5, 1, 64);
    this.minCount = integer('minCount', options.minCount ?? 5, 1, Number.MAX_SAFE_INTEGER);
    this.negative = integer('negative', options.negative ?? 5, 1, 63);
    this.epochs = integer('epochs', options.epochs ?? 5, 1, 2 ** 31);
    this.negativePower = number('negativePower', options.negativePower ?? 0.75, -10, 10);
    this.sample = number('sample', options.sample ?? 1e-3, 0, 1);
    this.learningRate = number('learningRate', options.learningRate ?? 0.025, 0, 10);
    this.minLearningRate = number('minLearningRate', options.minLearningRate ?? 1e-4, 0, 10);
    this.seed = checkSeed(OP, options.seed ?? getSeed());
  }

  /** Counts words and trains on the sentences, which are gone through once. */
  async fit(sentences: Iterable<Sentence>, options: Word2VecFitOptions = {}): Promise<WordVectors> {
    const { vocabulary, text } = countWords(OP, sentences, this.minCount);
    const input = this.firstVectors(vocabulary.words.length);
    const output = backend().allocate('float32', input.length) as Float32Array;
    this.trained = { vocabulary, input, output };
    await this.train(text, vocabulary, input, output, options);
    if (!allFinite(input)) {
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected finite vectors, received NaN or infinity after ${this.epochs} epochs; lower learningRate (${this.learningRate})`,
      );
    }
    return this.vectors;
  }

  /** A copy of the vectors as they are: after an aborted `fit`, those of its last piece of text. Throws: ERR_STATE before `fit`. */
  get vectors(): WordVectors {
    const { vocabulary, input } = this.state();
    return new WordVectors(vocabulary.words, unpackTable(input, vocabulary.words.length, this.vectorSize), vocabulary.counts);
  }

  private state(): Trained {
    if (this.trained === null)
      throw new SarafError('ERR_STATE', OP, 'expected a fitted model, received one without vectors; call fit first');
    return this.trained;
  }

  /**
   * Mean negative log-likelihood per pair of word and target on other text, with negatives drawn anew by `seed`; what training makes
   * small. Words that were not in the training text are left out, frequent ones are not.
   *
   * Throws: ERR_STATE before `fit`; ERR_DATA if no word is known.
   */
  loss(sentences: Iterable<Sentence>, seed = 0): number {
    const { vocabulary, input, output } = this.state();
    const text = numberWords(sentences, vocabulary.index);
    const totals = new Float64Array(3);
    const draws = { ...this.draws(vocabulary), keep: keepThresholds(vocabulary.counts, 0) };
    for (const piece of pieces(text)) this.call(piece, draws, input, output, { seed, epoch: 0, rates: null, totals, wantsLoss: true });
    if (totals[1] === 0)
      throw new SarafError(
        'ERR_DATA',
        OP,
        'expected sentences with two known words or more, received none; give text like that of training',
      );
    return (totals[2] as number) / (totals[1] as number);
  }

  private async train(text: NumberedText, vocabulary: WordCounts, input: Float32Array, output: Float32Array, options: Word2VecFitOptions) {
    const { signal, onProgress, verbose = 1 } = options;
    const words = text.words.length;
    const totalWords = words * this.epochs;
    const draws = this.draws(vocabulary);
    const totals = new Float64Array(3);
    const pace = new Pace();
    const started = performance.now();
    const bar = verbose === 1 && process.stderr.isTTY ? startBar(totalWords) : null;
    try {
      for (let epoch = 0; epoch < this.epochs; epoch++) {
        for (const piece of pieces(text)) {
          if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
          const { learningRate: from, minLearningRate: to } = this;
          const rateAt = (done: number): number => from + (to - from) * (done / totalWords);
          // The rate of a word is that of its place in the whole text of its epoch.
          const rates = { first: rateAt(epoch * words), last: rateAt((epoch + 1) * words), words };
          this.call(piece, draws, input, output, { seed: this.seed, epoch, rates, totals, wantsLoss: false });
          const done = epoch * words + piece.position + piece.words.length;
          const wordsPerSecond = done / Math.max(1e-3, (performance.now() - started) / 1000);
          bar?.update(done, { epoch: epoch + 1, epochs: this.epochs, rate: wordsPerSecond.toFixed(0) });
          onProgress?.({ epoch, words: done, totalWords, wordsPerSecond });
          await pace.breathe();
        }
      }
    } finally {
      bar?.stop();
    }
  }

  private draws(vocabulary: WordCounts): Draws {
    const keep = keepThresholds(vocabulary.counts, this.sample);
    return { keep, ...aliasTable(vocabulary.counts, this.negativePower), batch: this.batchOf(expectedKept(vocabulary.counts, keep)) };
  }

  /**
   * Windows in a batch. A vector that is changed many times from scores as old as its first change overshoots, the more so where all
   * words are frequent: in the contexts of a batch the most frequent word comes so many times on average, and a word meets itself so
   * many times, and no more; fewer where the rate is high.
   */
  private batchOf(kept: readonly number[]): number {
    const sum = kept.reduce((a, b) => a + b, 0);
    const share = kept.reduce((a, b) => Math.max(a, b), 0) / sum;
    const meetings = kept.reduce((a, b) => a + square(b / sum), 0);
    const contexts = this.window + 1;
    const calm = Math.min(1, STEADY_RATE / Math.max(this.learningRate, Number.EPSILON));
    const most = (calm * Math.min(MOST_REPEATS / share, MOST_MEETINGS / meetings)) / contexts;
    return Math.max(1, Math.min(MOST_WINDOWS, Math.floor(most)));
  }

  private call(piece: Piece, draws: Draws, input: Float32Array, output: Float32Array, pass: Pass): void {
    const { keep, chance, alias, batch } = draws;
    const { rates } = pass;
    backend().word2vec(
      this.mode === 'cbow',
      piece.words,
      piece.ends,
      keep,
      chance,
      alias,
      input,
      output,
      paddedColumns(this.vectorSize),
      this.window,
      this.negative,
      pass.seed,
      pass.epoch,
      piece.position,
      rates?.words ?? 1,
      rates?.first ?? null,
      rates?.last ?? null,
      pass.totals,
      pass.wantsLoss,
      batch,
    );
  }

  /** Uniform in ±1/vectorSize, as gensim has it: from half of that, as published, CBOW's loss on unseen news stays 1 % behind. */
  private firstVectors(V: number): Float32Array {
    const drawn = new Float32Array(V * this.vectorSize);
    const bound = 1 / this.vectorSize;
    backend().randomUniform(drawn, -bound, bound, this.seed, 0);
    const input = backend().allocate('float32', V * paddedColumns(this.vectorSize)) as Float32Array;
    packTable(drawn, V, this.vectorSize, input);
    return input;
  }
}

interface Trained {
  readonly vocabulary: WordCounts;
  /** The vectors, and those of words as targets: see tables.ts. */
  readonly input: Float32Array;
  readonly output: Float32Array;
}

interface Draws {
  readonly keep: Int32Array;
  readonly chance: Int32Array;
  readonly alias: Int32Array;
  readonly batch: number;
}

interface Pass {
  readonly seed: number;
  readonly epoch: number;
  /** Rates at the first and after the last word of this many; null: the vectors stay. */
  readonly rates: { readonly first: number; readonly last: number; readonly words: number } | null;
  readonly totals: Float64Array;
  readonly wantsLoss: boolean;
}

interface Piece extends NumberedText {
  /** Of its first word in the whole text. */
  readonly position: number;
}

function allFinite(values: Float32Array): boolean {
  // In one pass without a call per value: a sum is NaN or infinite if one of them is; of finite ones in double it cannot be.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return Number.isFinite(sum);
}

/** The text in whole sentences, some thousands of words at a time. */
function* pieces({ words, ends }: NumberedText): Generator<Piece> {
  for (let s = 0, from = 0; s < ends.length;) {
    let last = s + 1;
    while (last < ends.length && (ends[last] as number) - from <= PIECE) last++;
    const to = ends[last - 1] as number;
    const start = from;
    yield { words: words.subarray(from, to), ends: ends.slice(s, last).map((end) => end - start), position: from };
    s = last;
    from = to;
  }
}

function startBar(total: number): cliProgress.SingleBar {
  const format = 'Epoch {epoch}/{epochs} {bar} {percentage}% · {rate} words/s · {eta_formatted} left';
  const bar = new cliProgress.SingleBar(
    { format, stream: process.stderr, barsize: 24, hideCursor: true, gracefulExit: false },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { epoch: 1, epochs: '?', rate: '–' });
  return bar;
}

function integer(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new SarafError('ERR_ARG', OP, `expected ${name} to be an integer in [${low},${high}], received ${String(value)}`);
  return value;
}

function number(name: string, value: number, low: number, high: number): number {
  if (!(value >= low && value <= high))
    throw new SarafError('ERR_ARG', OP, `expected ${name} to be a number in [${low},${high}], received ${String(value)}`);
  return value;
}
