import { SarafError } from '../errors.js';
import { MERGES } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { mergeLayout } from './strides.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RescalingOptions extends LayerOptions {
  /** One number, or one per channel (the last axis). */
  scale: number | readonly number[];
  /** Likewise. Default 0. */
  offset?: number | readonly number[];
}

/**
 * y = x·scale + offset, such as pixels 0 … 255 to [0,1]: images stay bytes until a batch needs them.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless scale and offset are finite; ERR_SHAPE if a list is not as long as the last axis.
 * Source: Keras Rescaling.
 * Example: layers.rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] })
 */
export class Rescaling extends Layer {
  readonly className = 'Rescaling';
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];

  constructor(options: RescalingOptions) {
    super('Rescaling', options);
    knownOptions('rescaling', options, ['scale', 'offset']);
    this.scale = options.scale;
    this.offset = options.offset ?? 0;
    if (![this.scale, this.offset].every((given) => listOf(given).length > 0 && listOf(given).every((v) => Number.isFinite(v))))
      throw new SarafError(
        'ERR_ARG',
        'rescaling',
        `expected finite scale and offset, received ${JSON.stringify(this.scale)} and ${JSON.stringify(this.offset)}`,
      );
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    for (const list of [this.scale, this.offset])
      if (typeof list !== 'number' && list.length !== shape.at(-1))
        throw new SarafError(
          'ERR_SHAPE',
          this.name,
          `expected x with ${list.length} channels, one per number of scale and offset, received ${showShape(shape)}`,
        );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    const y = ctx.buffer('y', x.shape);
    this.rescale(x, y, this.offset, ctx);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', dy.shape);
    this.rescale(dy, dx, 0, ctx);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }

  private rescale(x: Tensor, y: Tensor, offset: number | readonly number[], ctx: LayerContext): void {
    const { scale } = this;
    if (typeof scale === 'number' && typeof offset === 'number') {
      backend().affine(x.storage, y.storage, scale, offset);
      return;
    }
    const C = x.shape.at(-1) as number;
    const perChannel = (name: string, given: number | readonly number[]): Tensor => {
      const values = ctx.buffer(name, [C]);
      backend().write(
        values.storage,
        Float64Array.from({ length: C }, (_, c) => (typeof given === 'number' ? given : (given[c] as number))),
      );
      return values;
    };
    const layout = mergeLayout(
      x.shape,
      x.shape,
      x.shape.map((n, i) => (i === x.shape.length - 1 ? n : 1)),
    );
    const scaled = ctx.buffer('scaled', x.shape);
    backend().merge(x.storage, perChannel('scale', scale).storage, null, scaled.storage, layout, MERGES.multiply);
    backend().merge(scaled.storage, perChannel('offset', offset).storage, null, y.storage, layout, MERGES.add);
  }
}

const listOf = (given: number | readonly number[]): readonly number[] => (typeof given === 'number' ? [given] : given);
