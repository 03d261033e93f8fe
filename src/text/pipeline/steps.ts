import { createHash } from 'node:crypto';
import { SarafError } from '../../errors.js';
import { cleaner, type CleanOptions } from '../clean.js';
import { cleanText, type CleanTextOptions } from '../clean-text.js';
import { rootWords } from '../indonesian/root-words.js';
import { Stemmer } from '../indonesian/stemmer.js';
import { stopWords } from '../indonesian/stop-words.js';
import { SlangDictionary, type SlangEntries } from '../slang.js';
import { removeStopWords } from '../stop-words.js';

/** Lower case, of every script. */
export interface CaseFoldStep {
  step: 'casefold';
}
/** `cleaner` with its options. */
export interface CleanStep extends CleanOptions {
  step: 'clean';
}
/** `cleanText` with its options: the cleaning of experiment `nusax-lstm`. */
export interface CleanTextStep extends CleanTextOptions {
  step: 'cleanText';
}
/** Slang written out. */
export interface SlangStep {
  step: 'slang';
  /** `(await loadSlang()).slang`, or entries of your own. */
  entries: SlangDictionary | SlangEntries;
}
/** Stop words left out. */
export interface StopWordsStep {
  step: 'stopwords';
  /** Default: Sastrawi's. */
  words?: Iterable<string>;
  /** As in `removeStopWords`. */
  likePythonSastrawi?: boolean;
}
/** Words reduced to their roots. */
export interface StemStep {
  step: 'stem';
  /** Root words instead of Sastrawi's. */
  rootWords?: Iterable<string>;
  /** Root words besides these. */
  extraWords?: Iterable<string>;
}

/** One step of a pipeline before its last; one that needs no options also by its name alone. */
export type TextStep =
  | 'casefold'
  | 'clean'
  | 'cleanText'
  | 'stopwords'
  | 'stem'
  | CaseFoldStep
  | CleanStep
  | CleanTextStep
  | SlangStep
  | StopWordsStep
  | StemStep;

/** What a step did to a word; `to` is empty where it was left out. */
export interface Change {
  readonly from: string;
  readonly to: string;
  /** Why: the affixes that a stem lost. */
  readonly why?: string;
}

type Json = Record<string, unknown>;

/** A step ready to run: on the whole text, or on its words. */
export type ReadyStep = { readonly name: string; /** What makes the same step again, for JSON. */ readonly config: Json } & (
  | { readonly text: (text: string) => string }
  | {
      readonly words: (words: readonly string[]) => { words: string[]; changed: number };
      /** The changes of `words`, one by one. */
      readonly changes: (words: readonly string[]) => Change[];
    }
);

const OP = 'textPipeline';

/** Every step, with the options that it has. */
const STEPS: Readonly<Record<string, { readonly options: readonly string[] | null; readonly make: (options: Json) => ReadyStep }>> = {
  casefold: { options: [], make: () => ({ name: 'casefold', config: {}, text: (text) => text.toLowerCase() }) },
  clean: { options: null, make: (options) => ({ name: 'clean', config: options, text: cleaner(options as CleanOptions) }) },
  cleanText: {
    options: ['letters'],
    make: (options) => ({ name: 'cleanText', config: options, text: (text) => cleanText(text, options as CleanTextOptions) }),
  },
  slang: { options: ['entries'], make: slangStep },
  stopwords: { options: ['words', 'likePythonSastrawi'], make: stopWordsStep },
  stem: { options: ['rootWords', 'extraWords'], make: stemStep },
};

/** Names of the steps that work on words and texts. */
export const STEP_NAMES: readonly string[] = Object.keys(STEPS);

