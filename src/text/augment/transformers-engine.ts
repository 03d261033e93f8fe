import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { SarafError } from '../../errors.js';
import { AbortError } from '../../models/history.js';
import type { SlangDictionary } from '../slang.js';
import { editByContext, type Candidate, type HiddenPlace } from './context-edits.js';
import type { AugmentationEngine, AugmentOperation, AugmentTask } from './engine.js';
import { slangSynonyms } from './slang-synonyms.js';
import { deleteWords, replaceBySynonyms, type Synonyms } from './words.js';

/** A translation model: its folder, and what it wants to be told, such as the languages of a model of many. */
export interface Translator {
  folder: string;
  options?: Readonly<Record<string, unknown>>;
}

export interface TransformersEngineOptions {
  /** Folder of a masked language model: config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx. */
  fillMask?: string;
  /** Models that translate into another language and back: folders with onnx/encoder_model.onnx and onnx/decoder_model_merged.onnx. */
  translation?: { readonly there: string | Translator; readonly back: string | Translator };
  /** The most fitting words that one is drawn from. Default 10. */
  candidates?: number;
  /** Texts of a call of the model. Default 16. */
  batchSize?: number;
  /** Words on either side of a hidden one that the model sees. Default 64. */
  window?: number;
  /** Which files of weights: 'fp32' (default) model.onnx, 'q8' model_quantized.onnx, and so on. */
  dtype?: string;
  /** Of ONNX Runtime. Default 1: with more, bits may differ from machine to machine, and so may a word that is drawn. */
  threads?: number;
  /** For 'synonym': slang both ways, or a map from words to words of the same meaning. */
  synonyms?: SlangDictionary | Synonyms;
  /** What `import('@huggingface/transformers')` gave, where it is not installed beside saraf. */
  library?: unknown;
}

/** `transformersEngine`, which holds models in memory until it is disposed of. */
export interface TransformersEngine extends AugmentationEngine {
  dispose(): Promise<void>;
}

interface Tokens {
  readonly mask_token?: string | null;
  readonly all_special_ids?: readonly number[];
}
interface Pipe {
  (texts: string[], options: object): Promise<unknown>;
  readonly tokenizer: Tokens;
  dispose(): Promise<unknown>;
}
interface Library {
  readonly pipeline: (task: string, model: string, options: object) => Promise<Pipe>;
  readonly env?: { readonly version?: string };
}

