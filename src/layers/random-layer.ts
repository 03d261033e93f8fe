import { SarafError } from '../errors.js';
import type { FloatType, RandomKey } from '../backend/backend.js';
import { floatInput, knownOptions, onlyShape } from './checks.js';
import { Layer, type LayerContext, type LayerOptions, type SymbolicShape } from './layer.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RandomLayerOptions extends LayerOptions {
  /** Key of the draws, as a saved model keeps it so that training resumes with the same draws. Default: from the seed. */
  randomKey?: RandomKey;
}

/** Where a call's draws stand in a key's stream: the step is the low word, the call of a shared layer the high word. */
export const drawCounter = (ctx: LayerContext): number => ctx.step + (ctx.call ?? 0) * 0x100000000;

/** Throws ERR_ARG unless the option is a share in [0,1). */
export function checkRate(op: string, rate: unknown): number {
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1))
    throw new SarafError('ERR_ARG', op, `expected rate in [0,1), received ${String(rate)}`);
  return rate;
}

/** What the layers share that draw in training and pass x on otherwise: their key, their shapes, and when they do nothing. */
export abstract class RandomLayer extends Layer {
  private key: RandomKey | undefined;

  constructor(className: string, op: string, own: string | readonly string[], options: RandomLayerOptions) {
    super(className, options);
    knownOptions(op, options, [...(typeof own === 'string' ? [own] : own), 'randomKey']);
    this.key = options.randomKey;
  }

  /** The options that say what is drawn, as the configuration has them; all 0: nothing. */
  protected abstract amount(): Readonly<Record<string, unknown>>;
  /** What becomes of x in training. */
  protected abstract draw(x: Tensor, ctx: LayerContext): Tensor;
  /** The gradient of x in training. */
  protected abstract drawBackward(dy: Tensor, ctx: LayerContext): Tensor;

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
    return [this.active(ctx) ? this.draw(x, ctx) : x];
  }

  override backward(outputGradients: readonly Tensor[], ctx: LayerContext): (Tensor | null)[] {
    if (!ctx.wantsInputGradient(0)) return [null];
    const dy = outputGradients[0] as Tensor;
    return [this.active(ctx) ? this.drawBackward(dy, ctx) : dy];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.amount(), ...(this.key ? { randomKey: this.key } : {}) };
  }

  /** Seed, stream and counter of this call's draws. Throws ERR_STATE before the layer is built. */
  protected stream(ctx: LayerContext): [seed: number, stream: number, counter: number] {
    if (!this.key)
      throw new SarafError('ERR_STATE', this.name, 'expected a built layer; call build(inputShapes, dtype) or put it into a model');
    return [this.key.seed, this.key.stream, drawCounter(ctx)];
  }

  private active(ctx: LayerContext): boolean {
    return ctx.training && Object.values(this.amount()).some((n) => n !== 0);
  }
}
