import { MERGES } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { Merging } from './merging.js';
import type { LayerContext, LayerOptions } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export type AverageOptions = LayerOptions;

/**
 * Mean of two or more inputs that broadcast. A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes do not broadcast.
 * Source: Keras Average.
 * Example: layers.average().apply([x, y])
 */
export class Average extends Merging {
  readonly className = 'Average';
  protected readonly merge = MERGES.add;

  constructor(options: AverageOptions = {}) {
    super('Average', 'average', options);
  }

  protected override finish(y: Tensor, ctx: LayerContext): Tensor {
    return this.share(y, 'mean', this.recall<{ inputs: readonly Tensor[] }>(ctx).inputs.length, ctx);
  }

  protected override begin(dy: Tensor, ctx: LayerContext): Tensor {
    return this.share(dy, 'dmean', this.recall<{ inputs: readonly Tensor[] }>(ctx).inputs.length, ctx);
  }

  private share(x: Tensor, name: string, count: number, ctx: LayerContext): Tensor {
    const y = ctx.buffer(name, x.shape);
    backend().affine(x.storage, y.storage, 1 / count, 0);
    return y;
  }
}
