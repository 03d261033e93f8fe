import { SarafError } from '../../errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import { padSequences } from '../pad-sequences.js';
import { TextVectorization, type TextVectorizationOptions, type TokenNumber } from '../text-vectorization.js';
import { Tokenizer, type TokenizerOptions } from '../tokenizer.js';

/**
 * The last step: numbers by a vocabulary that is learnt from the texts, or given. Options of `TextVectorization` (n-grams and TF-IDF
 * among them), but `standardize` is null unless given: that is what the steps before are for.
 */
export interface VectorizeStep extends TextVectorizationOptions {
  step: 'vectorize';
}
/** The last step: ranks of words by frequency, as Keras' Tokenizer gives them, made equally long by padding at the end. */
export interface TokenizeStep extends TokenizerOptions {
  step: 'tokenize';
  /** Length of every row. */
  length: number;
  /** Where longer ones are cut: at their end (`post`, default) or at their beginning. */
  truncating?: 'pre' | 'post';
  /** A tokenizer in Keras' JSON instead of one that is learnt; its other options are in there. */
  json?: string;
}
export type LearningStep = VectorizeStep | TokenizeStep;

/** A step that learns from texts. */
export interface Learner {
  readonly name: string;
  /** The object that does the work. */
  readonly inner: TextVectorization | Tokenizer;
  /** Its vocabulary was given: there is nothing to learn. */
  readonly given: boolean;
  learn(texts: readonly string[]): void;
  call(texts: readonly string[]): Tensor;
  /** The tokens of one text and their numbers. */
  tokens(text: string): TokenNumber[];
  /** How many different numbers there are: the `inputDim` of an embedding, or the columns. */
  size(): number;
  /** What makes it again, with what it learnt. */
  config(): Record<string, unknown>;
}

export const LEARNER_NAMES: readonly string[] = ['vectorize', 'tokenize'];

/** Makes a learner. Throws what the class behind it throws for its options. */
export function makeLearner(declared: LearningStep): Learner {
  return declared.step === 'vectorize' ? vectorizing(declared) : tokenizing(declared);
}

function vectorizing({ step: name, ...options }: VectorizeStep): Learner {
  const inner = new TextVectorization({ standardize: null, ...options });
  return {
    name,
    inner,
    given: (options.vocabulary ?? null) !== null,
    learn: (texts) => void inner.adapt(texts),
    call: (texts) => inner.call(texts),
    tokens: (text) => inner.lookUp(text),
    size: () => inner.vocabularySize(),
    config: () => ({ ...inner.getConfig() }),
  };
}

function tokenizing({ step: name, length, truncating = 'post', json, ...options }: TokenizeStep): Learner {
  if (!Number.isInteger(length) || length < 1)
    throw new SarafError('ERR_ARG', 'textPipeline', `expected length of tokenize to be a whole number >= 1, received ${String(length)}`);
  const inner = json === undefined ? new Tokenizer(options) : Tokenizer.fromJson(json);
  return {
    name,
    inner,
    given: inner.wordIndex.size > 0,
    learn: (texts) => inner.fitOnTexts(texts),
    call: (texts) => padSequences(inner.textsToSequences(texts), { maxlen: length, padding: 'post', truncating }),
    tokens: (text) => inner.lookUp(text),
    size: () => inner.vocabularySize(),
    config: () => ({ length, ...(truncating === 'post' ? {} : { truncating }), json: inner.toJson() }),
  };
}
