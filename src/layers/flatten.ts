import { SarafError } from '../errors.js';
import { knownOptions, onlyShape } from './checks.js';
import { NO_WORK, type ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import type { DType } from '../backend/backend.js';

export type FlattenOptions = LayerOptions;

/**
 * One axis per item, without a copy.
 *
 * Shapes: (N,a,b,…) → (N,a·b·…).
 * Source: Keras Flatten (channels last).
 * Example: layers.flatten()
 */
export class Flatten extends Layer {
  readonly className = 'Flatten';

  constructor(options: FlattenOptions = {}) {
    super('Flatten', options);
    knownOptions('flatten', options, []);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [batch, ...rest] = onlyShape(this.name, inputShapes);
    if (batch === undefined) throw new SarafError('ERR_SHAPE', this.name, 'expected x with a batch axis, received a scalar');
    return [[batch, rest.includes(null) ? null : sizeOf(rest as Shape)]];
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

  protected override outputDType(inputs: readonly SymbolicTensor[]): DType {
    return inputs[0]?.dtype ?? 'float32';
  }
}
