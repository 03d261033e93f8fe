import { BINARY_UPPER, sigmoid } from './binary-crossentropy.js';
import { checkedSmoothing } from './categorical-crossentropy.js';
import { checkedNumber, FOCAL_ALPHA, FOCAL_GAMMA } from './focal.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { pairs } from './regression.js';
import { EPSILON } from './sparse-categorical-crossentropy.js';
import { log, pow } from '../tensor/portable-math.js';

export interface BinaryFocalCrossentropyOptions extends LossOptions {
  /** Weigh targets of 1 by alpha and those of 0 by 1 − alpha. Default false. */
  applyClassBalancing?: boolean;
  /** In [0,1]. Default 0.25. */
  alpha?: number;
  /** How much easy values are played down; 0: not at all. Default 2. */
  gamma?: number;
  /** yPred holds logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Moves targets towards 1/2, in [0,1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of yes/no targets, each value times (1 − q)^gamma with q = t·p + (1−t)·(1−p), averaged over the last axis.
 *
 * Shapes: yTrue and yPred (N,…,C).
 * Units:  nats, scaled.
 * Throws: ERR_SHAPE if the counts differ; ERR_ARG if alpha or labelSmoothing is not in [0,1] or gamma is below 0.
 * Source: Keras BinaryFocalCrossentropy; Lin et al. 2017.
 * Example: model.compile({ optimizer: 'adam', loss: losses.binaryFocalCrossentropy({ gamma: 1.5 }) })
 */
export class BinaryFocalCrossentropy extends Loss {
  readonly className = 'BinaryFocalCrossentropy';
  override readonly fromLogits: boolean;
  readonly applyClassBalancing: boolean;
  readonly alpha: number;
  readonly gamma: number;
  readonly labelSmoothing: number;

  constructor(options: BinaryFocalCrossentropyOptions = {}) {
    super('binary_focal_crossentropy', options);
    this.applyClassBalancing = options.applyClassBalancing ?? false;
    this.alpha = checkedNumber(this.name, 'alpha', options.alpha ?? FOCAL_ALPHA, 1);
    this.gamma = checkedNumber(this.name, 'gamma', options.gamma ?? FOCAL_GAMMA, Infinity);
    this.fromLogits = options.fromLogits ?? false;
    this.labelSmoothing = checkedSmoothing(this.name, options.labelSmoothing);
  }

  override getConfig(): Record<string, unknown> {
    const { applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing } = this;
    return { ...super.getConfig(), applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing };
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { alpha, gamma, labelSmoothing: s } = this;
    const { fromLogits, probabilities } = call;
    if (fromLogits && probabilities) {
      const z = call.yPred.data();
      onHost(probabilities, (p) => {
        for (let i = 0; i < z.length; i++) p[i] = sigmoid(z[i] as number);
      });
    }
    const target = (t: number): number => t * (1 - s) + s / 2;
    const balance = (t: number): number => (this.applyClassBalancing ? t * alpha + (1 - t) * (1 - alpha) : 1);
    const entropy = (t: number, p: number): number => {
      const q = Math.min(Math.max(p, EPSILON), BINARY_UPPER);
      return -(t * log(q) + (1 - t) * log(1 - q));
    };
    const miss = (t: number, p: number): number => t * (1 - p) + (1 - t) * p;
    const value = (given: number, x: number): number => {
      const [t, p] = [target(given), fromLogits ? sigmoid(x) : x];
      return balance(t) * pow(miss(t, p), gamma) * entropy(t, p);
    };
    const slope = (given: number, x: number): number => {
      const [t, p] = [target(given), fromLogits ? sigmoid(x) : x];
      const m = miss(t, p);
      const ofEntropy = p < EPSILON || p > BINARY_UPPER ? 0 : (1 - t) / (1 - p) - t / p;
      const ofFocus = gamma === 0 ? 0 : gamma * pow(m, gamma - 1) * (1 - 2 * t);
      return balance(t) * (ofFocus * entropy(t, p) + pow(m, gamma) * ofEntropy) * (fromLogits ? p * (1 - p) : 1);
    };
    pairs(call, out, 'mean', value, slope);
  }
}
