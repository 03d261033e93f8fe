import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RescalingOptions extends LayerOptions {
  scale: number;
  /** Default 0. */
  offset?: number;
}

/**
 * y = x·scale + offset, such as pixels 0 … 255 to [0,1]: images stay bytes until a batch needs them.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless scale and offset are finite.
 * Source: Keras Rescaling.
 * Example: layers.rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] })
 */
export class Rescaling extends Layer {
  readonly className = 'Rescaling';
  readonly scale: number;
  readonly offset: number;

  constructor(options: RescalingOptions) {
    super('Rescaling', options);
    knownOptions('rescaling', options, ['scale', 'offset']);
    this.scale = options.scale;
    this.offset = options.offset ?? 0;
    if (!Number.isFinite(this.scale) || !Number.isFinite(this.offset)) {
      throw new SarafError('ERR_ARG', 'rescaling', `expected finite scale and offset, received ${this.scale} and ${this.offset}`);
    }
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [onlyShape(this.name, inputShapes)];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const y = ctx.buffer('y', x.shape);
    backend().affine(x.storage, y.storage, this.scale, this.offset);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', dy.shape);
    backend().affine(dy.storage, dx.storage, this.scale, 0);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}
