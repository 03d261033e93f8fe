import { BINARY } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import { checkRate, RandomLayer, type RandomLayerOptions } from './random-layer.js';
import type { Tensor } from '../tensor/tensor.js';
import { square } from '../tensor/portable-math.js';

export interface AlphaDropoutOptions extends RandomLayerOptions {
  /** Share of values set to the negative saturation of selu in training, in [0,1). */
  rate: number;
}

/**
 * In training, sets a share `rate` of the values to what selu saturates at, and keeps mean and variance of normal inputs.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate in [0,1).
 * Source: Klambauer et al. 2017; Keras AlphaDropout.
 * Example: layers.alphaDropout({ rate: 0.1 })
 */
export class AlphaDropout extends RandomLayer {
  readonly className = 'AlphaDropout';
  readonly rate: number;

  constructor(options: AlphaDropoutOptions) {
    super('AlphaDropout', 'alphaDropout', 'rate', options);
    this.rate = checkRate('alphaDropout', options.rate);
  }

  protected override amount(): { rate: number } {
    return { rate: this.rate };
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    const [kept, factors, y] = [ctx.buffer('kept', x.shape), ctx.buffer('factors', x.shape), ctx.buffer('y', x.shape)];
    const { low, scale, shift } = this.constants();
    // 1/(1−rate) where kept, else 0; then a·(x·k + low·(1 − k)) + b with k of 1 or 0.
    backend().fill(y.storage, 1);
    backend().dropout(y.storage, kept.storage, this.rate, ...this.stream(ctx));
    backend().affine(kept.storage, factors.storage, scale * (1 - this.rate), 0);
    backend().affine(kept.storage, kept.storage, -scale * low * (1 - this.rate), scale * low + shift);
    backend().binary(x.storage, factors.storage, y.storage, BINARY.multiply);
    backend().binary(y.storage, kept.storage, y.storage, BINARY.add);
    this.remember(ctx, { factors });
    return y;
  }

  protected override drawBackward(dy: Tensor, ctx: LayerContext): Tensor {
    const dx = ctx.buffer('dx', dy.shape);
    backend().binary(dy.storage, this.recall<{ factors: Tensor }>(ctx).factors.storage, dx.storage, BINARY.multiply);
    return dx;
  }

  /** What dropped values become, and the factor and shift that restore mean and variance. */
  private constants(): { low: number; scale: number; shift: number } {
    const low = -1.6732632423543772 * 1.0507009873554805;
    const scale = 1 / Math.sqrt((1 - this.rate) * (1 + this.rate * square(low)));
    return { low, scale, shift: -scale * low * this.rate };
  }
}
