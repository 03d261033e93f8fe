import { SarafError } from '../../errors.js';
import { checkSeed } from '../../initializers/seed.js';
import { AbortError } from '../../models/history.js';
import { refuseTestRows, samePart } from '../../tensor/part.js';
import { Philox, STREAM } from '../../tensor/random.js';
import { AUGMENT_OPERATIONS, type AugmentationEngine, type AugmentOperation } from './engine.js';

export interface AugmentProgress {
  readonly operation: AugmentOperation;
  /** Copies made so far, over all operations, and how many there will be. */
  readonly done: number;
  readonly total: number;
}

export interface AugmentOptions {
  engine: AugmentationEngine;
  /** One copy of every text for each; the same one may come twice. Default: substitute, insert, delete. */
  operations?: readonly AugmentOperation[];
  /** Share of a text's words that an operation concerns, in (0,1]; one word at least. Default 0.15. */
  share?: number;
  /** The same seed gives the same copies, on any number of threads. Default 0. */
  seed?: number;
  signal?: AbortSignal;
  onProgress?: (progress: AugmentProgress) => void;
}

/** Texts with their copies: first those that were given, then a copy of each for the first operation, and so on. */
export interface Augmented {
  readonly texts: readonly string[];
  /** Which of the given texts each is of: for its label, its group, and the `sources` of an audit. */
  readonly rows: Int32Array;
  /** What made each; null for the texts that were given. */
  readonly operations: readonly (AugmentOperation | null)[];
  /** How many at the end were added. */
  readonly added: number;
  /** Of these, how many are as their text was: there was nothing to change in it. */
  readonly unchanged: number;
  /** The engine's name, for a report. */
  readonly engine: string;
}

const OP = 'augmentTexts';
const KNOWN = ['engine', 'operations', 'share', 'seed', 'signal', 'onProgress'];

/**
 * Makes changed copies of training texts: words replaced, added or left out by an engine.
 *
 * Only for the training part, after the split: copies made before it would be in training and test alike.
 * Throws: ERR_ARG for texts of a test or validation part, an unknown option, or an operation that the engine does not have, saying what to do
 *         instead; ERR_DATA for a text that is none, or no text; AbortError when `signal` fires.
 * Example: `const { texts, rows } = await augmentTexts(train, { engine: await languageModelEngine(train), seed: 7 }); rows.map((row) => labels[row])`
 */
export async function augmentTexts(texts: readonly string[], options: AugmentOptions): Promise<Augmented> {
  refuseTestRows(OP, 'augmentation', texts);
  const { engine, operations, share, seed, signal } = checked(options);
  checkTexts(OP, texts);
  const all = [...texts];
  const made: (AugmentOperation | null)[] = texts.map(() => null);
  let unchanged = 0;
  for (const [number, operation] of operations.entries()) {
    if (signal?.aborted) throw new AbortError(OP, null, { cause: signal.reason });
    const copies = await engine.run({
      operation,
      texts,
      share,
      // Each operation its own stream, each text its own counter: no text sees the draws of another.
      random: (row) => new Philox(seed, STREAM.augment + 1 + number, row),
      signal,
      progress: (done) => options.onProgress?.({ operation, done: number * texts.length + done, total: operations.length * texts.length }),
    });
    if (copies.length !== texts.length)
      throw new SarafError(
        'ERR_DATA',
        OP,
        `expected ${texts.length} texts of engine "${engine.name}" for ${operation}, received ${copies.length}; its run must give one for each`,
      );
    copies.forEach((copy, row) => {
      if (copy === texts[row]) unchanged++;
      all.push(copy);
      made.push(operation);
    });
  }
  const rows = Int32Array.from(all, (_, i) => i % texts.length);
  return {
    texts: samePart(all, texts),
    rows: samePart(rows, texts),
    operations: made,
    added: all.length - texts.length,
    unchanged,
    engine: engine.name,
  };
}

/** Throws ERR_DATA naming the first row that is no text. */
export function checkTexts(op: string, texts: readonly string[]): void {
  if (texts.length === 0) throw new SarafError('ERR_DATA', op, 'expected at least one text, received none');
  const wrong = texts.findIndex((text) => typeof text !== 'string');
  if (wrong >= 0) {
    const value: unknown = texts[wrong];
    throw new SarafError(
      'ERR_DATA',
      op,
      `expected text in row ${wrong}, received ${value === null ? 'null' : typeof value}; fill in or drop missing texts first`,
    );
  }
}

/** Throws ERR_ARG for a share outside (0,1]. */
function checkShare(share: number): number {
  if (share > 0 && share <= 1) return share;
  throw new SarafError('ERR_ARG', OP, `expected share in (0,1], received ${String(share)}; 0.15 changes every seventh word`);
}

function checked(options: AugmentOptions): Required<Pick<AugmentOptions, 'engine' | 'operations' | 'share' | 'seed'>> & {
  signal: AbortSignal | undefined;
} {
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${KNOWN.join(', ')}, received "${unknown}"`);
  const { engine, operations = ['substitute', 'insert', 'delete'], share = 0.15, seed = 0, signal } = options;
  if (typeof engine?.run !== 'function')
    throw new SarafError(
      'ERR_ARG',
      OP,
      'expected an engine, received none; pass await languageModelEngine(trainingTexts), or transformersEngine with a model folder',
    );
  if (operations.length === 0) throw new SarafError('ERR_ARG', OP, 'expected at least one operation, received none');
  for (const operation of operations) {
    if (!AUGMENT_OPERATIONS.includes(operation))
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected operations among ${AUGMENT_OPERATIONS.join(', ')}, received ${JSON.stringify(operation)}`,
      );
    if (!engine.operations.includes(operation))
      throw new SarafError(
        'ERR_ARG',
        OP,
        `expected an operation of engine "${engine.name}" (${engine.operations.join(', ')}), received ${operation}; ${engine.without?.[operation] ?? 'use another engine for it'}`,
      );
  }
  return { engine, operations, share: checkShare(share), seed: checkSeed(OP, seed), signal };
}
