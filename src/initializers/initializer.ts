import type { RandomKey } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

/** Fills a fresh weight. Every initializer is seeded: by its own seed, else by the layer's key, else by the next one of `setSeed`. */
export interface Initializer {
  /** Keras' class name, the key of the registry. */
  readonly className: string;
  /** Writes every value of `weight` (float32 or float64; both receive the same float32 draws). */
  initialize(weight: Tensor, key?: RandomKey): void;
  getConfig(): Record<string, unknown>;
}
