import type { Shape } from '../tensor/tensor.js';

/**
 * Work of one call.
 *
 * Units: floating-point operations, a multiply-add being two; bytes that move if every operand moves once.
 */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/** Work of a forward call. */
export interface ForwardWork extends Work {
  /** The part of `flops` that are products with weights: backward does each again for dx, and again for dw. */
  readonly products: number;
}

/** Bytes of a float32. */
export const FLOAT = 4;

/** Values in all these shapes. */
export function valuesIn(shapes: readonly Shape[]): number {
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
}

/** What a view or a call without arithmetic costs. */
export const NO_WORK: ForwardWork = { flops: 0, bytes: 0, products: 0 };

/** Which gradients a backward call makes. */
export interface GradientsMade {
  readonly input: boolean;
  readonly weights: boolean;
}

/**
 * Backward from forward: each product with weights once per gradient made, the rest of the arithmetic once; x, y and dy are
 * read, dx is written, weights are read and their gradients written.
 */
export function backwardFrom(forward: ForwardWork, inputs: readonly Shape[], made: GradientsMade): Work {
  const { flops, bytes, products } = forward;
  if (!made.input && !made.weights) return { flops: 0, bytes: 0 };
  return {
    flops: products * (Number(made.input) + Number(made.weights)) + (flops - products),
    bytes: Math.max(0, 2 * bytes - (made.input ? 0 : FLOAT * valuesIn(inputs))),
  };
}
