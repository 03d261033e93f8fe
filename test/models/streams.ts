import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { blobs } from '../helpers/toy-data.js';

// What the tests of streams share: 50 rows in batches of 20, and a model for them.

export const { x, y } = blobs(50);
export const SIZE = 20;
export const part = (from: number): Tensor[] => [x.rows(from, Math.min(50, from + SIZE)), y.rows(from, Math.min(50, from + SIZE))];
export const quiet = { verbose: 0 } as const;

export function model(): Sequential {
  setSeed(1);
  const m = new Sequential([layers.dense({ units: 6, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })]);
  m.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return m;
}

/** The rows in three batches, once. */
export function* rows(): Generator<Tensor[]> {
  for (let from = 0; from < 50; from += SIZE) yield part(from);
}
