import { SarafError } from '../errors.js';
import { knownOptions, onlyShape, showShape } from './checks.js';
import { NO_WORK, type ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import type { DType } from '../backend/backend.js';

export interface ReshapeOptions extends LayerOptions {
  /** Shape of one item, without the batch axis; one axis may be -1. */
  targetShape: readonly number[];
}

/**
 * The same values under another shape, without a copy.
 *
 * Shapes: (N,…) → (N,…targetShape).
 * Throws: ERR_SHAPE if the number of values differs.
 * Source: Keras Reshape.
 * Example: layers.reshape({ targetShape: [28, 28, 1] })
 */
export class Reshape extends Layer {
  readonly className = 'Reshape';
  readonly targetShape: readonly number[];

  constructor(options: ReshapeOptions) {
    super('Reshape', options);
    knownOptions('reshape', options, ['targetShape']);
    const target: unknown = options.targetShape;
    if (!Array.isArray(target) || target.some((n) => !Number.isInteger(n) || n < -1) || target.filter((n) => n === -1).length > 1) {
      throw new SarafError(
        'ERR_ARG',
        'reshape',
        `expected targetShape to be integers with at most one -1, received ${JSON.stringify(target)}`,
      );
    }
    this.targetShape = [...options.targetShape];
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const [batch, ...rest] = shape;
    if (batch === undefined) throw new SarafError('ERR_SHAPE', this.name, 'expected x with a batch axis, received a scalar');
    const known = sizeOf(this.targetShape.filter((n) => n >= 0));
    if (rest.includes(null)) return [[batch, ...this.targetShape.map((n) => (n < 0 ? null : n))]];
    const size = sizeOf(rest as Shape);
    const open = this.targetShape.includes(-1);
    if (open ? known === 0 || size % known !== 0 : known !== size) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected items of ${open ? `a multiple of ${known}` : known} values for targetShape (${this.targetShape.join(',')}), received ${showShape(shape)}`,
      );
    }
    return [[batch, ...this.targetShape.map((n) => (n < 0 ? size / known : n))]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape));
    this.remember(ctx, { shape: x.shape });
    return [x.reshape(shape as Shape)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [(outputGradients[0] as Tensor).reshape(this.recall<{ shape: Shape }>(ctx).shape)];
  }

  override cost(): ForwardWork {
    return NO_WORK;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }

  protected override outputDType(inputs: readonly SymbolicTensor[]): DType {
    return inputs[0]?.dtype ?? 'float32';
  }
}
