import { SarafError } from '../errors.js';
import type { Tensor } from '../tensor/tensor.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { EPSILON, softmaxFromLogits } from './sparse-categorical-crossentropy.js';
import { log } from '../tensor/portable-math.js';

export interface CategoricalCrossentropyOptions extends LossOptions {
  /** yPred holds logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Moves this share of each target evenly to all classes, in [0,1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy with one-hot or soft targets: −Σ t·log p.
 *
 * Shapes: yTrue and yPred (N,C) or (N,T,C).
 * Units:  nats.
 * Throws: ERR_SHAPE if the shapes differ; ERR_ARG if labelSmoothing is not in [0,1].
 * Source: Keras CategoricalCrossentropy. Fused from the logits when the model ends in softmax; from probabilities they are
 *         divided by their sum, then clipped to [1e-7, 1−1e-7].
 * Example: model.compile({ optimizer: 'adam', loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }) })
 */
export class CategoricalCrossentropy extends Loss {
  readonly className = 'CategoricalCrossentropy';
  override readonly fromLogits: boolean;
  override readonly fuses = 'softmax' as const;
  readonly labelSmoothing: number;

  constructor(options: CategoricalCrossentropyOptions = {}) {
    super('categorical_crossentropy', options);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkedSmoothing(this.name, options.labelSmoothing);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits, labelSmoothing: this.labelSmoothing };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const target = this.targets(call, cols);
    if (call.fromLogits) {
      softmaxFromLogits(this.name, call, target, out);
      return;
    }
    const p = call.yPred.data();
    const t = target.data();
    const sumOf = (r: number): number => {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += p[r * cols + c] as number;
      return sum;
    };
    for (let r = 0; r < rows; r++) {
      const sum = sumOf(r);
      let value = 0;
      for (let c = 0; c < cols; c++) {
        const q = Math.min(Math.max((p[r * cols + c] as number) / sum, EPSILON), 1 - EPSILON);
        value -= (t[r * cols + c] as number) * log(q);
      }
      const w = weight ? (weight[r] as number) : 1;
      values[r] = w === 0 ? 0 : w * value;
    }
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const sum = sumOf(r);
        const w = (weight ? (weight[r] as number) : 1) * scale;
        // q = p/Σp: dL/dp_i = (dL/dq_i − Σ_j dL/dq_j·q_j) / Σp, where clipped q have dL/dq = 0.
        let dot = 0;
        for (let c = 0; c < cols; c++) {
          const q = (p[r * cols + c] as number) / sum;
          if (q >= EPSILON && q <= 1 - EPSILON) dot -= t[r * cols + c] as number;
        }
        for (let c = 0; c < cols; c++) {
          const i = r * cols + c;
          const q = (p[i] as number) / sum;
          const dq = q >= EPSILON && q <= 1 - EPSILON ? -(t[i] as number) / q : 0;
          g[i] = (w * (dq - dot)) / sum;
        }
      }
    });
  }

  /** Smoothed targets in the dtype of the predictions. */
  private targets(call: LossCall, cols: number): Tensor {
    const { yTrue, yPred } = call;
    if (this.labelSmoothing === 0 && yTrue.dtype === yPred.dtype) return yTrue;
    const smoothed = call.buffer('lossTargets', yPred.shape, yPred.dtype);
    const given = yTrue.data();
    onHost(smoothed, (t) => {
      for (let i = 0; i < given.length; i++) t[i] = (given[i] as number) * (1 - this.labelSmoothing) + this.labelSmoothing / cols;
    });
    return smoothed;
  }

  protected override targetAdvice(yTrue: Tensor, yPred: Tensor): string {
    const rows = yPred.size / Math.max(1, yPred.shape[yPred.rank - 1] ?? 1);
    return yTrue.size === rows
      ? "; these targets look like class numbers: use loss 'sparseCategoricalCrossentropy'"
      : super.targetAdvice(yTrue, yPred);
  }
}

/** A label smoothing in [0,1]; 0 when absent. */
export function checkedSmoothing(op: string, value: number | undefined): number {
  if (value === undefined) return 0;
  if (!(value >= 0 && value <= 1)) throw new SarafError('ERR_ARG', op, `expected labelSmoothing in [0,1], received ${value}`);
  return value;
}
