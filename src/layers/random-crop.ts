import { SarafError } from '../errors.js';
import { floatInput, showShape } from './checks.js';
import type { LayerContext, SymbolicShape } from './layer.js';
import { RandomImageLayer, wholePlaces, type Axis, type Draws } from './random-image.js';
import type { RandomLayerOptions } from './random-layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RandomCropOptions extends RandomLayerOptions {
  /** Of the result. */
  height: number;
  width: number;
}

/**
 * In training, a piece of each image at a place that is drawn for it; otherwise the piece in the middle.
 *
 * Shapes: (N,H,W,C) → (N,height,width,C).
 * Throws: ERR_ARG unless height and width are whole and positive; ERR_SHAPE for images that are smaller: Keras would enlarge them.
 * Source: Keras RandomCrop, with two differences: that one draws one place for a whole batch, and otherwise, as documented, takes the largest
 *         window of the target's proportions and scales it (its 3.15 leaves the image as it is).
 * Example: layers.randomCrop({ height: 32, width: 32 })
 */
export class RandomCrop extends RandomImageLayer {
  readonly className = 'RandomCrop';
  readonly height: number;
  readonly width: number;

  constructor(options: RandomCropOptions) {
    super('RandomCrop', 'randomCrop', ['height', 'width'], options);
    for (const name of ['height', 'width'] as const)
      if (!Number.isInteger(options[name]) || options[name] < 1)
        throw new SarafError(
          'ERR_ARG',
          'randomCrop',
          `expected ${name} to be a whole number of at least 1, received ${String(options[name])}`,
        );
    this.height = options.height;
    this.width = options.width;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [shape] = super.computeOutputShape(inputShapes) as [SymbolicShape];
    const [N = null, H = null, W = null, C = null] = shape;
    if ((H !== null && H < this.height) || (W !== null && W < this.width))
      throw new SarafError('ERR_SHAPE', this.name, `expected images of at least ${this.height} x ${this.width}, received ${showShape(shape)}; put layers.zeroPadding2d before it`); // prettier-ignore
    return [[N, this.height, this.width, C]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    this.computeOutputShape(inputs.map((t) => t.shape));
    const x = inputs[0] as Tensor;
    floatInput(this.name, x, ctx.dtype);
    return [this.move(x, ctx, ctx.training)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [ctx.wantsInputGradient(0) ? this.moveBack(outputGradients[0] as Tensor, ctx, ctx.training) : null];
  }

  protected override amount(): { height: number; width: number } {
    return { height: this.height, width: this.width };
  }

  protected override axesOf(draws: Draws | null, [H, W]: readonly [number, number]): readonly [Axis, Axis] {
    const axis = (n: number, own: number, draw: number | undefined): Axis => {
      const start = draw === undefined ? Math.floor((n - own) / 2) : Math.floor(draw * (n - own + 1));
      return wholePlaces(own, (i) => start + i);
    };
    return [axis(H, this.height, draws?.[0]), axis(W, this.width, draws?.[1])];
  }
}
