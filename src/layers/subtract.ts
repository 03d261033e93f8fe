import { MERGES } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { Merging } from './merging.js';
import type { LayerContext, LayerOptions } from './layer.js';
import type { MergeLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export type SubtractOptions = LayerOptions;

/**
 * First input minus the second; shapes broadcast. A step is valid if it is valid in any input.
 *
 * Shapes: (…), (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast; ERR_ARG unless there are two.
 * Source: Keras Subtract.
 * Example: layers.subtract().apply([x, y])
 */
export class Subtract extends Merging {
  readonly className = 'Subtract';
  protected readonly merge = MERGES.subtract;

  constructor(options: SubtractOptions = {}) {
    super('Subtract', 'subtract', options);
  }

  protected override get most(): number {
    return 2;
  }

  protected override pairGradient(
    side: 'a' | 'b',
    g: Tensor,
    _a: Tensor,
    _b: Tensor,
    _step: { a: Shape; b: Shape; shape: Shape; layout: MergeLayout },
    name: string,
    ctx: LayerContext,
  ): Tensor {
    if (side === 'a') return g;
    const negative = ctx.buffer(name, g.shape);
    backend().affine(g.storage, negative.storage, -1, 0);
    return negative;
  }
}
