import { SarafError } from '../errors.js';
import { Adadelta, type AdadeltaOptions } from './adadelta.js';
import { Adagrad, type AdagradOptions } from './adagrad.js';
import { Adam, type AdamOptions } from './adam.js';
import { Adamax, type AdamaxOptions } from './adamax.js';
import { AdamW } from './adamw.js';
import { Ftrl, type FtrlOptions } from './ftrl.js';
import { Lion, type LionOptions } from './lion.js';
import { Nadam, type NadamOptions } from './nadam.js';
import { Optimizer } from './optimizer.js';
import { RMSprop, type RMSpropOptions } from './rmsprop.js';
import { scheduleFromConfig } from './schedule.js';
import { SGD, type SGDOptions } from './sgd.js';

export * as schedules from './schedule.js';
export const adadelta = (options?: AdadeltaOptions): Adadelta => new Adadelta(options);
export const adagrad = (options?: AdagradOptions): Adagrad => new Adagrad(options);
export const adam = (options?: AdamOptions): Adam => new Adam(options);
export const adamax = (options?: AdamaxOptions): Adamax => new Adamax(options);
export const adamw = (options?: AdamOptions): AdamW => new AdamW(options);
export const ftrl = (options?: FtrlOptions): Ftrl => new Ftrl(options);
export const lion = (options?: LionOptions): Lion => new Lion(options);
export const nadam = (options?: NadamOptions): Nadam => new Nadam(options);
export const rmsprop = (options?: RMSpropOptions): RMSprop => new RMSprop(options);
export const sgd = (options?: SGDOptions): SGD => new SGD(options);

const factories = { adadelta, adagrad, adam, adamax, adamw, ftrl, lion, nadam, rmsprop, sgd } as const;
export type OptimizerName = keyof typeof factories;
/** The names that `compile` knows. */
export const optimizerNames = (): OptimizerName[] => Object.keys(factories) as OptimizerName[];
/** What `compile` accepts as an optimizer. */
export type OptimizerIdentifier = OptimizerName | Optimizer;

/** An optimizer by name with Keras' defaults. Throws ERR_ARG with the names that exist. */
export function getOptimizer(identifier: OptimizerIdentifier): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  const name = typeof identifier === 'string' ? identifier.toLowerCase() : '';
  if (Object.hasOwn(factories, name)) return factories[name as OptimizerName]();
  throw new SarafError(
    'ERR_ARG',
    'compile',
    `expected an optimizer, one of ${Object.keys(factories).join(', ')}, received ${String(identifier)}`,
  );
}

/** An optimizer from `{ className, config }`, as `save` writes it. */
export function optimizerFromConfig(className: string, config: Record<string, unknown>): Optimizer {
  const key = className.toLowerCase();
  if (!Object.hasOwn(factories, key)) {
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected an optimizer of ${Object.keys(factories).join(', ')}, received ${className}; load with { compile: false } and compile with your own`,
    );
  }
  const rate = config['learningRate'];
  const options =
    typeof rate === 'object' && rate !== null
      ? {
          ...config,
          learningRate: scheduleFromConfig((rate as { className: string }).className, (rate as { config: Record<string, unknown> }).config),
        }
      : config;
  return (factories[key as OptimizerName] as (options: object) => Optimizer)(options);
}
