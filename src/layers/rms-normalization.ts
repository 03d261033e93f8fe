import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer } from '../initializers/index.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { axesOf, floatInput, knownOptions, knownSizes, onlyShape, showShape } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { LastAxes } from './last-axes.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import type { FloatType } from '../backend/backend.js';

export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis, or the axes, to normalise over. Default -1. */
  axis?: number | readonly number[];
  /** Added to the mean square. Default 1e-6. */
  epsilon?: number;
}

interface Saved {
  lines: Tensor;
  factor: Tensor;
}

/**
 * y = x/√(mean(x²) + ε)·scale, with the mean square of each item over the axes. Masks are swallowed, as in Keras.
 *
 * Shapes: any → the same; scale has the shape of the normalised axes.
 * Throws: ERR_ARG if an axis is outside of the rank or epsilon ≤ 0; ERR_SHAPE if the axes are not those it was built with.
 * Source: Zhang and Sennrich 2019; Keras RMSNormalization.
 * Example: layers.rmsNormalization({ epsilon: 1e-5 })
 */
export class RMSNormalization extends Layer {
  readonly className = 'RMSNormalization';
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  private readonly places = new PerShape<LastAxes>();
  private scale: Weight | undefined;

  constructor(options: RMSNormalizationOptions = {}) {
    super('RMSNormalization', options);
    const op = 'rmsNormalization';
    knownOptions(op, options, ['axis', 'epsilon']);
    this.axis = options.axis ?? -1;
    this.epsilon = options.epsilon ?? 1e-6;
    if (!(this.epsilon > 0)) throw new SarafError('ERR_ARG', op, `expected epsilon > 0, received ${String(this.epsilon)}`);
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = onlyShape(this.name, inputShapes);
    this.scale = this.addWeight('scale', knownSizes(this.name, shape, this.axes(shape)), getInitializer(this.name, 'ones'), dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const sizes = this.axes(shape).map((axis) => shape[axis] as number | null);
    const expected = this.scale?.value.shape;
    if (expected && showShape(sizes) !== showShape(expected))
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x to be ${showShape(expected)} along axis ${JSON.stringify(this.axis)}, received ${showShape(shape)}`,
      );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const scale = this.builtScale();
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const place = this.place(x.shape);
    const lines = place.bring(x, 'lines', ctx);
    const cols = sizeOf(scale.value.shape);
    const rows = x.size / cols;
    const factor = ctx.buffer('factor', [rows]);
    const y = ctx.buffer(lines === x ? 'y' : 'yLines', lines.shape);
    backend().unitNormForward(lines.storage, scale.value.storage, y.storage, factor.storage, rows, cols, cols, this.epsilon, Infinity);
    this.remember(ctx, { lines, factor } satisfies Saved);
    return [place.restore(y, 'y', ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { lines, factor } = this.recall<Saved>(ctx);
    const scale = this.builtScale();
    const given = outputGradients[0] as Tensor;
    const wanted = ctx.wantsInputGradient(0);
    const dscale = ctx.gradient(scale)?.storage ?? null;
    if (!wanted && !dscale) return [null];
    const place = this.place(given.shape);
    const dy = place.bring(given, 'dyLines', ctx);
    const dx = wanted ? ctx.buffer(dy === given ? 'dx' : 'dxLines', dy.shape) : null;
    const cols = sizeOf(scale.value.shape);
    backend().unitNormBackward(
      lines.storage,
      scale.value.storage,
      factor.storage,
      dy.storage,
      dx?.storage ?? null,
      dscale,
      factor.size,
      cols,
      cols,
    );
    return [dx && place.restore(dx, 'dx', ctx)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    return { ...super.cost(inputShapes, outputShapes), flops: 4 * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }

  private axes(shape: SymbolicShape): number[] {
    return axesOf(this.name, this.axis, shape.length);
  }

  private place(shape: Shape): LastAxes {
    return this.places.get(shape, () => new LastAxes(shape, this.axes(shape)));
  }

  private builtScale(): Weight {
    if (!this.scale)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.scale;
  }
}
