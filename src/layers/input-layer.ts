import { SarafError } from '../errors.js';
import { knownOptions, oneOf } from './checks.js';
import { Layer, type LayerOptions, type SymbolicShape, type SymbolicTensor } from './layer.js';
import type { DType } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface InputOptions extends LayerOptions {
  /** Shape of one item, without the batch axis; null for an axis of any length. */
  shape: SymbolicShape;
  /** Default float32; int32 for token ids. */
  dtype?: DType;
}

/** Where data enters a model. Example: layers.inputLayer({ shape: [32, 32, 3] }) */
export class InputLayer extends Layer {
  readonly className = 'InputLayer';
  readonly shape: SymbolicShape;
  readonly dtype: DType;

  constructor(options: InputOptions) {
    super('InputLayer', { ...options, inputShape: options.shape });
    knownOptions('input', options, ['shape', 'dtype']);
    const shape: unknown = options.shape;
    if (!Array.isArray(shape) || shape.some((n) => n !== null && (!Number.isInteger(n) || n < 1))) {
      throw new SarafError(
        'ERR_ARG',
        'input',
        `expected shape to list positive integers or null, received ${JSON.stringify(shape)}; leave the batch axis out`,
      );
    }
    this.shape = [...options.shape];
    this.dtype = oneOf<DType>('input', 'dtype', options.dtype ?? 'float32', ['float32', 'float64', 'int32', 'uint8']);
  }

  override computeOutputShape(_inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    return [[null, ...this.shape]];
  }

  override forward(inputs: readonly Tensor[]): Tensor[] {
    return [...inputs];
  }

  override backward(outputGradients: readonly Tensor[]): (Tensor | null)[] {
    return [...outputGradients];
  }

  override getConfig(): Record<string, unknown> {
    const { inputShape: _inputShape, ...config } = super.getConfig();
    return { ...config, shape: this.shape, dtype: this.dtype };
  }

  /** The symbolic tensor of this input; the same one each time. */
  symbolic(): SymbolicTensor {
    const made = this.nodes[0]?.outputs[0];
    if (made) return made;
    const output: SymbolicTensor = { shape: [null, ...this.shape], dtype: this.dtype, layer: this, nodeIndex: 0, tensorIndex: 0 };
    this.nodes.push({ inputs: [], outputs: [output] });
    this.built = true;
    return output;
  }
}

/**
 * A symbolic tensor to build a functional model from.
 *
 * Shapes: `shape` is that of one item, without the batch axis.
 * Throws: ERR_ARG if shape is not a list of positive integers or null.
 * Example: `const x = input({ shape: [100], dtype: 'int32' })`
 */
export function input(options: InputOptions): SymbolicTensor {
  return new InputLayer(options).symbolic();
}
