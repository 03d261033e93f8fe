import { SarafError } from '../errors.js';
import { MaxNorm, MinMaxNorm, UnitNorm } from './norms.js';
import { NonNeg } from './non-neg.js';
import type { Constraint } from './constraint.js';

export type { Constraint } from './constraint.js';
export { MaxNorm, MinMaxNorm, UnitNorm } from './norms.js';
export { NonNeg } from './non-neg.js';

type Options<C extends abstract new (...args: never[]) => unknown> = ConstructorParameters<C>[0];

export const maxNorm = (options?: Options<typeof MaxNorm>): MaxNorm => new MaxNorm(options);
export const minMaxNorm = (options?: Options<typeof MinMaxNorm>): MinMaxNorm => new MinMaxNorm(options);
export const unitNorm = (options?: Options<typeof UnitNorm>): UnitNorm => new UnitNorm(options);
export const nonNeg = (): NonNeg => new NonNeg();

const factories = { maxnorm: maxNorm, minmaxnorm: minMaxNorm, unitnorm: unitNorm, nonneg: nonNeg } as const;

/** What a layer's option accepts: a name (`maxNorm`, Keras' `max_norm`), a constraint or its configuration. */
export type ConstraintOption =
  'maxNorm' | 'minMaxNorm' | 'unitNorm' | 'nonNeg' | Constraint | { className: string; config: Record<string, unknown> };

/** The constraint that an option means. Throws ERR_ARG if the name is unknown. */
export function getConstraint(op: string, option: ConstraintOption): Constraint {
  if (typeof option === 'object' && 'apply' in option) return option;
  const { className, config } = typeof option === 'string' ? { className: option, config: {} } : option;
  const key = String(className).replaceAll('_', '').toLowerCase();
  if (!Object.hasOwn(factories, key))
    throw new SarafError(
      'ERR_ARG',
      op,
      `expected a constraint, one of maxNorm, minMaxNorm, unitNorm, nonNeg, received ${String(className)}`,
    );
  return (factories[key as keyof typeof factories] as (options: object) => Constraint)(config);
}
