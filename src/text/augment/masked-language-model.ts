import { SarafError } from '../../errors.js';
import { checkSeed, withSeed } from '../../initializers/seed.js';
import { input, layers } from '../../layers/index.js';
import type { SymbolicTensor } from '../../layers/layer.js';
import { AbortError } from '../../models/history.js';
import { Model } from '../../models/model.js';
import { Pace } from '../../models/pace.js';
import { adam } from '../../optimizers/index.js';
import { refuseTestRows } from '../../tensor/part.js';
import { Philox, STREAM } from '../../tensor/random.js';
import { tensor, type Tensor } from '../../tensor/tensor.js';
import { checkTexts } from './augment-texts.js';
import { drawPlaces, wordsOf } from './words.js';
import { log } from '../../tensor/portable-math.js';

export interface MaskedLanguageModelOptions {
  /** The most frequent words that it knows and can predict. Default 8000. */
  maxWords?: number;
  /** Rarer words are unknown to it. Default 2. */
  minCount?: number;
  /** Words on either side that it looks at. Default 8. */
  window?: number;
  /** Numbers per word. Default 64. */
  embedding?: number;
  /** Units of each of the two LSTMs. Default 64. */
  units?: number;
  /** Default 2. */
  epochs?: number;
  /** Words of a text that are hidden in an epoch, one at a time. Default 4. */
  hidden?: number;
  /** Default 128. */
  batchSize?: number;
  /** Of Adam. Default 0.002. */
  learningRate?: number;
  /** Of its weights, and of which words are hidden. Default 0. */
  seed?: number;
}

export interface MaskedFitOptions {
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { readonly epoch: number; readonly done: number; readonly total: number }) => void;
}

/** The words before and after a hidden one. */
export interface MaskedContext {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A word that fits, and how probable it is: (0,1]. */
export interface Fitting {
  readonly word: string;
  readonly probability: number;
}

const OP = 'maskedLanguageModel';
const LIMITS = {
  maxWords: [8000, 1, 1e6],
  minCount: [2, 1, 1e9],
  window: [8, 1, 256],
  embedding: [64, 1, 4096],
  units: [64, 1, 4096],
  epochs: [2, 1, 1e6],
  hidden: [4, 1, 1e6],
  batchSize: [128, 1, 65536],
} as const;
type Whole = keyof typeof LIMITS;
/** Numbers of what is no word: padding, unknown words, the beginning and the end of a text. */
const [UNKNOWN, BEGIN, END, FIRST] = [1, 2, 3, 4];
const ROWS = 512;

/**
 * Says which word stands between others: an LSTM reads the words before it, another those after it, from the far end to the near one.
 *
 * The same seed and texts give the same model on any number of threads and any instruction set.
 *
 * Shapes: contexts (N,window) and (N,window) → probabilities (N, words).
 * Throws: ERR_ARG for an option out of range or texts of a test part; ERR_DATA if no word is frequent enough; ERR_STATE before `fit` and for a
 *         second one; AbortError when `signal` fires.
 * Source: Melamud, Goldberger, Dagan 2016, "context2vec".
 * Example: `const model = new MaskedLanguageModel({ seed: 1 }); await model.fit(train); await model.predict([{ before: ['saya'], after: ['nasi'] }], 5)`
 */
export class MaskedLanguageModel {
  readonly options: Readonly<Record<Whole, number>> & { readonly learningRate: number; readonly seed: number };
  /** What it can predict, the most frequent first. */
  readonly words: string[] = [];
  /** How many texts it learnt from; null before `fit`. */
  learntTexts: number | null = null;
  private readonly index = new Map<string, number>();
  private model: Model | null = null;

