import { SarafError } from '../errors.js';
import { ACTIVATIONS, type FloatType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { precisionCode } from '../backend/precision.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { endActivation, type LayerActivation } from './activations.js';
import { ActivationPass } from './activation-pass.js';
import { floatInput, fullShape, knownOptions, lastAxis, onlyShape, positiveInteger, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { wantsLogits, type FinalActivation } from './final-activation.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface DenseOptions extends LayerOptions, WeightRuleOptions<'kernel' | 'bias'> {
  /** Number of outputs. */
  units: number;
  /** Default linear. */
  activation?: LayerActivation;
  /** Default true. */
  useBias?: boolean;
  /** Default glorotUniform. */
  kernelInitializer?: InitializerOption;
  /** Default zeros. */
  biasInitializer?: InitializerOption;
}

interface Saved {
  x: Tensor;
  y: Tensor;
  /** Before an activation that is a pass of its own. */
  z: Tensor;
  logitsOnly: boolean;
}

/**
 * y = activation(x·kernel + bias) over the last axis.
 *
 * Shapes: x (…,D) → (…,U); kernel (D,U), bias (U).
 * Throws: ERR_SHAPE if x has another last axis than the layer was built with.
 * Source: Keras Dense.
 * Example: layers.dense({ units: 3, activation: 'softmax' })
 */
export class Dense extends Layer {
  readonly className = 'Dense';
  readonly units: number;
  readonly activation: LayerActivation;
  private readonly pass: ActivationPass;
  readonly useBias: boolean;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
  private kernel: Weight | undefined;
  private bias: Weight | null = null;

  constructor(options: DenseOptions) {
    super('Dense', options);
    knownOptions('dense', options, ['units', 'activation', 'useBias', 'kernelInitializer', 'biasInitializer']);
    this.units = positiveInteger('dense', 'units', options.units);
    this.activation = endActivation('dense', options.activation);
    this.pass = new ActivationPass('dense', this.activation);
    this.useBias = options.useBias ?? true;
    this.kernelInitializer = getInitializer('dense', options.kernelInitializer ?? 'glorotUniform');
    this.biasInitializer = getInitializer('dense', options.biasInitializer ?? 'zeros');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override get finalActivation(): FinalActivation | null {
    return this.activation === 'softmax' || this.activation === 'sigmoid' ? this.activation : null;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    const features = lastAxis(this.name, onlyShape(this.name, inputShapes));
    this.kernel = this.addWeight('kernel', [features, this.units], this.kernelInitializer, dtype);
    if (this.useBias) this.bias = this.addWeight('bias', [this.units], this.biasInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length < 2) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x of shape (N,…,D), received ${showShape(shape)}; add a batch axis with x.expandDims(0)`,
      );
    }
    const features = this.kernel?.value.shape[0];
    if (features !== undefined && shape.at(-1) !== features) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x of shape (…,${features}), received ${showShape(shape)}; the layer was built for ${features} features`,
      );
    }
    return [[...shape.slice(0, -1), this.units]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const kernel = this.builtKernel();
    const x = inputs[0] as Tensor;
    const shape = fullShape(this.name, this.computeOutputShape(inputs.map((t) => t.shape))[0] as SymbolicShape);
    floatInput(this.name, x, ctx.dtype);
    const features = kernel.value.shape[0] as number;
    const rows = x.size / features;
    const logitsOnly = wantsLogits(ctx) && this.finalActivation !== null;
    const apart = this.pass.fused === null && !logitsOnly;
    const z = ctx.buffer(apart ? 'logits' : 'y', shape);
    const code = logitsOnly ? ACTIVATIONS.linear : ACTIVATIONS[this.pass.fused ?? 'linear'];
    const bias = this.bias?.value.storage ?? null;
    const precision = precisionCode(ctx.precision, features, this.units);
    backend().denseForward(x.storage, kernel.value.storage, bias, z.storage, rows, features, this.units, code, precision);
    const y = apart ? this.pass.forward(z, ctx) : z;
    this.remember(ctx, { x, y, z, logitsOnly } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const kernel = this.builtKernel();
    const { x, y, z, logitsOnly } = this.recall<Saved>(ctx);
    const features = kernel.value.shape[0] as number;
    const rows = x.size / features;
    let dy = outputGradients[0] as Tensor;
    const code = logitsOnly ? ACTIVATIONS.linear : ACTIVATIONS[this.pass.fused ?? 'linear'];
    let dz = dy;
    if (this.pass.fused === null && !logitsOnly) {
      dz = this.pass.backward(z, y, dy, 'dz', ctx);
      dy = dz;
    } else if (code !== ACTIVATIONS.linear) {
      dz = ctx.buffer('dz', y.shape);
    }
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    const dw = ctx.gradient(kernel)?.storage ?? null;
    const db = this.bias ? (ctx.gradient(this.bias)?.storage ?? null) : null;
    if (dx || dw || db) {
      backend().denseBackward(
        x.storage,
        kernel.value.storage,
        y.storage,
        dy.storage,
        dz.storage,
        dx?.storage ?? null,
        dw,
        db,
        rows,
        features,
        this.units,
        code,
        precisionCode(ctx.precision, features, this.units),
      );
    }
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const products = 2 * valuesIn(inputShapes) * this.units;
    return { ...super.cost(inputShapes, outputShapes), flops: products, products };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: this.activation,
      useBias: this.useBias,
      kernelInitializer: initializerConfig(this.kernelInitializer),
      biasInitializer: initializerConfig(this.biasInitializer),
    };
  }

  private builtKernel(): Weight {
    if (!this.kernel)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.kernel;
  }
}
