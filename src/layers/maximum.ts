import { MERGES } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { Merging } from './merging.js';
import type { LayerContext, LayerOptions } from './layer.js';
import type { MergeLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export type MaximumOptions = LayerOptions;

/**
 * Largest of two or more inputs, element by element; shapes broadcast. Equal ones: the earlier input gets the gradient.
 * A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Maximum.
 * Example: layers.maximum().apply([x, y])
 */
export class Maximum extends Merging {
  readonly className = 'Maximum';
  protected readonly merge = MERGES.maximum;

  constructor(options: MaximumOptions = {}) {
    super('Maximum', 'maximum', options);
  }

  protected override get needsValues(): boolean {
    return true;
  }

  /** Steps that are masked in one input and not in all do not compete; where all are, the first one counts. */
  protected override maskInputs(inputs: readonly Tensor[], ctx: LayerContext): readonly Tensor[] {
    return this.competing(inputs, -Infinity, ctx);
  }

  protected override pairGradient(
    side: 'a' | 'b',
    g: Tensor,
    a: Tensor,
    b: Tensor,
    step: { a: Shape; b: Shape; shape: Shape; layout: MergeLayout },
    name: string,
    ctx: LayerContext,
  ): Tensor {
    const out = ctx.buffer(name, step.shape);
    const op = side === 'a' ? MERGES.whereNotLess : MERGES.whereLess;
    backend().merge(a.storage, b.storage, g.storage, out.storage, step.layout, op);
    return out;
  }
}
