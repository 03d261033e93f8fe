import { sizeOf, type Shape } from '../tensor/tensor.js';

/**
 * Number of inputs and outputs of one unit, as Keras counts them.
 *
 * Shapes: (n) → n, n; (in,out) → in, out; (…kernel,in,out) → kernel·in, kernel·out; a scalar → 1, 1.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0] as number, fanOut: shape[0] as number };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * (shape.at(-2) as number), fanOut: field * (shape.at(-1) as number) };
}
