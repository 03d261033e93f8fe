import { ACTIVATIONS } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { activationCode, layerActivation, type LayerActivation } from './activations.js';
import { floatInput, knownOptions, lastAxis, onlyShape } from './checks.js';
import { wantsLogits, type FinalActivation } from './final-activation.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface ActivationOptions extends LayerOptions {
  activation: LayerActivation;
}

/**
 * y = activation(x), element by element; softmax over the last axis.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if the activation is unknown.
 * Source: Keras Activation.
 * Example: layers.activation({ activation: 'relu' })
 */
export class Activation extends Layer {
  readonly className: string = 'Activation';
  readonly activation: LayerActivation;

  constructor(options: ActivationOptions, className = 'Activation') {
    super(className, options);
    if (className === 'Activation') knownOptions('activation', options, ['activation']);
    this.activation = layerActivation('activation', options.activation);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override get finalActivation(): FinalActivation | null {
    return this.activation === 'softmax' || this.activation === 'sigmoid' ? this.activation : null;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (this.activation === 'softmax') lastAxis(this.name, shape);
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    if (wantsLogits(ctx) && this.finalActivation !== null) return [x];
    const y = ctx.buffer('y', x.shape);
    if (this.activation === 'softmax') {
      const cols = x.shape.at(-1) as number;
      backend().softmaxForward(x.storage, y.storage, cols === 0 ? 0 : x.size / cols, cols);
    } else {
      backend().activationForward(x.storage, y.storage, activationCode(this.activation));
    }
    this.remember(ctx, { y });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    if (wantsLogits(ctx) && this.finalActivation !== null) return [dy];
    const code = activationCode(this.activation);
    if (this.activation !== 'softmax' && code === ACTIVATIONS.linear) return [dy];
    const { y } = this.recall<{ y: Tensor }>(ctx);
    const dx = ctx.buffer('dx', y.shape);
    if (this.activation === 'softmax') {
      const cols = y.shape.at(-1) as number;
      backend().softmaxBackward(y.storage, dy.storage, dx.storage, cols === 0 ? 0 : y.size / cols, cols);
    } else {
      backend().activationBackward(y.storage, dy.storage, dx.storage, code);
    }
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: this.activation };
  }
}
