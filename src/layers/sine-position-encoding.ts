import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { fullShape, knownOptions, lastAxis, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import { zeros, type Tensor } from '../tensor/tensor.js';
import { cos, pow, sin } from '../tensor/portable-math.js';

export interface SinePositionEncodingOptions extends LayerOptions {
  /** Longest wavelength, in steps, over 2π. Default 10000. */
  maxWavelength?: number;
}

/**
 * The sinusoidal encoding of each position, to be added to x: feature 2i is sin(t·w^(2i/D)), feature 2i+1 its cosine,
 * w = 1/maxWavelength. Only the shape of x is looked at. A mask is passed on.
 *
 * Shapes: x (N,T,D) → (N,T,D).
 * Throws: ERR_SHAPE if x is not rank 3; ERR_ARG unless maxWavelength > 0.
 * Source: Vaswani et al. 2017; KerasHub SinePositionEncoding.
 * Example: layers.add().apply([x, layers.sinePositionEncoding().apply(x)])
 */
export class SinePositionEncoding extends Layer {
  readonly className = 'SinePositionEncoding';
  readonly maxWavelength: number;
  private readonly encodings = new PerShape<Tensor>();

  constructor(options: SinePositionEncodingOptions = {}) {
    super('SinePositionEncoding', options);
    knownOptions('sinePositionEncoding', options, ['maxWavelength']);
    this.maxWavelength = options.maxWavelength ?? 10_000;
    if (!(this.maxWavelength > 0)) {
      throw new SarafError('ERR_ARG', 'sinePositionEncoding', `expected maxWavelength > 0, received ${String(this.maxWavelength)}`);
    }
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== 3) throw new SarafError('ERR_SHAPE', this.name, `expected x of shape (N,T,D), received ${showShape(shape)}`);
    lastAxis(this.name, shape);
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const shape = fullShape(this.name, this.computeOutputShape(inputs.map((t) => t.shape))[0] as SymbolicShape);
    const [N, T, D] = shape as [number, number, number];
    const encoding = this.encodings.get([T, D, ctx.dtype === 'float64' ? 64 : 32], () => this.encode(T, D, ctx));
    const y = ctx.buffer('y', shape);
    // Every sequence is a copy of the same row.
    const first = ctx.buffer('first', [N], 'int32');
    backend().fill(first.storage, 0);
    backend().gatherRows(encoding.storage, first.storage, y.storage, T * D);
    return [y];
  }

  override backward(): (Tensor | null)[] {
    return [null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maxWavelength: this.maxWavelength };
  }

  /** Of one sequence: computed once per length. */
  private encode(T: number, D: number, ctx: LayerContext): Tensor {
    const values = new Float64Array(T * D);
    for (let t = 0; t < T; t++) {
      for (let d = 0; d < D; d++) {
        const angle = t * pow(1 / this.maxWavelength, (2 * Math.floor(d / 2)) / D);
        values[t * D + d] = d % 2 === 0 ? sin(angle) : cos(angle);
      }
    }
    const encoding = zeros([T, D], ctx.dtype);
    backend().write(encoding.storage, values);
    return encoding;
  }
}
