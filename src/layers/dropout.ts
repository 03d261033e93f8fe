import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { FloatType, RandomKey } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface DropoutOptions extends LayerOptions {
  /** Share of values set to 0 in training, in [0,1). */
  rate: number;
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/**
 * In training, sets a share `rate` of the values to 0 and scales the others by 1/(1−rate); otherwise passes x on.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG unless rate is in [0,1).
 * Source: Srivastava et al. 2014; Keras Dropout.
 * Example: layers.dropout({ rate: 0.5 })
 */
export class Dropout extends Layer {
  readonly className = 'Dropout';
  readonly rate: number;
  private key: RandomKey | undefined;

  constructor(options: DropoutOptions) {
    super('Dropout', options);
    knownOptions('dropout', options, ['rate', 'randomKey']);
    if (typeof options.rate !== 'number' || !(options.rate >= 0 && options.rate < 1)) {
      throw new SarafError('ERR_ARG', 'dropout', `expected rate in [0,1), received ${String(options.rate)}`);
    }
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
    this.computeOutputShape(inputs.map((t) => t.shape));
    const x = inputs[0] as Tensor;
    floatInput(this.name, x, ctx.dtype);
    return [this.drop(x, 'y', ctx)];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    return [ctx.wantsInputGradient(0) ? this.drop(outputGradients[0] as Tensor, 'dx', ctx) : null];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, ...(this.key ? { randomKey: this.key } : {}) };
  }

  private drop(x: Tensor, name: string, ctx: LayerContext): Tensor {
    if (!ctx.training || this.rate === 0) return x;
    if (!this.key)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    const y = ctx.buffer(name, x.shape);
    // A step is the low word of the counter, the call of a shared layer the high word.
    const counter = ctx.step + (ctx.call ?? 0) * 0x100000000;
    backend().dropout(x.storage, y.storage, this.rate, this.key.seed, this.key.stream, counter);
    return y;
  }
}
