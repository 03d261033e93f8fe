import { SarafError } from '../errors.js';
import type { DType } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import type { Tensor } from '../tensor/tensor.js';
import { classNumbers } from './classes.js';
import { onHost } from './host.js';
import { Loss, type LossCall, type LossOptions, type LossRows } from './loss.js';
import { log } from '../tensor/portable-math.js';

export interface SparseCategoricalCrossentropyOptions extends LossOptions {
  /** yPred holds logits and not probabilities. Default false. */
  fromLogits?: boolean;
  /** Rows of this class do not count (nor do they enter the divisor). */
  ignoreClass?: number;
}

/** Keras' guard against log(0). */
export const EPSILON = 1e-7;

/**
 * Cross-entropy with class numbers as targets: −log p of the true class.
 *
 * Shapes: yTrue (N) or (N,1) int32, yPred (N,C); over time yTrue (N,T), yPred (N,T,C).
 * Units:  nats.
 * Throws: ERR_DATA if a class number is not in [0,C); ERR_SHAPE if the counts differ.
 * Source: Keras SparseCategoricalCrossentropy. In a model that ends in softmax it is computed from the logits, without
 *         clipping; from probabilities they are clipped to [1e-7, 1−1e-7] and renormalised, as Keras does.
 * Example: model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
 */
export class SparseCategoricalCrossentropy extends Loss {
  readonly className = 'SparseCategoricalCrossentropy';
  override readonly fromLogits: boolean;
  override readonly fuses = 'softmax' as const;
  readonly ignoreClass: number | null;

  constructor(options: SparseCategoricalCrossentropyOptions = {}) {
    super('sparse_categorical_crossentropy', options);
    this.fromLogits = options.fromLogits ?? false;
    this.ignoreClass = options.ignoreClass ?? null;
  }

  override get sparse(): boolean {
    return true;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), fromLogits: this.fromLogits, ...(this.ignoreClass === null ? {} : { ignoreClass: this.ignoreClass }) };
  }

  protected override ignored(call: LossCall, rows: number): Uint8Array | null {
    if (this.ignoreClass === null) return null;
    const flags = call.buffer('lossIgnored', [rows], 'uint8').data() as Uint8Array;
    const classes = call.yTrue.data();
    for (let r = 0; r < rows; r++) flags[r] = classes[r] === this.ignoreClass ? 1 : 0;
    return flags;
  }

  protected rows(call: LossCall, out: LossRows): void {
    const { rows, cols, weight, scale, values } = out;
    const classes = classNumbers(this.name, call.yTrue, cols, call.buffer, this.ignoreClass);
    if (call.fromLogits) {
      softmaxFromLogits(this.name, call, classes, out);
      return;
    }
    const p = call.yPred.data();
    const target = classes.data();
    const clipped = (i: number): number => Math.min(Math.max(p[i] as number, EPSILON), 1 - EPSILON);
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += clipped(r * cols + c);
      const w = weight ? (weight[r] as number) : 1;
      values[r] = w === 0 ? 0 : -w * log(clipped(r * cols + (target[r] as number)) / sum);
    }
    if (!call.gradient) return;
    onHost(call.gradient, (g) => {
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let c = 0; c < cols; c++) sum += clipped(r * cols + c);
        const w = (weight ? (weight[r] as number) : 1) * scale;
        for (let c = 0; c < cols; c++) {
          const i = r * cols + c;
          const v = p[i] as number;
          // Clipping has derivative 0 outside its interval.
          g[i] = v < EPSILON || v > 1 - EPSILON ? 0 : w * (1 / sum - (c === target[r] ? 1 / v : 0));
        }
      }
    });
  }

  protected override targetAdvice(yTrue: Tensor, yPred: Tensor): string {
    return yTrue.size === yPred.size ? "; these targets look one-hot: use loss 'categoricalCrossentropy'" : '';
  }
}

/** The weights of the rows, which are float32, in memory of the predictions' type. */
function weightsAs(dtype: DType, weight: Float32Array, rows: number, call: LossCall): Tensor {
  if (dtype !== 'float64') return call.buffer('lossWeight', [rows], 'float32');
  const wide = call.buffer('lossWeightWide', [rows], 'float64');
  wide.data().set(weight);
  return wide;
}

/** Softmax and cross-entropy in one kernel call; `target` class numbers or rows of probabilities. */
export function softmaxFromLogits(op: string, call: LossCall, target: Tensor, out: LossRows): void {
  const { rows, cols, weight, scale, values } = out;
  if (!call.probabilities) throw new SarafError('ERR_STATE', op, 'expected memory for the probabilities of logits');
  const dtype = call.yPred.dtype;
  const loss = call.buffer('lossRows', [rows], dtype);
  const weights = weight ? weightsAs(dtype, weight, rows, call) : null;
  backend().softmaxCrossEntropy(
    call.yPred.storage,
    target.storage,
    weights ? weights.storage : null,
    call.probabilities.storage,
    loss.storage,
    call.gradient ? call.gradient.storage : null,
    rows,
    cols,
    scale,
  );
  const l = loss.data();
  for (let r = 0; r < rows; r++) values[r] = l[r] as number;
}
