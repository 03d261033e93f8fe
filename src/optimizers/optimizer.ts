import { SarafError } from '../errors.js';
import { BINARY } from '../backend/backend.js';
import { backend } from '../backend/current.js';
import { zeros, type Tensor } from '../tensor/tensor.js';
import { checkClipping, clipGradients, type Clipping } from './clipping.js';
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
  /** Weights whose name contains one of these, such as 'bias', do not decay. */
  excludeFromWeightDecay?: readonly string[];
  /** Keeps a moving average of the weights, which replaces them when `fit` ends. Default false. */
  useEma?: boolean;
  /** The average moves by 1 − emaMomentum of the way at each step. Default 0.99. */
  emaMomentum?: number;
  /** Every so many steps the average replaces the weights too. Default: only at the end. */
  emaOverwriteFrequency?: number;
  /** Averages the gradients of so many batches before each update. Default 1: none. */
  gradientAccumulationSteps?: number;
}

/** A weight with the gradient of this step. */
export interface Update {
  readonly value: Tensor;
  readonly gradient: Tensor;
  /** The weight's name, for `excludeFromWeightDecay`. */
  readonly name?: string;
}

/** What is kept per weight: all of it, and the part that `update` gets. */
interface State {
  readonly all: readonly Tensor[];
  readonly own: readonly Tensor[];
}

const AVERAGE = 'average';
const ACCUMULATOR = 'gradient_accumulator';

/**
 * Base class of optimizers. One of your own writes `className`, `slotNames` and `update`.
 *
 * State: `iterations` and, per weight, one tensor of the weight's shape for each of `stateNames`; both are saved with the model.
 */
export abstract class Optimizer {
  abstract readonly className: string;
  /** Names of the tensors that `update` keeps per weight, in saved order. */
  abstract readonly slotNames: readonly string[];
  /** Calls of `apply` so far: updates, or with accumulation batches. */
  iterations = 0;
  readonly clipnorm: number | null;
  readonly globalClipnorm: number | null;
  readonly clipvalue: number | null;
  readonly weightDecay: number | null;
  readonly excludeFromWeightDecay: readonly string[];
  readonly useEma: boolean;
  readonly emaMomentum: number;
  readonly emaOverwriteFrequency: number | null;
  readonly gradientAccumulationSteps: number;
  /** The model that was compiled with it last: its state and count of steps are of that one alone. */
  owner: object | null = null;
  private rate: LearningRate;
  private readonly clipping: Clipping;
  private readonly slots = new Map<Tensor, State>();

  constructor(options: OptimizerOptions, defaultRate: number) {
    this.rate = checkedRate(options.learningRate ?? defaultRate);
    this.clipnorm = options.clipnorm ?? null;
    this.globalClipnorm = options.globalClipnorm ?? null;
    this.clipvalue = options.clipvalue ?? null;
    this.weightDecay = options.weightDecay ?? null;
    this.excludeFromWeightDecay = [...(options.excludeFromWeightDecay ?? [])];
    this.useEma = options.useEma ?? false;
    this.emaMomentum = options.emaMomentum ?? 0.99;
    this.emaOverwriteFrequency = options.emaOverwriteFrequency ?? null;
    this.gradientAccumulationSteps = options.gradientAccumulationSteps ?? 1;
    this.clipping = { clipnorm: this.clipnorm, globalClipnorm: this.globalClipnorm, clipvalue: this.clipvalue };
    checkClipping(this.clipping);
    if (!(this.emaMomentum >= 0 && this.emaMomentum <= 1))
      throw new SarafError('ERR_ARG', 'optimizer', `expected emaMomentum in [0, 1], received ${this.emaMomentum}`);
    for (const name of ['emaOverwriteFrequency', 'gradientAccumulationSteps'] as const) {
      const n = this[name];
      if (n !== null && !(Number.isInteger(n) && n >= 1))
        throw new SarafError('ERR_ARG', 'optimizer', `expected ${name} to be a whole number >= 1, received ${n}`);
    }
  }

  /** Names of all tensors kept per weight, in saved order: those of the update, then the average and the accumulated gradient. */
  get stateNames(): readonly string[] {
    return [...this.slotNames, ...(this.useEma ? [AVERAGE] : []), ...(this.gradientAccumulationSteps > 1 ? [ACCUMULATOR] : [])];
  }

  /** The rate of the next update. Assigning replaces a schedule by a fixed rate. Throws ERR_ARG where a function gives no number >= 0. */
  get learningRate(): number {
    const { rate, iterations } = this;
    if (typeof rate === 'number') return rate;
    const value: unknown = typeof rate === 'function' ? rate(iterations) : rate.at(iterations);
    if (!isRate(value))
      throw new SarafError('ERR_ARG', 'optimizer', `expected a learning rate >= 0 at step ${iterations}, received ${String(value)}`);
    return value;
  }

  set learningRate(rate: LearningRate) {
    this.rate = checkedRate(rate);
  }

  /** Updates one weight; `step` counts from 1. Slots are in the order of `slotNames`. */
  protected abstract update(value: Tensor, gradient: Tensor, slots: readonly Tensor[], learningRate: number, step: number): void;

