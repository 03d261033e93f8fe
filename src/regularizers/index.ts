import { SarafError } from '../errors.js';
import { L1, L1L2, L2, type L1L2Options } from './l1-l2.js';
import { OrthogonalRegularizer, type OrthogonalRegularizerOptions } from './orthogonal.js';
import type { Regularizer } from './regularizer.js';

export type { Regularizer } from './regularizer.js';
export { L1, L1L2, L2 } from './l1-l2.js';
export { OrthogonalRegularizer } from './orthogonal.js';

export const l1 = (options?: { l1?: number }): L1 => new L1(options);
export const l2 = (options?: { l2?: number }): L2 => new L2(options);
export const l1l2 = (options?: L1L2Options): L1L2 => new L1L2(options);
export const orthogonal = (options?: OrthogonalRegularizerOptions): OrthogonalRegularizer => new OrthogonalRegularizer(options);

const factories = { l1, l2, l1l2, orthogonal, orthogonalregularizer: orthogonal } as const;

/** What a layer's option accepts: a name (`l2`, Keras' `l1_l2`), a regularizer or its configuration. */
export type RegularizerOption = 'l1' | 'l2' | 'l1l2' | 'orthogonal' | Regularizer | { className: string; config: Record<string, unknown> };

/** The regularizer that an option means. Throws ERR_ARG if the name is unknown. */
export function getRegularizer(op: string, option: RegularizerOption): Regularizer {
  if (typeof option === 'object' && 'addGradient' in option) return option;
  const { className, config } = typeof option === 'string' ? { className: option, config: {} } : option;
  const key = String(className).replaceAll('_', '').toLowerCase();
  if (!Object.hasOwn(factories, key))
    throw new SarafError('ERR_ARG', op, `expected a regularizer, one of l1, l2, l1l2, orthogonal, received ${String(className)}`);
  return (factories[key as keyof typeof factories] as (options: object) => Regularizer)(config);
}
