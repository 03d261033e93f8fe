import { SarafError } from '../errors.js';
import { MERGES, type FloatType, type MergeLayout, type MoveLayout } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { axisIndex, floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { mergeLayout, reduceLayout } from './strides.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface PReLUOptions extends LayerOptions, WeightRuleOptions<'alpha'> {
  /** Default zeros. */
  alphaInitializer?: InitializerOption;
  /** Axes along which one slope serves all, counted from 1: [1, 2] of images gives one per channel. Default none. */
  sharedAxes?: readonly number[] | null;
}

interface Layouts {
  merge: MergeLayout;
  sum: MoveLayout;
}

/**
 * x above 0, alpha·x below, alpha trained.
 *
 * Shapes: (N,…) → the same; alpha has the shape of an item, 1 along the shared axes.
 * Throws: ERR_SHAPE if an axis that is not shared is unknown.
 * Source: He et al. 2015; Keras PReLU.
 * Example: layers.pRelu({ sharedAxes: [1, 2] })
 */
export class PReLU extends Layer {
  readonly className = 'PReLU';
  readonly alphaInitializer: Initializer;
  readonly sharedAxes: readonly number[] | null;
  private readonly layouts = new PerShape<Layouts>();
  private alpha: Weight | undefined;

  constructor(options: PReLUOptions = {}) {
    super('PReLU', options);
    knownOptions('pRelu', options, ['alphaInitializer', 'sharedAxes']);
    this.alphaInitializer = getInitializer('pRelu', options.alphaInitializer ?? 'zeros');
    this.sharedAxes = options.sharedAxes ? [...options.sharedAxes] : null;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = onlyShape(this.name, inputShapes);
    const shared = (this.sharedAxes ?? []).map((axis) => axisIndex(this.name, axis, shape.length));
    const sizes = shape.slice(1).map((n, i) => (shared.includes(i + 1) ? 1 : n));
    if (sizes.length === 0 || sizes.includes(null))
      throw new SarafError('ERR_SHAPE', this.name, `expected an item of known shape, received ${showShape(shape)}; share the open axes`);
    this.alpha = this.addWeight('alpha', sizes as Shape, this.alphaInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const slopes = this.alpha?.value.shape;
    if (slopes && (slopes.length !== shape.length - 1 || slopes.some((n, i) => n !== 1 && n !== shape[i + 1])))
      throw new SarafError('ERR_SHAPE', this.name, `expected items of shape ${showShape(slopes)}, received ${showShape(shape)}`);
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const alpha = this.weight();
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const y = ctx.buffer('y', x.shape);
    backend().merge(x.storage, alpha.value.storage, null, y.storage, this.layout(x.shape, alpha).merge, MERGES.prelu);
    this.remember(ctx, { x });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { x } = this.recall<{ x: Tensor }>(ctx);
    const dy = outputGradients[0] as Tensor;
    const alpha = this.weight();
    const { merge, sum } = this.layout(x.shape, alpha);
    const slopes = ctx.gradient(alpha);
    if (slopes) {
      const each = ctx.buffer('dalpha', x.shape);
      backend().merge(x.storage, alpha.value.storage, dy.storage, each.storage, merge, MERGES.preluSlope);
      backend().move(each.storage, slopes.storage, sum, false);
    }
    if (!ctx.wantsInputGradient(0)) return [null];
    const dx = ctx.buffer('dx', x.shape);
    backend().merge(x.storage, alpha.value.storage, dy.storage, dx.storage, merge, MERGES.preluInput);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alphaInitializer: initializerConfig(this.alphaInitializer), sharedAxes: this.sharedAxes };
  }

  private layout(shape: Shape, alpha: Weight): Layouts {
    return this.layouts.get(shape, () => {
      const wide = [1, ...alpha.value.shape];
      return { merge: mergeLayout(shape, shape, wide), sum: reduceLayout(shape, wide) };
    });
  }

  private weight(): Weight {
    if (!this.alpha)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.alpha;
  }
}