/** Makes a step ready. Throws ERR_ARG for a step or option that does not exist. */
export function readyStep(declared: TextStep, others: readonly string[]): ReadyStep {
  const given: Json = typeof declared === 'string' ? { step: declared } : { ...(declared as unknown as Json) };
  const name = String(given['step']);
  delete given['step'];
  const found = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (!found)
    throw new SarafError('ERR_ARG', OP, `expected steps among ${[...STEP_NAMES, ...others].join(', ')}, received ${JSON.stringify(name)}`);
  const unknown = found.options === null ? undefined : Object.keys(given).find((key) => !found.options?.includes(key));
  if (unknown !== undefined)
    throw new SarafError(
      'ERR_ARG',
      OP,
      `expected ${found.options?.length === 0 ? 'no options' : `options ${found.options?.join(', ')}`} for ${name}, received "${unknown}"`,
    );
  return found.make(given);
}

function slangStep({ entries }: Json): ReadyStep {
  if (entries === undefined || entries === null)
    throw new SarafError(
      'ERR_ARG',
      OP,
      "expected entries for slang, received none; give { step: 'slang', entries: (await data.loadSlang()).slang } or pairs of your own",
    );
  const slang = entries instanceof SlangDictionary ? entries : new SlangDictionary(entries as SlangEntries);
  return {
    name: 'slang',
    config: { entries: [...slang.entries] },
    words: (words) => {
      const { words: written, replaced } = slang.normalize(words);
      return { words: written, changed: replaced };
    },
    changes: (words) => {
      const changes: Change[] = [];
      slang.normalize(words, (from, to) => changes.push({ from, to }));
      return changes;
    },
  };
}

function stopWordsStep({ words: given, likePythonSastrawi = false }: Json): ReadyStep {
  const list = given === undefined ? stopWords() : new Set(given as Iterable<string>);
  const options = { words: list, likePythonSastrawi: likePythonSastrawi as boolean };
  return {
    name: 'stopwords',
    config: { ...(given === undefined ? {} : { words: [...list] }), ...(likePythonSastrawi ? { likePythonSastrawi } : {}) },
    words: (words) => {
      const left = removeStopWords(words, options);
      return { words: left, changed: words.length - left.length };
    },
    changes: (words) => {
      // What is left is a part of the words in their order: the others went.
      const left = removeStopWords(words, options);
      let at = 0;
      return words.filter((word) => (word === left[at] ? (at++, false) : true)).map((word) => ({ from: word, to: '' }));
    },
  };
}

/** Number and fingerprint of the default root words: a stemmer with others would not repeat what this one does. */
const defaultRoots = (): Json => ({
  count: rootWords().size,
  sha256: createHash('sha256')
    .update([...rootWords()].sort().join('\n'))
    .digest('hex'),
});

function stemStep({ rootWords: roots, extraWords }: Json): ReadyStep {
  const extra = extraWords === undefined ? undefined : [...(extraWords as Iterable<string>)];
  let own: string[] | undefined;
  if (isRecord(roots) && 'sha256' in roots) {
    // As a saved pipeline has it.
    if (roots['sha256'] !== defaultRoots()['sha256'])
      throw new SarafError(
        'ERR_FORMAT',
        OP,
        `expected the ${String(roots['count'])} root words that the pipeline was made with, received ${rootWords().size} others; install the version of sastrawijs that it was made with`,
      );
  } else if (roots !== undefined) own = [...(roots as Iterable<string>)];
  const stemmer = new Stemmer({ rootWords: own, extraWords: extra });
  return {
    name: 'stem',
    get config() {
      return { rootWords: own ?? defaultRoots(), ...(extra ? { extraWords: extra } : {}) };
    },
    words: (words) => {
      let changed = 0;
      const stems = words.map((word) => {
        const stem = stemmer.stem(word);
        if (stem !== word) changed++;
        return stem;
      });
      return { words: stems, changed };
    },
    changes: (words) =>
      words.flatMap((from) => {
        const { stem: to, removed } = stemmer.explain(from);
        return to === from ? [] : [{ from, to, why: removed.join(', ') }];
      }),
  };
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(Symbol.iterator in value);
}
