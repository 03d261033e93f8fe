import { SarafError } from '../errors.js';
import { floatInput, fullShape, inputCount, knownOptions, oneOf, positiveInteger, showShape } from './checks.js';
import { encodeCategories, encodedShape, type CategoryMode } from './encode-categories.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { wholeNumbers } from './whole-numbers.js';
import type { Tensor } from '../tensor/tensor.js';

export interface CategoryEncodingOptions extends LayerOptions {
  /** How many categories there are: they are numbered from 0. */
  numTokens: number;
  /**
   * `oneHot`: a row for each number, in place of a last axis of length 1 or behind the last axis. `multiHot`: a row for each
   * sample, 1 where a category occurs in it. `count`: how often it does. Default multiHot.
   */
  outputMode?: CategoryMode;
}

interface Saved {
  ids: Tensor;
  weights: Tensor | null;
}

/**
 * Numbers of categories as rows of zeros and ones, or of counts.
 *
 * Shapes: x int32 (…) → (…,numTokens) with oneHot, (…,1) → (…,numTokens); (N,S) → (N,numTokens) with multiHot and count.
 *         With count a second input (N,S) may say what each number counts.
 * Throws: ERR_DATA naming position and number if one is outside [0,numTokens); ERR_DTYPE if they are not whole; ERR_SHAPE
 *         for another rank; ERR_ARG for weights in another mode than count.
 * Source: Keras CategoryEncoding.
 * Example: layers.categoryEncoding({ numTokens: 10, outputMode: 'oneHot' })
 */
export class CategoryEncoding extends Layer {
  readonly className = 'CategoryEncoding';
  readonly numTokens: number;
  readonly outputMode: CategoryMode;

  constructor(options: CategoryEncodingOptions) {
    super('CategoryEncoding', options);
    const op = 'categoryEncoding';
    knownOptions(op, options, ['numTokens', 'outputMode']);
    this.numTokens = positiveInteger(op, 'numTokens', options.numTokens);
    this.outputMode = oneOf(op, 'outputMode', options.outputMode ?? 'multiHot', ['oneHot', 'multiHot', 'count'] as const);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 1, this.outputMode === 'count' ? 2 : 1);
    const [shape, weights] = inputShapes as [SymbolicShape, SymbolicShape?];
    if (weights && (weights.length !== shape.length || weights.some((n, i) => n !== null && shape[i] !== null && n !== shape[i])))
      throw new SarafError('ERR_SHAPE', this.name, `expected a weight for each number ${showShape(shape)}, received ${showShape(weights)}`);
    return [encodedShape(this.name, shape, this.outputMode, this.numTokens)];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const [x, weights = null] = inputs as readonly [Tensor, Tensor?];
    const [shape] = this.computeOutputShape(inputs.map((t) => t.shape)) as [SymbolicShape];
    if (weights) floatInput(this.name, weights, ctx.dtype);
    const ids = wholeNumbers(this.name, 'numbers of categories', x, ctx, 'put a discretization layer before this one');
    this.remember(ctx, { ids, weights } satisfies Saved);
    return [encodeCategories(this.name, ids.data(), this.outputMode, fullShape(this.name, shape), weights?.data() ?? null, ctx)];
  }

  /** None of the numbers; of a weight, that of the count it went into. */
  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { ids, weights } = this.recall<Saved>(ctx);
    if (!weights) return [null];
    if (!ctx.wantsInputGradient(1)) return [null, null];
    const dw = ctx.buffer('dw', weights.shape);
    const [numbers, dy] = [ids.data(), (outputGradients[0] as Tensor).data()];
    const perRow = ids.shape[1] as number;
    changeHost(dw, (values) => {
      for (let i = 0; i < values.length; i++) values[i] = dy[Math.floor(i / perRow) * this.numTokens + (numbers[i] as number)] as number;
    });
    return [null, dw];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numTokens: this.numTokens, outputMode: this.outputMode };
  }
}
