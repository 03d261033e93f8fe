import { nearDuplicates } from '../../data/duplicates.js';
import { loadTable } from '../../data/load-table.js';
import { loadSlang } from '../../data/slang.js';
import { trainTestSplit } from '../../data/split.js';
import { samePart } from '../../tensor/part.js';
import { publishedSteps } from '../../text/pipeline/published-steps.js';
import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { padSequences } from '../../text/pad-sequences.js';
import type { SlangDictionary } from '../../text/slang.js';
import { Tokenizer } from '../../text/tokenizer.js';
import type { Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import { keepMask } from './keep.js';
import { dataSources } from './sources.js';
import { copiesOf, type Copies, type CopyConfig, type TweetTexts } from './tweet-copies.js';

/** What the preparation of the tweets looks at. */
export interface HateSpeechConfig extends TrainingConfig, CopyConfig {
  readonly maxTokens: number;
  readonly length: number;
  /** Which end of a longer tweet is cut off. Default post. */
  readonly truncating?: 'pre' | 'post';
  /** Combinations of labels that a single tweet has: further classes, or left out. */
  readonly single: 'keep' | 'drop';
  readonly duplicates: 'keep' | 'remove';
  /** How many tweets, drawn at random; 0: all. */
  readonly tweets: number;
  /** Three copies of every tweet: none, made where the protocol makes them, or of the training part alone. */
  readonly augment: 'none' | 'protocol' | 'train';
  /** Whether copies are made, and what makes them learns, before the tweets are split, or from the training part alone. */
  readonly order: 'augment-first' | 'split-first';
}

export interface Tweets {
  /** After all steps. */
  readonly texts: readonly string[];
  /** As they were posted. */
  readonly posted: readonly string[];
  /** With slang written out: what copies are made of, which then go the rest of the way. */
  readonly written: readonly string[];
  readonly finish: TextPipeline;
  /** Number of each tweet's combination of labels: from `frequent` on those of a single tweet. */
  readonly labels: Int32Array;
  /** Combinations that at least two tweets have. */
  readonly frequent: number;
  readonly slang: SlangDictionary;
}

const SET = 'id-hate-speech';
const SPLIT_SEED = 2;
/** Case, punctuation, slang; then stop words and stems. */
const WRITING_STEPS = 3;

/** The tweets after the document's steps, with a class for each combination of the twelve labels. */
export async function loadHateSpeech(context: LoadContext): Promise<Loaded<Tweets>> {
  const options = { dataDir: context.dataDir, signal: context.signal, onProgress: context.onProgress };
  const { table, provenance } = await loadTable(SET, 're_dataset.csv', options);
  const { slang, provenance: words } = await loadSlang(options);
  const steps = publishedSteps('hate-speech-lstm-transformer', slang);
  const write = new TextPipeline({ steps: steps.slice(0, WRITING_STEPS) });
  const finish = new TextPipeline({ steps: steps.slice(WRITING_STEPS) });
  const posted = table.strings('Tweet');
  const written = posted.map((text) => write.process(text));
  const columns = table.columns.filter((name) => name !== 'Tweet').map((name) => table.column(name));
  const bits = Array.from({ length: table.rows }, (_, row) => columns.map((column) => String(column[row])).join(''));
  const counts = new Map<string, number>();
  for (const own of bits) counts.set(own, (counts.get(own) ?? 0) + 1);
  const sorted = (single: boolean): string[] =>
    [...counts].filter(([, count]) => (count === 1) === single).map(([own]) => own).sort(); // prettier-ignore
  const [frequent, rare] = [sorted(false), sorted(true)];
  const number = new Map([...frequent, ...rare].map((own, i) => [own, i]));
  return {
    raw: {
      texts: written.map((text) => finish.process(text)),
      posted,
      written,
      finish,
      labels: Int32Array.from(bits, (own) => number.get(own) as number),
      frequent: frequent.length,
      slang,
    },
    sources: dataSources(SET, [provenance, words], []),
    classNames: [...frequent.map((own, i) => `H${i} ${own}`), ...rare.map((own) => `one tweet ${own}`)],
    standIn: null,
    sameTask: true,
  };
}

/** The tweets that an experiment is about, ascending. */
function chosenRows({ labels, frequent }: Tweets, config: HateSpeechConfig): Int32Array {
  const all = Int32Array.from(labels.keys()).filter((row) => config.single === 'keep' || (labels[row] as number) < frequent);
  if (config.tweets === 0 || config.tweets >= all.length) return all;
  return trainTestSplit(all.length, { testSize: config.tweets, seed: SPLIT_SEED }).test.map((i) => all[i] as number);
}

const taken = ({ texts, rows }: TweetTexts, places: ArrayLike<number>): TweetTexts => ({
  texts: Array.from(places, (i) => texts[i] as string),
  rows: samePart(
    Int32Array.from(places, (i) => rows[i] as number),
    places,
  ),
});

const joined = (a: TweetTexts, b: TweetTexts): TweetTexts => ({
  texts: [...a.texts, ...b.texts],
  rows: Int32Array.from([...a.rows, ...b.rows]),
});

/** 80 / 20, the 80 again 80 / 20. */
function split(all: TweetTexts): { train: TweetTexts; validation: TweetTexts; test: TweetTexts } {
  const outer = trainTestSplit(all.rows.length, { testSize: 0.2, seed: SPLIT_SEED });
  const inner = trainTestSplit(outer.train.length, { testSize: 0.2, seed: SPLIT_SEED });
  const model = taken(all, outer.train);
  return { train: taken(model, inner.train), validation: taken(model, inner.test), test: taken(all, outer.test) };
}

interface Divided extends ReturnType<typeof split> {
  readonly copies: Copies | null;
}

async function divide(raw: Tweets, config: HateSpeechConfig, context: LoadContext | undefined): Promise<Divided> {
  const rows = chosenRows(raw, config);
  const own: TweetTexts = { texts: Array.from(rows, (row) => raw.texts[row] as string), rows };
  const { augment, order } = config;
  if (augment === 'none') return { ...split(own), copies: null };
  if (order === 'split-first') {
    const parts = split(own);
    // Marked by the split: rows of another part would be refused.
    const copies = await copiesOf(raw, parts.train.rows, config, context);
    return { ...parts, train: joined(parts.train, copies), copies };
  }
  const copies = await copiesOf(raw, rows, config, context);
  if (augment === 'protocol') return { ...split(joined(own, copies)), copies };
  const parts = split(own);
  const trained = new Set(parts.train.rows);
  const places = [...copies.rows.keys()].filter((i) => trained.has(copies.rows[i] as number));
  const some: Copies = { ...copies, ...taken(copies, places) };
  return { ...parts, train: joined(parts.train, some), copies: some };
}

export async function prepareHateSpeech(
  { raw, classNames }: Loaded<Tweets>,
  config: HateSpeechConfig,
  context?: LoadContext,
): Promise<Prepared> {
  const { copies, ...parts } = await divide(raw, config, context);
  const labelled = ({ texts, rows }: TweetTexts): TweetTexts & { labels: Int32Array } => ({
    texts,
    rows,
    labels: rows.map((row) => raw.labels[row] as number),
  });
  const [train, validation, test] = [labelled(parts.train), labelled(parts.validation), labelled(parts.test)];
  const tokenizer = new Tokenizer({ numWords: config.maxTokens });
  tokenizer.fitOnTexts(train.texts);
  const numbered = ({ texts, labels }: typeof train): Part => ({
    x: padSequences(tokenizer.textsToSequences(texts), { maxlen: config.length, padding: 'post', truncating: config.truncating ?? 'post' }),
    labels,
  });
  const repeated = nearDuplicates(train.texts, validation.texts).removed;
  const duplicates = nearDuplicates([...train.texts, ...validation.texts], test.texts).removed;
  const remove = config.duplicates === 'remove';
  const names = (labels: Int32Array): string[] => Array.from(labels, (label) => classNames[label] ?? String(label));
  const classes = config.single === 'keep' ? classNames.length : raw.frequent;
  const single = raw.labels.filter((label) => label >= raw.frequent).length;
  const title = TITLES[config.augment === 'protocol' ? config.order : config.augment];
  return {
    train: numbered(train),
    validation: { ...numbered(validation), ...(remove ? { keep: keepMask(validation.texts.length, repeated) } : {}) },
    test: { ...numbered(test), ...(remove ? { keep: keepMask(test.texts.length, duplicates) } : {}) },
    audited: {
      train: { texts: train.texts, labels: names(train.labels), sources: train.rows },
      test: { texts: test.texts, labels: names(test.labels), sources: test.rows },
      fitted: tokenizer,
    },
    // A copy was posted by nobody.
    writtenTests: test.texts.map((text, i) => {
      const row = test.rows[i] as number;
      return text === raw.texts[row] ? (raw.posted[row] as string) : text;
    }),
    notes: [
      `${title}: ${train.texts.length} / ${validation.texts.length} / ${test.texts.length} rows for training, validation, test, of ${classes} combinations of labels${config.single === 'keep' ? '' : ` (${single} tweets whose combination no other has are left out)`}.`,
      `${title}: ${repeated.length} validation rows and ${duplicates.length} test rows equal an earlier part's row after cleaning and ${remove ? 'do not count' : 'count'}.`,
      ...(copies
        ? [`${title}: ${copies.texts.length} copies by the ${copies.engine}; ${copies.unchanged} of its copies are as their tweet was.`]
        : []),
    ],
    sizes: { vocabulary: tokenizer.vocabularySize(), classes },
    ...(copies ? { standIn: standInFor(copies) } : {}),
    preprocessing: new TextPipeline({
      steps: [
        ...publishedSteps('hate-speech-lstm-transformer', raw.slang),
        { step: 'tokenize', length: config.length, truncating: config.truncating ?? 'post', json: tokenizer.toJson() },
      ],
    }),
  };
}

const TITLES = {
  none: 'Without copies',
  train: 'Copies of the training part alone',
  'augment-first': 'Copies before the split',
  'split-first': 'Copies of the training part alone',
} as const;

/** The document's copies cannot be had: its language model and translators are none of ours. */
const standInFor = ({ engine }: Copies): string =>
  `the copies are those of the ${engine.replace(/, learnt from .*/, ')')}; the document’s come from a large one of English, with a translation there and back, which is left out: nothing stands in its place.`;
