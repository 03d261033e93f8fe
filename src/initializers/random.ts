import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { RandomInitializer, type SeedOptions } from './draw.js';
import type { RandomKey, Storage } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RandomUniformOptions extends SeedOptions {
  /** Lower bound, included. Default -0.05. */
  minval?: number;
  /** Upper bound, excluded. Default 0.05. */
  maxval?: number;
}

/** Uniform in [minval, maxval). Source: Keras RandomUniform. Example: initializers.randomUniform({ minval: -1, maxval: 1 }) */
export class RandomUniform extends RandomInitializer {
  readonly className = 'RandomUniform';
  readonly minval: number;
  readonly maxval: number;

  constructor(options: RandomUniformOptions = {}) {
    super('randomUniform', options);
    this.minval = options.minval ?? -0.05;
    this.maxval = options.maxval ?? 0.05;
    if (!(this.minval <= this.maxval)) {
      throw new SarafError('ERR_ARG', 'randomUniform', `expected minval <= maxval, received ${this.minval} and ${this.maxval}`);
    }
  }

  protected override draw(storage: Storage, _weight: Tensor, key: RandomKey): void {
    backend().randomUniform(storage, this.minval, this.maxval, key.seed, key.stream);
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

export interface RandomNormalOptions extends SeedOptions {
  /** Default 0. */
  mean?: number;
  /** Default 0.05. */
  stddev?: number;
}

function checkDeviation(op: string, stddev: number): number {
  if (!(stddev >= 0)) throw new SarafError('ERR_ARG', op, `expected stddev >= 0, received ${String(stddev)}`);
  return stddev;
}

/** Normal. Source: Keras RandomNormal. Example: initializers.randomNormal({ stddev: 0.01 }) */
export class RandomNormal extends RandomInitializer {
  readonly className = 'RandomNormal';
  readonly mean: number;
  readonly stddev: number;

  constructor(options: RandomNormalOptions = {}) {
    super('randomNormal', options);
    this.mean = options.mean ?? 0;
    this.stddev = checkDeviation('randomNormal', options.stddev ?? 0.05);
  }

  protected override draw(storage: Storage, _weight: Tensor, key: RandomKey): void {
    backend().randomNormal(storage, this.mean, this.stddev, false, key.seed, key.stream);
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/**
 * Normal, without values further than two standard deviations from the mean (so its own deviation is 0.88·stddev).
 *
 * Source: Keras TruncatedNormal.
 * Example: initializers.truncatedNormal({ stddev: 0.02 })
 */
export class TruncatedNormal extends RandomInitializer {
  readonly className = 'TruncatedNormal';
  readonly mean: number;
  readonly stddev: number;

  constructor(options: RandomNormalOptions = {}) {
    super('truncatedNormal', options);
    this.mean = options.mean ?? 0;
    this.stddev = checkDeviation('truncatedNormal', options.stddev ?? 0.05);
  }

  protected override draw(storage: Storage, _weight: Tensor, key: RandomKey): void {
    backend().randomNormal(storage, this.mean, this.stddev, true, key.seed, key.stream);
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}
