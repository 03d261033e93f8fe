import { SarafError } from '../errors.js';
import { knownOptions, onlyShape, showShape } from './checks.js';
import { Moving, type Movement } from './moving.js';
import { stridesOf } from './strides.js';
import type { LayerOptions, SymbolicShape } from './layer.js';
import type { Shape } from '../tensor/tensor.js';

export interface PermuteOptions extends LayerOptions {
  /** Order of the axes of one item, counted from 1: [2, 1] swaps two. */
  dims: readonly number[];
}

/**
 * The axes of each item in another order.
 *
 * Shapes: (N,a,b,…) → (N, …in the order of dims).
 * Throws: ERR_ARG unless dims are 1 … k in some order; ERR_SHAPE if x has another rank.
 * Source: Keras Permute.
 * Example: layers.permute({ dims: [2, 1] })
 */
export class Permute extends Moving {
  readonly className = 'Permute';
  readonly dims: readonly number[];

  constructor(options: PermuteOptions) {
    super('Permute', options);
    knownOptions('permute', options, ['dims']);
    const dims: unknown = options.dims;
    if (!Array.isArray(dims) || [...dims].sort((a, b) => Number(a) - Number(b)).some((n, i) => n !== i + 1))
      throw new SarafError('ERR_ARG', 'permute', `expected dims to be 1 … k in some order, received ${JSON.stringify(dims)}`);
    this.dims = [...options.dims];
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== this.dims.length + 1)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with ${this.dims.length} axes behind the batch axis, received ${showShape(shape)}`,
      );
    return [[shape[0] as number | null, ...this.dims.map((axis) => shape[axis] as number | null)]];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dims: this.dims };
  }

  protected override movement(shape: Shape, out: Shape): Movement {
    const [from, to] = [stridesOf(shape), stridesOf(out)];
    return { axes: [0, ...this.dims].map((axis, i) => ({ length: out[i] as number, x: from[axis] as number, y: to[i] as number })) };
  }
}
