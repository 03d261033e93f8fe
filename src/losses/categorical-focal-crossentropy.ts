import { checkedSmoothing } from './categorical-crossentropy.js';
import { checkedNumber, FOCAL_ALPHA, FOCAL_GAMMA } from './focal.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { exp, log, pow } from '../tensor/portable-math.js';

export interface CategoricalFocalCrossentropyOptions extends LossOptions {
  /** Factor of all classes. Default 0.25. */
  alpha?: number;
  /** How much easy rows are played down; 0: not at all. Default 2. */
  gamma?: number;
  /** yPred holds logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Moves this share of each target evenly to all classes, in [0,1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy with one-hot or soft targets where hard rows count more: −Σ alpha·(1−q)^gamma·t·log q.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  nats, scaled.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if labelSmoothing is not in [0,1], or alpha or gamma no number >= 0.
 * Source: Keras CategoricalFocalCrossentropy; Lin et al. 2017. q is p divided by its sum, then clipped to [1e-7, 1−1e-7].
 * Example: model.compile({ optimizer: 'adam', loss: 'categoricalFocalCrossentropy' })
 */
export class CategoricalFocalCrossentropy extends Loss {
  readonly className = 'CategoricalFocalCrossentropy';
  override readonly fromLogits: boolean;
  readonly alpha: number;
  readonly gamma: number;
  readonly labelSmoothing: number;

  constructor(options: CategoricalFocalCrossentropyOptions = {}) {
    super('categorical_focal_crossentropy', options);
    this.alpha = checkedNumber(this.name, 'alpha', options.alpha ?? FOCAL_ALPHA, Infinity);
    this.gamma = checkedNumber(this.name, 'gamma', options.gamma ?? FOCAL_GAMMA, Infinity);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkedSmoothing(this.name, options.labelSmoothing);
  }

  override getConfig(): Record<string, unknown> {
    const { alpha, gamma, fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), alpha, gamma, fromLogits, labelSmoothing };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const { alpha, gamma, labelSmoothing: s } = this;
    const x = call.yPred.data();
    const t = call.yTrue.data();
    const q = new Float64Array(cols);
    /** Shares of row r into `q`; returns what its probabilities sum to. */
    const shares = (r: number): number => {
      let largest = -Infinity;
      let sum = 0;
      for (let c = 0; c < cols; c++) largest = Math.max(largest, x[r * cols + c] as number);
      for (let c = 0; c < cols; c++) {
        const given = x[r * cols + c] as number;
        q[c] = call.fromLogits ? exp(given - largest) : given;
        sum += q[c] as number;
      }
      for (let c = 0; c < cols; c++) q[c] = (q[c] as number) / sum;
      return sum;
    };
    const target = (i: number): number => (t[i] as number) * (1 - s) + s / cols;
    const weightOf = (r: number): number => (weight ? (weight[r] as number) : 1);
    for (let r = 0; r < rows; r++) {
      shares(r);
      let value = 0;
      for (let c = 0; c < cols; c++) {
        const p = Math.min(Math.max(q[c] as number, EPSILON), 1 - EPSILON);
        value -= alpha * pow(1 - p, gamma) * target(r * cols + c) * log(p);
      }
      values[r] = weightOf(r) === 0 ? 0 : weightOf(r) * value;
    }
    if (call.fromLogits && call.probabilities) {
      onHost(call.probabilities, (p) => {
        for (let r = 0; r < rows; r++) {
          shares(r);
          for (let c = 0; c < cols; c++) p[r * cols + c] = q[c] as number;
        }
      });
    }
    if (!call.gradient) return;
    const slopes = new Float64Array(cols);
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        const sum = shares(r);
        const w = weightOf(r) * scale;
        let along = 0;
        for (let c = 0; c < cols; c++) {
          const p = q[c] as number;
          const inside = p >= EPSILON && p <= 1 - EPSILON;
          const ofFocus = gamma === 0 ? 0 : gamma * pow(1 - p, gamma - 1) * log(p);
          slopes[c] = inside ? alpha * target(r * cols + c) * (ofFocus - pow(1 - p, gamma) / p) : 0;
          along += (slopes[c] as number) * p;
        }
        // Through softmax the slope is q·(dq − Σ dq·q), through the division by the sum (dq − Σ dq·q) / sum.
        for (let c = 0; c < cols; c++) {
          const slope = (slopes[c] as number) - along;
          g[r * cols + c] = w === 0 ? 0 : w * (call.fromLogits ? slope * (q[c] as number) : slope / sum);
        }
      }
    });
  }
}
