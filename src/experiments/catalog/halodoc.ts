import { hybridSample, randomOverSample, randomUnderSample } from '../../data/balance/random-sample.js';
import { nearDuplicates } from '../../data/duplicates.js';
import { encodeLabels } from '../../data/labels.js';
import { loadTable } from '../../data/load-table.js';
import { stratifiedSplit } from '../../data/split.js';
import { Word2Vec } from '../../embeddings/word2vec.js';
import { publishedSteps } from '../../text/pipeline/published-steps.js';
import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../text/text-vectorization.js';
import type { Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import type { ClassProportions, DataSource } from '../results.js';
import { keepMask } from './keep.js';
import { dataSources } from './sources.js';

export type Period = 'during' | 'after';
export type Balance = 'none' | 'over' | 'under' | 'hybrid';

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

/** Which rows the classes get after resampling. */
function resampled(labels: Int32Array, balance: Balance): Int32Array {
  if (balance === 'none') return Int32Array.from(labels.keys());
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

export async function prepareHalodoc({ raw, classNames }: Loaded<Halodoc>, config: HalodocConfig): Promise<Prepared> {
  const reviews = raw[config.period];
  const remove = config.duplicates === 'remove';
  const rows = rowsOf(reviews.labels, config);
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
  const [train, validation, test] = [taken(reviews, rows.train), taken(reviews, rows.validation), taken(reviews, rows.test)];
  const unsampled = taken(reviews, rows.unsampled);
  // Against the reviews as they are, not as they are resampled: so that every way to balance them counts the same rows.
  const seen = remove ? unsampled.texts : train.texts;
  const duplicates = nearDuplicates([...seen, ...validation.texts], test.texts).removed;
  const repeated = nearDuplicates(seen, validation.texts).removed;
  const part = ({ texts, labels }: Reviews): Part => ({ x: vectorize.call([...texts]), labels });
  const names = ({ labels }: Reviews): string[] => Array.from(labels, (label) => classNames[label] ?? String(label));
  return {
    train: part(train),
    validation: { ...part(validation), ...(remove ? { keep: keepMask(validation.texts.length, repeated) } : {}) },
    test: { ...part(test), ...(remove ? { keep: keepMask(test.texts.length, duplicates) } : {}) },
    audited: {
      train: { texts: train.texts, labels: names(train), sources: rows.train },
      test: { texts: test.texts, labels: names(test), sources: rows.test },
      fitted: vectorize,
    },
    ...(config.balance === 'none' ? {} : { unsampled: { texts: unsampled.texts, labels: unsampled.labels } }),
    writtenTests: test.written,
    notes: [
      `${config.period}, ${config.balance === 'none' ? 'not resampled' : `${config.balance}-sampled`}: ${train.texts.length} / ${validation.texts.length} / ${test.texts.length} reviews for training, validation, test; ${vectorize.vocabularySize()} tokens, ${(100 * coverage).toFixed(1)} % of them with a vector.`,
      `${config.period}, ${config.balance === 'none' ? 'not resampled' : `${config.balance}-sampled`}: ${duplicates.length} test reviews equal a review of training or validation after cleaning and ${remove ? 'do not count' : 'count'}.${remove ? ` Neither do ${repeated.length} validation reviews that equal one of training.` : ''}`,
    ],
    sizes: { vocabulary: vectorize.vocabularySize(), classes: classNames.length },
    embeddings: weights,
    preprocessing: new TextPipeline({ steps: [...publishedSteps('halodoc-cnn-bilstm'), { step: 'vectorize', ...vectorize.getConfig() }] }),
  };
}