  constructor(options: MaskedLanguageModelOptions = {}) {
    const names = [...Object.keys(LIMITS), 'learningRate', 'seed'];
    const unknown = Object.keys(options).find((key) => !names.includes(key));
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${names.join(', ')}, received "${unknown}"`);
    const whole = Object.entries(LIMITS).map(([name, [usual, low, high]]): [string, number] => {
      const value = options[name as Whole] ?? usual;
      if (!Number.isInteger(value) || value < low || value > high)
        throw new SarafError('ERR_ARG', OP, `expected ${name} to be an integer in [${low},${high}], received ${String(value)}`);
      return [name, value];
    });
    const { learningRate = 0.002, seed = 0 } = options;
    if (!(learningRate > 0 && learningRate <= 1))
      throw new SarafError('ERR_ARG', OP, `expected learningRate in (0,1], received ${String(learningRate)}`);
    this.options = { ...(Object.fromEntries(whole) as Record<Whole, number>), learningRate, seed: checkSeed(OP, seed) };
  }

  /** Learns from training texts, words between spaces. Once: make a new model for other texts. */
  async fit(texts: readonly string[], { signal, onProgress }: MaskedFitOptions = {}): Promise<this> {
    refuseTestRows(OP, 'fit', texts);
    if (this.model)
      throw new SarafError('ERR_STATE', OP, `expected one fit, this model has learnt from ${this.learntTexts} texts; make a new one`);
    checkTexts(OP, texts);
    const split = texts.map(wordsOf);
    this.learnWords(split);
    const numbered = split.map((words) => Int32Array.from(words, (word) => this.index.get(word) ?? UNKNOWN));
    const { epochs, batchSize, seed } = this.options;
    const model = withSeed(seed, () => this.build());
    const pace = new Pace();
    for (let epoch = 0; epoch < epochs; ++epoch) {
      const examples = this.hide(numbered, epoch);
      for (let from = 0; from < examples.length; from += batchSize) {
        if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
        const batch = examples.slice(from, from + batchSize);
        const { left, right } = this.contexts(batch.map(({ text, at }) => [text, at, at + 1]));
        model.trainOnBatch([left, right], tensor(Int32Array.from(batch, ({ text, at }) => (text[at] as number) - FIRST)));
        onProgress?.({ epoch, done: epoch * examples.length + from + batch.length, total: epochs * examples.length });
        await pace.breathe();
      }
    }
    this.model = model;
    this.learntTexts = texts.length;
    return this;
  }

  /** The most fitting words for each hidden one, the most probable first. Throws: ERR_STATE before `fit`. */
  async predict(
    contexts: readonly MaskedContext[],
    count: number,
    { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: (done: number) => void } = {},
  ): Promise<Fitting[][]> {
    const model = this.fitted();
    if (!Number.isInteger(count) || count < 1) throw new SarafError('ERR_ARG', OP, `expected a count of at least 1, received ${count}`);
    const pace = new Pace();
    const found: Fitting[][] = [];
    for (let from = 0; from < contexts.length; from += ROWS) {
      if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
      const batch = contexts.slice(from, from + ROWS);
      const number = (word: string): number => this.index.get(word) ?? UNKNOWN;
      const { left, right } = this.contexts(
        batch.map(({ before, after }) => [Int32Array.from([...before, ...after], number), before.length, before.length]),
      );
      const [scores] = model.predictOnBatch([left, right]) as [Tensor];
      const values = scores.data() as Float32Array;
      const words = this.words.length;
      batch.forEach((_, row) => found.push(this.best(values.subarray(row * words, (row + 1) * words), count)));
      onProgress?.(found.length);
      await pace.breathe();
    }
    return found;
  }

  /** Mean negative log-likelihood of the known words of some texts, each hidden once. Throws: ERR_STATE before `fit`; ERR_DATA without known words. */
  loss(texts: readonly string[]): number {
    const model = this.fitted();
    const numbered = texts.map((text) => Int32Array.from(wordsOf(text), (word) => this.index.get(word) ?? UNKNOWN));
    const places = numbered.flatMap((text) => [...text].flatMap((word, at) => (word >= FIRST ? [{ text, at }] : [])));
    if (places.length === 0) throw new SarafError('ERR_DATA', OP, 'expected texts with known words, received none');
    let sum = 0;
    for (let from = 0; from < places.length; from += ROWS) {
      const batch = places.slice(from, from + ROWS);
      const { left, right } = this.contexts(batch.map(({ text, at }) => [text, at, at + 1]));
      const [scores] = model.predictOnBatch([left, right]) as [Tensor];
      const values = scores.data();
      batch.forEach(({ text, at }, row) => {
        sum -= log(Math.max(values[row * this.words.length + (text[at] as number) - FIRST] as number, 1e-30));
      });
    }
    return sum / places.length;
  }

  private fitted(): Model {
    if (!this.model) throw new SarafError('ERR_STATE', OP, 'expected a fitted model; call fit(trainingTexts) first');
    return this.model;
  }

  private learnWords(split: readonly (readonly string[])[]): void {
    const { minCount, maxWords } = this.options;
    const counts = new Map<string, number>();
    for (const words of split) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const frequent = [...counts].filter(([, count]) => count >= minCount).sort(([, a], [, b]) => b - a);
    if (frequent.length < 2)
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected at least 2 words that come ${minCount} times or more, received ${frequent.length} in ${split.length} texts; give more texts or lower minCount`,
      );
    this.words.length = 0;
    this.index.clear();
    for (const [word] of frequent.slice(0, maxWords)) {
      this.index.set(word, FIRST + this.words.length);
      this.words.push(word);
    }
  }

