import type { MergeCode, MergeLayout } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import { Merging } from './merging.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** What Maximum and Minimum share: who wins gets the gradient, and masked steps do not compete. */
export abstract class Extremum extends Merging {
  /** A value that never wins. */
  protected abstract readonly loser: number;
  /** Pass the gradient where the earlier input (a) or the later one (b) won. */
  protected abstract readonly winners: { readonly a: MergeCode; readonly b: MergeCode };

  protected override get needsValues(): boolean {
    return true;
  }

  /** Masked steps get a value that never wins, but for the first input where all are masked. */
  protected override maskInputs(inputs: readonly Tensor[], ctx: LayerContext): readonly Tensor[] {
    const masks = inputs.map((_, i) => ctx.masks[i]?.data() ?? null);
    const valid = (i: number, step: number): boolean => masks[i]?.[step] !== 0;
    const loses = (i: number, step: number): boolean => !valid(i, step) && (i > 0 || inputs.some((_, j) => valid(j, step)));
    return inputs.map((x, i) => {
      const steps = masks[i]?.length ?? 0;
      return steps === 0 ? x : this.fillSteps(x, steps, (step) => loses(i, step), this.loser, `input${i}`, ctx);
    });
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
    backend().merge(a.storage, b.storage, g.storage, out.storage, step.layout, this.winners[side]);
    return out;
  }
}
