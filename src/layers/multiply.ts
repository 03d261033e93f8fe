import { MERGES } from '../backend/backend.js';
import { Merging } from './merging.js';
import type { LayerContext, LayerOptions } from './layer.js';
import type { MergeLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export type MultiplyOptions = LayerOptions;

/**
 * Product of two or more inputs, element by element; shapes broadcast. A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Multiply.
 * Example: layers.multiply().apply([x, y])
 */
export class Multiply extends Merging {
  readonly className = 'Multiply';
  protected readonly merge = MERGES.multiply;

  constructor(options: MultiplyOptions = {}) {
    super('Multiply', 'multiply', options);
  }

  protected override get needsValues(): boolean {
    return true;
  }

  /** Masked steps are factors of 1; where all are masked, the product is 0. */
  protected override maskInputs(inputs: readonly Tensor[], ctx: LayerContext): readonly Tensor[] {
    return inputs.map((x, i) => this.fillMasked(x, i, 1, `input${i}`, ctx));
  }

  protected override maskGradient(gradient: Tensor, i: number, ctx: LayerContext): Tensor {
    return this.fillMasked(gradient, i, 0, `masked${i}`, ctx);
  }

  protected override finish(y: Tensor, ctx: LayerContext): Tensor {
    const masks = this.recall<{ inputs: readonly Tensor[] }>(ctx).inputs.map((_, i) => ctx.masks[i]?.data() ?? null);
    const [first] = masks;
    if (!first || masks.includes(null)) return y;
    return this.fillSteps(y, first.length, (step) => masks.every((mask) => mask?.[step] === 0), 0, 'product', ctx);
  }

  private fillMasked(x: Tensor, i: number, value: number, name: string, ctx: LayerContext): Tensor {
    const valid = ctx.masks[i]?.data();
    return valid ? this.fillSteps(x, valid.length, (step) => valid[step] === 0, value, name, ctx) : x;
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
    const [other, shape] = side === 'a' ? [b, step.b] : [a, step.a];
    return this.times(g, other, step.shape, shape, name, ctx);
  }
}
