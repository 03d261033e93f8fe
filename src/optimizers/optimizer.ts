import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { zeros, type Tensor } from '../tensor/tensor.js';
import type { Schedule } from './schedule.js';

export type LearningRate = number | Schedule | ((step: number) => number);

export interface OptimizerOptions {
  /** A number, a schedule of `optimizers.schedules`, or a function of the step. */
  learningRate?: LearningRate;
  /** Scales each gradient to at most this norm. Only one of the three clippings may be set. */
  clipnorm?: number;
  /** Scales all gradients together to at most this norm. */
  globalClipnorm?: number;
  /** Cuts each gradient value to ±clipvalue. */
  clipvalue?: number;
  /** Decoupled: w −= w·weightDecay·lr before each update. */
  weightDecay?: number;
}

/** A weight with the gradient of this step. */
export interface Update {
  readonly value: Tensor;
  readonly gradient: Tensor;
}

/**
 * Base class of optimizers. One of your own writes `className`, `slotNames` and `update`.
 *
 * State: `iterations` and, per weight, one tensor of the weight's shape for each of `slotNames`; both are saved with the model.
 */
export abstract class Optimizer {
  abstract readonly className: string;
  /** Names of the tensors kept per weight, in saved order. */
  abstract readonly slotNames: readonly string[];
  /** Updates made so far. */
  iterations = 0;
  readonly clipnorm: number | null;
  readonly globalClipnorm: number | null;
  readonly clipvalue: number | null;
  readonly weightDecay: number | null;
  private rate: LearningRate;
  private readonly slots = new Map<Tensor, Tensor[]>();

  constructor(options: OptimizerOptions, defaultRate: number) {
    this.rate = checkedRate(options.learningRate ?? defaultRate);
    this.clipnorm = options.clipnorm ?? null;
    this.globalClipnorm = options.globalClipnorm ?? null;
    this.clipvalue = options.clipvalue ?? null;
    this.weightDecay = options.weightDecay ?? null;
    const clippings = { clipnorm: this.clipnorm, globalClipnorm: this.globalClipnorm, clipvalue: this.clipvalue };
    const set = Object.entries(clippings).filter(([, v]) => v !== null);
    if (set.length > 1)
      throw new SarafError(
        'ERR_ARG',
        'optimizer',
        `expected one of clipnorm, globalClipnorm, clipvalue, received ${set.map(([k]) => k).join(' and ')}`,
      );
    for (const [name, v] of set)
      if (!(Number(v) > 0)) throw new SarafError('ERR_ARG', 'optimizer', `expected ${name} > 0, received ${String(v)}`);
  }

  /** The rate of the next update. Assigning replaces a schedule by a fixed rate. */
  get learningRate(): number {
    const { rate } = this;
    return typeof rate === 'number' ? rate : typeof rate === 'function' ? rate(this.iterations) : rate.at(this.iterations);
  }

  set learningRate(rate: LearningRate) {
    this.rate = checkedRate(rate);
  }

  /** Updates one weight; `step` counts from 1. Slots are in the order of `slotNames`. */
  protected abstract update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void;

  /** One step over all weights. Gradients may be changed (clipped) in place. */
  apply(updates: readonly Update[]): void {
    const rate = this.learningRate;
    this.clip(updates);
    this.iterations++;
    for (const { value, gradient } of updates) {
      if (this.weightDecay !== null) backend().affine(value.storage, value.storage, 1 - this.weightDecay * rate, 0);
      this.update(value, gradient, this.slotsOf(value), rate, this.iterations);
    }
  }

  /** The state of one weight, made of zeros when first asked for. */
  slotsOf(value: Tensor): readonly Tensor[] {
    let found = this.slots.get(value);
    if (!found) {
      found = this.slotNames.map(() => zeros(value.shape, value.dtype));
      this.slots.set(value, found);
    }
    return found;
  }

  /** Forgets state and step count. */
  reset(): void {
    this.slots.clear();
    this.iterations = 0;
  }

  /** Options that rebuild this optimizer. Throws ERR_STATE if the rate is a plain function. */
  getConfig(): Record<string, unknown> {
    const { rate } = this;
    if (typeof rate === 'function') {
      throw new SarafError(
        'ERR_STATE',
        'save',
        'expected a learning rate that can be written down, received a function; use optimizers.schedules or the LearningRateScheduler callback',
      );
    }
    const clips = {
      clipnorm: this.clipnorm,
      globalClipnorm: this.globalClipnorm,
      clipvalue: this.clipvalue,
      weightDecay: this.weightDecay,
    };
    return {
      learningRate: typeof rate === 'number' ? rate : { className: rate.className, config: rate.getConfig() },
      ...Object.fromEntries(Object.entries(clips).filter(([, v]) => v !== null)),
    };
  }

  private clip(updates: readonly Update[]): void {
    const { clipnorm, globalClipnorm, clipvalue } = this;
    if (clipvalue !== null) {
      for (const { gradient } of updates) {
        const g = gradient.data();
        for (let i = 0; i < g.length; i++) g[i] = Math.min(Math.max(g[i] as number, -clipvalue), clipvalue);
        if (g !== gradient.storage) backend().write(gradient.storage, g);
      }
    } else if (clipnorm !== null) {
      for (const { gradient } of updates) scaleTo(gradient, Math.sqrt(squareSum(gradient)), clipnorm);
    } else if (globalClipnorm !== null) {
      let sum = 0;
      for (const { gradient } of updates) sum += squareSum(gradient);
      const norm = Math.sqrt(sum);
      for (const { gradient } of updates) scaleTo(gradient, norm, globalClipnorm);
    }
  }
}

/** In double and in ascending order: the same on every machine. */
function squareSum(t: Tensor): number {
  const values = t.data();
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return sum;
}

function scaleTo(gradient: Tensor, norm: number, limit: number): void {
  if (norm > limit) backend().affine(gradient.storage, gradient.storage, limit / norm, 0);
}

function checkedRate(rate: LearningRate): LearningRate {
  if (typeof rate === 'number' && !(Number.isFinite(rate) && rate >= 0))
    throw new SarafError('ERR_ARG', 'optimizer', `expected a learning rate >= 0, received ${rate}`);
  return rate;
}

/** A number in [low, high), or an error naming the option. */
export function checkedOption(op: string, name: string, value: number, low: number, high: number): number {
  if (!(value >= low && value < high)) throw new SarafError('ERR_ARG', op, `expected ${name} in [${low}, ${high}), received ${value}`);
  return value;
}
