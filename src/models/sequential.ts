import { SarafError } from '../errors.js';
import { InputLayer } from '../layers/input-layer.js';
import { Layer, type SymbolicShape, type SymbolicTensor, type Weight } from '../layers/layer.js';
import { layerConfig } from '../layers/registry.js';
import { reserveKeys, withReservedKeys } from '../initializers/seed.js';
import type { FloatType, RandomKey } from '../backend/backend.js';
import type { InputSpec } from './input-stage.js';
import { Model } from './model.js';
import type { Tensor } from '../tensor/tensor.js';

export interface SequentialOptions {
  layers?: readonly Layer[];
  name?: string;
  trainable?: boolean;
}

/**
 * A model whose layers follow one after the other.
 *
 * It is built when its input shape is known: from an `InputLayer`, the first layer's `inputShape`, or the first data.
 * Throws: ERR_ARG if something else than layers is given.
 * Source: Keras Sequential.
 * Example: const model = new Sequential([layers.dense({ units: 8, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })])
 */
export class Sequential extends Model {
  override readonly className: string = 'Sequential';
  private readonly list: Layer[] = [];
  /** Whether the input shape was taken from data: then other lengths are welcome if the layers take them. */
  private shapeFromData = false;
  /** Draws set aside when the first layer came, so that the weights do not depend on what else is drawn before the first data. */
  private keys: RandomKey | null = null;

  constructor(layers: readonly Layer[] | SequentialOptions = []) {
    const options: SequentialOptions = Array.isArray(layers) ? { layers: layers as readonly Layer[] } : (layers as SequentialOptions);
    super({
      className: 'Sequential',
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.trainable === undefined ? {} : { trainable: options.trainable }),
    });
    for (const layer of options.layers ?? []) this.push(layer);
    this.buildIfKnown();
  }

  /** Appends a layer. */
  add(layer: Layer): void {
    this.push(layer);
    const before = this.graphOrNull;
    const input = before ? (before.tensors[before.inputs[0] as number] as SymbolicTensor) : null;
    this.dropGraph();
    if (input) this.chain(input);
    else this.buildIfKnown();
  }

  override get layers(): readonly Layer[] {
    return this.list.filter((l) => !(l instanceof InputLayer));
  }

  protected override get innerLayers(): readonly Layer[] {
    return this.layers;
  }

  override get weights(): readonly Weight[] {
    return [...new Set(this.layers.flatMap((l) => l.weights))];
  }

  override build(inputShapes: readonly SymbolicShape[], _dtype: FloatType): void {
    if (this.graphOrNull) return;
    const shape = inputShapes[0];
    if (!shape || inputShapes.length !== 1)
      throw new SarafError('ERR_ARG', this.name, `expected one input, received ${inputShapes.length}`);
    this.chain(new InputLayer({ shape: shape.slice(1), name: `${this.name}_input` }).symbolic());
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    if (this.graphOrNull) return super.computeOutputShape(inputShapes);
    return this.layers.reduce((shapes, layer) => layer.computeOutputShape(shapes), [...inputShapes] as SymbolicShape[]);
  }

  override getConfig(): Record<string, unknown> {
    const { graphOrNull: graph } = this;
    const input = graph ? (graph.tensors[graph.inputs[0] as number] as SymbolicTensor) : null;
    const first = this.list[0];
    return {
      name: this.name,
      trainable: this.trainable,
      // Only what a reader could not know from the layers: the shape that data gave.
      ...(input && !(first instanceof InputLayer)
        ? { inputShape: input.shape.slice(1), inputDType: input.dtype, shapeFromData: this.shapeFromData }
        : {}),
      layers: this.list.map(layerConfig),
    };
  }

  /** Builds the graph for items of this shape, as loading does. */
  buildFor(shape: SymbolicShape, dtype: 'float32' | 'int32', fromData: boolean): void {
    this.shapeFromData = fromData;
    this.chain(new InputLayer({ shape, dtype, name: `${this.name}_input` }).symbolic());
  }

  protected override inputSpecs(): InputSpec[] {
    const specs = super.inputSpecs();
    if (this.list[0] instanceof InputLayer) return specs;
    // The type of data decides between token ids and numbers; layers say what they take.
    return specs.map((s) => ({ ...s, name: 'x', shape: this.shapeFromData ? null : s.shape, dtype: null }));
  }

  protected override buildFromData(x: readonly Tensor[]): void {
    if (this.list.length === 0)
      throw new SarafError('ERR_STATE', this.name, 'expected at least one layer, the model is empty; add layers first');
    const first: Tensor | undefined = x[0];
    if (!first || x.length !== 1)
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected one input, received ${x.length}; a model with several inputs is a Model({ inputs, outputs })`,
      );
    if (first.rank === 0) throw new SarafError('ERR_SHAPE', this.name, 'expected data with a batch axis, received a scalar');
    this.buildFor(first.shape.slice(1), first.dtype === 'int32' ? 'int32' : 'float32', true);
  }

  private push(layer: Layer): void {
    const given: unknown = layer;
    if (!(given instanceof Layer))
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected a layer, received ${String(given)}; make one with layers.dense({ units: 3 }) or the like`,
      );
    if (layer instanceof InputLayer && this.list.length > 0)
      throw new SarafError('ERR_ARG', this.name, 'expected an input layer to be the first layer');
    if (this.list.some((l) => l !== layer && l.name === layer.name))
      throw new SarafError(
        'ERR_ARG',
        this.name,
        `expected layers with different names, received ${layer.name} twice; give one of them another name`,
      );
    this.list.push(layer);
  }

  private buildIfKnown(): void {
    const first = this.list[0];
    if (this.layers.length === 0 || !first) return;
    if (first instanceof InputLayer) this.chain(first.symbolic());
    else if (first.inputShape) this.buildFor(first.inputShape, 'float32', false);
    else this.keys ??= reserveKeys();
  }

  private chain(input: SymbolicTensor): void {
    const { keys } = this;
    this.keys = null;
    if (keys) withReservedKeys(keys, () => this.connect(input));
    else this.connect(input);
  }

  private connect(input: SymbolicTensor): void {
    let x = input;
    for (const layer of this.layers) {
      // Each layer is built before the next one looks at its output.
      if (!layer.built) layer.build([x.shape], 'float32');
      const y = layer.apply(x) as SymbolicTensor | SymbolicTensor[];
      if (Array.isArray(y))
        throw new SarafError(
          'ERR_ARG',
          this.name,
          `expected layers with one output, ${layer.name} has ${y.length}; use Model({ inputs, outputs })`,
        );
      x = y;
    }
    this.setGraph([input], [x]);
  }
}
