import { SarafError } from '../errors.js';
import { MERGES } from '../backend/layer-kernels.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { axisIndex, floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { mergeLayout, reduceLayout } from './strides.js';
import type { FloatType, MergeLayout, MoveLayout } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface GroupNormalizationOptions extends LayerOptions, WeightRuleOptions<'gamma' | 'beta'> {
  /** Number of groups of neighbouring channels; -1: one for each channel (instance normalisation). Default 32. */
  groups?: number;
  /** The axis of the channels. Default -1. */
  axis?: number;
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

interface Layouts {
  /** Group by group, each as one row. */
  place: LastAxes;
  /** The channels cut into groups. */
  cut: Shape;
  perChannel: MergeLayout;
  same: MergeLayout;
  sum: MoveLayout;
}

interface Saved {
  lines: Tensor;
  /** Before gamma and beta. */
  normal: Tensor;
  mean: Tensor;
  rstd: Tensor;
}

const OPTIONS = ['groups', 'axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'];

/**
 * y = (x − mean)/√(variance + ε)·gamma + beta, with mean and variance of each item over a group of channels and all other axes.
 *
 * Shapes: x (N,…,C) → the same; gamma, beta (C).
 * Throws: ERR_ARG if groups or epsilon is out of range; ERR_SHAPE unless groups divides C.
 * Source: Wu and He 2018; Keras GroupNormalization.
 * Example: layers.groupNormalization({ groups: 8 })
 */
export class GroupNormalization extends Layer {
  readonly className = 'GroupNormalization';
  readonly groups: number;
  readonly axis: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  readonly betaInitializer: Initializer;
  readonly gammaInitializer: Initializer;
  private readonly layouts = new PerShape<Layouts>();
  private gamma: Weight | null = null;
  private beta: Weight | null = null;
  private channels: number | undefined;

  constructor(options: GroupNormalizationOptions = {}) {
    super('GroupNormalization', options);
    const op = 'groupNormalization';
    knownOptions(op, options, OPTIONS);
    this.groups = options.groups ?? 32;
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-3;
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
    if (this.groups !== -1 && !(Number.isInteger(this.groups) && this.groups > 0))
      throw new SarafError('ERR_ARG', op, `expected groups to be a positive integer or -1, received ${String(this.groups)}`);
    if (!(this.epsilon > 0)) throw new SarafError('ERR_ARG', op, `expected epsilon > 0, received ${String(this.epsilon)}`);
    this.betaInitializer = getInitializer(op, options.betaInitializer ?? 'zeros');
    this.gammaInitializer = getInitializer(op, options.gammaInitializer ?? 'ones');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = onlyShape(this.name, inputShapes);
    const channels = shape[this.axisOf(shape)];
    if (!channels || channels % this.groupsOf(channels) !== 0)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with a multiple of ${this.groups} channels along axis ${this.axis}, received ${showShape(shape)}`,
      );
    if (this.scale) this.gamma = this.addWeight('gamma', [channels], this.gammaInitializer, dtype);
    if (this.center) this.beta = this.addWeight('beta', [channels], this.betaInitializer, dtype);
    this.channels = channels;
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const at = this.axisOf(shape);
    if (this.channels !== undefined && shape[at] !== this.channels)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x with ${this.channels} channels along axis ${this.axis}, received ${showShape(shape)}`,
      );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    if (this.channels === undefined)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const { place, cut, perChannel } = this.layout(x.shape);
    const lines = place.bring(x.reshape(cut), 'lines', ctx);
    const rows = (x.shape[0] as number) * this.groupsOf(this.channels);
    const [mean, rstd] = [ctx.buffer('mean', [rows]), ctx.buffer('rstd', [rows])];
    const normalLines = ctx.buffer('normalLines', lines.shape);
    const cols = rows === 0 ? 1 : x.size / rows;
    backend().layerNormForward(lines.storage, null, null, normalLines.storage, mean.storage, rstd.storage, rows, cols, this.epsilon);
    const normal = place.restore(normalLines, 'normal', ctx).reshape(x.shape);
    this.remember(ctx, { lines, normal, mean, rstd } satisfies Saved);
    let y = normal;
    for (const [weight, op] of [
      [this.gamma, MERGES.multiply],
      [this.beta, MERGES.add],
    ] as const) {
      // prettier-ignore
      if (!weight) continue;
      const next = ctx.buffer(op === MERGES.add ? 'y' : 'scaled', x.shape);
      backend().merge(y.storage, weight.value.storage, null, next.storage, perChannel, op);
      y = next;
    }
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { lines, normal, mean, rstd } = this.recall<Saved>(ctx);
    let dy = outputGradients[0] as Tensor;
    const { place, cut, perChannel, same, sum } = this.layout(normal.shape);
    const dbeta = this.beta && ctx.gradient(this.beta);
    if (dbeta) backend().move(dy.storage, dbeta.storage, sum, false);
    const dgamma = this.gamma && ctx.gradient(this.gamma);
    if (dgamma) {
      const each = ctx.buffer('dgamma', dy.shape);
      backend().merge(dy.storage, normal.storage, null, each.storage, same, MERGES.multiply);
      backend().move(each.storage, dgamma.storage, sum, false);
    }
    if (!ctx.wantsInputGradient(0)) return [null];
    if (this.gamma) {
      const scaled = ctx.buffer('dscaled', dy.shape);
      backend().merge(dy.storage, this.gamma.value.storage, null, scaled.storage, perChannel, MERGES.multiply);
      dy = scaled;
    }
    const dyLines = place.bring(dy.reshape(cut), 'dyLines', ctx);
    const dxLines = ctx.buffer('dxLines', lines.shape);
    const cols = mean.size === 0 ? 1 : dy.size / mean.size;
    backend().layerNormBackward(
      lines.storage,
      null,
      mean.storage,
      rstd.storage,
      dyLines.storage,
      dxLines.storage,
      null,
      null,
      mean.size,
      cols,
    );
    return [place.restore(dxLines, 'dx', ctx).reshape(normal.shape)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    return { ...super.cost(inputShapes, outputShapes), flops: 8 * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      groups: this.groups,
      axis: this.axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializerConfig(this.betaInitializer),
      gammaInitializer: initializerConfig(this.gammaInitializer),
    };
  }

  private layout(shape: Shape): Layouts {
    return this.layouts.get(shape, () => {
      const at = this.axisOf(shape);
      const channels = shape[at] as number;
      const groups = this.groupsOf(channels);
      const cut = [...shape.slice(0, at), groups, channels / groups, ...shape.slice(at + 1)];
      const ofGroup = [...cut.keys()].filter((axis) => axis !== 0 && axis !== at);
      const wide = shape.map((n, axis) => (axis === at ? n : 1));
      return {
        place: new LastAxes(cut, ofGroup),
        cut,
        perChannel: mergeLayout(shape, shape, wide),
        same: mergeLayout(shape, shape, shape),
        sum: reduceLayout(shape, wide),
      };
    });
  }

  private groupsOf(channels: number): number {
    return this.groups === -1 ? channels : this.groups;
  }

  private axisOf(shape: SymbolicShape): number {
    const axis = axisIndex(this.name, this.axis, shape.length);
    if (axis === 0) throw new SarafError('ERR_ARG', this.name, `expected an axis behind the batch axis, received ${this.axis}`);
    return axis;
  }
}
