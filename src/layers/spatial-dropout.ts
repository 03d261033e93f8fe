import { MERGES, type MergeLayout } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { imageInput, type WindowAxes } from './checks.js';
import type { LayerContext, SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import { checkRate, RandomLayer, type RandomLayerOptions } from './random-layer.js';
import { mergeLayout } from './strides.js';
import type { Tensor } from '../tensor/tensor.js';

export interface SpatialDropoutOptions extends RandomLayerOptions {
  /** Share of channels set to 0 in training, in [0,1). */
  rate: number;
}

/** What SpatialDropout1D, 2D and 3D share: whole channels of an item are dropped, or none of their values. */
export abstract class SpatialDropout extends RandomLayer {
  readonly rate: number;
  private readonly axes: WindowAxes;
  private readonly layouts = new PerShape<MergeLayout>();

  constructor(className: string, op: string, axes: WindowAxes, options: SpatialDropoutOptions) {
    super(className, op, 'rate', options);
    this.rate = checkRate(op, options.rate);
    this.axes = axes;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [shape] = super.computeOutputShape(inputShapes) as [SymbolicShape];
    imageInput(this.name, shape, this.axes, this.axes === 1 ? '(N,T,C)' : undefined);
    return [shape];
  }

  protected override amount(): { rate: number } {
    return { rate: this.rate };
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    const kept = ctx.buffer('kept', [x.shape[0] as number, ...Array.from({ length: this.axes }, () => 1), x.shape.at(-1) as number]);
    backend().fill(kept.storage, 1);
    backend().dropout(kept.storage, kept.storage, this.rate, ...this.stream(ctx));
    this.remember(ctx, { kept });
    return this.times(x, kept, 'y', ctx);
  }

  protected override drawBackward(dy: Tensor, ctx: LayerContext): Tensor {
    return this.times(dy, this.recall<{ kept: Tensor }>(ctx).kept, 'dx', ctx);
  }

  private times(x: Tensor, kept: Tensor, name: string, ctx: LayerContext): Tensor {
    const y = ctx.buffer(name, x.shape);
    const layout = this.layouts.get(x.shape, () => mergeLayout(x.shape, x.shape, kept.shape));
    backend().merge(x.storage, kept.storage, null, y.storage, layout, MERGES.multiply);
    return y;
  }
}