  private build(): Model {
    const { window, embedding, units, learningRate } = this.options;
    const one = (t: SymbolicTensor | SymbolicTensor[]): SymbolicTensor => t as SymbolicTensor;
    const sides = [input({ shape: [window], dtype: 'int32' }), input({ shape: [window], dtype: 'int32' })];
    const embed = layers.embedding({ inputDim: FIRST + this.words.length, outputDim: embedding, maskZero: true });
    const read = sides.map((side) => one(layers.lstm({ units }).apply(one(embed.apply(side)))));
    const both = one(layers.concatenate().apply(read));
    const outputs = layers.dense({ units: this.words.length, activation: 'softmax' }).apply(both);
    const model = new Model({ inputs: sides, outputs });
    model.compile({ optimizer: adam({ learningRate }), loss: 'sparseCategoricalCrossentropy' });
    return model;
  }

  /** Known words to be hidden in an epoch, in random order. */
  private hide(numbered: readonly Int32Array[], epoch: number): { text: Int32Array; at: number }[] {
    const random = new Philox(this.options.seed, STREAM.augment, epoch);
    const examples = numbered.flatMap((text) => {
      const known = [...text.keys()].filter((at) => (text[at] as number) >= FIRST);
      return drawPlaces(random, known.length, Math.min(known.length, this.options.hidden)).map((i) => ({ text, at: known[i] as number }));
    });
    return random.shuffle(examples);
  }

  /** The numbers before `to` and from `from` on, nearest last, filled up at their beginning. */
  private contexts(rows: readonly (readonly [text: Int32Array, to: number, from: number])[]): { left: Tensor; right: Tensor } {
    const { window } = this.options;
    const left = new Int32Array(rows.length * window);
    const right = new Int32Array(rows.length * window);
    rows.forEach(([text, to, from], row) => {
      const end = (row + 1) * window - 1;
      for (let i = 0; i < window; ++i) {
        const before = to - 1 - i;
        const after = from + i;
        if (before >= -1) left[end - i] = before < 0 ? BEGIN : (text[before] as number);
        if (after <= text.length) right[end - i] = after === text.length ? END : (text[after] as number);
      }
    });
    const shape = [rows.length, window];
    return { left: tensor(left, shape), right: tensor(right, shape) };
  }

  /** By probability; of equal ones the more frequent word first. */
  private best(scores: Float32Array, count: number): Fitting[] {
    const best: Fitting[] = [];
    let least = -1;
    for (let i = 0; i < scores.length; ++i) {
      const probability = scores[i] as number;
      if (probability <= least && best.length === count) continue;
      let place = best.length;
      while (place > 0 && (best[place - 1] as Fitting).probability < probability) --place;
      best.splice(place, 0, { word: this.words[i] as string, probability });
      if (best.length > count) best.pop();
      least = (best.at(-1) as Fitting).probability;
    }
    return best;
  }
}
