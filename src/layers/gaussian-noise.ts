import { SarafError } from '../errors.js';
import { BINARY, type FloatType, type RandomKey } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface GaussianNoiseOptions extends LayerOptions {
  /** Standard deviation of the noise, >= 0. */
  stddev: number;
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/**
 * In training, adds normal noise of mean 0; otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless stddev >= 0.
 * Source: Keras GaussianNoise.
 * Example: layers.gaussianNoise({ stddev: 0.1 })
 */
export class GaussianNoise extends Layer {
  readonly className = 'GaussianNoise';
  readonly stddev: number;
  private key: RandomKey | undefined;

  constructor(options: GaussianNoiseOptions) {
    super('GaussianNoise', options);
    knownOptions('gaussianNoise', options, ['stddev', 'randomKey']);
    if (typeof options.stddev !== 'number' || !(options.stddev >= 0 && options.stddev < Infinity))
      throw new SarafError('ERR_ARG', 'gaussianNoise', `expected stddev >= 0, received ${String(options.stddev)}`);
    this.stddev = options.stddev;
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
    if (!ctx.training || this.stddev === 0) return [x];
    if (!this.key)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const { seed, stream } = this.key;
    const counter = ctx.step + (ctx.call ?? 0) * 0x100000000;
    const y = ctx.buffer('y', x.shape);
    backend().randomNormal(y.storage, 0, this.stddev, false, seed, stream, counter);
    backend().binary(x.storage, y.storage, y.storage, BINARY.add);
    return [y];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [ctx.wantsInputGradient(0) ? (outputGradients[0] as Tensor) : null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), stddev: this.stddev, ...(this.key ? { randomKey: this.key } : {}) };
  }
}
