import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { Stemmer } from '../../src/text/indonesian/stemmer.js';
import { stopWords } from '../../src/text/indonesian/stop-words.js';
import { benchFolder } from '../contenders/peer-package.js';
import type { Outputs, Shape, Suite } from './suite.js';
import file from '../shapes/ingest.json' with { type: 'json' };

/** Texts of a data set, from its files to numbered words. */
export interface CorpusShape extends Shape {
  readonly kind: 'corpus';
  /** Below SARAF_DATA. */
  readonly files: readonly string[];
  readonly column: string;
  readonly encoding?: 'latin1';
  /** In all its texts, by white space. */
  readonly words: number;
}

/** A generated file, from its bytes to arrays of the values of some columns. */
export interface CsvShape extends Shape {
  readonly kind: 'csv';
  readonly rows: number;
  readonly columns: readonly CsvColumn[];
}

export type CsvColumn = 'id' | 'rating' | 'score' | 'text' | 'label';
export type IngestShape = CorpusShape | CsvShape;

export interface IngestInputs {
  readonly shape: IngestShape;
  /** Where the files are; null if they are not there. */
  readonly files: readonly string[] | null;
}

/** Texts that the vocabulary is learnt from, at most: the first ones. */
export const LEARNT = 2000;
/** Numbers a text. */
export const LENGTH = 64;
/** Texts whose numbers are compared: the first ones. */
const COMPARED = 500;

const WORDS = 'yang untuk pada makan baik sekali pelayanan buruk tidak suka kamera hasil bagus dokter cepat respon aplikasi mudah'.split(
  ' ',
);
const LABELS = ['positive', 'neutral', 'negative'];

/**
 * Five columns as data sets have them; every seventh text holds commas, quotes or line breaks. ASCII only: of the peers danfo.js breaks a
 * character that its chunks cut, and could not be timed.
 */
function* rowsOf(rows: number): Generator<Record<CsvColumn, string>> {
  let state = 1;
  const draw = (n: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % n;
  };
  for (let i = 0; i < rows; i++) {
    let text = Array.from({ length: 4 + draw(8) }, () => WORDS[draw(WORDS.length)]).join(' ');
    if (i % 20 === 3) text = text.replace(' ', ', ');
    if (i % 20 === 7) text = text.replace(' ', '\n');
    if (i % 20 === 11) text = `"${text}" sekali`;
    yield { id: `${i}`, rating: `${1 + (i % 5)}`, score: (draw(10_000) / 1000).toFixed(3), text, label: LABELS[i % 3] as string };
  }
}

