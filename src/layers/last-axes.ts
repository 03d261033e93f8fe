import { backend } from '../backend/current.js';
import type { MoveLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import { inverseOrder, permuteLayout } from './strides.js';
import type { LayerContext } from './layer.js';

/** Brings some axes of a shape to the end, where kernels work on rows, and back; nothing is copied where they are last already. */
export class LastAxes {
  /** With the axes at the end. */
  readonly shape: Shape;
  private readonly original: Shape;
  private readonly there: MoveLayout | null;
  private readonly back: MoveLayout | null;

  constructor(shape: Shape, axes: readonly number[]) {
    const order = [...shape.keys()].filter((i) => !axes.includes(i)).concat([...axes].sort((a, b) => a - b));
    const moved = order.some((axis, i) => axis !== i);
    this.original = shape;
    this.shape = order.map((axis) => shape[axis] as number);
    this.there = moved ? permuteLayout(shape, order) : null;
    this.back = moved ? permuteLayout(this.shape, inverseOrder(order)) : null;
  }

  /** x with the axes at the end, in the buffer of that name if it must be copied. */
  bring(x: Tensor, name: string, ctx: LayerContext): Tensor {
    if (!this.there) return x;
    const y = ctx.buffer(name, this.shape);
    backend().move(x.storage, y.storage, this.there, false);
    return y;
  }

  /** The way back. */
  restore(x: Tensor, name: string, ctx: LayerContext): Tensor {
    if (!this.back) return x.reshape(this.original);
    const y = ctx.buffer(name, this.original);
    backend().move(x.storage, y.storage, this.back, false);
    return y;
  }
}
