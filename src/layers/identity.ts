import { knownOptions, onlyShape } from './checks.js';
import { NO_WORK, type ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import type { DType } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export type IdentityOptions = LayerOptions;

/**
 * Passes x on.
 *
 * Shapes: any → the same.
 * Source: Keras Identity.
 * Example: layers.identity()
 */
export class Identity extends Layer {
  readonly className: string;

  constructor(options: IdentityOptions = {}, className = 'Identity') {
    super(className, options);
    this.className = className;
    if (className === 'Identity') knownOptions('identity', options, []);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [onlyShape(this.name, inputShapes)];
  }

  override forward(inputs: readonly Tensor[], _ctx: LayerContext): Tensor[] {
    return [inputs[0] as Tensor];
  }

  override backward(outputGradients: readonly Tensor[], _ctx: LayerContext): (Tensor | null)[] {
    return [outputGradients[0] as Tensor];
  }

  override cost(): ForwardWork {
    return NO_WORK;
  }

  protected override outputDType(inputs: readonly SymbolicTensor[]): DType {
    return inputs[0]?.dtype ?? 'float32';
  }
}
