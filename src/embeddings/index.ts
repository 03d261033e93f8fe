export { loadWordVectors, saveWordVectors, type WordVectorFormat } from './files.js';
export { projectWords, type ProjectionOptions } from './projection.js';
export { Word2Vec, type Word2VecFitOptions, type Word2VecOptions, type Word2VecProgress } from './word2vec.js';
export type { Sentence } from './word-counts.js';
export { WordVectors, type EmbeddingMatrix, type Neighbour, type NeighbourOptions } from './word-vectors.js';
