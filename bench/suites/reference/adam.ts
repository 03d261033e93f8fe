import type { NamedArray, Outputs } from '../suite.js';

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Keras' defaults. */
export const ADAM: AdamOptions = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** How far Adam's first step moves each weight, as `update.<name>`. */
export function firstUpdates(adam: AdamOptions, weights: readonly NamedArray[], gradient: (name: string) => Float64Array): Outputs {
  const { learningRate, beta1, beta2, epsilon } = adam;
  const alpha = (learningRate * Math.sqrt(1 - beta2)) / (1 - beta1);
  const update = (v: number): number => (-alpha * (1 - beta1) * v) / (Math.sqrt((1 - beta2) * v * v) + epsilon);
  return Object.fromEntries(weights.map(({ name }) => [`update.${name}`, gradient(name).map(update)]));
}
