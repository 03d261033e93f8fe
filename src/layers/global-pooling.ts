import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, imageInput, knownOptions, lastAxis, onlyShape, showShape, type WindowAxes } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface GlobalPoolingOptions extends LayerOptions {
  /** Keep the pooled axes, with length 1. Default false. */
  keepdims?: boolean;
}

interface Saved {
  x: Tensor;
  y: Tensor;
  mask: Tensor | null;
}

/** What the global pooling layers share. Masks are used by the average over time only, and go no further. */
export abstract class GlobalPooling extends Layer {
  readonly keepdims: boolean;
  private readonly kind: 'max' | 'average';
  private readonly axes: WindowAxes;

  constructor(className: string, kind: 'max' | 'average', axes: WindowAxes, options: GlobalPoolingOptions) {
    super(className, options);
    knownOptions(`global${kind === 'max' ? 'Max' : 'Average'}Pooling${axes}d`, options, ['keepdims']);
    this.keepdims = options.keepdims ?? false;
    this.kind = kind;
    this.axes = axes;
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    imageInput(this.name, shape, this.axes, this.axes === 1 ? '(N,T,C)' : undefined);
    const channels = lastAxis(this.name, shape);
    if (shape.slice(1, -1).includes(0)) {
      throw new SarafError('ERR_SHAPE', this.name, `expected x with something to pool, received ${showShape(shape)}`);
    }
    return [[shape[0] as number | null, ...(this.keepdims ? shape.slice(1, -1).map(() => 1) : []), channels]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const y = ctx.buffer('y', shape);
    const mask = this.kind === 'average' && this.axes === 1 ? (ctx.masks[0] ?? null) : null;
    const [N, cells, channels] = this.sizes(x.shape);
    if (this.kind === 'max') backend().globalMaxForward(x.storage, y.storage, N, cells, channels);
    else backend().globalAverageForward(x.storage, mask?.storage ?? null, y.storage, N, cells, channels);
    this.remember(ctx, { x, y, mask } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const { x, y, mask } = this.recall<Saved>(ctx);
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', x.shape);
    const [N, cells, channels] = this.sizes(x.shape);
    if (this.kind === 'max') backend().globalMaxBackward(x.storage, y.storage, dy.storage, dx.storage, N, cells, channels);
    else backend().globalAverageBackward(dy.storage, mask?.storage ?? null, dx.storage, N, cells, channels);
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    return { ...super.cost(inputShapes, outputShapes), flops: valuesIn(inputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), keepdims: this.keepdims };
  }

  private sizes(shape: Shape): [number, number, number] {
    return [shape[0] as number, shape.slice(1, -1).reduce((product, n) => product * n, 1), shape.at(-1) as number];
  }
}
