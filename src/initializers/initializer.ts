import type { Tensor } from '../tensor/tensor.js';

/** Fills a fresh weight. Every initializer is seeded; without a seed of its own it takes the next one of `setSeed`. */
export interface Initializer {
  readonly className: string;
  initialize(weight: Tensor): void;
  getConfig(): Record<string, unknown>;
}
