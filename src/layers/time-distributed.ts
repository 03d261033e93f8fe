import { SarafError } from '../errors.js';
import { knownOptions, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape, type SymbolicTensor, type Weight } from './layer.js';
import { copyLayer, layerConfig, layerFromConfig, type LayerConfig } from './registry.js';
import { InnerContext } from './standalone-context.js';
import type { DType, FloatType } from '../backend/backend.js';
import type { ForwardWork } from './cost.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface TimeDistributedOptions extends LayerOptions {
  /** The layer or model of one step, or its configuration. A copy of it is used, with its weights if it is built. */
  layer: Layer | LayerConfig;
}

interface Saved {
  inner: InnerContext;
  shape: Shape;
}

/**
 * Applies a layer to every step of a sequence: all steps at once, as further items of the batch.
 *
 * Shapes: (N,T,…) → (N,T,… of the inner layer). The mask passes on; steps that it leaves out are computed as any other.
 * A penalty on the inner layer's outputs (`activityRegularizer`) does not count, as in Keras: give it to this one.
 * Throws: ERR_ARG if the inner layer has several outputs; what the inner layer throws.
 * Source: Keras TimeDistributed.
 * Example: layers.timeDistributed({ layer: layers.conv2d({ filters: 8, kernelSize: 3 }) })
 */
export class TimeDistributed extends Layer {
  readonly className = 'TimeDistributed';
  readonly layer: Layer;
  /** Whose weights the inner layer gets when it is built. */
  private readonly given: Layer | null;

  constructor(options: TimeDistributedOptions) {
    super('TimeDistributed', options);
    knownOptions('timeDistributed', options, ['layer']);
    const given: unknown = options.layer;
    if (!(given instanceof Layer) && (typeof given !== 'object' || given === null || !('className' in given)))
      throw new SarafError('ERR_ARG', 'timeDistributed', `expected layer to be a layer or its configuration, received ${String(given)}`);
    this.given = options.layer instanceof Layer && options.layer.built ? options.layer : null;
    this.layer = options.layer instanceof Layer ? copyLayer(options.layer) : layerFromConfig(options.layer);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  protected override get innerLayers(): readonly Layer[] {
    return [this.layer];
  }

  override get weights(): readonly Weight[] {
    return this.layer.weights;
  }

  override get trainableWeights(): readonly Weight[] {
    return this.trainable ? this.layer.trainableWeights : [];
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.layer.weightPrefix = this.weightPrefix;
    if (!this.layer.built) this.layer.build([this.step(inputShapes)], dtype);
    if (this.given) this.layer.setWeights(this.given.getWeights());
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const [batch, steps] = onlyShape(this.name, inputShapes) as [number | null, number | null];
    const outputs = this.layer.computeOutputShape([this.step(inputShapes)]);
    if (outputs.length !== 1)
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected an inner layer with one output, received ${this.layer.name} with ${outputs.length}`,
      );
    return [[batch, steps, ...(outputs[0] as SymbolicShape).slice(1)]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.step(inputs.map((t) => t.shape));
    const [batch, steps, ...rest] = x.shape as [number, number, ...number[]];
    const inner = new InnerContext(ctx, { prefix: 'step/', masks: [] });
    const [y] = this.layer.forward([x.reshape([batch * steps, ...rest])], inner) as [Tensor];
    this.remember(ctx, { inner, shape: x.shape } satisfies Saved);
    return [y.reshape([batch, steps, ...y.shape.slice(1)])];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { inner, shape } = this.recall<Saved>(ctx);
    const dy = outputGradients[0] as Tensor;
    const [batch, steps, ...rest] = dy.shape as [number, number, ...number[]];
    const [dx] = this.layer.backward([dy.reshape([batch * steps, ...rest])], inner);
    return [dx?.reshape(shape) ?? null];
  }

  override retract(ctx: LayerContext): void {
    this.layer.retract(this.recall<Saved>(ctx).inner);
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[], valid = 1): ForwardWork {
    const flat = (shapes: readonly Shape[]): Shape[] =>
      shapes.map(([batch, steps, ...rest]) => [(batch as number) * (steps as number), ...rest]);
    return this.layer.cost(flat(inputShapes), flat(outputShapes), valid);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: layerConfig(this.layer) };
  }

  protected override outputDType(_inputs: readonly SymbolicTensor[]): DType {
    return 'float32';
  }

  /** The shape of the inner layer's input. */
  private step(inputShapes: readonly SymbolicShape[]): SymbolicShape {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length < 3) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,…), received ${showShape(shape)}`);
    const [batch, steps, ...rest] = shape as [number | null, number | null, ...(number | null)[]];
    return [batch === null || steps === null ? null : batch * steps, ...rest];
  }
}
