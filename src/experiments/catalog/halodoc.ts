import { SarafError } from '../../errors.js';
import { hybridSample, randomOverSample, randomUnderSample } from '../../data/balance/random-sample.js';
import { nearDuplicates } from '../../data/duplicates.js';
import { encodeLabels } from '../../data/labels.js';
import { loadTable } from '../../data/load-table.js';
import { stratifiedSplit } from '../../data/split.js';
import { Word2Vec } from '../../embeddings/word2vec.js';
import { publishedSteps } from '../../text/pipeline/published-steps.js';
import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../text/text-vectorization.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import type { ClassProportions, DataSource } from '../results.js';
import { asVectors, smoted, takeSequences } from './halodoc-vectors.js';
import { keepMask } from './keep.js';
import { dataSources } from './sources.js';

export type Period = 'during' | 'after';
export type Balance = 'none' | 'over' | 'under' | 'hybrid' | 'smote' | 'smote-hybrid';

/** What the preparation of the reviews looks at. */
export interface HalodocConfig extends TrainingConfig {
  readonly period: Period;
  readonly balance: Balance;
  /** Whether rows are resampled, and the vocabulary and Word2Vec fitted, before the rows are split, or in the training part alone. */
  readonly order: 'resample-first' | 'split-first';
  readonly duplicates: 'keep' | 'remove';
  readonly length: number;
  /** Absent or 0: all words. */
  readonly maxTokens?: number;
  readonly vectorSize: number;
  readonly word2vec: 'cbow' | 'skipGram';
  /** What a row is for the network: numbers of words (default), or their vectors, between which SMOTE can make new rows. */
  readonly input?: 'words' | 'vectors';
}

interface Reviews {
  readonly texts: readonly string[];
  /** Before cleaning. */
  readonly written: readonly string[];
  readonly labels: Int32Array;
}
export type Halodoc = Readonly<Record<Period, Reviews>>;

const CLASSES = ['1', '2', '3', '4', '5'] as const;
const FILES: Readonly<Record<Period, string>> = { during: 'during_standin.csv', after: 'after_sample.csv' };
/** Rows of 1 to 5 stars as the document counts them; those of the second period sum to 5,003. */
export const PRINTED_STARS: Readonly<Record<Period, readonly number[]>> = {
  during: [251, 89, 184, 567, 3909],
  after: [897, 189, 187, 367, 3363],
};
/** Of splits, resampling and Word2Vec: data are the same for every seed of the network. */
const DATA_SEED = 3;

/** Both periods after the document's steps, each review once. */
export async function loadHalodoc(context: LoadContext): Promise<Loaded<Halodoc>> {
  const pipeline = new TextPipeline({ steps: publishedSteps('halodoc-cnn-bilstm') });
  const sources: DataSource[] = [];
  const read = async (period: Period): Promise<Reviews> => {
    const { table, provenance } = await loadTable('halodoc-reviews', FILES[period], {
      dataDir: context.dataDir,
      signal: context.signal,
      onProgress: context.onProgress,
    });
    const reviews = table.strings('review');
    const { labels } = encodeLabels(table.column('rating'), { classes: CLASSES, table });
    const seen = new Set<string>();
    const first = Int32Array.from(reviews.keys()).filter((row) => {
      const key = JSON.stringify([reviews[row], labels.data()[row]]);
      return seen.has(key) ? false : (seen.add(key), true);
    });
    const note = `${table.rows - first.length} of ${table.rows} reviews repeat an earlier one with the same stars and are dropped`;
    sources.push(...dataSources('halodoc-reviews', [provenance], [note]));
    return {
      texts: Array.from(first, (row) => pipeline.process(reviews[row] as string)),
      written: Array.from(first, (row) => reviews[row] as string),
      labels: Int32Array.from(first, (row) => labels.data()[row] as number),
    };
  };
  const raw = { during: await read('during'), after: await read('after') };
  const group = (period: Period): ClassProportions['groups'] => [
    { name: `${period}, as printed`, counts: PRINTED_STARS[period] },
    { name: `${period}, here`, counts: starCounts(raw[period].labels) },
  ];
  return {
    raw,
    proportions: {
      title: 'Stars of the reviews of both periods',
      note: 'The document’s reviews were not published: its counts stand beside those of the reviews used here, each of which counts once.',
      groups: [...group('during'), ...group('after')],
    },
    sources,
    classNames: CLASSES,
    standIn:
      'Other reviews than the document’s: its first period is not covered by the public file (2021-08-14 to 2022-05-15 stands in), the second one has other counts of stars.',
    sameTask: true,
  };
}

