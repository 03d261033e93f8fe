import { SarafError } from '../errors.js';
import { BinaryCrossentropy, type BinaryCrossentropyOptions } from './binary-crossentropy.js';
import { CategoricalCrossentropy, type CategoricalCrossentropyOptions } from './categorical-crossentropy.js';
import { CategoricalHinge } from './categorical-hinge.js';
import { CosineSimilarity, type CosineSimilarityOptions } from './cosine-similarity.js';
import { Dice } from './dice.js';
import { Hinge } from './hinge.js';
import { Huber, type HuberOptions } from './huber.js';
import { KLDivergence } from './kl-divergence.js';
import { LogCosh } from './log-cosh.js';
import { MeanAbsolutePercentageError } from './mean-absolute-percentage-error.js';
import { MeanSquaredLogarithmicError } from './mean-squared-logarithmic-error.js';
import { Poisson } from './poisson.js';
import type { OverlapOptions } from './overlap.js';
import { SquaredHinge } from './squared-hinge.js';
import { Tversky, type TverskyOptions } from './tversky.js';
import { BinaryFocalCrossentropy, type BinaryFocalCrossentropyOptions } from './binary-focal-crossentropy.js';
import { CategoricalFocalCrossentropy, type CategoricalFocalCrossentropyOptions } from './categorical-focal-crossentropy.js';
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
export const categoricalHinge = (options?: LossOptions): Loss => new CategoricalHinge(options);
export const cosineSimilarity = (options?: CosineSimilarityOptions): Loss => new CosineSimilarity(options);
export const dice = (options?: OverlapOptions): Loss => new Dice(options);
export const hinge = (options?: LossOptions): Loss => new Hinge(options);
export const huber = (options?: HuberOptions): Loss => new Huber(options);
export const klDivergence = (options?: LossOptions): Loss => new KLDivergence(options);
export const logCosh = (options?: LossOptions): Loss => new LogCosh(options);
export const meanAbsolutePercentageError = (options?: LossOptions): Loss => new MeanAbsolutePercentageError(options);
export const meanSquaredLogarithmicError = (options?: LossOptions): Loss => new MeanSquaredLogarithmicError(options);
export const poisson = (options?: LossOptions): Loss => new Poisson(options);
export const squaredHinge = (options?: LossOptions): Loss => new SquaredHinge(options);
export const tversky = (options?: TverskyOptions): Loss => new Tversky(options);
export const binaryFocalCrossentropy = (options?: BinaryFocalCrossentropyOptions): Loss => new BinaryFocalCrossentropy(options);
export const categoricalFocalCrossentropy = (options?: CategoricalFocalCrossentropyOptions): Loss =>
  new CategoricalFocalCrossentropy(options);

const factories = {
  sparseCategoricalCrossentropy,
  categoricalCrossentropy,
  binaryCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  dice,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  poisson,
  squaredHinge,
  tversky,
  bce: binaryCrossentropy,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
  mape: meanAbsolutePercentageError,
  msle: meanSquaredLogarithmicError,
  kld: klDivergence,
  kullbackLeiblerDivergence: klDivergence,
  logcosh: logCosh,
} as const;

export type LossName = keyof typeof factories;
/** What `compile` accepts as a loss. */
export type LossIdentifier = LossName | Loss;

/** A class name or Keras' function name as the key of its factory; KL is one word here. */
const keyOf = (name: string): string => {
  const key = camel(name);
  return key.replace(/^kldiv/i, 'klDiv').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
};
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A loss by name, Keras' snake_case accepted. Throws ERR_ARG with the names that exist. */
export function getLoss(identifier: LossIdentifier): Loss {
  if (identifier instanceof Loss) return identifier;
  const name = typeof identifier === 'string' ? keyOf(identifier) : '';
  if (Object.hasOwn(factories, name)) return factories[name as LossName]();
  throw new SarafError(
    'ERR_ARG',
    'compile',
    `expected a loss, one of ${Object.keys(factories).join(', ')}, received ${String(identifier)}`,
  );
}

/** A loss from `{ className, config }`, as `save` writes it. */
export function lossFromConfig(className: string, config: Record<string, unknown>): Loss {
  const key = keyOf(className);
  if (!Object.hasOwn(factories, key)) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected a loss of ${Object.keys(factories).join(', ')}, received ${className}; pass your own loss to compile() after loading with { compile: false }`,
    );
  }
  return (factories[key as LossName] as (options?: object) => Loss)(config);
}
