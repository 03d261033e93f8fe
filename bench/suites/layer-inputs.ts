import { fill } from './fill.js';
import type { NamedArray, Shape } from './suite.js';

export type Pass = 'infer' | 'train';

/** One layer by itself. Training is forward and backward with the gradients of input and weights, for a given dy. */
export interface LayerInputs<S extends Shape> {
  readonly shape: S;
  readonly x: NamedArray;
  /** In Keras' order and layouts. */
  readonly weights: readonly NamedArray[];
  /** null: forward only. */
  readonly dy: NamedArray | null;
}

export const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** A tensor of numbers in [−scale, scale). */
export const drawn = (name: string, shape: readonly number[], seed: number, scale = 1): NamedArray => ({
  name,
  shape,
  values: fill(product(shape), seed, scale),
});
