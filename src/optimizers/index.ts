import { SarafError } from '../errors.js';
import { Adam, type AdamOptions } from './adam.js';
import { Optimizer } from './optimizer.js';
import { scheduleFromConfig } from './schedule.js';
import { SGD, type SGDOptions } from './sgd.js';

export * as schedules from './schedule.js';
export const sgd = (options?: SGDOptions): SGD => new SGD(options);
export const adam = (options?: AdamOptions): Adam => new Adam(options);

const factories = { sgd, adam } as const;
export type OptimizerName = keyof typeof factories;
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
