import { SarafError } from '../errors.js';
import { MERGES } from '../backend/layer-kernels.js';
import { backend } from '../backend/current.js';
import { getInitializer } from '../initializers/index.js';
import { sizeOf, type Shape, type Tensor } from '../tensor/tensor.js';
import { axesOf, floatInput, knownOptions, knownSizes, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { PerShape } from './per-shape.js';
import { mergeLayout, stridesOf } from './strides.js';
import type { FloatType, MergeLayout } from '../backend/backend.js';
import { square } from '../tensor/portable-math.js';

export interface NormalizationOptions extends LayerOptions {
  /** The axis, or the axes, that keep a mean and a variance for each place; [] for one of all values. Default -1. */
  axis?: number | readonly number[];
  /** Known means: one, or one for each place of the axes. Without them call `adapt`. */
  mean?: number | readonly number[];
  /** Known variances, together with the means. */
  variance?: number | readonly number[];
  /** Undo a normalisation: y = x·√variance + mean. Default false. */
  invert?: boolean;
}

/** Keras' backend.epsilon(): the smallest standard deviation. */
const LEAST_DEVIATION = 1e-7;

/**
 * y = (x − mean)/√variance, with a mean and variance that are given or adapted to data, not trained; the deviation is at
 * least 1e-7.
 *
 * Shapes: any → the same; adapted: mean, variance (sizes of the axes), count ().
 * Throws: ERR_ARG unless mean and variance come together and are finite, or for an axis outside of the rank; ERR_SHAPE if
 * they do not fit x; ERR_STATE if `adapt` is called where they were given.
 * Source: Keras Normalization.
 * Example: const scale = layers.normalization(); scale.adapt(xTrain)
 */
export class Normalization extends Layer {
  readonly className = 'Normalization';
  readonly axis: number | readonly number[];
  readonly mean: readonly number[] | null;
  readonly variance: readonly number[] | null;
  readonly invert: boolean;
  private readonly layouts = new PerShape<MergeLayout>();
  private adapted: { mean: Weight; variance: Weight; count: Weight } | undefined;
  private sizes: Shape | undefined;

  constructor(options: NormalizationOptions = {}) {
    super('Normalization', options);
    const op = 'normalization';
    knownOptions(op, options, ['axis', 'mean', 'variance', 'invert']);
    this.axis = options.axis ?? -1;
    this.invert = options.invert ?? false;
    this.mean = numbers(op, 'mean', options.mean);
    this.variance = numbers(op, 'variance', options.variance);
    if (this.mean?.length !== this.variance?.length)
      throw new SarafError('ERR_ARG', op, 'expected as many means as variances, received another number; give both or neither');
    if (this.variance?.some((v) => v < 0)) throw new SarafError('ERR_ARG', op, 'expected variances >= 0, received a negative one');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const shape = onlyShape(this.name, inputShapes);
    const sizes = knownSizes(this.name, shape, axesOf(this.name, this.axis, shape.length));
    const given = this.mean?.length ?? 1;
    if (given !== 1 && given !== sizeOf(sizes))
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected 1 or ${sizeOf(sizes)} means for axis ${JSON.stringify(this.axis)} of x ${showShape(shape)}, received ${given}`,
      );
    this.sizes = sizes;
    if (!this.mean) {
      const add = (name: string, of: Shape, initial: 'zeros' | 'ones'): Weight =>
        this.addWeight(name, of, getInitializer(this.name, initial), dtype, false);
      this.adapted = { mean: add('mean', sizes, 'zeros'), variance: add('variance', sizes, 'ones'), count: add('count', [], 'zeros') };
    }
    super.build(inputShapes, dtype);
  }

  /**
   * Takes mean and (biased) variance of the data, in place of those it had.
   *
   * Shapes: data (N,…) like the layer's input; builds the layer if it is not.
   * Throws: ERR_STATE if mean and variance were given; ERR_SHAPE if there is no data or it does not fit; ERR_DTYPE unless float.
   */
  adapt(data: Tensor): void {
    if (this.mean)
      throw new SarafError('ERR_STATE', this.name, 'expected a layer without given mean and variance; leave those options out');
    if (data.dtype !== 'float32' && data.dtype !== 'float64')
      throw new SarafError('ERR_DTYPE', this.name, `expected data of type float32 or float64, received ${data.dtype}`);
    if (data.size === 0) throw new SarafError('ERR_SHAPE', this.name, `expected data, received the shape ${showShape(data.shape)}`);
    if (!this.built) this.build([[null, ...data.shape.slice(1)]], data.dtype);
    this.computeOutputShape([data.shape]);
    const { mean, variance, count } = this.adapted as { mean: Weight; variance: Weight; count: Weight };
    const [sums, squares] = this.moments(data);
    mean.value.data().set(sums);
    variance.value.data().set(squares);
    count.value.data()[0] = data.size / sums.length;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const axes = axesOf(this.name, this.axis, shape.length);
    if (this.sizes?.some((n, i) => n !== shape[axes[i] as number]))
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x to be ${showShape(this.sizes)} along axis ${JSON.stringify(this.axis)}, received ${showShape(shape)}`,
      );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const layout = this.layout(x.shape);
    const [mean, factor] = this.numbers(ctx);
    const between = ctx.buffer('between', x.shape);
    const y = ctx.buffer('y', x.shape);
    const [first, second] = this.invert ? ([factor, mean] as const) : ([mean, factor] as const);
    backend().merge(x.storage, first.storage, null, between.storage, layout, this.invert ? MERGES.multiply : MERGES.subtract);
    backend().merge(between.storage, second.storage, null, y.storage, layout, this.invert ? MERGES.add : MERGES.multiply);
    this.remember(ctx, { factor });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { factor } = this.recall<{ factor: Tensor }>(ctx);
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', dy.shape);
    backend().merge(dy.storage, factor.storage, null, dx.storage, this.layout(dy.shape), MERGES.multiply);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    const given = this.mean ? { mean: this.mean, variance: this.variance } : {};
    return { ...super.getConfig(), axis: this.axis, invert: this.invert, ...given };
  }

  /** Mean and what each value is multiplied by, for each place of the axes. Read at each call: weights may be loaded. */
  private numbers(ctx: LayerContext): [Tensor, Tensor] {
    if (!this.sizes)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const mean = ctx.buffer('mean', this.sizes);
    const factor = ctx.buffer('factor', this.sizes);
    const [means, factors] = [mean.data(), factor.data()];
    const from = this.mean ?? this.adapted?.mean.value.data() ?? [];
    const variances = this.variance ?? this.adapted?.variance.value.data() ?? [];
    for (let i = 0; i < means.length; i++) {
      const at = from.length === 1 ? 0 : i;
      const deviation = Math.max(Math.sqrt(variances[at] as number), LEAST_DEVIATION);
      means[i] = from[at] as number;
      factors[i] = this.invert ? deviation : 1 / deviation;
    }
    return [mean, factor];
  }

  /** Mean and variance of each place, in double precision and two passes, so that a large mean costs no digits. */
  private moments(data: Tensor): [Float64Array, Float64Array] {
    const values = data.data();
    const axes = axesOf(this.name, this.axis, data.rank);
    const sizes = axes.map((axis) => data.shape[axis] as number);
    const [strides, places] = [stridesOf(data.shape), stridesOf(sizes)];
    const place = (i: number): number => {
      let at = 0;
      for (let k = 0; k < axes.length; k++)
        at += (Math.floor(i / (strides[axes[k] as number] as number)) % (sizes[k] as number)) * (places[k] as number);
      return at;
    };
    const cols = sizeOf(sizes);
    const [mean, variance] = [new Float64Array(cols), new Float64Array(cols)];
    const share = cols / values.length;
    for (let i = 0; i < values.length; i++) {
      const c = place(i);
      mean[c] = (mean[c] as number) + (values[i] as number);
    }
    for (let c = 0; c < cols; c++) mean[c] = (mean[c] as number) * share;
    for (let i = 0; i < values.length; i++) {
      const c = place(i);
      variance[c] = (variance[c] as number) + square((values[i] as number) - (mean[c] as number));
    }
    for (let c = 0; c < cols; c++) variance[c] = (variance[c] as number) * share;
    return [mean, variance];
  }

  private layout(shape: Shape): MergeLayout {
    return this.layouts.get(shape, () => {
      const axes = axesOf(this.name, this.axis, shape.length);
      return mergeLayout(
        shape,
        shape,
        shape.map((n, i) => (axes.includes(i) ? n : 1)),
      );
    });
  }
}

/** One number or a list of them, nested as Keras may write it. */
function numbers(op: string, name: string, value: unknown): number[] | null {
  if (value === undefined || value === null) return null;
  const list = (Array.isArray(value) ? value.flat(Infinity) : [value]) as unknown[];
  if (list.length === 0 || !list.every((v) => typeof v === 'number' && Number.isFinite(v)))
    throw new SarafError('ERR_ARG', op, `expected ${name} to be finite numbers, received ${JSON.stringify(value)}`);
  return list as number[];
}
