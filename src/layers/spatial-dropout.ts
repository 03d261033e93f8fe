import { SarafError } from '../errors.js';
import { MERGES, type FloatType, type RandomKey } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape, showShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import { mergeLayout } from './strides.js';
import type { Tensor } from '../tensor/tensor.js';

export interface SpatialDropoutOptions extends LayerOptions {
  /** Share of channels set to 0 in training, in [0,1). */
  rate: number;
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/** What SpatialDropout1D and 2D share: whole channels of an item are dropped, or none of their values. */
export abstract class SpatialDropout extends Layer {
  readonly rate: number;
  private readonly axes: number;
  private key: RandomKey | undefined;

  constructor(className: string, op: string, axes: 1 | 2, options: SpatialDropoutOptions) {
    super(className, options);
    knownOptions(op, options, ['rate', 'randomKey']);
    if (typeof options.rate !== 'number' || !(options.rate >= 0 && options.rate < 1))
      throw new SarafError('ERR_ARG', op, `expected rate in [0,1), received ${String(options.rate)}`);
    this.rate = options.rate;
    this.axes = axes;
    this.key = options.randomKey;
  }

  override get supportsMasking(): boolean {
    return true;
  }

  override build(inputShapes: readonly SymbolicShape[], dtype: FloatType): void {
    this.key ??= this.drawKey();
    super.build(inputShapes, dtype);
  }

  override computeOutputShape(inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
    const shape = onlyShape(this.name, inputShapes);
    if (shape.length !== this.axes + 2)
      throw new SarafError(
        'ERR_SHAPE',
        this.name,
        `expected x of shape ${this.axes === 1 ? '(N,T,C)' : '(N,H,W,C)'}, received ${showShape(shape)}`,
      );
    return [shape];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    if (!ctx.training || this.rate === 0) return [x];
    if (!this.key)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const kept = ctx.buffer('kept', [x.shape[0] as number, ...Array.from({ length: this.axes }, () => 1), x.shape.at(-1) as number]);
    backend().fill(kept.storage, 1);
    const counter = ctx.step + (ctx.call ?? 0) * 0x100000000;
    backend().dropout(kept.storage, kept.storage, this.rate, this.key.seed, this.key.stream, counter);
    this.remember(ctx, { kept });
    return [this.times(x, kept, 'y', ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const dy = outputGradients[0] as Tensor;
    if (!ctx.wantsInputGradient(0)) return [null];
    if (!ctx.training || this.rate === 0) return [dy];
    return [this.times(dy, this.recall<{ kept: Tensor }>(ctx).kept, 'dx', ctx)];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, ...(this.key ? { randomKey: this.key } : {}) };
  }

  private times(x: Tensor, kept: Tensor, name: string, ctx: LayerContext): Tensor {
    const y = ctx.buffer(name, x.shape);
    backend().merge(x.storage, kept.storage, null, y.storage, mergeLayout(x.shape, x.shape, kept.shape), MERGES.multiply);
    return y;
  }
}
