import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { axisIndex, floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { FloatType } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface BatchNormalizationOptions extends LayerOptions, WeightRuleOptions<'gamma' | 'beta'> {
  /** The axis of the features. Default -1. */
  axis?: number;
  /** Share that the moving statistics keep at each step. Default 0.99. */
  momentum?: number;
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
  /** Default zeros. */
  movingMeanInitializer?: InitializerOption;
  /** Default ones. */
  movingVarianceInitializer?: InitializerOption;
}

interface Saved {
  x: Tensor;
  mean: Tensor;
  rstd: Tensor;
  mask: Tensor | null;
  training: boolean;
}

const OPTIONS = [
  'axis',
  'momentum',
  'epsilon',
  'center',
  'scale',
  'betaInitializer',
  'gammaInitializer',
  'movingMeanInitializer',
  'movingVarianceInitializer',
];

/**
 * y = (x − mean)/√(variance + ε)·gamma + beta per feature: of the batch in training, which also moves the moving mean and
 * (biased) variance; of those in inference and with `trainable: false`. Masked steps do not count for the statistics.
 *
 * Shapes: x (…,C) → the same; gamma, beta, moving_mean, moving_variance (C).
 * Throws: ERR_ARG if epsilon or momentum is out of range; ERR_SHAPE if the features are not those it was built with.
 * Source: Ioffe and Szegedy 2015; Keras 3 BatchNormalization.
 * Example: layers.batchNormalization({ momentum: 0.9 })
 */
export class BatchNormalization extends Layer {
  readonly className = 'BatchNormalization';
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  private readonly initializers: Readonly<Record<'beta' | 'gamma' | 'movingMean' | 'movingVariance', Initializer>>;
  private readonly places = new PerShape<LastAxes>();
  private gamma: Weight | null = null;
  private beta: Weight | null = null;
  private movingMean: Weight | undefined;
  private movingVariance: Weight | undefined;

  constructor(options: BatchNormalizationOptions = {}) {
    super('BatchNormalization', options);
    const op = 'batchNormalization';
    knownOptions(op, options, OPTIONS);
    this.axis = options.axis ?? -1;
    this.momentum = options.momentum ?? 0.99;
    this.epsilon = options.epsilon ?? 1e-3;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    if (!(this.epsilon > 0)) throw new SarafError('ERR_ARG', op, `expected epsilon > 0, received ${String(this.epsilon)}`);
    if (!(this.momentum >= 0 && this.momentum <= 1))
      throw new SarafError('ERR_ARG', op, `expected momentum in [0,1], received ${String(this.momentum)}`);
    this.initializers = {
      beta: getInitializer(op, options.betaInitializer ?? 'zeros'),
      gamma: getInitializer(op, options.gammaInitializer ?? 'ones'),
      movingMean: getInitializer(op, options.movingMeanInitializer ?? 'zeros'),
      movingVariance: getInitializer(op, options.movingVarianceInitializer ?? 'ones'),
    };
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = onlyShape(this.name, inputShapes);
    const features = shape[this.axisOf(shape)];
    if (!features)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with a known axis ${this.axis}, received ${showShape(shape)}; give inputShape in full`,
      );
    if (this.scale) this.gamma = this.addWeight('gamma', [features], this.initializers.gamma, dtype);
    if (this.center) this.beta = this.addWeight('beta', [features], this.initializers.beta, dtype);
    this.movingMean = this.addWeight('moving_mean', [features], this.initializers.movingMean, dtype, false);
    this.movingVariance = this.addWeight('moving_variance', [features], this.initializers.movingVariance, dtype, false);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const features = this.movingMean?.value.shape[0];
    if (shape.length < 2 || (features !== undefined && shape[this.axisOf(shape)] !== features))
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with ${features ?? 'its'} features along axis ${this.axis}, received ${showShape(shape)}`,
      );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const { movingMean, movingVariance } = this.statistics();
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const place = this.place(x.shape);
    const lines = place.bring(x, 'lines', ctx);
    const training = ctx.training && this.trainable;
    const mask = training ? this.maskOf(x, lines, ctx) : null;
    const cols = movingMean.value.size;
    const [mean, rstd] = [ctx.buffer('mean', [cols]), ctx.buffer('rstd', [cols])];
    const y = ctx.buffer(lines === x ? 'y' : 'yLines', lines.shape);
    if (training) {
      backend().copy(movingMean.value.storage, ctx.buffer('meanBefore', [cols]).storage);
      backend().copy(movingVariance.value.storage, ctx.buffer('varianceBefore', [cols]).storage);
    }
    backend().batchNormForward(
      lines.storage,
      mask?.storage ?? null,
      this.gamma?.value.storage ?? null,
      this.beta?.value.storage ?? null,
      y.storage,
      mean.storage,
      rstd.storage,
      movingMean.value.storage,
      movingVariance.value.storage,
      x.size / cols,
      cols,
      this.epsilon,
      this.momentum,
      training,
    );
    this.remember(ctx, { x: lines, mean, rstd, mask, training } satisfies Saved);
    return [place.restore(y, 'y', ctx)];
  }

  override retract(ctx: LayerContext): void {
    if (!this.recall<Saved>(ctx).training) return;
    const { movingMean, movingVariance } = this.statistics();
    backend().copy(ctx.buffer('meanBefore', movingMean.value.shape).storage, movingMean.value.storage);
    backend().copy(ctx.buffer('varianceBefore', movingVariance.value.shape).storage, movingVariance.value.storage);
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { x, mean, rstd, mask, training } = this.recall<Saved>(ctx);
    const dyGiven = outputGradients[0] as Tensor;
    const place = this.place(dyGiven.shape);
    const dgamma = this.gamma ? (ctx.gradient(this.gamma)?.storage ?? null) : null;
    const dbeta = this.beta ? (ctx.gradient(this.beta)?.storage ?? null) : null;
    const wanted = ctx.wantsInputGradient(0);
    if (!wanted && !dgamma && !dbeta) return [null];
    const dy = place.bring(dyGiven, 'dyLines', ctx);
    const dx = wanted ? ctx.buffer(dy === dyGiven ? 'dx' : 'dxLines', x.shape) : null;
    backend().batchNormBackward(
      x.storage,
      mask?.storage ?? null,
      this.gamma?.value.storage ?? null,
      mean.storage,
      rstd.storage,
      dy.storage,
      dx?.storage ?? null,
      dgamma,
      dbeta,
      x.size / mean.size,
      mean.size,
      training,
    );
    return [dx && place.restore(dx, 'dx', ctx)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    return { ...super.cost(inputShapes, outputShapes), flops: 8 * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      axis: this.axis,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(this.initializers.beta),
      gammaInitializer: initializerConfig(this.initializers.gamma),
      movingMeanInitializer: initializerConfig(this.initializers.movingMean),
      movingVarianceInitializer: initializerConfig(this.initializers.movingVariance),
    };
  }

  /** The mask, if it is one of steps: (N,T) for x (N,T,…) with the features last. */
  private maskOf(x: Tensor, lines: Tensor, ctx: LayerContext): Tensor | null {
    const mask = ctx.masks[0] ?? null;
    if (!mask) return null;
    if (lines !== x || mask.rank >= x.rank || mask.shape.some((n, i) => n !== x.shape[i]))
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected a mask (N,T) for x (N,T,…) with the features last, received ${showShape(mask.shape)}`,
      );
    return mask;
  }

  private place(shape: Shape): LastAxes {
    return this.places.get(shape, () => new LastAxes(shape, [this.axisOf(shape)]));
  }

  private axisOf(shape: SymbolicShape): number {
    const axis = axisIndex(this.name, this.axis, shape.length);
    if (axis === 0) throw new SarafError('ERR_ARG', this.name, `expected an axis behind the batch axis, received ${this.axis}`);
    return axis;
  }

  private statistics(): { movingMean: Weight; movingVariance: Weight } {
    const { movingMean, movingVariance } = this;
    if (!movingMean || !movingVariance)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return { movingMean, movingVariance };
  }
}
