import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { knownOptions, onlyShape, positiveInteger } from './checks.js';
import { changeHost } from './host.js';
import { FLOAT, valuesIn, type ForwardWork, type GradientsMade, type Work } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import { wholeNumbers } from './whole-numbers.js';
import type { FloatType } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';
import type { WeightRuleOptions } from './weight-rules.js';

export interface EmbeddingOptions extends LayerOptions, WeightRuleOptions<'embeddings'> {
  /** Size of the vocabulary: ids are 0 … inputDim−1. */
  inputDim: number;
  /** Length of a vector. */
  outputDim: number;
  /** Treat id 0 as padding: the layers after this one skip those steps. Default false. */
  maskZero?: boolean;
  /** Default randomUniform in ±0.05. */
  embeddingsInitializer?: InitializerOption;
}

/**
 * Looks up one trained vector per token id. Row 0 is an ordinary vector, masked or not.
 *
 * Shapes: ids int32 (N,T) or any other → (N,T,D); embeddings (V,D).
 * Throws: ERR_DATA naming position and id if an id is outside [0,V); ERR_DTYPE if ids are not whole numbers.
 * Source: Keras Embedding.
 * Example: layers.embedding({ inputDim: 10000, outputDim: 128, maskZero: true })
 */
export class Embedding extends Layer {
  readonly className = 'Embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  readonly embeddingsInitializer: Initializer;
  private embeddings: Weight | undefined;

  constructor(options: EmbeddingOptions) {
    super('Embedding', options);
    knownOptions('embedding', options, ['inputDim', 'outputDim', 'maskZero', 'embeddingsInitializer']);
    this.inputDim = positiveInteger('embedding', 'inputDim', options.inputDim);
    this.outputDim = positiveInteger('embedding', 'outputDim', options.outputDim);
    this.maskZero = options.maskZero ?? false;
    this.embeddingsInitializer = getInitializer('embedding', options.embeddingsInitializer ?? 'randomUniform');
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.computeOutputShape(inputShapes);
    this.embeddings = this.addWeight('embeddings', [this.inputDim, this.outputDim], this.embeddingsInitializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [[...onlyShape(this.name, inputShapes), this.outputDim]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const table = this.table();
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    const ids = wholeNumbers(this.name, 'token ids', x, ctx, 'encode text with a vectorizer first');
    const y = ctx.buffer('y', [...x.shape, this.outputDim]);
    backend().embeddingForward(ids.storage, table.value.storage, y.storage, this.inputDim, this.outputDim);
    this.remember(ctx, { ids });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const gradient = ctx.gradient(this.table());
    if (gradient) {
      const { ids } = this.recall<{ ids: Tensor }>(ctx);
      const dy = outputGradients[0] as Tensor;
      backend().embeddingBackward(ids.storage, dy.storage, gradient.storage, this.inputDim, this.outputDim);
    }
    return [null];
  }

  override computeMask(_inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!this.maskZero) return [null];
    const { ids } = this.recall<{ ids: Tensor }>(ctx);
    const mask = ctx.buffer('mask', ids.shape, 'uint8');
    const values = ids.data();
    changeHost(mask, (valid) => {
      for (let i = 0; i < valid.length; i++) valid[i] = values[i] === 0 ? 0 : 1;
    });
    return [mask];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    // Of the table only the rows that occur.
    return { flops: 0, bytes: FLOAT * (valuesIn(inputShapes) + 2 * valuesIn(outputShapes)), products: 0 };
  }

  override backwardCost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], _valid: number, made: GradientsMade): Work {
    const values = valuesIn(outputShapes);
    return made.weights
      ? { flops: values, bytes: FLOAT * (valuesIn(inputShapes) + values + this.inputDim * this.outputDim) }
      : { flops: 0, bytes: 0 };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      maskZero: this.maskZero,
      embeddingsInitializer: initializerConfig(this.embeddingsInitializer),
    };
  }

  private table(): Weight {
    if (!this.embeddings)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return this.embeddings;
  }
}
