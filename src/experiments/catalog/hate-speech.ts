import { nearDuplicates } from '../../data/duplicates.js';
import { loadTable } from '../../data/load-table.js';
import { loadSlang } from '../../data/slang.js';
import { trainTestSplit } from '../../data/split.js';
import { publishedSteps } from '../../text/pipeline/published-steps.js';
import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { padSequences } from '../../text/pad-sequences.js';
import type { SlangDictionary } from '../../text/slang.js';
import { Tokenizer } from '../../text/tokenizer.js';
import type { Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import { keepMask } from './keep.js';
import { dataSources } from './sources.js';

/** What the preparation of the tweets looks at. */
export interface HateSpeechConfig extends TrainingConfig {
  readonly maxTokens: number;
  readonly length: number;
  /** Combinations of labels that a single tweet has: further classes, or left out. */
  readonly single: 'keep' | 'drop';
  readonly duplicates: 'keep' | 'remove';
}

export interface Tweets {
  readonly texts: readonly string[];
  /** Number of each tweet's combination of labels: from `frequent` on those of a single tweet. */
  readonly labels: Int32Array;
  /** Combinations that at least two tweets have. */
  readonly frequent: number;
  readonly slang: SlangDictionary;
}

const SET = 'id-hate-speech';
const SPLIT_SEED = 2;

/** The tweets after the document's steps, with a class for each combination of the twelve labels. */
export async function loadHateSpeech(context: LoadContext): Promise<Loaded<Tweets>> {
  const options = { dataDir: context.dataDir, signal: context.signal, onProgress: context.onProgress };
  const { table, provenance } = await loadTable(SET, 're_dataset.csv', options);
  const { slang, provenance: words } = await loadSlang(options);
  const pipeline = new TextPipeline({ steps: publishedSteps('hate-speech-lstm-transformer', slang) });
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
      texts: table.strings('Tweet').map((text) => pipeline.process(text)),
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

export function prepareHateSpeech({ raw, classNames }: Loaded<Tweets>, config: HateSpeechConfig): Prepared {
  const all = Int32Array.from(raw.labels.keys()).filter((row) => config.single === 'keep' || (raw.labels[row] as number) < raw.frequent);
  // 80 / 20, the 80 again 80 / 20.
  const outer = trainTestSplit(all.length, { testSize: 0.2, seed: SPLIT_SEED });
  const inner = trainTestSplit(outer.train.length, { testSize: 0.2, seed: SPLIT_SEED });
  const part = (rows: ArrayLike<number>): { texts: string[]; labels: Int32Array } => {
    const own = Array.from(rows, (i) => all[i] as number);
    return { texts: own.map((row) => raw.texts[row] as string), labels: Int32Array.from(own, (row) => raw.labels[row] as number) };
  };
  const ofTrain = (rows: Int32Array): number[] => Array.from(rows, (i) => outer.train[i] as number);
  const [train, validation, test] = [part(ofTrain(inner.train)), part(ofTrain(inner.test)), part(outer.test)];
  const tokenizer = new Tokenizer({ numWords: config.maxTokens });
  tokenizer.fitOnTexts(train.texts);
  const numbered = ({ texts, labels }: { texts: string[]; labels: Int32Array }): Part => ({
    x: padSequences(tokenizer.textsToSequences(texts), { maxlen: config.length, padding: 'post', truncating: 'post' }),
    labels,
  });
  const duplicates = nearDuplicates([...train.texts, ...validation.texts], test.texts).removed;
  const remove = config.duplicates === 'remove';
  const names = (labels: Int32Array): string[] => Array.from(labels, (label) => classNames[label] ?? String(label));
  const classes = config.single === 'keep' ? classNames.length : raw.frequent;
  return {
    train: numbered(train),
    validation: numbered(validation),
    test: { ...numbered(test), ...(remove ? { keep: keepMask(test.texts.length, duplicates) } : {}) },
    audited: {
      train: { texts: train.texts, labels: names(train.labels) },
      test: { texts: test.texts, labels: names(test.labels) },
      fitted: tokenizer,
    },
    notes: [
      `${train.texts.length} / ${validation.texts.length} / ${test.texts.length} tweets for training, validation, test, of ${classes} combinations of labels${config.single === 'keep' ? '' : ` (${raw.labels.length - all.length} tweets whose combination no other has are left out)`}.`,
      `${duplicates.length} test tweets equal an earlier part's tweet after cleaning and ${remove ? 'do not count' : 'count'}.`,
    ],
    sizes: { vocabulary: tokenizer.vocabularySize(), classes },
    preprocessing: new TextPipeline({
      steps: [
        ...publishedSteps('hate-speech-lstm-transformer', raw.slang),
        { step: 'tokenize', length: config.length, json: tokenizer.toJson() },
      ],
    }),
  };
}
