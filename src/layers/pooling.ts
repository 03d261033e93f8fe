import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, lastAxis, onlyShape, showShape, window } from './checks.js';
import { valuesIn, type ForwardWork } from './cost.js';
import { checkPadding, windowGeometry, windowOutputs, type Window } from './geometry.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { PerShape } from './per-shape.js';
import type { Geometry } from '../backend/backend.js';
import type { Shape, Tensor } from '../tensor/tensor.js';

export interface PoolingOptions extends LayerOptions {
  /** Size of the window: one number, or one per axis. Default 2. */
  poolSize?: number | readonly number[];
  /** Default: poolSize. */
  strides?: number | readonly number[] | null;
  /** Default valid. */
  padding?: 'valid' | 'same';
}

interface Saved {
  shape: Shape;
  geometry: Geometry;
  argmax: Tensor | null;
}

/** What the four pooling layers share. Masks are swallowed, as in Keras. */
export abstract class Pooling extends Layer {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  private readonly kind: 'max' | 'average';
  private readonly windows: readonly Window[];
  private readonly geometries = new PerShape<Geometry>();

  constructor(className: string, kind: 'max' | 'average', axes: 1 | 2, options: PoolingOptions) {
    super(className, options);
    const op = `${kind}Pooling${axes}d`;
    knownOptions(op, options, ['poolSize', 'strides', 'padding']);
    this.kind = kind;
    this.poolSize = window(op, 'poolSize', options.poolSize ?? 2, axes);
    this.strides = window(op, 'strides', options.strides ?? this.poolSize, axes);
    this.padding = checkPadding(op, options.padding, ['valid', 'same']) as 'valid' | 'same';
    this.windows = this.poolSize.map((kernel, i) => ({ kernel, stride: this.strides[i] as number, dilation: 1 }));
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    const expected = this.windows.length === 1 ? '(N,W,C)' : '(N,H,W,C)';
    if (shape.length !== this.windows.length + 2) {
      const fix = shape.length === this.windows.length + 1 ? '; add a channel axis with x.expandDims(-1)' : '';
      throw new SarafError('ERR_SHAPE', this.name, `expected x of shape ${expected}, received ${showShape(shape)}${fix}`);
    }
    return [[shape[0] as number | null, ...windowOutputs(this.name, shape, this.windows, this.padding), lastAxis(this.name, shape)]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, x, ctx.dtype);
    const channels = x.shape.at(-1) as number;
    const geometry = this.geometries.get(x.shape, () => windowGeometry(x.shape, this.windows, this.padding, channels, 1));
    const y = ctx.buffer('y', shape);
    const argmax = this.kind === 'max' ? ctx.buffer('argmax', shape, 'int32') : null;
    if (argmax) backend().maxPoolForward(x.storage, y.storage, argmax.storage, geometry);
    else backend().averagePoolForward(x.storage, y.storage, geometry);
    this.remember(ctx, { shape: x.shape, geometry, argmax } satisfies Saved);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { shape, geometry, argmax } = this.recall<Saved>(ctx);
    const dy = outputGradients[0] as Tensor;
    const dx = ctx.buffer('dx', shape);
    if (argmax) backend().maxPoolBackward(dy.storage, argmax.storage, dx.storage, geometry);
    else backend().averagePoolBackward(dy.storage, dx.storage, geometry);
    return [dx];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const taps = this.poolSize.reduce((product, n) => product * n, 1);
    return { ...super.cost(inputShapes, outputShapes), flops: taps * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), poolSize: this.poolSize, strides: this.strides, padding: this.padding };
  }
}
