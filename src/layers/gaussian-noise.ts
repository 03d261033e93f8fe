import { SarafError } from '../errors.js';
import { BINARY } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import { RandomLayer, type RandomLayerOptions } from './random-layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface GaussianNoiseOptions extends RandomLayerOptions {
  /** Standard deviation of the noise, >= 0. */
  stddev: number;
}

/**
 * In training, adds normal noise of mean 0; otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless stddev >= 0.
 * Source: Keras GaussianNoise.
 * Example: layers.gaussianNoise({ stddev: 0.1 })
 */
export class GaussianNoise extends RandomLayer {
  readonly className = 'GaussianNoise';
  readonly stddev: number;

  constructor(options: GaussianNoiseOptions) {
    super('GaussianNoise', 'gaussianNoise', 'stddev', options);
    if (typeof options.stddev !== 'number' || !(options.stddev >= 0 && options.stddev < Infinity))
      throw new SarafError('ERR_ARG', 'gaussianNoise', `expected stddev >= 0, received ${String(options.stddev)}`);
    this.stddev = options.stddev;
  }

  protected override amount(): { stddev: number } {
    return { stddev: this.stddev };
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    const y = ctx.buffer('y', x.shape);
    backend().randomNormal(y.storage, 0, this.stddev, false, ...this.stream(ctx));
    backend().binary(x.storage, y.storage, y.storage, BINARY.add);
    return y;
  }

  protected override drawBackward(dy: Tensor): Tensor {
    return dy;
  }
}
