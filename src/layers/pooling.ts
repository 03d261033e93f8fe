import { backend } from '../backend/current.js';
import { floatInput, imageInput, knownOptions, lastAxis, onlyShape, window, type WindowAxes } from './checks.js';
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

/** One kernel call: what it reads, as many windows of two axes as it makes, and where it writes. */
interface Stage {
  readonly geometry: Geometry;
  readonly x: Shape;
  readonly y: Shape;
}

interface Saved {
  readonly shape: Shape;
  readonly stages: readonly Stage[];
  /** Winners of each stage; none of an average. */
  readonly argmax: readonly (Tensor | null)[];
}

/**
 * What the pooling layers share. Volumes are pooled plane by plane, and then along their depth: the largest value of a window, its first
 * place, and the mean of its real cells all come of such parts. Masks are swallowed, as in Keras.
 */
export abstract class Pooling extends Layer {
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same';
  private readonly kind: 'max' | 'average';
  private readonly windows: readonly Window[];
  private readonly stages = new PerShape<readonly Stage[]>();

  constructor(className: string, kind: 'max' | 'average', axes: WindowAxes, options: PoolingOptions) {
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
    imageInput(this.name, shape, this.windows.length as WindowAxes);
    return [[shape[0] as number | null, ...windowOutputs(this.name, shape, this.windows, this.padding), lastAxis(this.name, shape)]];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const input = inputs[0] as Tensor;
    const shape = this.computeOutputShape(inputs.map((t) => t.shape))[0] as Shape;
    floatInput(this.name, input, ctx.dtype);
    const stages = this.stages.get(input.shape, () => this.stagesOf(input.shape));
    let x = input;
    const argmax = stages.map((stage, i) => {
      const y = ctx.buffer(`y${i}`, stage.y);
      const winners = this.kind === 'max' ? ctx.buffer(`argmax${i}`, stage.y, 'int32') : null;
      if (winners) backend().maxPoolForward(x.storage, y.storage, winners.storage, stage.geometry);
      else backend().averagePoolForward(x.storage, y.storage, stage.geometry);
      x = y;
      return winners;
    });
    this.remember(ctx, { shape: input.shape, stages, argmax } satisfies Saved);
    return [x.reshape(shape)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const { shape, stages, argmax } = this.recall<Saved>(ctx);
    let dy = outputGradients[0] as Tensor;
    for (const [i, { geometry, x }] of [...stages.entries()].toReversed()) {
      const dx = ctx.buffer(`dx${i}`, x);
      const winners = argmax[i];
      if (winners) backend().maxPoolBackward(dy.storage, winners.storage, dx.storage, geometry);
      else backend().averagePoolBackward(dy.storage, dx.storage, geometry);
      dy = dx;
    }
    return [dy.reshape(shape)];
  }

  override cost(inputShapes: readonly Shape[], outputShapes: readonly Shape[]): ForwardWork {
    const taps = this.poolSize.reduce((product, n) => product * n, 1);
    return { ...super.cost(inputShapes, outputShapes), flops: taps * valuesIn(outputShapes) };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), poolSize: this.poolSize, strides: this.strides, padding: this.padding };
  }

  private stagesOf(shape: Shape): Stage[] {
    const channels = shape.at(-1) as number;
    const stage = (x: Shape, windows: readonly Window[]): Stage => {
      const outputs = windowOutputs(this.name, x, windows, this.padding) as number[];
      return { geometry: windowGeometry(x, windows, this.padding, channels, 1), x, y: [x[0] as number, ...outputs, channels] };
    };
    if (this.windows.length < 3) return [stage(shape, this.windows)];
    const [N, D, H, W] = shape as [number, number, number, number];
    const [deep, ...flat] = this.windows as [Window, Window, Window];
    const planes = stage([N * D, H, W, channels], flat);
    const [, OH, OW] = planes.y as [number, number, number];
    return [planes, stage([N, D, OH * OW, channels], [deep, { kernel: 1, stride: 1, dilation: 1 }])];
  }
}
