import { SarafError } from '../errors.js';
import { ActivationPass } from './activation-pass.js';
import { axisIndex, floatInput, isPlain, knownOptions, lastAxis, onlyShape, showShape } from './checks.js';
import { wantsLogits, type FinalActivation } from './final-activation.js';
import { layerActivation, type ActivationOption } from './activations.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface ActivationOptions extends LayerOptions {
  /** A name, or one with options: { name: 'leakyRelu', negativeSlope: 0.1 }. */
  activation: ActivationOption;
}

/**
 * y = activation(x), element by element; softmax, logSoftmax and glu over an axis, by default the last.
 *
 * Shapes: any → the same; glu halves its axis.
 * Throws: ERR_ARG if the activation is unknown.
 * Source: Keras Activation.
 * Example: layers.activation({ activation: 'relu' })
 */
export class Activation extends Layer {
  readonly className: string = 'Activation';
  readonly activation: ActivationOption;
  private readonly pass: ActivationPass;

  constructor(options: ActivationOptions, className = 'Activation') {
    super(className, options);
    if (className === 'Activation') knownOptions('activation', options, ['activation']);
    const given = options.activation;
    this.activation = isPlain(given) ? given : layerActivation('activation', given);
    this.pass = new ActivationPass('activation', this.activation);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override get finalActivation(): FinalActivation | null {
    return this.activation === 'softmax' || this.activation === 'sigmoid' ? this.activation : null;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const { plan } = this.pass;
    if (plan.kind !== 'rows') return [shape];
    const at = axisIndex(this.name, plan.axis, shape.length);
    const length = shape[at];
    if (length == null && at === shape.length - 1) lastAxis(this.name, shape);
    if (plan.name !== 'glu' || length == null) return [shape];
    if (length % 2 !== 0)
      throw new SarafError('ERR_SHAPE', this.name, `expected an even length along axis ${plan.axis} for glu, received ${showShape(shape)}`);
    return [shape.map((n, i) => (i === at ? length / 2 : n))];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    if (wantsLogits(ctx) && this.finalActivation !== null) return [x];
    const y = this.pass.forward(x, ctx);
    this.remember(ctx, { x, y });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    if (wantsLogits(ctx) && this.finalActivation !== null) return [dy];
    if (this.pass.fused === 'linear') return [dy];
    const { x, y } = this.recall<{ x: Tensor; y: Tensor }>(ctx);
    return [this.pass.backward(x, y, dy, 'dx', ctx)];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: this.activation };
  }
}
