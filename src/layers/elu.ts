import { SarafError } from '../errors.js';
import { Activation } from './activation.js';
import { knownOptions } from './checks.js';
import type { ActivationWithOptions } from './activations.js';
import type { LayerOptions } from './layer.js';

export interface ELUOptions extends LayerOptions {
  /** Default 1. */
  alpha?: number;
}

const NAMES = ['alpha'] as const;

/**
 * x above 0, alpha·(e^x − 1) below.
 *
 * Shapes: any → the same.
 * Throws: ERR_ARG if alpha is negative.
 * Source: Keras ELU.
 * Example: layers.elu({ alpha: 0.5 })
 */
export class ELU extends Activation {
  override readonly className = 'ELU';

  constructor(options: ELUOptions = {}) {
    super({ ...options, activation: { name: 'elu', alpha: options.alpha ?? 1 } }, 'ELU');
    knownOptions('elu', options, NAMES);
    for (const name of NAMES) {
      const value = options[name] ?? 0;
      if (!(value >= 0)) throw new SarafError('ERR_ARG', 'elu', `expected ${name} >= 0, received ${String(value)}`);
    }
  }

  override getConfig(): Record<string, unknown> {
    const { activation, ...config } = super.getConfig();
    const { name: _name, ...numbers } = activation as ActivationWithOptions;
    return { ...config, ...numbers };
  }
}
