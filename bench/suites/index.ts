import { attention } from './attention.js';
import { conv } from './conv.js';
import { gemm } from './gemm.js';
import { ingest } from './ingest.js';
import { pool } from './pool.js';
import { predict } from './predict.js';
import { recurrent } from './recurrent.js';
import { startup } from './startup.js';
import { trainCnn } from './train-cnn.js';
import { trainText } from './train-text.js';
import { word2vec } from './word2vec.js';
import type { Shape, Suite } from './suite.js';

/** Every suite by name, in the order of the report. */
export const suites = {
  gemm,
  conv,
  pool,
  recurrent,
  attention,
  'train-cnn': trainCnn,
  'train-text': trainText,
  predict,
  word2vec,
  ingest,
  startup,
} as const;

export type SuiteName = keyof typeof suites;
export type InputsOf<Name extends SuiteName> = ReturnType<(typeof suites)[Name]['inputs']>;

export const suiteNames = Object.keys(suites) as SuiteName[];

/** The suites seen alike: a shape goes with the inputs of its own suite, which the caller takes care of. */
export type AnySuite = Suite<Shape, unknown>;

export const suiteNamed = (name: string): AnySuite | undefined => suites[name as SuiteName] as unknown as AnySuite | undefined;
