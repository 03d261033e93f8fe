import { backend } from '../backend/current.js';
import { floatInput, fullShape, onlyShape } from './checks.js';
import { Layer, type LayerContext, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import { moveLayout, type MoveAxis } from './strides.js';
import type { MoveLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

/** Where the values of x (full shape) go in y: axes with their strides in both; axes that x has not are repeated (stride 0 in x). */
export interface Movement {
  readonly axes: readonly MoveAxis[];
  readonly xOffset?: number;
  readonly yOffset?: number;
}

interface Layouts {
  there: MoveLayout;
  back: MoveLayout;
}

/** Layers that copy values to other places: their gradient is the same way back, repeated values added up, new ones left out. */
export abstract class Moving extends Layer {
  private readonly layouts = new PerShape<Layouts>();

  /** Where the values of x go, all lengths known. */
  protected abstract movement(shape: Shape, out: Shape): Movement;
  /** Whether y has values that come from nowhere, which are 0. */
  protected get pads(): boolean {
    return false;
  }

  /** Whether x has values that go nowhere: their gradient is 0. */
  protected get crops(): boolean {
    return false;
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    onlyShape(this.name, inputs.map((t) => t.shape)); // prettier-ignore
    const out = fullShape(this.name, this.computeOutputShape([x.shape])[0] as SymbolicShape);
    floatInput(this.name, x, ctx.dtype);
    const layouts = this.layouts.get(x.shape, () => {
      const { axes, xOffset = 0, yOffset = 0 } = this.movement(x.shape, out);
      const back = axes.map((axis) => ({ length: axis.length, x: axis.y, y: axis.x, reduced: axis.x === 0 && axis.length > 1 }));
      return { there: moveLayout(axes, xOffset, yOffset), back: moveLayout(back, yOffset, xOffset) };
    });
    const y = ctx.buffer('y', out);
    backend().move(x.storage, y.storage, layouts.there, this.pads);
    this.remember(ctx, { shape: x.shape, layouts });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { shape, layouts } = this.recall<{ shape: Shape; layouts: Layouts }>(ctx);
    const dx = ctx.buffer('dx', shape);
    backend().move((outputGradients[0] as Tensor).storage, dx.storage, layouts.back, this.crops);
    return [dx];
  }
}
