import { SarafError } from '../errors.js';
import { BinaryCrossentropy, type BinaryCrossentropyOptions } from './binary-crossentropy.js';
import { CategoricalCrossentropy, type CategoricalCrossentropyOptions } from './categorical-crossentropy.js';
import { Loss, type LossOptions } from './loss.js';
import { MeanAbsoluteError } from './mean-absolute-error.js';
import { MeanSquaredError } from './mean-squared-error.js';
import { SparseCategoricalCrossentropy, type SparseCategoricalCrossentropyOptions } from './sparse-categorical-crossentropy.js';

export const sparseCategoricalCrossentropy = (options?: SparseCategoricalCrossentropyOptions): Loss =>
  new SparseCategoricalCrossentropy(options);
export const categoricalCrossentropy = (options?: CategoricalCrossentropyOptions): Loss => new CategoricalCrossentropy(options);
export const binaryCrossentropy = (options?: BinaryCrossentropyOptions): Loss => new BinaryCrossentropy(options);
export const meanSquaredError = (options?: LossOptions): Loss => new MeanSquaredError(options);
export const meanAbsoluteError = (options?: LossOptions): Loss => new MeanAbsoluteError(options);

const factories = {
  sparseCategoricalCrossentropy,
  categoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
} as const;

export type LossName = keyof typeof factories;
/** What `compile` accepts as a loss. */
export type LossIdentifier = LossName | Loss;

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A loss by name, Keras' snake_case accepted. Throws ERR_ARG with the names that exist. */
export function getLoss(identifier: LossIdentifier): Loss {
  if (identifier instanceof Loss) return identifier;
  const name = typeof identifier === 'string' ? camel(identifier) : '';
  if (Object.hasOwn(factories, name)) return factories[name as LossName]();
  throw new SarafError(
    'ERR_ARG',
    'compile',
    `expected a loss, one of ${Object.keys(factories).join(', ')}, received ${String(identifier)}`,
  );
}

/** A loss from `{ className, config }`, as `save` writes it. */
export function lossFromConfig(className: string, config: Record<string, unknown>): Loss {
  const key = className.charAt(0).toLowerCase() + className.slice(1);
  if (!Object.hasOwn(factories, key)) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected a loss of ${Object.keys(factories).join(', ')}, received ${className}; pass your own loss to compile() after loading with { compile: false }`,
    );
  }
  return (factories[key as LossName] as (options?: object) => Loss)(config);
}