/** The generated file, written once. */
function generatedFile(rows: number): string {
  const folder = join(benchFolder, '.cache', 'ingest');
  const path = join(folder, `rows-${rows}.csv`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const parts: string[] = ['id,rating,score,text,label\n'];
  for (const row of rowsOf(rows)) {
    const text = /[",\n]/.test(row.text) ? `"${row.text.replaceAll('"', '""')}"` : row.text;
    parts.push(`${row.id},${row.rating},${row.score},${text},${row.label}\n`);
  }
  writeFileSync(`${path}.part`, parts.join(''));
  renameSync(`${path}.part`, path);
  return path;
}

function inputs(shape: IngestShape): IngestInputs {
  if (shape.kind === 'csv') return { shape, files: [generatedFile(shape.rows)] };
  const data = process.env['SARAF_DATA'];
  const files = shape.files.map((name) => join(data ?? '', name));
  return { shape, files: data !== undefined && files.every((name) => statSync(name, { throwIfNoEntry: false })?.isFile()) ? files : null };
}

/** A number that another order, another cell or a lost one would change. */
export function checksum(values: ArrayLike<unknown>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let hash = 0;
    const text = typeof value === 'string' ? value : String(value);
    for (let c = 0; c < text.length; c++) hash = (Math.imul(hash, 31) + text.charCodeAt(c)) | 0;
    sum = (sum + (hash >>> 0) * (1 + (i % 1000))) % 2 ** 40;
  }
  return sum;
}

const NUMERIC: readonly string[] = ['id', 'rating', 'score'];

/** What contenders must agree on: of columns of numbers their values (some read them as such), of text every character. */
export function csvOutputs(columns: readonly string[], values: (name: string) => ArrayLike<unknown>): Outputs {
  return Object.fromEntries(
    columns.map((name) => {
      const cells = values(name);
      return [name, Float64Array.of(cells.length, checksum(NUMERIC.includes(name) ? Array.from(cells, Number) : cells))];
    }),
  );
}

/** Words of one text after all steps, step by step and without memory of other words. */
function preparer(): (text: string) => string[] {
  const stemmer = new Stemmer({ cacheSize: 0 });
  const stops = stopWords();
  return (text) =>
    text
      .toLowerCase()
      .replace(/https?:\/\/\S+|www\.\S+/gu, ' ')
      .replace(/@[\p{L}\p{N}_]+/gu, ' ')
      .replace(/[\p{Nd}\p{P}\p{S}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]/gu, ' ')
      // What joins, colours and flags pictures.
      .replace(/\u200d|\ufe0f|\u20e3|[\u{e0020}-\u{e007f}]/gu, ' ')
      .split(/\s+/)
      .filter((word) => word !== '' && !stops.has(word))
      .map((word) => stemmer.stem(word));
}

function corpusReference(shape: CorpusShape, files: readonly string[]): Outputs {
  const texts = files.flatMap((name) => {
    const bytes = name.endsWith('.gz') ? gunzipSync(readFileSync(name)) : readFileSync(name);
    const rows = parse(bytes.toString(shape.encoding ?? 'utf8'), { columns: true, bom: true }) as Record<string, string>[];
    return rows.map((row) => row[shape.column] as string);
  });
  const prepare = preparer();
  const learnt = texts.slice(0, LEARNT).map(prepare);
  const counts = new Map<string, number>();
  for (const word of learnt.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  const bytes = (word: string): Buffer => Buffer.from(word);
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || Buffer.compare(bytes(b), bytes(a)));
  const ids = new Map(sorted.map(([word], i) => [word, i + 2]));
  const out = new Float64Array(Math.min(COMPARED, texts.length) * LENGTH);
  learnt.slice(0, COMPARED).forEach((words, n) =>
    out.set(
      words.slice(0, LENGTH).map((word) => ids.get(word) ?? 1),
      n * LENGTH,
    ),
  );
  const words = texts.reduce((sum, text) => sum + text.split(/\s+/).filter((word) => word !== '').length, 0);
  return { ids: out, texts: Float64Array.of(texts.length), words: Float64Array.of(words) };
}

/** What contenders must agree on about a corpus: numbers of the first texts, and how many texts there were. */
export function corpusOutputs(ids: readonly Int32Array[], texts: number, words: number): Outputs {
  const first = new Float64Array(Math.min(COMPARED, texts) * LENGTH);
  let at = 0;
  for (const part of ids) {
    first.set(part.subarray(0, first.length - at), at);
    at = Math.min(first.length, at + part.length);
  }
  return { ids: first, texts: Float64Array.of(texts), words: Float64Array.of(words) };
}

/** From files to numbers: texts cleaned, stemmed and vectorised; a large table read. */
export const ingest: Suite<IngestShape, IngestInputs> = {
  name: 'ingest',
  title: 'From CSV to numbered words (read, cleaned, stop words left out, stemmed, vectorised), and reading a CSV of a million rows',
  shapes: file as readonly IngestShape[],
  flops: () => 0,
  bytes: () => 0,
  inputs,
  reference({ shape, files }) {
    if (shape.kind === 'csv') {
      const rows = [...rowsOf(shape.rows)];
      return csvOutputs(shape.columns, (name) => rows.map((row) => row[name as CsvColumn]));
    }
    // Nobody has the files: the rows say so.
    return files === null ? {} : corpusReference(shape, files);
  },
  tolerance: { id: 0, rating: 0, score: 0, text: 0, label: 0, ids: 0, texts: 0, words: 0 },
};
