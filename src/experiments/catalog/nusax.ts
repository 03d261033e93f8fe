import { nearDuplicates, type Duplicate } from '../../data/duplicates.js';
import { encodeLabels } from '../../data/labels.js';
import { loadNusax } from '../../data/nusax.js';
import type { Table } from '../../data/table.js';
import { cleanText } from '../../text/clean-text.js';
import { publishedSteps } from '../../text/pipeline/published-steps.js';
import { TextPipeline } from '../../text/pipeline/text-pipeline.js';
import { TextVectorization } from '../../text/text-vectorization.js';
import { textBaselines } from '../baselines.js';
import { keepMask } from './keep.js';
import type { Baseline, Loaded, LoadContext, Part, Prepared, TrainingConfig } from '../experiment.js';
import { dataSources } from './sources.js';

/** What the preparation of NusaX texts looks at; experiments on these texts extend it. */
export interface NusaxConfig extends TrainingConfig {
  /** Vocabulary, special tokens included. */
  readonly maxTokens: number;
  /** Tokens per text: longer texts are cut, shorter ones padded at their end. */
  readonly length: number;
  /** Whether texts that equal an earlier part's text count in an evaluation. */
  readonly duplicates: 'keep' | 'remove';
}

export interface TextsOfPart {
  readonly texts: readonly string[];
  /** Before cleaning. */
  readonly written: readonly string[];
  readonly labels: Int32Array;
}

export interface NusaxTexts {
  readonly train: TextsOfPart;
  readonly validation: TextsOfPart;
  readonly test: TextsOfPart;
}

function partOf(table: Table, classes: readonly string[]): TextsOfPart {
  const { labels } = encodeLabels(table.column('label'), { classes, table });
  const written = table.strings('text');
  return { texts: written.map((text) => cleanText(text)), written, labels: labels.data() as Int32Array };
}

/** The three official parts of NusaX-Sentiment, Indonesian, cleaned as document 000 does. */
export async function loadNusaxTexts(context: LoadContext): Promise<Loaded<NusaxTexts>> {
  const set = await loadNusax('indonesian', { dataDir: context.dataDir, signal: context.signal, onProgress: context.onProgress });
  return {
    raw: { train: partOf(set.train, set.classes), validation: partOf(set.valid, set.classes), test: partOf(set.test, set.classes) },
    sources: dataSources('nusax-senti', set.provenance, set.notes),
    classNames: set.classes,
    standIn: set.standIn ? `${set.notes.join('. ')}.` : null,
    sameTask: !set.standIn,
  };
}

/** Token numbers by a vocabulary of the training texts, padded after the text. */
export function prepareNusax({ raw, classNames }: Loaded<NusaxTexts>, config: NusaxConfig): Prepared {
  const vectorize = new TextVectorization({ maxTokens: config.maxTokens, outputSequenceLength: config.length });
  vectorize.adapt(raw.train.texts);
  const validation = nearDuplicates(raw.train.texts, raw.validation.texts).removed;
  const test = nearDuplicates([...raw.train.texts, ...raw.validation.texts], raw.test.texts).removed;
  const remove = config.duplicates === 'remove';
  const part = (own: TextsOfPart, duplicates: readonly Duplicate[] | null): Part => ({
    x: vectorize.call([...own.texts]),
    labels: own.labels,
    ...(remove && duplicates ? { keep: keepMask(own.texts.length, duplicates) } : {}),
  });
  const namesOf = (own: TextsOfPart): string[] => Array.from(own.labels, (label) => classNames[label] ?? String(label));
  const count = (removed: number, where: string): string =>
    `${removed} texts of the ${where} part equal an earlier part's text after normalisation${removed > 0 ? (remove ? ' and do not count' : ' and count') : ''}.`;
  return {
    train: part(raw.train, null),
    validation: part(raw.validation, validation),
    test: part(raw.test, test),
    audited: {
      train: { texts: raw.train.texts, labels: namesOf(raw.train) },
      test: { texts: raw.test.texts, labels: namesOf(raw.test) },
      fitted: vectorize,
    },
    writtenTests: raw.test.written,
    notes: [
      `${raw.train.texts.length} / ${raw.validation.texts.length} / ${raw.test.texts.length} texts for training, validation, test; vocabulary of ${vectorize.vocabularySize()} tokens.`,
      count(validation.length, 'validation'),
      count(test.length, 'test'),
    ],
    sizes: { vocabulary: vectorize.vocabularySize(), classes: classNames.length },
    preprocessing: new TextPipeline({ steps: [...publishedSteps('nusax-lstm'), { step: 'vectorize', ...vectorize.getConfig() }] }),
  };
}

/** What these texts give without a network. */
export function nusaxBaselines({ raw, classNames }: Loaded<NusaxTexts>, prepared: Prepared): Promise<Baseline[]> {
  return textBaselines(raw.train, { ...raw.test, keep: prepared.test.keep }, classNames);
}
