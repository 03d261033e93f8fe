import { MaxNorm, MinMaxNorm, UnitNorm } from './norms.js';
import { NonNeg } from './non-neg.js';
import type { Constraint } from './constraint.js';
import { Factories, type Factory } from '../tensor/factories.js';

export type { Constraint } from './constraint.js';
export { MaxNorm, MinMaxNorm, UnitNorm } from './norms.js';
export { NonNeg } from './non-neg.js';

type Options<C extends abstract new (...args: never[]) => unknown> = ConstructorParameters<C>[0];

export const maxNorm = (options?: Options<typeof MaxNorm>): MaxNorm => new MaxNorm(options);
export const minMaxNorm = (options?: Options<typeof MinMaxNorm>): MinMaxNorm => new MinMaxNorm(options);
export const unitNorm = (options?: Options<typeof UnitNorm>): UnitNorm => new UnitNorm(options);
export const nonNeg = (): NonNeg => new NonNeg();

const factories = new Factories<Constraint>('a constraint', 'registerConstraint', { maxNorm, minMaxNorm, unitNorm, nonNeg });

/**
 * Makes a constraint of your own known under its class name, so that models with it can be loaded.
 *
 * Example: registerConstraint('Unit', (config) => new Unit(config))
 */
export function registerConstraint(className: string, make: Factory<Constraint>): void {
  factories.add(className, make);
}

/** What a layer's option accepts: a name (`maxNorm`, Keras' `max_norm`), a constraint or its configuration. */
export type ConstraintOption =
  'maxNorm' | 'minMaxNorm' | 'unitNorm' | 'nonNeg' | Constraint | { className: string; config: Record<string, unknown> };

/** The constraint that an option means. Throws ERR_ARG if the name is unknown. */
export function getConstraint(op: string, option: ConstraintOption): Constraint {
  if (typeof option === 'object' && 'apply' in option) return option;
  return factories.make(op, option);
}
