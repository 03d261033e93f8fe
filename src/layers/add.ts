import { SarafError } from '../errors.js';
import { BINARY } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, inputCount, knownOptions, showShape } from './checks.js';
import { changeHost } from './host.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export type AddOptions = LayerOptions;

/**
 * Sum of two or more inputs of one shape. A step is valid if it is valid in any input.
 *
 * Shapes: k times (…) → (…).
 * Throws: ERR_SHAPE if the shapes differ.
 * Source: Keras Add (no broadcasting).
 * Example: layers.add().apply([x, y])
 */
export class Add extends Layer {
  readonly className = 'Add';

  constructor(options: AddOptions = {}) {
    super('Add', options);
    knownOptions('add', options, []);
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    inputCount(this.name, inputShapes.length, 2, Infinity);
    const [first, ...others] = inputShapes as [SymbolicShape, ...SymbolicShape[]];
    for (const other of others) {
      if (other.length !== first.length || other.some((n, i) => n !== null && first[i] != null && n !== first[i])) {
        throw new SarafError('ERR_SHAPE', this.name, `expected inputs of one shape, received ${inputShapes.map(showShape).join(' and ')}`);
      }
    }
    return [first.map((n, i) => n ?? others.map((other) => other[i]).find((m) => m != null) ?? null)];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    this.computeOutputShape(inputs.map((t) => t.shape));
    for (const x of inputs) floatInput(this.name, x, ctx.dtype);
    const [a, b, ...others] = inputs as readonly [Tensor, Tensor, ...Tensor[]];
    const y = ctx.buffer('y', a.shape);
    backend().binary(a.storage, b.storage, y.storage, BINARY.add);
    for (const x of others) backend().binary(y.storage, x.storage, y.storage, BINARY.add);
    this.remember(ctx, { count: inputs.length });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { count } = this.recall<{ count: number }>(ctx);
    const dy = outputGradients[0] as Tensor;
    return Array.from({ length: count }, (_, i) => (ctx.wantsInputGradient(i) ? dy : null));
  }

  override computeMask(inputs: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const masks = inputs.map((_, i) => ctx.masks[i] ?? null);
    if (masks.includes(null)) return [null];
    const [first, ...others] = masks as [Tensor, ...Tensor[]];
    const joint = ctx.buffer('mask', first.shape, 'uint8');
    backend().copy(first.storage, joint.storage);
    changeHost(joint, (valid) => {
      for (const other of others) {
        const values = other.data();
        for (let i = 0; i < valid.length; i++) if (values[i] !== 0) valid[i] = 1;
      }
    });
    return [joint];
  }
}