const OP = 'transformersEngine';
const PACKAGE = '@huggingface/transformers';
const KNOWN = ['fillMask', 'translation', 'candidates', 'batchSize', 'window', 'dtype', 'threads', 'synonyms', 'library'];
const WORD = /^[\p{L}\p{M}\p{N}]+(?:[-'’][\p{L}\p{M}\p{N}]+)*$/u;
/** Tokens that are no words, or pieces of one, are passed over: so many more are asked for. */
const SPARE = 20;

/**
 * The engine of pretrained models, from folders on this machine; nothing is fetched. `@huggingface/transformers` is loaded only now; it is an
 * optional package.
 *
 * Throws: ERR_STATE if the package is not installed, with the command that installs it; ERR_ARG for options that make no sense; ERR_DATA for a
 *         folder that lacks a file, by name; ERR_FORMAT for a model that does not load or has no mask.
 * Example: `const engine = await transformersEngine({ fillMask: 'models/indobert', translation: { there: 'models/id-en', back: 'models/en-id' } })`
 */
export async function transformersEngine(options: TransformersEngineOptions): Promise<TransformersEngine> {
  const settings = checked(options);
  const { fillMask, translation, candidates, batchSize, window } = settings;
  const library = await libraryOf(options.library);
  const opened: Pipe[] = [];
  const open = async (task: string, folder: string): Promise<Pipe> => {
    const pipe = await openPipe(library, task, folder, settings);
    opened.push(pipe);
    return pipe;
  };
  const dispose = async (): Promise<void> => {
    for (const pipe of opened.splice(0)) await pipe.dispose();
  };
  try {
    const masked = fillMask === undefined ? null : await open('fill-mask', fillMask);
    const mask = masked?.tokenizer.mask_token ?? null;
    if (masked !== null && mask === null)
      throw new SarafError(
        'ERR_FORMAT',
        OP,
        `expected a tokenizer with a mask_token in ${fillMask}, received none; give a masked language model such as BERT`,
      );
    const [there, back] = translation
      ? [await open('translation', translation.there.folder), await open('translation', translation.back.folder)]
      : [null, null];
    const synonyms = settings.synonyms;
    const operations: AugmentOperation[] = [
      ...(masked === null ? [] : (['substitute', 'insert'] as const)),
      'delete',
      ...(synonyms ? (['synonym'] as const) : []),
      ...(translation ? (['backTranslate'] as const) : []),
    ];
    const named = [
      ...(fillMask === undefined ? [] : [`fill-mask ${basename(resolve(fillMask))}`]),
      ...(translation
        ? [`translation ${basename(resolve(translation.there.folder))} and ${basename(resolve(translation.back.folder))}`]
        : []),
    ];
    return {
      name: `${PACKAGE} ${library.env?.version ?? ''} (${named.join('; ')}; ${settings.dtype})`.replace('  ', ' '),
      operations,
      without: {
        substitute: 'give transformersEngine the folder of a masked language model as fillMask',
        insert: 'give transformersEngine the folder of a masked language model as fillMask',
        backTranslate: 'give transformersEngine the folders of two translation models: translation: { there, back }',
        synonym: 'give transformersEngine its synonyms: (await data.loadSlang()).slang, or a map of your own',
      },
      dispose,
      run: async (task) => {
        const { operation, texts, share, random } = task;
        if (operation === 'delete') return texts.map((text, row) => deleteWords(text, share, random(row)));
        if (operation === 'synonym') return texts.map((text, row) => replaceBySynonyms(text, share, random(row), synonyms as Synonyms));
        if (operation === 'backTranslate') {
          const half = (shift: number) => (done: number) => task.progress(Math.floor((shift + done) / 2));
          const foreign = await translate(there as Pipe, texts, translation?.there.options, batchSize, task, half(0));
          return translate(back as Pipe, foreign, translation?.back.options, batchSize, task, half(texts.length));
        }
        return editByContext(task, (places, done) =>
          fillPlaces(masked as Pipe, places, { mask: mask as string, candidates, batchSize, window, signal: task.signal, done }),
        );
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function libraryOf(given: unknown): Promise<Library> {
  const wrap = (loaded: unknown): Library | null => {
    const { pipeline, default: inner } = (loaded ?? {}) as { pipeline?: unknown; default?: { pipeline?: unknown } };
    if (typeof pipeline === 'function') return loaded as Library;
    return typeof inner?.pipeline === 'function' ? (inner as Library) : null;
  };
  if (given !== undefined) {
    const library = wrap(given);
    if (library) return library;
    throw new SarafError('ERR_ARG', OP, `expected library to be what import('${PACKAGE}') gives, received something without pipeline`);
  }
  const name = PACKAGE;
  let loaded: unknown;
  try {
    loaded = await import(name);
  } catch (cause) {
    throw new SarafError(
      'ERR_STATE',
      OP,
      `expected the package ${name}, received ${(cause as Error).message}; run: ONNXRUNTIME_NODE_INSTALL=skip npm install ${name} (470 MB; without the variable its installation fetches a GPU library), or use languageModelEngine`,
      { cause },
    );
  }
  return wrap(loaded) as Library;
}

type Settings = ReturnType<typeof checked>;

async function openPipe(library: Library, task: string, folder: string, { dtype, threads }: Settings): Promise<Pipe> {
  try {
    return await library.pipeline(task, resolve(folder), {
      local_files_only: true,
      dtype,
      device: 'cpu',
      session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3 },
    });
  } catch (cause) {
    throw new SarafError(
      'ERR_FORMAT',
      OP,
      `expected a ${task} model that ${PACKAGE} can load in ${folder}, received: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function translate(
  pipe: Pipe,
  texts: readonly string[],
  options: Readonly<Record<string, unknown>> | undefined,
  batchSize: number,
  { signal }: AugmentTask,
  progress: (done: number) => void,
): Promise<string[]> {
  const out = [...texts];
  // There is nothing to translate in a text without words.
  const rows = [...texts.keys()].filter((row) => (texts[row] as string).trim() !== '');
  for (let from = 0; from < rows.length; from += batchSize) {
    if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
    const own = rows.slice(from, from + batchSize);
    // Greedy, whatever the model's own settings: sampling would not repeat itself.
    const found = (await pipe(
      own.map((row) => texts[row] as string),
      { ...options, do_sample: false },
    )) as { translation_text: string }[];
    own.forEach((row, i) => {
      const text = found[i]?.translation_text.trim() ?? '';
      if (text !== '') out[row] = text;
    });
    progress(Math.min(texts.length, from + own.length));
  }
  progress(texts.length);
  return out;
}

interface Filling {
  readonly mask: string;
  readonly candidates: number;
  readonly batchSize: number;
  readonly window: number;
  readonly signal: AbortSignal | undefined;
  readonly done: (places: number) => void;
}

/** Words for hidden places: whole words alone, no pieces, no signs, nothing special. */
async function fillPlaces(pipe: Pipe, places: readonly HiddenPlace[], filling: Filling): Promise<Candidate[][]> {
  const { mask, candidates, batchSize, window, signal, done } = filling;
  const special = new Set(pipe.tokenizer.all_special_ids ?? []);
  const found: Candidate[][] = [];
  for (let from = 0; from < places.length; from += batchSize) {
    if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
    const batch = places.slice(from, from + batchSize);
    const texts = batch.map(({ words, at, hidden }) => {
      const rest = hidden === null ? at : at + 1;
      return [...words.slice(Math.max(0, at - window), at), mask, ...words.slice(rest, rest + window)].join(' ');
    });
    const filled = (await pipe(texts, { top_k: candidates + SPARE })) as { score: number; token: number; token_str: string }[][];
    batch.forEach(({ hidden }, i) => {
      const words = (filled[i] ?? [])
        .filter(({ token, token_str: word }) => !special.has(token) && WORD.test(word.trim()))
        .map(({ score, token_str: word }) => ({ word: word.trim(), probability: score }))
        .filter(({ word }) => word !== hidden);
      found.push(words.slice(0, candidates));
    });
    done(found.length);
  }
  return found;
}

function checked(options: TransformersEngineOptions) {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${KNOWN.join(', ')}, received "${unknown}"`);
  const { fillMask, translation: given, candidates = 10, batchSize = 16, window = 64, dtype = 'fp32', threads = 1 } = options;
  for (const [name, value] of Object.entries({ candidates, batchSize, window, threads }))
    if (!Number.isInteger(value) || value < 1)
      throw new SarafError('ERR_ARG', OP, `expected ${name} to be a whole number of at least 1, received ${String(value)}`);
  if (fillMask === undefined && given === undefined)
    throw new SarafError('ERR_ARG', OP, 'expected fillMask or translation, a model folder each, received neither');
  const translation = given && { there: asTranslator(given.there, 'there'), back: asTranslator(given.back, 'back') };
  if (fillMask !== undefined) needFiles(fillMask, ['config.json', 'tokenizer.json', 'tokenizer_config.json']);
  for (const side of translation ? [translation.there, translation.back] : [])
    needFiles(side.folder, ['config.json', 'tokenizer.json', 'tokenizer_config.json']);
  const synonyms = options.synonyms && 'normalize' in options.synonyms ? slangSynonyms(options.synonyms) : options.synonyms;
  return { fillMask, translation, candidates, batchSize, window, dtype, threads, synonyms: synonyms as Synonyms | undefined };
}

function asTranslator(given: string | Translator | undefined, side: string): Translator {
  const translator = typeof given === 'string' ? { folder: given } : given;
  if (typeof translator?.folder === 'string') return translator;
  throw new SarafError('ERR_ARG', OP, `expected a model folder as translation.${side}, received ${JSON.stringify(given)}`);
}

function needFiles(folder: string, names: readonly string[]): void {
  if (typeof folder !== 'string') throw new SarafError('ERR_ARG', OP, `expected a model folder, received ${JSON.stringify(folder)}`);
  const missing = existsSync(folder) ? names.filter((name) => !existsSync(join(folder, name))) : null;
  if (missing === null)
    throw new SarafError(
      'ERR_DATA',
      OP,
      `expected a model folder, received ${folder}, which does not exist; models are not fetched: download the files of an ONNX model into it`,
    );
  if (missing.length > 0)
    throw new SarafError(
      'ERR_DATA',
      OP,
      `expected ${names.join(', ')} and the folder onnx in ${folder}, received one without ${missing.join(', ')}`,
    );
}
