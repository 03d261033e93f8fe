import { SarafError } from '../errors.js';
import { Table } from '../data/table.js';
import { checkSeed } from '../initializers/seed.js';
import { Philox, STREAM } from '../tensor/random.js';
import type { WordVectors } from './word-vectors.js';

export interface ProjectionOptions {
  /** Which words. Default: the first `topN` of the vectors, which Word2Vec sorts by frequency. */
  words?: readonly string[];
  /** Default 150. */
  topN?: number;
  /** 'pca' (default) keeps the two directions of most variance, 'umap' who is near whom. */
  method?: 'pca' | 'umap';
  /** Of UMAP: words that count as near. Default 15. */
  neighbors?: number;
  /** Of UMAP: the same seed gives the same picture. Default 0. */
  seed?: number;
}

const OP = 'projectWords';

/**
 * Words in the plane, by the directions of their vectors: a table of word, x and y, for `charts.wordMap`.
 *
 * Throws: ERR_ARG for fewer than three words or options that do not exist; ERR_DATA for a word without vector.
 * Source: McInnes, Healy and Melville 2018 (UMAP), by umap-js; principal components by ml-pca.
 * Example: `charts.wordMap(await projectWords(vectors, { words: ['baik', 'bagus', 'buruk'] }))`
 */
export async function projectWords(vectors: WordVectors, options: ProjectionOptions = {}): Promise<Table> {
  const { method = 'pca', topN = 150, neighbors = 15, seed = 0 } = options;
  const unknown = Object.keys(options).find((name) => !['words', 'topN', 'method', 'neighbors', 'seed'].includes(name));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', OP, `expected options words, topN, method, neighbors, seed, received ${unknown}`);
  if (method !== 'pca' && method !== 'umap')
    throw new SarafError('ERR_ARG', OP, `expected method "pca" or "umap", received ${JSON.stringify(method)}`);
  const words = [...new Set(options.words ?? vectors.words.slice(0, topN))];
  if (words.length < 3) throw new SarafError('ERR_ARG', OP, `expected at least three words, received ${words.length}`);
  if (vectors.vectorSize < 2)
    throw new SarafError('ERR_ARG', OP, `expected vectors of at least two numbers, received ${vectors.vectorSize}`);
  const rows = words.map((word) => direction(vectors.vector(word)));
  const points = method === 'pca' ? await principal(rows) : await neighbourhoods(rows, neighbors, checkSeed(OP, seed));
  return new Table(['word', 'x', 'y'], [words, points.map((p) => p[0] as number), points.map((p) => p[1] as number)]);
}

/** The vector at length 1. */
function direction(vector: Float32Array): number[] {
  const length = Math.hypot(...vector) || 1;
  return Array.from(vector, (value) => value / length);
}

async function principal(rows: number[][]): Promise<number[][]> {
  const { PCA } = await import('ml-pca');
  const points = new PCA(rows).predict(rows, { nComponents: 2 }).to2DArray();
  // A component has no sign of its own: its largest value is positive.
  for (const axis of [0, 1]) {
    const largest = points.reduce((best, p) => (Math.abs(p[axis] as number) > Math.abs(best) ? (p[axis] as number) : best), 0);
    if (largest < 0) for (const p of points) p[axis] = -(p[axis] as number);
  }
  return points;
}

async function neighbourhoods(rows: number[][], neighbors: number, seed: number): Promise<number[][]> {
  if (!Number.isInteger(neighbors) || neighbors < 2)
    throw new SarafError('ERR_ARG', OP, `expected neighbors to be a whole number >= 2, received ${String(neighbors)}`);
  const { UMAP } = await import('umap-js');
  const random = new Philox(seed, STREAM.projection);
  return new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(neighbors, rows.length - 1),
    minDist: 0.2,
    random: () => random.uniform(),
  }).fit(rows);
}
