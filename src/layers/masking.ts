import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { HostArray } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface MaskingOptions extends LayerOptions {
  /** A step whose features all equal this value is padding. Default 0. */
  maskValue?: number;
}

/**
 * Marks the steps whose features all equal `maskValue` as padding, and sets them to 0.
 *
 * Shapes: x (N,T,D) → the same, with a mask (N,T).
 * Throws: ERR_SHAPE if x is not rank 3.
 * Source: Keras Masking.
 * Example: layers.masking({ maskValue: -1 })
 */
export class Masking extends Layer {
  readonly className = 'Masking';
  readonly maskValue: number;

  constructor(options: MaskingOptions = {}) {
    super('Masking', options);
    knownOptions('masking', options, ['maskValue']);
    this.maskValue = options.maskValue ?? 0;
    if (typeof this.maskValue !== 'number')
      throw new SarafError('ERR_ARG', 'masking', `expected maskValue to be a number, received ${String(this.maskValue)}`);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== 3) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,D), received ${showShape(shape)}`);
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const features = x.shape[2] as number;
    const mask = ctx.buffer('mask', [x.shape[0] as number, x.shape[1] as number], 'uint8');
    const values = x.data();
    // What the tensor's own type makes of the value: 0.1 is not 0.1f.
    const padding = x.dtype === 'float32' ? Math.fround(this.maskValue) : this.maskValue;
    changeHost(mask, (valid) => {
      for (let step = 0; step < valid.length; step++) {
        let isValid = 0;
        for (let i = step * features; i < (step + 1) * features; i++) {
          if (values[i] !== padding) {
            isValid = 1;
            break;
          }
        }
        valid[step] = isValid;
      }
    });
    this.remember(ctx, { mask, features });
    const y = ctx.buffer('y', x.shape);
    this.clear(x, y, mask.data(), features);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { mask, features } = this.recall<{ mask: Tensor; features: number }>(ctx);
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', dy.shape);
    this.clear(dy, dx, mask.data(), features);
    return [dx];
  }

  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [this.recall<{ mask: Tensor }>(ctx).mask];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maskValue: this.maskValue };
  }

  private clear(from: Tensor, to: Tensor, valid: HostArray, features: number): void {
    backend().copy(from.storage, to.storage);
    changeHost(to, (values) => {
      for (let step = 0; step < valid.length; step++) if (valid[step] === 0) values.fill(0, step * features, (step + 1) * features);
    });
  }
}
