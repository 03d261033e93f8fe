import { SarafError } from '../../errors.js';
import type { SlangDictionary, SlangEntries } from '../slang.js';
import type { TextStep } from './steps.js';

const CLEAN_NOTHING = { urls: false, mentions: false, emoji: false, digits: false, punctuation: false };

/** What each document does to its texts before it numbers their words, in its order. */
const PUBLISHED = {
  // Seed 000: clean_text.
  'nusax-lstm': (): TextStep[] => ['cleanText'],
  // Seed 002: case folding, punctuation, kamus alay, stop words, stems. Not stated: that the tweets' `\n` and `\xf0` are taken out whole.
  'hate-speech-lstm-transformer': (slang): TextStep[] => [
    'casefold',
    { step: 'clean', ...CLEAN_NOTHING, escapes: true, punctuation: true, emoji: true },
    { step: 'slang', entries: slang ?? needsSlang() },
    'stopwords',
    'stem',
  ],
  // Seed 003: case folding, then punctuation, emoji, digits and extra spaces, then stop words.
  'halodoc-cnn-bilstm': (): TextStep[] => [
    'casefold',
    { step: 'clean', ...CLEAN_NOTHING, punctuation: true, emoji: true, digits: true },
    'stopwords',
  ],
  // Seed 004: stop words before anything is folded, then special characters, case folding, stems.
  'news-c-lstm': (): TextStep[] => ['stopwords', { step: 'clean', ...CLEAN_NOTHING, punctuation: true, emoji: true }, 'casefold', 'stem'],
} as const satisfies Record<string, (slang?: SlangDictionary | SlangEntries) => TextStep[]>;

/** Experiments whose texts are prepared in steps. */
export type PublishedSteps = keyof typeof PUBLISHED;

/**
 * The steps of a published experiment, for `TextPipeline`; add `vectorize` or `tokenize`.
 *
 * Throws: ERR_ARG for another name, or without slang where the experiment writes it out.
 * Example: new TextPipeline({ steps: [...publishedSteps('halodoc-cnn-bilstm'), { step: 'vectorize', outputSequenceLength: 100 }] })
 */
export function publishedSteps(experiment: PublishedSteps, slang?: SlangDictionary | SlangEntries): TextStep[] {
  const steps = Object.hasOwn(PUBLISHED, experiment) ? PUBLISHED[experiment] : undefined;
  if (!steps)
    throw new SarafError(
      'ERR_ARG',
      'publishedSteps',
      `expected one of ${Object.keys(PUBLISHED).join(', ')}, received ${JSON.stringify(experiment)}`,
    );
  return steps(slang);
}

function needsSlang(): never {
  throw new SarafError(
    'ERR_ARG',
    'publishedSteps',
    'expected slang for this experiment, received none; pass (await data.loadSlang()).slang',
  );
}
