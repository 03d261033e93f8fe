import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { axesOf, floatInput, knownOptions, knownSizes, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { FloatType } from '../backend/backend.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface LayerNormalizationOptions extends LayerOptions, WeightRuleOptions<'gamma' | 'beta'> {
  /** The axis, or the axes, to normalise over. Default -1; last axes need no copy. */
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
 * y = (x − mean)/√(variance + ε)·gamma + beta, with mean and variance of each item over the axes.
 *
 * Shapes: any → the same; gamma, beta have the shape of the normalised axes.
 * Throws: ERR_ARG if an axis is the batch axis or outside of the rank; ERR_SHAPE if they are not those it was built with.
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
  private readonly places = new PerShape<LastAxes>();
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
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x to be ${showShape(this.builtShape)} along axis ${JSON.stringify(this.axis)}, received ${showShape(shape)}`,
      );
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
    const place = this.place(x.shape);
    const lines = place.bring(x, 'lines', ctx);
    const y = ctx.buffer(lines === x ? 'y' : 'yLines', lines.shape);
    const mean = ctx.buffer('mean', [rows]);
    const rstd = ctx.buffer('rstd', [rows]);
    const gamma = this.gamma?.value.storage ?? null;
    const beta = this.beta?.value.storage ?? null;
    backend().layerNormForward(lines.storage, gamma, beta, y.storage, mean.storage, rstd.storage, rows, cols, this.epsilon);
    this.remember(ctx, { x: lines, mean, rstd, rows, cols } satisfies Saved);
    return [place.restore(y, 'y', ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { x, mean, rstd, rows, cols } = this.recall<Saved>(ctx);
    const given = outputGradients[0] as Tensor;
    const place = this.place(given.shape);
    const wanted = ctx.wantsInputGradient(0);
    const dgamma = this.gamma ? (ctx.gradient(this.gamma)?.storage ?? null) : null;
    const dbeta = this.beta ? (ctx.gradient(this.beta)?.storage ?? null) : null;
    if (!wanted && !dgamma && !dbeta) return [null];
    const dy = place.bring(given, 'dyLines', ctx);
    const dx = wanted ? ctx.buffer(dy === given ? 'dx' : 'dxLines', x.shape) : null;
    const gamma = this.gamma?.value.storage ?? null;
    backend().layerNormBackward(x.storage, gamma, mean.storage, rstd.storage, dy.storage, dx?.storage ?? null, dgamma, dbeta, rows, cols);
    return [dx && place.restore(dx, 'dx', ctx)];
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

  /** Shape of the normalised axes. */
  private normalised(shape: SymbolicShape): Shape {
    return knownSizes(this.name, shape, this.axes(shape.length));
  }

  private axes(rank: number): number[] {
    const axes = axesOf(this.name, this.axis, rank);
    if (axes.length === 0 || axes[0] === 0)
      throw new SarafError('ERR_ARG', this.name, `expected axes behind the batch axis, received ${JSON.stringify(this.axis)}`);
    return axes;
  }

  private place(shape: Shape): LastAxes {
    return this.places.get(shape, () => new LastAxes(shape, this.axes(shape.length)));
  }
}
