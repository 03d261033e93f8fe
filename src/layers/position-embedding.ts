import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { getInitializer, initializerConfig, type Initializer, type InitializerOption } from '../initializers/index.js';
import { fullShape, knownOptions, lastAxis, onlyShape, positiveInteger, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type Weight } from './layer.js';
import type { FloatType } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface PositionEmbeddingOptions extends LayerOptions {
  /** Longest sequence. */
  sequenceLength: number;
  /** Default glorotUniform. */
  initializer?: InitializerOption;
}

/**
 * A trained vector for each position, to be added to x; only the shape of x is looked at. A mask is passed on.
 *
 * Shapes: x (N,T,D), T <= sequenceLength → (N,T,D); position_embeddings (sequenceLength,D).
 * Throws: ERR_SHAPE if x is not rank 3 or longer than sequenceLength.
 * Source: Devlin et al. 2019; KerasHub PositionEmbedding.
 * Example: layers.add().apply([x, layers.positionEmbedding({ sequenceLength: 40 }).apply(x)])
 */
export class PositionEmbedding extends Layer {
  readonly className = 'PositionEmbedding';
  readonly sequenceLength: number;
  readonly initializer: Initializer;
  private positions: Weight | undefined;

  constructor(options: PositionEmbeddingOptions) {
    super('PositionEmbedding', options);
    knownOptions('positionEmbedding', options, ['sequenceLength', 'initializer']);
    this.sequenceLength = positiveInteger('positionEmbedding', 'sequenceLength', options.sequenceLength);
    this.initializer = getInitializer('positionEmbedding', options.initializer ?? 'glorotUniform');
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    const features = lastAxis(this.name, this.computeOutputShape(inputShapes)[0] as SymbolicShape);
    this.positions = this.addWeight('position_embeddings', [this.sequenceLength, features], this.initializer, dtype);
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const features = this.positions?.value.shape[1];
    const fits = shape.length === 3 && (shape[1] == null || shape[1] <= this.sequenceLength);
    if (!fits || (features !== undefined && shape[2] !== features)) {
      const expected = `(N,T,${features ?? 'D'}) with T <= ${this.sequenceLength}`;
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x of shape ${expected}, received ${showShape(shape)}; raise sequenceLength or cut x`,
      );
    }
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    if (!this.positions)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const shape = fullShape(this.name, this.computeOutputShape(inputs.map((t) => t.shape))[0] as SymbolicShape);
    const [N, T, D] = shape as [number, number, number];
    const y = ctx.buffer('y', shape);
    // Every sequence is a copy of the same row.
    const first = ctx.buffer('first', [N], 'int32');
    backend().fill(first.storage, 0);
    backend().gatherRows(this.positions.value.rows(0, T).storage, first.storage, y.storage, T * D);
    this.remember(ctx, { shape });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { shape } = this.recall<{ shape: Shape }>(ctx);
    const gradient = this.positions ? ctx.gradient(this.positions) : null;
    if (gradient) {
      const [N, T, D] = shape as [number, number, number];
      const ones = ctx.buffer('ones', [N]);
      backend().fill(ones.storage, 1);
      backend().fill(gradient.storage, 0);
      backend().matmul(ones.storage, (outputGradients[0] as Tensor).storage, gradient.rows(0, T).storage, 1, T * D, N, false, false);
    }
    return [null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), sequenceLength: this.sequenceLength, initializer: initializerConfig(this.initializer) };
  }
}
