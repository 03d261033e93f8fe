import { SarafError } from '../errors.js';
import { BINARY, type FloatType, type RandomKey } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface GaussianDropoutOptions extends LayerOptions {
  /** As of a dropout, in [0,1): the factors have the variance rate/(1−rate). */
  rate: number;
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/**
 * In training, multiplies each value by a normal factor of mean 1; otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate in [0,1).
 * Source: Srivastava et al. 2014; Keras GaussianDropout.
 * Example: layers.gaussianDropout({ rate: 0.1 })
 */
export class GaussianDropout extends Layer {
  readonly className = 'GaussianDropout';
  readonly rate: number;
  private key: RandomKey | undefined;

  constructor(options: GaussianDropoutOptions) {
    super('GaussianDropout', options);
    knownOptions('gaussianDropout', options, ['rate', 'randomKey']);
    if (typeof options.rate !== 'number' || !(options.rate >= 0 && options.rate < 1))
      throw new SarafError('ERR_ARG', 'gaussianDropout', `expected rate in [0,1), received ${String(options.rate)}`);
    this.rate = options.rate;
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
    return [onlyShape(this.name, inputShapes)];
  }

  override forward(inputs: readonly Tensor[], ctx: LayerContext): Tensor[] {
    const x = inputs[0] as Tensor;
    this.computeOutputShape(inputs.map((t) => t.shape));
    floatInput(this.name, x, ctx.dtype);
    if (!ctx.training || this.rate === 0) return [x];
    if (!this.key)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const { seed, stream } = this.key;
    const counter = ctx.step + (ctx.call ?? 0) * 0x100000000;
    const [factors, y] = [ctx.buffer('factors', x.shape), ctx.buffer('y', x.shape)];
    backend().randomNormal(factors.storage, 1, Math.sqrt(this.rate / (1 - this.rate)), false, seed, stream, counter);
    backend().binary(x.storage, factors.storage, y.storage, BINARY.multiply);
    this.remember(ctx, { factors });
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    const dy = outputGradients[0] as Tensor;
    if (!ctx.wantsInputGradient(0)) return [null];
    if (!ctx.training || this.rate === 0) return [dy];
    const dx = ctx.buffer('dx', dy.shape);
    backend().binary(dy.storage, this.recall<{ factors: Tensor }>(ctx).factors.storage, dx.storage, BINARY.multiply);
    return [dx];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, ...(this.key ? { randomKey: this.key } : {}) };
  }
}
