import { backend } from '../../src/backend/current.js';
import { aliasTable, keepThresholds } from '../../src/embeddings/draws.js';
import { packTable, paddedColumns } from '../../src/embeddings/tables.js';
import { fill } from './fill.js';
import type { Shape, Suite } from './suite.js';
import file from '../shapes/word2vec.json' with { type: 'json' };

/** V words, D numbers each. */
export interface Word2VecShape extends Shape {
  readonly mode: 'cbow' | 'skipGram';
  readonly words: number;
  readonly V: number;
  readonly D: number;
  readonly epochs: number;
}

/** Options as the published program has them, the same for everyone. */
export const WORD2VEC = { window: 5, negative: 5, sample: 1e-3, power: 0.75, rate: 0.025, minRate: 1e-4, minCount: 1 } as const;

/** A text: ids in [0,V), and where each of its sentences ends. */
export interface NumberedText {
  readonly words: Int32Array;
  readonly ends: Int32Array;
}

/** A generated text in which words of a subject stand together, frequent ones as frequent as in a language; unseen text has only its words. */
export interface Word2VecInputs {
  readonly shape: Word2VecShape;
  readonly text: NumberedText;
  readonly unseen: NumberedText;
}

const SENTENCE = 200;
const SUBJECTS = 40;
const UNSEEN = 20_000;

/** Half of the words are drawn by Zipf's law from all, half likewise from those of the sentence's subject. */
function generated(words: number, V: number, seed: number): NumberedText {
  const draws = fill(2 * words, seed, 0.5);
  const zipf = (draw: number, n: number): number => Math.min(n - 1, Math.floor(n ** (draw + 0.5)) - 1);
  const each = Math.floor(V / SUBJECTS);
  const ids = Int32Array.from({ length: words }, (_, i) => {
    const subject = Math.floor(i / SENTENCE) % SUBJECTS;
    const [which, draw] = [draws[2 * i] as number, draws[2 * i + 1] as number];
    return which < 0 ? zipf(draw, V) : subject + SUBJECTS * zipf(draw, each);
  });
  const ends = Int32Array.from({ length: Math.ceil(words / SENTENCE) }, (_, s) => Math.min(words, (s + 1) * SENTENCE));
  return { words: ids, ends };
}

/** The same without words that another text does not have. */
function known({ words, ends }: NumberedText, seen: ReadonlySet<number>): NumberedText {
  const kept: number[] = [];
  const stops: number[] = [];
  let from = 0;
  for (const end of ends) {
    kept.push(...words.subarray(from, end).filter((id) => seen.has(id)));
    stops.push(kept.length);
    from = end;
  }
  return { words: Int32Array.from(kept), ends: Int32Array.from(stops) };
}

/** Sentences of words, for those who count them themselves. */
export function sentencesOf({ words, ends }: NumberedText): string[][] {
  return Array.from(ends, (end, s) => Array.from(words.subarray(s === 0 ? 0 : ends[s - 1], end), (id) => `w${id}`));
}

function inputs(shape: Word2VecShape): Word2VecInputs {
  const text = generated(shape.words, shape.V, 1);
  return { shape, text, unseen: known(generated(UNSEEN, shape.V, 2), new Set(text.words)) };
}

/** Both tables, (V,D) by id: of words, and of words as targets. */
export interface Word2VecTables {
  readonly input: Float64Array;
  readonly output: Float64Array;
}

function pass(
  { shape, text }: Word2VecInputs,
  over: NumberedText,
  tables: Word2VecTables,
  epoch: number | null,
  totals = new Float64Array(3),
): Float64Array {
  // A word that never comes is never drawn.
  const counts = Array.from({ length: shape.V }, () => 0);
  for (const id of text.words) counts[id] = (counts[id] as number) + 1;
  const { chance, alias } = aliasTable(counts, WORD2VEC.power);
  const keep = keepThresholds(
    counts.map((count) => Math.max(1, count)),
    epoch === null ? 0 : WORD2VEC.sample,
  );
  const n = over.words.length;
  const rateAt = (e: number): number => WORD2VEC.rate + ((WORD2VEC.minRate - WORD2VEC.rate) * e) / shape.epochs;
  const [first, last] = epoch === null ? [null, null] : [rateAt(epoch), rateAt(epoch + 1)];
  const { window, negative } = WORD2VEC;
  const { input, output } = tables;
  backend().word2vec(
    shape.mode === 'cbow',
    over.words,
    over.ends,
    keep,
    chance,
    alias,
    input,
    output,
    paddedColumns(shape.D),
    window,
    negative,
    11,
    epoch ?? 0,
    0,
    n,
    first,
    last,
    totals,
    epoch === null,
    1,
  );
  return totals;
}

function padded(values: ArrayLike<number>, { V, D }: Word2VecShape): Float64Array {
  const out = new Float64Array(V * paddedColumns(D));
  packTable(values, V, D, out);
  return out;
}

/** Mean loss per pair of word and target on the unseen text, in double, of tables (V,D) by id. */
export function unseenLoss(given: Word2VecInputs, input: ArrayLike<number>, output: ArrayLike<number>): number {
  const totals = pass(given, given.unseen, { input: padded(input, given.shape), output: padded(output, given.shape) }, null);
  return (totals[2] as number) / (totals[1] as number);
}

/** From a text to vectors, counting its words included; everyone in its own order of draws, so what must agree is the loss on unseen text. */
export const word2vec: Suite<Word2VecShape, Word2VecInputs> = {
  name: 'word2vec',
  title: 'Word2Vec, from sentences of words to vectors: 100 numbers, window 5, 5 negatives, sample 1e-3',
  shapes: file as readonly Word2VecShape[],
  flops: () => 0,
  bytes: () => 0,
  inputs,
  reference(given) {
    const { V, D, epochs } = given.shape;
    const tables = { input: padded(fill(V * D, 3, 1 / D), given.shape), output: new Float64Array(V * paddedColumns(D)) };
    for (let epoch = 0; epoch < epochs; epoch++) pass(given, given.text, tables, epoch);
    const totals = pass(given, given.unseen, tables, null);
    return { loss: Float64Array.of((totals[2] as number) / (totals[1] as number)) };
  },
  // Other windows and negatives are drawn: over seeds the loss moves by some thousandths.
  tolerance: { loss: 0.03 },
};
