import { L1, L1L2, L2, type L1L2Options } from './l1-l2.js';
import { OrthogonalRegularizer, type OrthogonalRegularizerOptions } from './orthogonal.js';
import type { Regularizer } from './regularizer.js';
import { Factories, type Factory } from '../tensor/factories.js';

export type { Regularizer } from './regularizer.js';
export { L1, L1L2, L2 } from './l1-l2.js';
export { OrthogonalRegularizer } from './orthogonal.js';

export const l1 = (options?: { l1?: number }): L1 => new L1(options);
export const l2 = (options?: { l2?: number }): L2 => new L2(options);
export const l1l2 = (options?: L1L2Options): L1L2 => new L1L2(options);
export const orthogonal = (options?: OrthogonalRegularizerOptions): OrthogonalRegularizer => new OrthogonalRegularizer(options);

const factories = new Factories<Regularizer>(
  'a regularizer',
  'registerRegularizer',
  { l1, l2, l1l2, orthogonal },
  { orthogonalregularizer: orthogonal },
);

/**
 * Makes a regularizer of your own known under its class name, so that models with it can be loaded.
 *
 * Example: registerRegularizer('Sparse', (config) => new Sparse(config))
 */
export function registerRegularizer(className: string, make: Factory<Regularizer>): void {
  factories.add(className, make);
}

/** What a layer's option accepts: a name (`l2`, Keras' `l1_l2`), a regularizer or its configuration. */
export type RegularizerOption = 'l1' | 'l2' | 'l1l2' | 'orthogonal' | Regularizer | { className: string; config: Record<string, unknown> };

/** The regularizer that an option means. Throws ERR_ARG if the name is unknown. */
export function getRegularizer(op: string, option: RegularizerOption): Regularizer {
  if (typeof option === 'object' && 'addGradient' in option) return option;
  return factories.make(op, option);
}
