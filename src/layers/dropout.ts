import { backend } from '../backend/current.js';
import type { LayerContext } from './layer.js';
import { checkRate, RandomLayer, type RandomLayerOptions } from './random-layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface DropoutOptions extends RandomLayerOptions {
  /** Share of values set to 0 in training, in [0,1). */
  rate: number;
}

/**
 * In training, sets a share `rate` of the values to 0 and scales the others by 1/(1−rate); otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate is in [0,1).
 * Source: Srivastava et al. 2014; Keras Dropout.
 * Example: layers.dropout({ rate: 0.5 })
 */
export class Dropout extends RandomLayer {
  readonly className = 'Dropout';
  readonly rate: number;

  constructor(options: DropoutOptions) {
    super('Dropout', 'dropout', 'rate', options);
    this.rate = checkRate('dropout', options.rate);
  }

  protected override amount(): { rate: number } {
    return { rate: this.rate };
  }

  protected override draw(x: Tensor, ctx: LayerContext): Tensor {
    return this.drop(x, 'y', ctx);
  }

  /** Draws again what forward drew: nothing is kept. */
  protected override drawBackward(dy: Tensor, ctx: LayerContext): Tensor {
    return this.drop(dy, 'dx', ctx);
  }

  private drop(x: Tensor, name: string, ctx: LayerContext): Tensor {
    const y = ctx.buffer(name, x.shape);
    backend().dropout(x.storage, y.storage, this.rate, ...this.stream(ctx));
    return y;
  }
}
