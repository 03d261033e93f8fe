import { samePart } from '../../tensor/part.js';
import { augmentTexts } from '../../text/augment/augment-texts.js';
import { languageModelEngine } from '../../text/augment/language-model-engine.js';
import type { LoadContext } from '../experiment.js';
import type { Tweets } from './hate-speech.js';

/** How copies of tweets are made. */
export interface CopyConfig {
  /** Share of a tweet's words that an operation concerns. */
  readonly share: number;
  /** Of the masked language model: words that it knows, units of each LSTM, epochs, words hidden in a tweet and epoch. */
  readonly lmWords: number;
  readonly lmUnits: number;
  readonly lmEpochs: number;
  readonly lmHidden: number;
}

/** Texts with the number of the tweet that each is, or is a copy of. */
export interface TweetTexts {
  readonly texts: readonly string[];
  readonly rows: Int32Array;
}

export interface Copies extends TweetTexts {
  readonly engine: string;
  /** Copies that are as their tweet was before the last steps. */
  readonly unchanged: number;
}

const OPERATIONS = ['substitute', 'insert', 'delete'] as const;
const SEED = 2;
const made = new WeakMap<Tweets, Map<string, Promise<Copies>>>();

/**
 * Three copies of each of some tweets, by a language model that has learnt from these tweets alone; the same ones are made once.
 *
 * Copies are made of tweets with their slang written out, then go the rest of the way: stop words and stems.
 * Throws: as `augmentTexts`: ERR_ARG for rows of a test part.
 */
export function copiesOf(tweets: Tweets, rows: Int32Array, config: CopyConfig, context: LoadContext | undefined): Promise<Copies> {
  const { share, lmWords, lmUnits, lmEpochs, lmHidden } = config;
  const key = JSON.stringify([share, lmWords, lmUnits, lmEpochs, lmHidden, ...rows]);
  const known = made.get(tweets) ?? new Map<string, Promise<Copies>>();
  made.set(tweets, known);
  let copies = known.get(key);
  if (!copies) {
    copies = make(tweets, rows, config, context);
    known.set(key, copies);
    // A try that was stopped is not the answer to the next one.
    copies.catch(() => known.delete(key));
  }
  return copies;
}

async function make(tweets: Tweets, rows: Int32Array, config: CopyConfig, context: LoadContext | undefined): Promise<Copies> {
  const written = samePart(
    Array.from(rows, (row) => tweets.written[row] as string),
    rows,
  );
  const { signal, onProgress } = context ?? {};
  const what = `${written.length} tweets`;
  const engine = await languageModelEngine(written, {
    model: {
      maxWords: config.lmWords,
      units: config.lmUnits,
      embedding: config.lmUnits,
      epochs: config.lmEpochs,
      hidden: config.lmHidden,
      seed: SEED,
    },
    signal,
    onProgress: ({ done, total }) => onProgress?.({ phase: 'learn', what: `a language model from ${what}`, done, total, unit: 'texts' }),
  });
  const all = await augmentTexts(written, {
    engine,
    operations: OPERATIONS,
    share: config.share,
    seed: SEED,
    ...(signal ? { signal } : {}),
    onProgress: ({ done, total }) => onProgress?.({ phase: 'augment', what: `copies of ${what}`, done, total, unit: 'texts' }),
  });
  return {
    texts: all.texts.slice(written.length).map((text) => tweets.finish.process(text)),
    rows: all.rows.slice(written.length).map((i) => rows[i] as number),
    engine: all.engine,
    unchanged: all.unchanged,
  };
}
