import { onHost } from './host.js';
import type { Tensor } from '../tensor/tensor.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { checkedSmoothing } from './categorical-crossentropy.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { exp, log, log1p } from '../tensor/portable-math.js';

/** The upper end of clipping in float32, as Keras has it: there 1 − p is 1.19e-7 and not 1e-7. */
export const BINARY_UPPER = Math.fround(1 - EPSILON);

export interface BinaryCrossentropyOptions extends LossOptions {
  /** yPred holds logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Moves targets towards 1/2, in [0,1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of yes/no targets, averaged over the last axis: −(t·log p + (1−t)·log(1−p)).
 *
 * Shapes: yTrue and yPred (N,C), (N,1) or (N); targets in [0,1].
 * Units:  nats.
 * Throws: ERR_SHAPE if the counts differ.
 * Source: Keras BinaryCrossentropy. Fused from the logits when the model ends in sigmoid: max(z,0) − z·t + log(1+e^−|z|);
 *         probabilities are clipped to [1e-7, 1−1e-7].
 * Example: model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' })
 */
export class BinaryCrossentropy extends Loss {
  readonly className = 'BinaryCrossentropy';
  override readonly fromLogits: boolean;
  override readonly fuses = 'sigmoid' as const;
  readonly labelSmoothing: number;

  constructor(options: BinaryCrossentropyOptions = {}) {
    super('binary_crossentropy', options);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkedSmoothing(this.name, options.labelSmoothing);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits, labelSmoothing: this.labelSmoothing };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const x = call.yPred.data();
    const given = call.yTrue.data();
    const s = this.labelSmoothing;
    const target = (i: number): number => (given[i] as number) * (1 - s) + s / 2;
    const value = call.fromLogits
      ? (z: number, t: number): number => Math.max(z, 0) - z * t + log1p(exp(-Math.abs(z)))
      : (p: number, t: number): number => {
          const q = Math.min(Math.max(p, EPSILON), BINARY_UPPER);
          return -(t * log(q) + (1 - t) * log(1 - q));
        };
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let i = r * cols; i < (r + 1) * cols; i++) sum += value(x[i] as number, target(i));
      const w = weight ? (weight[r] as number) : 1;
      values[r] = w === 0 ? 0 : (w * sum) / cols;
    }
    if (call.fromLogits && call.probabilities) {
      onHost(call.probabilities, (p) => {
        for (let i = 0; i < x.length; i++) p[i] = sigmoid(x[i] as number);
      });
    }
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const w = ((weight ? (weight[r] as number) : 1) * scale) / cols;
        for (let i = r * cols; i < (r + 1) * cols; i++) {
          const v = x[i] as number;
          const t = target(i);
          if (call.fromLogits) g[i] = w * (sigmoid(v) - t);
          else g[i] = v < EPSILON || v > BINARY_UPPER ? 0 : w * ((1 - t) / (1 - v) - t / v);
        }
      }
    });
  }

  protected override targetAdvice(yTrue: Tensor, yPred: Tensor): string {
    const cols = yPred.shape[yPred.rank - 1] ?? 1;
    return cols > 1 && yTrue.size * cols === yPred.size
      ? "; for one class of several use a softmax layer with 'sparseCategoricalCrossentropy'"
      : super.targetAdvice(yTrue, yPred);
  }
}

/** 1 / (1 + e^−z), without overflow on either side. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + exp(-z));
  const e = exp(z);
  return e / (1 + e);
}