  /** What a slot holds before the first update. */
  protected slotStart(_name: string): number {
    return 0;
  }

  /** One step over all weights. Gradients may be changed (clipped) in place. */
  apply(updates: readonly Update[]): void {
    const batches = this.gradientAccumulationSteps;
    const step = Math.floor(this.iterations / batches) + 1;
    if (batches === 1 || this.accumulate(updates, (this.iterations + 1) % batches === 0)) this.updateAll(updates, step);
    if (this.useEma) this.moveAverages(updates, step);
    this.iterations++;
  }

  /** Replaces weights by their moving averages, with `useEma`: what `fit` does at its end. */
  finalize(values: readonly Tensor[]): void {
    if (!this.useEma || this.iterations === 0) return;
    for (const value of values) if (this.slots.has(value)) backend().copy(this.stateOf(value, AVERAGE).storage, value.storage);
  }

  /** The state of one weight in the order of `stateNames`, made when first asked for. */
  slotsOf(value: Tensor): readonly Tensor[] {
    return this.state(value).all;
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
    const optional = {
      clipnorm: this.clipnorm,
      globalClipnorm: this.globalClipnorm,
      clipvalue: this.clipvalue,
      weightDecay: this.weightDecay,
      excludeFromWeightDecay: this.excludeFromWeightDecay.length > 0 ? [...this.excludeFromWeightDecay] : null,
      ...(this.useEma ? { useEma: true, emaMomentum: this.emaMomentum, emaOverwriteFrequency: this.emaOverwriteFrequency } : {}),
      gradientAccumulationSteps: this.gradientAccumulationSteps > 1 ? this.gradientAccumulationSteps : null,
    };
    return {
      learningRate: typeof rate === 'number' ? rate : { className: rate.className, config: rate.getConfig() },
      ...Object.fromEntries(Object.entries(optional).filter(([, v]) => v !== null)),
    };
  }

  private updateAll(updates: readonly Update[], step: number): void {
    const rate = this.learningRate;
    clipGradients(updates, this.clipping);
    for (const { value, gradient, name } of updates) {
      if (this.weightDecay !== null && this.decays(name)) backend().affine(value.storage, value.storage, 1 - this.weightDecay * rate, 0);
      this.update(value, gradient, this.state(value).own, rate, step);
    }
  }

  /** Adds this batch's gradients to those before; on the last one the gradients become the mean, and the sum starts anew. */
  private accumulate(updates: readonly Update[], last: boolean): boolean {
    for (const { value, gradient } of updates) {
      const sum = this.stateOf(value, ACCUMULATOR).storage;
      if (!last) backend().binary(sum, gradient.storage, sum, BINARY.add);
      else {
        backend().binary(sum, gradient.storage, gradient.storage, BINARY.add);
        backend().affine(gradient.storage, gradient.storage, 1 / this.gradientAccumulationSteps, 0);
        backend().fill(sum, 0);
      }
    }
    return last;
  }

  private moveAverages(updates: readonly Update[], step: number): void {
    const overwrite = this.emaOverwriteFrequency !== null && step % this.emaOverwriteFrequency === 0;
    for (const { value } of updates) {
      const average = this.stateOf(value, AVERAGE).storage;
      backend().movingAverage(value.storage, average, step === 1 ? 1 : 1 - this.emaMomentum);
      if (overwrite) backend().copy(average, value.storage);
    }
  }

  private state(value: Tensor): State {
    let found = this.slots.get(value);
    if (!found) {
      const all = this.stateNames.map((name) => {
        const slot = zeros(value.shape, value.dtype);
        const start = this.slotNames.includes(name) ? this.slotStart(name) : 0;
        if (start !== 0) backend().fill(slot.storage, start);
        return slot;
      });
      found = { all, own: all.slice(0, this.slotNames.length) };
      this.slots.set(value, found);
    }
    return found;
  }

  private stateOf(value: Tensor, name: string): Tensor {
    return this.slotsOf(value)[this.stateNames.indexOf(name)] as Tensor;
  }

  private decays(name: string | undefined): boolean {
    return name === undefined || !this.excludeFromWeightDecay.some((part) => name.includes(part));
  }
}

const isRate = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

function checkedRate(rate: LearningRate): LearningRate {
  const schedule = typeof rate === 'object' && rate !== null && 'className' in rate && typeof rate.at === 'function';
  if (!isRate(rate) && typeof rate !== 'function' && !schedule)
    throw new SarafError(
      'ERR_ARG',
      'optimizer',
      `expected a learning rate >= 0, a schedule or a function of the step, received ${typeof rate === 'string' ? JSON.stringify(rate) : String(rate)}`,
    );
  return rate;
}

/** A number in [low, high), or an error naming the option. */
export function checkedOption(op: string, name: string, value: number, low: number, high: number): number {
  if (!(value >= low && value < high)) throw new SarafError('ERR_ARG', op, `expected ${name} in [${low}, ${high}), received ${value}`);
  return value;
}

/** A number above 0, or an error naming the option. */
export function positiveOption(op: string, name: string, value: number): number {
  if (!(value > 0)) throw new SarafError('ERR_ARG', op, `expected ${name} > 0, received ${value}`);
  return value;
}
