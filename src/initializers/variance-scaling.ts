import { SarafError } from '../errors.js';
import { backend } from '../backend/current.js';
import { RandomInitializer, type SeedOptions } from './draw.js';
import { fans } from './fans.js';
import type { RandomKey, Storage } from '../backend/backend.js';
import type { Tensor } from '../tensor/tensor.js';

export type FanMode = 'fanIn' | 'fanOut' | 'fanAvg';
export type ScalingDistribution = 'truncatedNormal' | 'untruncatedNormal' | 'uniform';

export interface VarianceScalingOptions extends SeedOptions {
  /** Default 1. */
  scale?: number;
  /** Default fanIn. */
  mode?: FanMode;
  /** Default truncatedNormal. */
  distribution?: ScalingDistribution;
}

/** Standard deviation of a unit normal cut off at ±2. */
const TRUNCATED_DEVIATION = 0.87962566103423978;
const MODES: readonly FanMode[] = ['fanIn', 'fanOut', 'fanAvg'];
const DISTRIBUTIONS: readonly ScalingDistribution[] = ['truncatedNormal', 'untruncatedNormal', 'uniform'];

/**
 * Draws with variance scale/fan, so that signals keep their size from layer to layer.
 *
 * Throws: ERR_ARG if scale is not positive, or mode or distribution is unknown.
 * Source: Keras VarianceScaling.
 * Example: initializers.varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'uniform' })
 */
export class VarianceScaling extends RandomInitializer {
  readonly className: string = 'VarianceScaling';
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: ScalingDistribution;

  constructor(options: VarianceScalingOptions = {}) {
    super('varianceScaling', options);
    this.scale = options.scale ?? 1;
    this.mode = options.mode ?? 'fanIn';
    this.distribution = options.distribution ?? 'truncatedNormal';
    if (!(this.scale > 0)) throw new SarafError('ERR_ARG', 'varianceScaling', `expected scale > 0, received ${String(this.scale)}`);
    if (!MODES.includes(this.mode))
      throw new SarafError('ERR_ARG', 'varianceScaling', `expected mode to be one of ${MODES.join(', ')}, received ${String(this.mode)}`);
    if (!DISTRIBUTIONS.includes(this.distribution)) {
      throw new SarafError(
        'ERR_ARG',
        'varianceScaling',
        `expected distribution to be one of ${DISTRIBUTIONS.join(', ')}, received ${String(this.distribution)}`,
      );
    }
  }

  protected override draw(storage: Storage, weight: Tensor, key: RandomKey): void {
    const { fanIn, fanOut } = fans(weight.shape);
    const fan = this.mode === 'fanIn' ? fanIn : this.mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const variance = this.scale / Math.max(1, fan);
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      backend().randomUniform(storage, -limit, limit, key.seed, key.stream);
    } else {
      const truncated = this.distribution === 'truncatedNormal';
      const stddev = Math.sqrt(variance) / (truncated ? TRUNCATED_DEVIATION : 1);
      backend().randomNormal(storage, 0, stddev, truncated, key.seed, key.stream);
    }
  }

  override getConfig(): Record<string, unknown> {
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, ...super.getConfig() };
  }
}

/** A variance scaling with its three choices made; the configuration is the seed alone, as in Keras. */
abstract class FixedScaling extends VarianceScaling {
  override getConfig(): Record<string, unknown> {
    return this.seed === undefined ? {} : { seed: this.seed };
  }
}

/** Uniform in ±√(6/(fanIn+fanOut)). Source: Glorot and Bengio 2010. Example: initializers.glorotUniform() */
export class GlorotUniform extends FixedScaling {
  override readonly className = 'GlorotUniform';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanAvg', distribution: 'uniform' });
  }
}

/** Truncated normal of deviation √(2/(fanIn+fanOut)). Source: Glorot and Bengio 2010. Example: initializers.glorotNormal() */
export class GlorotNormal extends FixedScaling {
  override readonly className = 'GlorotNormal';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' });
  }
}

/** Uniform in ±√(6/fanIn). Source: He et al. 2015. Example: initializers.heUniform() */
export class HeUniform extends FixedScaling {
  override readonly className = 'HeUniform';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 2, mode: 'fanIn', distribution: 'uniform' });
  }
}

/** Truncated normal of deviation √(2/fanIn). Source: He et al. 2015. Example: initializers.heNormal() */
export class HeNormal extends FixedScaling {
  override readonly className = 'HeNormal';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' });
  }
}

/** Uniform in ±√(3/fanIn). Source: LeCun et al. 1998; Keras. Example: initializers.lecunUniform() */
export class LecunUniform extends FixedScaling {
  override readonly className = 'LecunUniform';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanIn', distribution: 'uniform' });
  }
}

/** Truncated normal of deviation √(1/fanIn). Source: LeCun et al. 1998; Keras. Example: initializers.lecunNormal() */
export class LecunNormal extends FixedScaling {
  override readonly className = 'LecunNormal';

  constructor(options: SeedOptions = {}) {
    super({ ...options, scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' });
  }
}
