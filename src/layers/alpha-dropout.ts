import { SarafError } from '../errors.js';
import { BINARY, type FloatType, type RandomKey } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface AlphaDropoutOptions extends LayerOptions {
  /** Share of values set to the negative saturation of selu in training, in [0,1). */
  rate: number;
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/**
 * In training, sets a share `rate` of the values to what selu saturates at, and keeps mean and variance of normal inputs.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate in [0,1).
 * Source: Klambauer et al. 2017; Keras AlphaDropout.
 * Example: layers.alphaDropout({ rate: 0.1 })
 */
export class AlphaDropout extends Layer {
  readonly className = 'AlphaDropout';
  readonly rate: number;
  private key: RandomKey | undefined;

  constructor(options: AlphaDropoutOptions) {
    super('AlphaDropout', options);
    knownOptions('alphaDropout', options, ['rate', 'randomKey']);
    if (typeof options.rate !== 'number' || !(options.rate >= 0 && options.rate < 1))
      throw new SarafError('ERR_ARG', 'alphaDropout', `expected rate in [0,1), received ${String(options.rate)}`);
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
    const [kept, factors, y] = [ctx.buffer('kept', x.shape), ctx.buffer('factors', x.shape), ctx.buffer('y', x.shape)];
    const { low, scale, shift } = this.constants();
    // 1/(1−rate) where kept, else 0; then a·(x·k + low·(1 − k)) + b with k of 1 or 0.
    backend().fill(y.storage, 1);
    backend().dropout(y.storage, kept.storage, this.rate, seed, stream, counter);
    backend().affine(kept.storage, factors.storage, scale * (1 - this.rate), 0);
    backend().affine(kept.storage, kept.storage, -scale * low * (1 - this.rate), scale * low + shift);
    backend().binary(x.storage, factors.storage, y.storage, BINARY.multiply);
    backend().binary(y.storage, kept.storage, y.storage, BINARY.add);
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

  /** What dropped values become, and the factor and shift that restore mean and variance. */
  private constants(): { low: number; scale: number; shift: number } {
    const low = -1.6732632423543772 * 1.0507009873554805;
    const scale = ((1 - this.rate) * (1 + this.rate * low ** 2)) ** -0.5;
    return { low, scale, shift: -scale * low * this.rate };
  }
}
