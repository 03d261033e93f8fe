import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { Activation } from './activation.js';
import { knownOptions, onlyShape } from './checks.js';
import { wantsLogits } from './final-activation.js';
import { changeHost } from './host.js';
import type { LayerContext, LayerOptions, SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface SoftmaxOptions extends LayerOptions {
  /** Only the last axis (-1, the default) is supported. */
  axis?: number;
}

/**
 * Probabilities over the last axis. Positions that a mask of x's own shape marks as padding get exactly 0.
 *
 * Shapes: (…,C) → the same.
 * Throws: ERR_ARG if axis is not the last one.
 * Source: Keras Softmax.
 * Example: layers.softmax()
 */
export class Softmax extends Activation {
  override readonly className = 'Softmax';
  readonly axis: number;

  constructor(options: SoftmaxOptions = {}) {
    super({ ...options, activation: 'softmax' }, 'Softmax');
    knownOptions('softmax', options, ['axis']);
    this.axis = options.axis ?? -1;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (this.axis !== -1 && this.axis !== shape.length - 1) {
      throw new SarafError('ERR_ARG', this.name, `expected axis to be the last one (-1), received ${this.axis} for rank ${shape.length}`);
    }
    return super.computeOutputShape(inputShapes);
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
