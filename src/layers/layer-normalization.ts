import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { axisIndex, floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import type { FloatType } from '../backend/backend.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface LayerNormalizationOptions extends LayerOptions, WeightRuleOptions<'gamma' | 'beta'> {
  /** The axes to normalise over: the last one, or several last ones in a row. Default -1. */
  axis?: number | readonly number[];
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Add a trained beta. Default true. */
  center?: boolean;
  /** Multiply by a trained gamma. Default true. */
  scale?: boolean;
  /** Default zeros. */
  betaInitializer?: InitializerOption;
  /** Default ones. */
  gammaInitializer?: InitializerOption;
}

interface Saved {
  x: Tensor;
  mean: Tensor;
  rstd: Tensor;
  rows: number;
  cols: number;
}

/**
 * y = (x − mean)/√(variance + ε)·gamma + beta, with mean and variance of each item over its last axes.
 *
 * Shapes: x (…,D) → the same; gamma, beta (D), or the shape of the normalised axes.
 * Throws: ERR_ARG if the axes are not the last ones.
 * Source: Ba et al. 2016; Keras LayerNormalization.
 * Example: layers.layerNormalization({ epsilon: 1e-6 })
 */
export class LayerNormalization extends Layer {
  readonly className = 'LayerNormalization';
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: Initializer;
  readonly gammaInitializer: Initializer;
  private gamma: Weight | null = null;
  private beta: Weight | null = null;
  private builtShape: Shape | undefined;

  constructor(options: LayerNormalizationOptions = {}) {
    super('LayerNormalization', options);
    const op = 'layerNormalization';
    knownOptions(op, options, ['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer']);
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-3;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    if (!(this.epsilon > 0)) throw new SarafError('ERR_ARG', op, `expected epsilon > 0, received ${String(this.epsilon)}`);
    this.betaInitializer = getInitializer(op, options.betaInitializer ?? 'zeros');
    this.gammaInitializer = getInitializer(op, options.gammaInitializer ?? 'ones');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = this.normalised(onlyShape(this.name, inputShapes));
    if (this.scale) this.gamma = this.addWeight('gamma', shape, this.gammaInitializer, dtype);
    if (this.center) this.beta = this.addWeight('beta', shape, this.betaInitializer, dtype);
    this.builtShape = shape;
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const axes = this.normalised(shape);
    if (this.builtShape && showShape(axes) !== showShape(this.builtShape)) {
      throw new SarafError('ERR_SHAPE', this.name, `expected x to end in ${showShape(this.builtShape)}, received ${showShape(shape)}`);
    }
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    if (!this.builtShape)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const cols = sizeOf(this.builtShape);
    const rows = x.size / cols;
    const y = ctx.buffer('y', x.shape);
    const mean = ctx.buffer('mean', [rows]);
    const rstd = ctx.buffer('rstd', [rows]);
    const gamma = this.gamma?.value.storage ?? null;
    const beta = this.beta?.value.storage ?? null;
    backend().layerNormForward(x.storage, gamma, beta, y.storage, mean.storage, rstd.storage, rows, cols, this.epsilon);
    this.remember(ctx, { x, mean, rstd, rows, cols } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { x, mean, rstd, rows, cols } = this.recall<Saved>(ctx);
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.wantsInputGradient(0) ? ctx.buffer('dx', x.shape) : null;
    const dgamma = this.gamma ? (ctx.gradient(this.gamma)?.storage ?? null) : null;
    const dbeta = this.beta ? (ctx.gradient(this.beta)?.storage ?? null) : null;
    if (dx || dgamma || dbeta) {
      const gamma = this.gamma?.value.storage ?? null;
      backend().layerNormBackward(x.storage, gamma, mean.storage, rstd.storage, dy.storage, dx?.storage ?? null, dgamma, dbeta, rows, cols);
    }
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    // Mean, variance, centring, scaling and the affine part.
    return { ...super.cost(inputShapes, outputShapes), flops: 8 * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      axis: this.axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(this.betaInitializer),
      gammaInitializer: initializerConfig(this.gammaInitializer),
    };
  }

  /** Shape of the normalised axes: the last ones of `shape`. */
  private normalised(shape: SymbolicShape): Shape {
    const given = typeof this.axis === 'number' ? [this.axis] : [...this.axis];
    const axes = given.map((axis) => axisIndex(this.name, axis, shape.length)).sort((a, b) => a - b);
    const first = shape.length - axes.length;
    if (axes.length === 0 || first < 1 || axes.some((axis, i) => axis !== first + i)) {
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected axis to name the last axes of x ${showShape(shape)}, received ${JSON.stringify(this.axis)}`,
      );
    }
    const sizes = shape.slice(first);
    if (sizes.some((n) => n === null || n === 0)) {
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected the normalised axes to be known, received ${showShape(shape)}; give inputShape in full`,
      );
    }
    return sizes as Shape;
  }
}
