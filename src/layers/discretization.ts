import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, fullShape, knownOptions, onlyShape, oneOf, positiveInteger, showShape } from './checks.js';
import { encodeCategories, encodedShape, type CategoryMode } from './encode-categories.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import { quantileBoundaries } from './quantiles.js';
import type { DType } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface DiscretizationOptions extends LayerOptions {
  /** Where one bin ends and the next begins, ascending: a value at a boundary is in the upper bin. */
  binBoundaries?: readonly number[];
  /** How many bins `adapt` makes. Together with boundaries: those that it made. */
  numBins?: number;
  /** How far `adapt` may be off, as a share of the data, in (0,1). Default 0.01. */
  epsilon?: number;
  /** `int`: the number of the bin. Else that number encoded as CategoryEncoding does. Default int. */
  outputMode?: 'int' | CategoryMode;
}

/**
 * Numbers as the bins that they fall into, 0 for those below the first boundary.
 *
 * Shapes: x (…) → int32 (…), or with oneHot (…,bins), (…,1) → (…,bins); (N,S) → (N,bins) with multiHot and count.
 * Throws: ERR_ARG unless boundaries or numBins are given, or if boundaries do not ascend; ERR_STATE if it was not adapted;
 *         ERR_SHAPE for another rank.
 * Source: Keras Discretization.
 * Example: const ages = layers.discretization({ numBins: 4 }); ages.adapt(xTrain)
 */
export class Discretization extends Layer {
  readonly className = 'Discretization';
  readonly numBins: number | null;
  readonly epsilon: number;
  readonly outputMode: 'int' | CategoryMode;
  private boundaries: readonly number[] | null;

  constructor(options: DiscretizationOptions) {
    super('Discretization', options);
    const op = 'discretization';
    knownOptions(op, options, ['binBoundaries', 'numBins', 'epsilon', 'outputMode']);
    this.numBins = options.numBins == null ? null : positiveInteger(op, 'numBins', options.numBins);
    this.epsilon = options.epsilon ?? 0.01;
    if (!(this.epsilon > 0 && this.epsilon < 1))
      throw new SarafError('ERR_ARG', op, `expected epsilon in (0,1), received ${String(this.epsilon)}`);
    this.outputMode = oneOf(op, 'outputMode', options.outputMode ?? 'int', ['int', 'oneHot', 'multiHot', 'count'] as const);
    this.boundaries = options.binBoundaries ? [...options.binBoundaries] : null;
    if (!this.boundaries && this.numBins === null)
      throw new SarafError('ERR_ARG', op, 'expected binBoundaries or numBins, received neither');
    if (this.boundaries?.some((b, i, all) => !Number.isFinite(b) || (i > 0 && b < (all[i - 1] as number))))
      throw new SarafError('ERR_ARG', op, `expected binBoundaries to be finite and ascending, received ${JSON.stringify(this.boundaries)}`);
  }

  /** Where one bin ends and the next begins; null before `adapt`. */
  get binBoundaries(): readonly number[] | null {
    return this.boundaries;
  }

  /**
   * Takes boundaries that cut the data into `numBins` bins of about equal numbers.
   *
   * Shapes: data of any shape, all values alike.
   * Throws: ERR_STATE if the layer was made with boundaries alone; ERR_SHAPE if there is no data.
   */
  adapt(data: Tensor): void {
    if (this.numBins === null)
      throw new SarafError('ERR_STATE', this.name, 'expected a layer without given boundaries; give numBins instead of binBoundaries');
    if (data.size === 0) throw new SarafError('ERR_SHAPE', this.name, `expected data, received the shape ${showShape(data.shape)}`);
    this.boundaries = quantileBoundaries(data.data(), this.numBins, this.epsilon);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (this.outputMode === 'int') return [shape];
    const bins = this.boundaries ? this.boundaries.length + 1 : (this.numBins as number);
    return [encodedShape(this.name, shape, this.outputMode, bins)];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape)) as [SymbolicShape];
    floatInput(this.name, x, ctx.dtype);
    if (!this.boundaries) throw new SarafError('ERR_STATE', this.name, 'expected boundaries; call adapt(data) or give binBoundaries');
    // As x has them: 0.1 is not 0.1f.
    const boundaries = x.dtype === 'float32' ? Float32Array.from(this.boundaries) : Float64Array.from(this.boundaries);
    const bins = ctx.buffer('bins', x.shape, 'int32');
    const values = x.data();
    changeHost(bins, (into) => {
      for (let i = 0; i < into.length; i++) into[i] = binOf(values[i] as number, boundaries);
    });
    this.remember(ctx, { x });
    if (this.outputMode === 'int') return [bins];
    return [encodeCategories(this.name, bins.data(), this.outputMode, fullShape(this.name, shape), null, ctx)];
  }

  /** Bins do not change with x, but for jumps. */
  override backward(_outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { x } = this.recall<{ x: Tensor }>(ctx);
    const dx = ctx.buffer('dx', x.shape);
    backend().fill(dx.storage, 0);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      ...(this.boundaries ? { binBoundaries: this.boundaries } : {}),
      ...(this.numBins === null ? {} : { numBins: this.numBins }),
      epsilon: this.epsilon,
      outputMode: this.outputMode,
    };
  }

  protected override outputDType(_inputs: readonly SymbolicTensor[]): DType {
    return this.outputMode === 'int' ? 'int32' : 'float32';
  }
}

/** How many boundaries are not above x; NaN is above all. */
function binOf(x: number, boundaries: ArrayLike<number>): number {
  let [low, high] = [0, boundaries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] as number) > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
