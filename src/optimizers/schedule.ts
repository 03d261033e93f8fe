import { SarafError } from '../errors.js';
import { cos, pow } from '../tensor/portable-math.js';

/**
 * A learning rate as a function of the step (0 before the first update).
 *
 * A plain function is a schedule too, but cannot be saved with the model.
 */
export interface Schedule {
  readonly className: string;
  /** Learning rate of the update number `step`, counted from 0. */
  at(step: number): number;
  getConfig(): Record<string, unknown>;
}

export interface ExponentialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  decayRate: number;
  /** Falls in stairs, once every `decaySteps`. Default false. */
  staircase?: boolean;
}

export interface InverseTimeDecayOptions extends ExponentialDecayOptions {}

export interface PiecewiseConstantDecayOptions {
  /** Steps up to and including which each value holds, ascending. */
  boundaries: readonly number[];
  /** One more than boundaries. */
  values: readonly number[];
}

export interface PolynomialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  endLearningRate?: number;
  power?: number;
  /** Starts a longer decay whenever one ends. Default false. */
  cycle?: boolean;
}

export interface CosineDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  /** Lowest rate, as a share of the initial one. Default 0. */
  alpha?: number;
  /** Rate to warm up to; needs `warmupSteps`. */
  warmupTarget?: number;
  warmupSteps?: number;
}

export interface CosineDecayRestartsOptions {
  initialLearningRate: number;
  /** Steps until the first restart. */
  firstDecaySteps: number;
  /** Each period is so many times as long as the one before. Default 2. */
  tMul?: number;
  /** Each period starts so many times as high as the one before. Default 1. */
  mMul?: number;
  /** Lowest rate, as a share of the initial one. Default 0. */
  alpha?: number;
}

function positive(op: string, name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new SarafError('ERR_ARG', op, `expected ${name} > 0, received ${value}`);
}

/** lr·rate^(step/decaySteps). */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  positive('exponentialDecay', 'decaySteps', decaySteps);
  return {
    className: 'ExponentialDecay',
    at: (step) => initialLearningRate * pow(decayRate, staircase ? Math.floor(step / decaySteps) : step / decaySteps),
    getConfig: () => ({ initialLearningRate, decaySteps, decayRate, staircase }),
  };
}

/** lr / (1 + rate·step/decaySteps). */
export function inverseTimeDecay(options: InverseTimeDecayOptions): Schedule {
  const { initialLearningRate, decaySteps, decayRate, staircase = false } = options;
  positive('inverseTimeDecay', 'decaySteps', decaySteps);
  return {
    className: 'InverseTimeDecay',
    at: (step) => initialLearningRate / (1 + decayRate * (staircase ? Math.floor(step / decaySteps) : step / decaySteps)),
    getConfig: () => ({ initialLearningRate, decaySteps, decayRate, staircase }),
  };
}

/** values[i] while step ≤ boundaries[i], then the last value. */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): Schedule {
  const { boundaries, values } = options;
  if (values.length !== boundaries.length + 1) {
    throw new SarafError(
      'ERR_ARG',
      'piecewiseConstantDecay',
      `expected one value more than boundaries (${boundaries.length}), received ${values.length}`,
    );
  }
  return {
    className: 'PiecewiseConstantDecay',
    at: (step) => {
      const i = boundaries.findIndex((b) => step <= b);
      return values[i < 0 ? values.length - 1 : i] as number;
    },
    getConfig: () => ({ boundaries: [...boundaries], values: [...values] }),
  };
}

/** (lr − end)·(1 − step/decaySteps)^power + end. */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const { initialLearningRate, decaySteps, endLearningRate = 0.0001, power = 1, cycle = false } = options;
  positive('polynomialDecay', 'decaySteps', decaySteps);
  return {
    className: 'PolynomialDecay',
    at: (step) => {
      const span = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
      const at = cycle ? step : Math.min(step, decaySteps);
      return (initialLearningRate - endLearningRate) * pow(1 - at / span, power) + endLearningRate;
    },
    getConfig: () => ({ initialLearningRate, decaySteps, endLearningRate, power, cycle }),
  };
}

/** Half a cosine from the initial rate to alpha·rate, after an optional linear warm-up. */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const { initialLearningRate, decaySteps, alpha = 0, warmupTarget, warmupSteps = 0 } = options;
  positive('cosineDecay', 'decaySteps', decaySteps);
  const decay = (from: number, step: number): number => {
    const share = Math.min(step, decaySteps) / decaySteps;
    return from * ((1 - alpha) * 0.5 * (1 + cos(Math.PI * share)) + alpha);
  };
  return {
    className: 'CosineDecay',
    at: (step) => {
      if (warmupTarget === undefined) return decay(initialLearningRate, step);
      if (step < warmupSteps) return initialLearningRate + (warmupTarget - initialLearningRate) * (step / warmupSteps);
      return decay(warmupTarget, step - warmupSteps);
    },
    getConfig: () => ({ initialLearningRate, decaySteps, alpha, ...(warmupTarget === undefined ? {} : { warmupTarget, warmupSteps }) }),
  };
}

/**
 * Half a cosine from the initial rate down, again and again: each time `tMul` times as long and from `mMul` times as high.
 * Source: Loshchilov and Hutter 2017; Keras CosineDecayRestarts.
 */
export function cosineDecayRestarts(options: CosineDecayRestartsOptions): Schedule {
  const { initialLearningRate, firstDecaySteps, tMul = 2, mMul = 1, alpha = 0 } = options;
  positive('cosineDecayRestarts', 'firstDecaySteps', firstDecaySteps);
  if (!(tMul >= 1)) throw new SarafError('ERR_ARG', 'cosineDecayRestarts', `expected tMul >= 1, received ${tMul}`);
  return {
    className: 'CosineDecayRestarts',
    at: (step) => {
      let at = step / firstDecaySteps;
      let [length, height] = [1, 1];
      while (at >= length) {
        at -= length;
        length *= tMul;
        height *= mMul;
      }
      return initialLearningRate * ((1 - alpha) * 0.5 * height * (1 + cos((Math.PI * at) / length)) + alpha);
    },
    getConfig: () => ({ initialLearningRate, firstDecaySteps, tMul, mMul, alpha }),
  };
}

const factories: Record<string, (config: never) => Schedule> = {
  ExponentialDecay: exponentialDecay,
  InverseTimeDecay: inverseTimeDecay,
  PiecewiseConstantDecay: piecewiseConstantDecay,
  PolynomialDecay: polynomialDecay,
  CosineDecay: cosineDecay,
  CosineDecayRestarts: cosineDecayRestarts,
};

/** A schedule as `save` wrote it. */
export function scheduleFromConfig(className: string, config: Record<string, unknown>): Schedule {
  const make = Object.hasOwn(factories, className) ? factories[className] : undefined;
  if (!make)
    throw new SarafError('ERR_FORMAT', 'loadModel', `expected a schedule of ${Object.keys(factories).join(', ')}, received ${className}`);
  return make(config as never);
}