/** How many reviews have 1, 2, …, 5 stars. */
export function starCounts(labels: Int32Array): number[] {
  return CLASSES.map((_, k) => labels.filter((label) => label === k).length);
}

const taken = ({ texts, written, labels }: Reviews, rows: Int32Array): Reviews => ({
  texts: Array.from(rows, (row) => texts[row] as string),
  written: Array.from(rows, (row) => written[row] as string),
  labels: Int32Array.from(rows, (row) => labels[row] as number),
});

const isSmote = (balance: Balance): balance is 'smote' | 'smote-hybrid' => balance === 'smote' || balance === 'smote-hybrid';

/** Which rows the classes get after resampling. */
function resampled(labels: Int32Array, balance: Balance): Int32Array {
  if (balance === 'none') return Int32Array.from(labels.keys());
  if (isSmote(balance)) throw new SarafError('ERR_ARG', 'reproduce', `expected input "vectors" for balance "${balance}", received "words": between two words lies none`); // prettier-ignore
  const sample = { over: randomOverSample, under: randomUnderSample, hybrid: hybridSample }[balance];
  return sample(labels, { seed: DATA_SEED }).rows;
}

interface Parts {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** 90 / 10 for model and test, then 85 / 15 for training and validation, by class. */
function split(labels: Int32Array): Parts {
  const outer = stratifiedSplit(labels, { testSize: 0.1, seed: DATA_SEED });
  const own = Int32Array.from(outer.train, (row) => labels[row] as number);
  const inner = stratifiedSplit(own, { testSize: 0.15, seed: DATA_SEED });
  const of = (rows: Int32Array): Int32Array => Int32Array.from(rows, (row) => outer.train[row] as number);
  return { train: of(inner.train), validation: of(inner.test), test: Int32Array.from(outer.test) };
}

interface ResampledParts extends Parts {
  /** Those that vocabulary and Word2Vec are fitted on. */
  readonly fitted: Int32Array;
  /** Those that were resampled. */
  readonly unsampled: Int32Array;
}

/** Row numbers of the reviews in each part, copies included. */
function rowsOf(labels: Int32Array, config: HalodocConfig): ResampledParts {
  if (config.order === 'resample-first') {
    const rows = resampled(labels, config.balance);
    const parts = split(Int32Array.from(rows, (row) => labels[row] as number));
    const of = (part: Int32Array): Int32Array => part.map((i) => rows[i] as number);
    return {
      train: of(parts.train),
      validation: of(parts.validation),
      test: of(parts.test),
      fitted: rows,
      unsampled: Int32Array.from(labels.keys()),
    };
  }
  const parts = split(labels);
  const own = resampled(
    parts.train.map((row) => labels[row] as number),
    config.balance,
  );
  const train = own.map((i) => parts.train[i] as number);
  return { ...parts, train, fitted: train, unsampled: parts.train };
}

/** The parts as vectors of words. SMOTE makes its rows where other ways to resample take theirs: of all reviews or of the training part. */
function vectorParts(
  x: Tensor,
  labels: Int32Array,
  rows: Parts,
  config: HalodocConfig,
): { readonly sources: Parts; readonly x: Readonly<Record<keyof Parts, Tensor>> } {
  const { balance, vectorSize } = config;
  const sequences = (from: Tensor, own: Int32Array): Tensor => takeSequences(from, own, vectorSize);
  if (!isSmote(balance))
    return {
      sources: rows,
      x: { train: sequences(x, rows.train), validation: sequences(x, rows.validation), test: sequences(x, rows.test) },
    };
  if (config.order === 'resample-first') {
    const made = smoted(x, labels, balance, DATA_SEED);
    const parts = split(made.labels);
    const of = (part: Int32Array): Int32Array => part.map((i) => made.rows[i] as number);
    return {
      sources: { train: of(parts.train), validation: of(parts.validation), test: of(parts.test) },
      x: { train: sequences(made.x, parts.train), validation: sequences(made.x, parts.validation), test: sequences(made.x, parts.test) },
    };
  }
  const own = rows.train.map((row) => labels[row] as number);
  const flat = sequences(x, rows.train).reshape([rows.train.length, x.shape[1] as number]);
  const made = smoted(flat, own, balance, DATA_SEED);
  return {
    sources: { ...rows, train: made.rows.map((i) => rows.train[i] as number) },
    x: {
      train: made.x.reshape([made.rows.length, config.length, vectorSize]),
      validation: sequences(x, rows.validation),
      test: sequences(x, rows.test),
    },
  };
}

export async function prepareHalodoc({ raw, classNames }: Loaded<Halodoc>, config: HalodocConfig): Promise<Prepared> {
  const reviews = raw[config.period];
  const remove = config.duplicates === 'remove';
  // SMOTE repeats no review: vocabulary and vectors are of those that there are.
  const rows = rowsOf(reviews.labels, isSmote(config.balance) && config.input === 'vectors' ? { ...config, balance: 'none' } : config);
  const learnt = taken(reviews, rows.fitted).texts;
  const vectorize = new TextVectorization({
    standardize: null,
    outputSequenceLength: config.length,
    ...(config.maxTokens ? { maxTokens: config.maxTokens } : {}),
  });
  vectorize.adapt(learnt);
  const vectors = await new Word2Vec({ mode: config.word2vec, vectorSize: config.vectorSize, seed: DATA_SEED }).fit(
    // Of a review in emoji alone nothing is left: no word, and not the empty one, which is the padding's.
    learnt.map((text) => text.split(' ').filter((word) => word !== '')),
    { verbose: 0 },
  );
  const { weights, coverage } = vectors.embeddingMatrix(vectorize.getVocabulary());
  const vectorised =
    config.input === 'vectors' ? vectorParts(asVectors(vectorize.call([...reviews.texts]), weights), reviews.labels, rows, config) : null;
  const sources = vectorised?.sources ?? rows;
  const [train, validation, test] = [taken(reviews, sources.train), taken(reviews, sources.validation), taken(reviews, sources.test)];
  const unsampled = taken(reviews, rows.unsampled);
  // Against the reviews as they are, not as they are resampled: so that every way to balance them counts the same rows.
  const seen = remove ? unsampled.texts : train.texts;
  const duplicates = nearDuplicates([...seen, ...validation.texts], test.texts).removed;
  const repeated = nearDuplicates(seen, validation.texts).removed;
  const part = ({ texts, labels }: Reviews, name: keyof Parts): Part => ({ x: vectorised?.x[name] ?? vectorize.call([...texts]), labels });
  const names = ({ labels }: Reviews): string[] => Array.from(labels, (label) => classNames[label] ?? String(label));
  return {
    train: part(train, 'train'),
    validation: { ...part(validation, 'validation'), ...(remove ? { keep: keepMask(validation.texts.length, repeated) } : {}) },
    test: { ...part(test, 'test'), ...(remove ? { keep: keepMask(test.texts.length, duplicates) } : {}) },
    audited: {
      train: { texts: train.texts, labels: names(train), sources: sources.train },
      test: { texts: test.texts, labels: names(test), sources: sources.test },
      fitted: vectorize,
    },
    ...(config.balance === 'none' ? {} : { unsampled: { texts: unsampled.texts, labels: unsampled.labels } }),
    writtenTests: test.written,
    notes: [
      `${config.period}, ${config.balance === 'none' ? 'not resampled' : `${config.balance}-sampled`}: ${train.texts.length} / ${validation.texts.length} / ${test.texts.length} reviews for training, validation, test; ${vectorize.vocabularySize()} tokens, ${(100 * coverage).toFixed(1)} % of them with a vector.`,
      `${config.period}, ${config.balance === 'none' ? 'not resampled' : `${config.balance}-sampled`}: ${duplicates.length} test reviews equal a review of training or validation after cleaning and ${remove ? 'do not count' : 'count'}.${remove ? ` Neither do ${repeated.length} validation reviews that equal one of training.` : ''}`,
    ],
    sizes: { vocabulary: vectorize.vocabularySize(), classes: classNames.length },
    // A network that takes vectors has no embedding, and no pipeline leads from texts to its rows.
    ...(vectorised
      ? {}
      : {
          embeddings: weights,
          preprocessing: new TextPipeline({
            steps: [...publishedSteps('halodoc-cnn-bilstm'), { step: 'vectorize', ...vectorize.getConfig() }],
          }),
        }),
  };
}
