import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, oneOf, onlyShape, showShape, window } from './checks.js';
import { Moving, type Movement } from './moving.js';
import type { LayerContext, LayerOptions, SymbolicShape } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface UpSampling2DOptions extends LayerOptions {
  /** Factor of height and width, one number or two. Default 2. */
  size?: number | readonly number[];
  /** Default nearest. */
  interpolation?: 'nearest' | 'bilinear';
}

/**
 * Larger images: each cell repeated, or interpolated between the centres of the four nearest.
 *
 * Shapes: (N,H,W,C) → (N,H·size,W·size,C).
 * Throws: ERR_SHAPE if x is not rank 4; ERR_ARG if the interpolation is unknown.
 * Source: Keras UpSampling2D.
 * Example: layers.upSampling2d({ size: 2, interpolation: 'bilinear' })
 */
export class UpSampling2D extends Moving {
  readonly className = 'UpSampling2D';
  readonly size: readonly number[];
  readonly interpolation: 'nearest' | 'bilinear';

  constructor(options: UpSampling2DOptions = {}) {
    super('UpSampling2D', options);
    knownOptions('upSampling2d', options, ['size', 'interpolation']);
    this.size = window('upSampling2d', 'size', options.size ?? 2, 2);
    this.interpolation = oneOf('upSampling2d', 'interpolation', options.interpolation ?? 'nearest', ['nearest', 'bilinear'] as const);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== 4) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,H,W,C), received ${showShape(shape)}`);
    return [shape.map((n, i) => (n === null || i === 0 || i === 3 ? n : n * (this.size[i - 1] as number)))];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    if (this.interpolation === 'nearest') return super.forward(inputs, ctx);
    const x = inputs[0] as Tensor;
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape)) as [Shape];
    floatInput(this.name, x, ctx.dtype);
    const y = ctx.buffer('y', shape);
    backend().bilinearForward(x.storage, y.storage, ...this.call(x.shape));
    this.remember(ctx, { shape: x.shape });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (this.interpolation === 'nearest') return super.backward(outputGradients, ctx);
    if (!ctx.wantsInputGradient(0)) return [null];
    const { shape } = this.recall<{ shape: Shape }>(ctx);
    const dx = ctx.buffer('dx', shape);
    backend().bilinearBackward((outputGradients[0] as Tensor).storage, dx.storage, ...this.call(shape));
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size, interpolation: this.interpolation };
  }

  protected override movement(shape: Shape): Movement {
    const [N, H, W, C] = shape as [number, number, number, number];
    const [sh, sw] = this.size as [number, number];
    const line = W * sw * C;
    return {
      axes: [
        { length: N * H, x: W * C, y: sh * line },
        { length: sh, x: 0, y: line },
        { length: W, x: C, y: sw * C },
        { length: sw, x: 0, y: C },
        { length: C, x: 1, y: 1 },
      ],
    };
  }

  private call(shape: Shape): [number, number, number, number, number, number] {
    return [...shape, ...this.size] as unknown as [number, number, number, number, number, number];
  }
}
