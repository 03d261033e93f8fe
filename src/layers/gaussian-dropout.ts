import { BINARY } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import { checkRate, RandomLayer, type RandomLayerOptions } from './random-layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface GaussianDropoutOptions extends RandomLayerOptions {
  /** As of a dropout, in [0,1): the factors have the variance rate/(1−rate). */
  rate: number;
}

/**
 * In training, multiplies each value by a normal factor of mean 1; otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate in [0,1).
 * Source: Srivastava et al. 2014; Keras GaussianDropout.
 * Example: layers.gaussianDropout({ rate: 0.1 })
 */
export class GaussianDropout extends RandomLayer {
  readonly className = 'GaussianDropout';
  readonly rate: number;

  constructor(options: GaussianDropoutOptions) {
    super('GaussianDropout', 'gaussianDropout', 'rate', options);
    this.rate = checkRate('gaussianDropout', options.rate);
  }

  protected override amount(): { rate: number } {
    return { rate: this.rate };
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    const [factors, y] = [ctx.buffer('factors', x.shape), ctx.buffer('y', x.shape)];
    backend().randomNormal(factors.storage, 1, Math.sqrt(this.rate / (1 - this.rate)), false, ...this.stream(ctx));
    backend().binary(x.storage, factors.storage, y.storage, BINARY.multiply);
    this.remember(ctx, { factors });
    return y;
  }

  protected override drawBackward(dy: Tensor, ctx: LayerContext): Tensor {
    const dx = ctx.buffer('dx', dy.shape);
    backend().binary(dy.storage, this.recall<{ factors: Tensor }>(ctx).factors.storage, dx.storage, BINARY.multiply);
    return dx;
  }
}
