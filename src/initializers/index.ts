import { Constant, Ones, Zeros, type ConstantOptions } from './constant.js';
import { Identity, type IdentityOptions } from './identity.js';
import { Orthogonal, type OrthogonalOptions } from './orthogonal.js';
import { RandomNormal, RandomUniform, TruncatedNormal, type RandomNormalOptions, type RandomUniformOptions } from './random.js';
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  VarianceScaling,
  type VarianceScalingOptions,
} from './variance-scaling.js';
import type { SeedOptions } from './draw.js';
import type { Initializer } from './initializer.js';
import { Factories, type Factory } from '../tensor/factories.js';

export type { Initializer } from './initializer.js';
export { Constant, Ones, Zeros } from './constant.js';
export { Identity } from './identity.js';
export { Orthogonal } from './orthogonal.js';
export { RandomNormal, RandomUniform, TruncatedNormal } from './random.js';
export { GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, VarianceScaling } from './variance-scaling.js';
export { getSeed, setSeed } from './seed.js';

/** Factories of the initializers, under Keras' names. Example: layers.dense({ units: 8, kernelInitializer: initializers.heNormal() }) */
export const initializers = {
  zeros: (): Zeros => new Zeros(),
  ones: (): Ones => new Ones(),
  constant: (options?: ConstantOptions): Constant => new Constant(options),
  identity: (options?: IdentityOptions): Identity => new Identity(options),
  randomUniform: (options?: RandomUniformOptions): RandomUniform => new RandomUniform(options),
  randomNormal: (options?: RandomNormalOptions): RandomNormal => new RandomNormal(options),
  truncatedNormal: (options?: RandomNormalOptions): TruncatedNormal => new TruncatedNormal(options),
  glorotUniform: (options?: SeedOptions): GlorotUniform => new GlorotUniform(options),
  glorotNormal: (options?: SeedOptions): GlorotNormal => new GlorotNormal(options),
  heUniform: (options?: SeedOptions): HeUniform => new HeUniform(options),
  heNormal: (options?: SeedOptions): HeNormal => new HeNormal(options),
  lecunUniform: (options?: SeedOptions): LecunUniform => new LecunUniform(options),
  lecunNormal: (options?: SeedOptions): LecunNormal => new LecunNormal(options),
  varianceScaling: (options?: VarianceScalingOptions): VarianceScaling => new VarianceScaling(options),
  orthogonal: (options?: OrthogonalOptions): Orthogonal => new Orthogonal(options),
} as const;

export type InitializerName = keyof typeof initializers;
/** How a configuration names an initializer. */
export interface InitializerConfig {
  className: string;
  config: Record<string, unknown>;
}
/** What a layer's option accepts. */
export type InitializerOption = InitializerName | Initializer | InitializerConfig;

const factories = new Factories<Initializer>('an initializer', 'registerInitializer', initializers);

/** Makes an initializer of your own known to `getInitializer`, under its class name. */
export function registerInitializer(className: string, make: Factory<Initializer>): void {
  factories.add(className, make);
}

/**
 * The initializer that an option means: one by name (`glorotUniform`, Keras' `glorot_uniform`), by configuration, or itself.
 *
 * Throws: ERR_ARG if the name is unknown.
 */
export function getInitializer(op: string, option: InitializerOption): Initializer {
  if (typeof option === 'object' && 'initialize' in option) return option;
  return factories.make(op, option);
}

/** The configuration that rebuilds an initializer. */
export function initializerConfig(initializer: Initializer): InitializerConfig {
  return { className: initializer.className, config: initializer.getConfig() };
}
