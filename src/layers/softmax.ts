import { backend } from '../backend/current.js';
import { Activation } from './activation.js';
import { knownOptions } from './checks.js';
import { wantsLogits } from './final-activation.js';
import { changeHost } from './host.js';
import type { LayerContext, LayerOptions } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface SoftmaxOptions extends LayerOptions {
  /** Default -1. */
  axis?: number;
}

/**
 * Probabilities over an axis, by default the last. Positions that a mask of x's own shape marks as padding get exactly 0.
 *
 * Shapes: (…,C) → the same.
 * Throws: ERR_ARG if axis is outside of the rank.
 * Source: Keras Softmax.
 * Example: layers.softmax()
 */
export class Softmax extends Activation {
  override readonly className = 'Softmax';
  readonly axis: number;

  constructor(options: SoftmaxOptions = {}) {
    const axis: unknown = options.axis ?? -1;
    super({ ...options, activation: axis === -1 ? 'softmax' : { name: 'softmax', axis: axis as number } }, 'Softmax');
    knownOptions('softmax', options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const mask = ctx.masks[0] ?? null;
    const masked = mask !== null && mask.shape.length === x.shape.length && mask.shape.every((n, i) => n === x.shape[i]);
    if (!masked) return super.forward(inputs, ctx);
    const low = ctx.buffer('masked', x.shape);
    backend().copy(x.storage, low.storage);
    const valid = mask.data();
    changeHost(low, (values) => {
      for (let i = 0; i < values.length; i++) if (valid[i] === 0) values[i] = -1e9;
    });
    const outputs = super.forward([low], ctx);
    if (wantsLogits(ctx)) return outputs;
    // A row without any valid position is uniform so far; Keras gives zeros.
    changeHost(outputs[0] as Tensor, (values) => {
      for (let i = 0; i < values.length; i++) if (valid[i] === 0) values[i] = 0;
    });
    return outputs;
  }

  override getConfig(): Record<string, unknown> {
    const { activation: _activation, ...config } = super.getConfig();
    return { ...config, axis: this.axis };
  }
}
